"""Webhooks and their events: written in the transaction of the change, sent in order, kept when given up.

Whoever dies with a claim leaves its events due again when the claim runs out: at least once, under the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, and_, delete, exists, func, insert, or_, select, update

from feedhub.basics.digests import digest
from feedhub.errors import Conflict, NotFound
from feedhub.model.article import Change, ChangeKind
from feedhub.model.webhook import Event, EventType, Webhook
from feedhub.store.webhook_tables import webhook_events as events
from feedhub.store.webhook_tables import webhooks

_ACTIVE = select(webhooks).where(webhooks.c.state == "active")
_WEBHOOK = tuple(name for name in Webhook.__dataclass_fields__ if name != "id")
_EVENT = tuple(name for name in Event.__dataclass_fields__ if name not in ("id", "webhook_id"))
_TYPES: dict[ChangeKind, EventType] = {
    "published": "article.published",
    "restored": "article.published",
    "corrected": "article.corrected",
    "moved": "article.corrected",
    "withdrawn": "article.withdrawn",
}


def add_webhook(tx: Connection, one: Webhook) -> Webhook:
    """Keep a new webhook; Conflict when its name is taken."""
    if any(known.name == one.name for known in list_webhooks(tx)):
        raise Conflict(f"There is a webhook {one.name!r} already; remove it, or choose another name.")
    values = {name: getattr(one, name) for name in _WEBHOOK} | {
        "events": list(one.events), "sections": list(one.sections)
    }  # fmt: skip
    tx.execute(insert(webhooks).values(**values))
    return get_webhook(tx, one.name)


def get_webhook(tx: Connection, name: str) -> Webhook:
    """The webhook of that name; NotFound if there is none."""
    row = tx.execute(select(webhooks).where(webhooks.c.name == name)).first()
    if row is None:
        raise NotFound("webhook", name)
    return _webhook(row)


def list_webhooks(tx: Connection, *, partner: str | None = None) -> list[Webhook]:
    """Every webhook, or those of a partner, by name."""
    query = select(webhooks).order_by(webhooks.c.name)
    if partner is not None:
        query = query.where(webhooks.c.partner == partner)
    return [_webhook(row) for row in tx.execute(query)]


def rotate_webhook(tx: Connection, name: str, secret: str, old_until: datetime) -> None:
    """Sign with a new secret; the old one signs beside it until then."""
    one = get_webhook(tx, name)
    values = {"secret": secret, "old_secret": one.secret, "old_until": old_until}
    tx.execute(update(webhooks).where(webhooks.c.name == name).values(**values))


def remove_webhook(tx: Connection, name: str) -> None:
    """Tell it nothing more, and forget what it was told."""
    one = get_webhook(tx, name)
    tx.execute(delete(webhooks).where(webhooks.c.id == int(one.id)))
    tx.execute(delete(events).where(events.c.webhook_id == int(one.id)))


def note_changes(tx: Connection, logged: Sequence[Change], touched: Sequence[Sequence[str]]) -> None:
    """Write the events of changes, each with the sections it touches, for the webhooks that are told of them."""
    told = _active(tx)
    if not told:
        return
    rows = []
    for change, sections in zip(logged, touched, strict=True):
        kind = _TYPES.get(change.kind)
        if kind is None or change.article_id is None or not sections:
            continue
        rows += [
            _row(one, kind, change.at, seq=change.seq, article_id=change.article_id)
            for one in told
            if _hears(one, kind) and (not one.sections or set(one.sections) & set(sections))
        ]
    if rows:
        tx.execute(insert(events), rows)


def note_source(tx: Connection, source: str, state: str, at: datetime, words: str | None = None) -> None:
    """Write the event that a source's state changed."""
    kind: EventType = "source.state_changed"
    data = {"source": source, "state": state} | ({"text": words} if words else {})
    rows = [_row(one, kind, at, data=data) for one in _active(tx) if _hears(one, kind) and not one.sections]
    if rows:
        tx.execute(insert(events), rows)


def webhooks_due(tx: Connection, now: datetime) -> list[Webhook]:
    """Webhooks that have something to be told now, and are not left alone."""
    waits = exists(select(events.c.id).where(events.c.webhook_id == webhooks.c.id, _due(now)))
    free = or_(webhooks.c.held_until.is_(None), webhooks.c.held_until <= now)
    query = select(webhooks).where(webhooks.c.state == "active", free, waits)
    return [_webhook(row) for row in tx.execute(query.order_by(webhooks.c.id))]


def claim_events(tx: Connection, webhook_id: str, *, now: datetime, lease: timedelta, most: int) -> list[Event]:
    """Take the oldest events of a webhook that are due, in order; none while another worker holds some of it."""
    tx.execute(select(webhooks.c.id).where(webhooks.c.id == int(webhook_id)).with_for_update())
    held = select(events.c.id).where(events.c.webhook_id == int(webhook_id), events.c.claim_until > now).limit(1)
    if tx.execute(held).first() is not None:
        return []
    due = select(events.c.id).where(events.c.webhook_id == int(webhook_id), _due(now)).order_by(events.c.id)
    due = due.limit(most).with_for_update(skip_locked=True)
    taken = update(events).where(events.c.id.in_(due.scalar_subquery())).values(claim_until=now + lease)
    rows = tx.execute(taken.returning(*events.c)).all()
    return [_event(row) for row in sorted(rows, key=lambda row: row.id)]


def told_later(tx: Connection, webhook_id: str, batch: Sequence[Event]) -> frozenset[str]:
    """Those of the events after which the webhook has another of the same article, by id."""
    latest = (
        select(events.c.article_id, func.max(events.c.id).label("latest"))
        .where(
            events.c.webhook_id == int(webhook_id),
            events.c.article_id.in_({one.article_id for one in batch if one.article_id is not None}),
        )
        .group_by(events.c.article_id)
    )
    known = {row.article_id: int(row.latest) for row in tx.execute(latest)}
    return frozenset(one.id for one in batch if known.get(one.article_id, 0) > int(one.id))


def settle_events(tx: Connection, settled: Sequence[Event], now: datetime) -> None:
    """Write events as they stand after their tries, and give the claims back."""
    for one in settled:
        values = {name: getattr(one, name) for name in ("body", "next_try", "tries", "outcome", "status", "done_at")}
        tx.execute(update(events).where(events.c.id == int(one.id)).values(**values, claim_until=None))


def settle_webhook(tx: Connection, one: Webhook) -> None:
    """Write how often a webhook failed, until when it is left alone, and whether it is gone."""
    values = {"failures": one.failures, "held_until": one.held_until, "state": one.state}
    tx.execute(update(webhooks).where(webhooks.c.id == int(one.id)).values(**values))


def list_events(tx: Connection, webhook_id: str, *, given_up: bool = False, limit: int = 100) -> list[Event]:
    """The latest events of a webhook, newest first; or only those that were given up."""
    query = select(events).where(events.c.webhook_id == int(webhook_id))
    if given_up:
        query = query.where(events.c.outcome == "given up")
    return [_event(row) for row in tx.execute(query.order_by(events.c.id.desc()).limit(limit))]


def replay_events(tx: Connection, webhook_id: str, now: datetime, *, since: datetime | None, last: int | None) -> int:
    """Send again what was given up; or everything since then, or the last so many. The ids stay; returns how many."""
    mine = events.c.webhook_id == int(webhook_id)
    where = and_(mine, events.c.outcome == "given up")
    if since is not None:
        where = and_(mine, events.c.at >= since)
    if last is not None:
        where = events.c.id.in_(select(events.c.id).where(mine).order_by(events.c.id.desc()).limit(last))
    again = {"next_try": now, "tries": 0, "outcome": None, "done_at": None, "claim_until": None}
    tx.execute(update(webhooks).where(webhooks.c.id == int(webhook_id)).values(held_until=None, state="active"))
    return tx.execute(update(events).where(where).values(**again)).rowcount


def count_waiting(tx: Connection, webhook_id: str) -> tuple[int, int]:
    """How many events wait, and how many were given up."""
    mine = select(func.count()).where(events.c.webhook_id == int(webhook_id))
    waiting = tx.execute(mine.where(events.c.next_try.is_not(None))).scalar_one()
    return int(waiting), int(tx.execute(mine.where(events.c.outcome == "given up")).scalar_one())


def forget_events(tx: Connection, before: datetime) -> int:
    """Drop events that were over before an instant."""
    return tx.execute(delete(events).where(events.c.done_at < before)).rowcount


def _active(tx: Connection) -> list[Webhook]:
    return [_webhook(row) for row in tx.execute(_ACTIVE)]


def _hears(one: Webhook, kind: EventType) -> bool:
    return not one.events or kind in one.events


def _row(
    one: Webhook, kind: EventType, at: datetime, *, seq: int | None = None, article_id: str | None = None,
    data: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    name = digest("event", one.id, kind, str(seq), at.isoformat(), None if data is None else repr(data))
    return {
        "webhook_id": int(one.id),
        "message_id": f"msg_{name[:32]}",
        "type": kind,
        "at": at,
        "seq": seq,
        "article_id": article_id,
        "data": data,
        "next_try": at,
        "tries": 0,
    }


def _due(now: datetime) -> Any:
    return and_(events.c.next_try <= now, or_(events.c.claim_until.is_(None), events.c.claim_until <= now))


def _webhook(row: Any) -> Webhook:
    values = {name: getattr(row, name) for name in _WEBHOOK}
    return Webhook(id=str(row.id), **values | {name: tuple(values[name]) for name in ("events", "sections")})


def _event(row: Any) -> Event:
    values = {name: getattr(row, name) for name in _EVENT}
    body = cast(bytes | None, values["body"])
    return Event(
        id=str(row.id), webhook_id=str(row.webhook_id), **values | {"body": None if body is None else bytes(body)}
    )
