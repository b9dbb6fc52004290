"""Requests to subscribe or unsubscribe, until they are verified: kept apart from what stands (WebSub §5.3).

Each request is a row of its own, so that those that come at once are each verified and none is lost.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from feedhub.model.hub import SubscriptionRequest
from feedhub.store.hub_tables import subscription_requests as requests
from feedhub.store.subscriptions import key_of
from feedhub.store.topics import get_topics

_JOINED = ("id", "topic_id", "topic")
_FIELDS = tuple(name for name in SubscriptionRequest.__dataclass_fields__ if name not in _JOINED)


def add_request(tx: Connection, asked: SubscriptionRequest) -> str:
    """Keep a request; its id is its place in the order of requests."""
    values = {name: getattr(asked, name) for name in _FIELDS}
    values |= {"topic_id": int(asked.topic_id), "callback_key": key_of(asked.callback)}
    return str(tx.execute(insert(requests).values(**values).returning(requests.c.id)).scalar_one())


def anything_asked(tx: Connection, now: datetime) -> bool:
    """Whether a request is due to be verified: a cheap look that spares the write lock."""
    return tx.execute(select(requests.c.id).where(_due(now)).limit(1)).first() is not None


def claim_requests(
    tx: Connection, *, now: datetime, until: datetime, most: int, at_a_host: int, minute_ago: datetime
) -> list[SubscriptionRequest]:
    """Claim requests to be verified now, oldest first, and no more of a host than it may be bothered with.

    A host that is not exempt has `at_a_host` verifications a minute that fail or are not answered (SEMANTICS 27).
    """
    beside = requests.alias()
    failed = and_(beside.c.host == requests.c.host, beside.c.failed_at > minute_ago)
    under_way = and_(beside.c.host == requests.c.host, beside.c.ended_at.is_(None), beside.c.claim_until > now)
    bothered = select(func.count()).where(or_(failed, under_way)).scalar_subquery()
    turn = func.row_number().over(partition_by=requests.c.host, order_by=requests.c.id)
    ready = (
        select(requests.c.id, requests.c.exempt, turn.label("turn"), bothered.label("bothered"))
        .where(_due(now))
        .subquery()
    )
    may_go = select(ready.c.id).where(or_(ready.c.exempt, ready.c.turn + ready.c.bothered <= at_a_host))
    due = select(requests.c.id).where(requests.c.id.in_(may_go), _due(now)).order_by(requests.c.id)
    due = due.limit(most).with_for_update(skip_locked=True)
    rows = tx.execute(
        update(requests)
        .where(requests.c.id.in_(due.scalar_subquery()))
        .values(claim_until=until, tries=requests.c.tries + 1)
        .returning(*requests.c)
    ).all()
    return sorted(_requests(tx, rows), key=lambda one: int(one.id))


def _due(now: datetime) -> ColumnElement[bool]:
    free = or_(requests.c.claim_until.is_(None), requests.c.claim_until <= now)
    return and_(requests.c.ended_at.is_(None), requests.c.next_try <= now, free)


def take_address(
    tx: Connection, request_id: str, address: str, *, most: int, now: datetime, minute_ago: datetime
) -> bool:
    """Note where a claimed request leads; False, and it waits a minute, when that address is bothered enough already.

    Counted as by host, under whatever names it is called (SEMANTICS 27). That it waits is no try.
    """
    row = requests.c
    failed = and_(row.address == address, row.failed_at > minute_ago)
    under_way = and_(row.address == address, row.ended_at.is_(None), row.claim_until > now)
    others = select(func.count()).where(row.id != int(request_id), or_(failed, under_way))
    here = update(requests).where(row.id == int(request_id))
    if int(tx.execute(others).scalar_one()) < most:
        tx.execute(here.values(address=address))
        return True
    tx.execute(here.values(next_try=now + (now - minute_ago), claim_until=None, tries=row.tries - 1))
    return False


def earliest_baseline(tx: Connection, topic_id: str, callback: str, dialect: str) -> int | None:
    """The earliest baseline among requests of this callback that wait: whoever asks again misses nothing by it."""
    same = and_(
        requests.c.topic_id == int(topic_id),
        requests.c.callback_key == key_of(callback),
        requests.c.dialect == dialect,
        requests.c.mode == "subscribe",
        requests.c.ended_at.is_(None),
    )
    found: int | None = tx.execute(select(func.min(requests.c.baseline_seq)).where(same)).scalar()
    return found


def waiting_at(tx: Connection, host: str) -> int:
    """How many requests of a host wait to be verified."""
    query = select(func.count()).where(requests.c.host == host, requests.c.ended_at.is_(None))
    return int(tx.execute(query).scalar_one())


def failed_at(tx: Connection, host: str, since: datetime) -> int:
    """How many verifications of a host failed or were not answered since then."""
    query = select(func.count()).where(requests.c.host == host, requests.c.failed_at > since)
    return int(tx.execute(query).scalar_one())


def end_request(tx: Connection, request_id: str, outcome: str, *, now: datetime, failed: bool) -> bool:
    """The request is over, and its secret goes; False when it was over already."""
    values: dict[str, Any] = {"ended_at": now, "outcome": outcome, "claim_until": None, "secret": None}
    if failed:
        values["failed_at"] = now
    here = and_(requests.c.id == int(request_id), requests.c.ended_at.is_(None))
    return bool(tx.execute(update(requests).where(here).values(**values)).rowcount)


def put_off(tx: Connection, request_id: str, outcome: str, *, now: datetime, again: datetime) -> None:
    """The verification failed in a way that may pass: it is tried again."""
    values = {"next_try": again, "claim_until": None, "failed_at": now, "outcome": outcome}
    tx.execute(update(requests).where(requests.c.id == int(request_id)).values(**values))


def list_requests(tx: Connection, *, limit: int = 100) -> list[SubscriptionRequest]:
    """The latest requests, newest first, whether they wait or how they ended."""
    return _requests(tx, tx.execute(select(requests).order_by(requests.c.id.desc()).limit(limit)).all())


def forget_requests(tx: Connection, before: datetime) -> int:
    """Drop requests that were over before an instant."""
    return tx.execute(delete(requests).where(requests.c.ended_at < before)).rowcount


def _requests(tx: Connection, rows: Any) -> list[SubscriptionRequest]:
    known = get_topics(tx, sorted({row.topic_id for row in rows})) if rows else {}
    return [
        SubscriptionRequest(
            id=str(row.id),
            topic_id=str(row.topic_id),
            topic=known[row.topic_id].name,
            **{name: getattr(row, name) for name in _FIELDS},
        )
        for row in rows
    ]
