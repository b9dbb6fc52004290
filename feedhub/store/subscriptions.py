"""Subscriptions: a row is a cursor (SEMANTICS 25). Those behind are claimed with a lease and a fence, like sources.

Whoever comes back after its claim was taken over, or after the cursor was set by somebody else, holds an old fence
and writes nothing: what it sent is sent again under the same id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from feedhub.basics.digests import sha256_hex
from feedhub.errors import Conflict, NotFound
from feedhub.model.hub import Acknowledged, Cursor, Subscription, SubscriptionRequest, SubscriptionState, Topic
from feedhub.store.columns import microseconds
from feedhub.store.hub_tables import attempts, subscription_requests, subscriptions, topics
from feedhub.store.topics import due_for, get_topics

SLOW_MS = 2000
# Whose our own subscriptions are, which measure: nobody who lists subscribers means them.
CANARY = "canary"
_JOINED = ("id", "topic_id", "topic", "foreign")
_CURSOR = tuple(name for name in Cursor.__dataclass_fields__ if name not in _JOINED)
_FIELDS = tuple(name for name in Subscription.__dataclass_fields__ if name not in _JOINED)
_CLAIMED = [subscriptions.c.id, *(subscriptions.c[name] for name in _CURSOR)]
_READ = [subscriptions.c.id, subscriptions.c.topic_id, *(subscriptions.c[name] for name in _FIELDS)]
_FREE: dict[str, Any] = {"claim_owner": None, "claim_until": None, "fence": subscriptions.c.fence + 1}
_SETTLED = (
    "state", "acked_seq", "next_try", "tries", "reason", "stopped_seq", "stopped_at", "last_status", "last_at",
    "answer_ms", "ended_at",
)  # fmt: skip
# A push waits for these, and to make its parameters by type costs more than what the database does with them.
_SETTLE = """
UPDATE subscriptions SET claim_owner = NULL, claim_until = NULL, state = ?, acked_seq = ?, next_try = ?, tries = ?,
  reason = ?, stopped_seq = ?, stopped_at = ?, last_status = ?, last_at = ?, answer_ms = ?, ended_at = ?
WHERE id = ? AND fence = ?
"""
_ACKNOWLEDGE = """
UPDATE subscriptions SET claim_owner = NULL, claim_until = NULL, reason = NULL, acked_seq = ?, next_try = ?,
  last_status = ?, last_at = ?, answer_ms = ? WHERE id = ? AND fence = ?
"""
_settled_values = attrgetter(*_SETTLED)
Held = TypeVar("Held")


def canary_host(owner: str) -> str:
    """What stands as the host of the canaries of a worker."""
    return f"{CANARY}@{owner}"[:255]


def key_of(callback: str) -> str:
    """What a callback is looked up by."""
    return sha256_hex(callback.encode())


def find_subscription(tx: Connection, topic_id: str, callback: str, dialect: str) -> Subscription | None:
    """The subscription of a callback to a topic, in whatever state."""
    same = and_(
        subscriptions.c.topic_id == int(topic_id),
        subscriptions.c.callback_key == key_of(callback),
        subscriptions.c.dialect == dialect,
    )
    return next(iter(_found(tx, same)), None)


def get_subscription(tx: Connection, subscription_id: str) -> Subscription:
    """The subscription of that id; NotFound if there is none."""
    if subscription_id.isascii() and subscription_id.isdigit() and len(subscription_id) <= 18:
        for one in _found(tx, subscriptions.c.id == int(subscription_id)):
            return one
    raise NotFound("subscription", subscription_id)


def list_subscriptions(
    tx: Connection,
    *,
    topic: str | None = None,
    state: SubscriptionState | None = None,
    host: str | None = None,
    partner: str | None = None,
    stopped: bool | None = None,
    limit: int = 1000,
) -> list[Subscription]:
    """Subscriptions, oldest first; `stopped` for those whose tries were given up."""
    tests: list[ColumnElement[bool]] = []
    if topic is not None:
        tests.append(topics.c.name == topic)
    if state is not None:
        tests.append(subscriptions.c.state == state)
    if host is not None:
        tests.append(subscriptions.c.host == host)
    if partner is not None:
        tests.append(subscriptions.c.partner == partner)
    else:
        tests.append(or_(subscriptions.c.partner.is_(None), subscriptions.c.partner != CANARY))
    if stopped is not None:
        given_up = subscriptions.c.stopped_seq.is_not(None)
        tests.append(given_up if stopped else ~given_up)
    return _found(tx, and_(True, *tests), limit)


def count_active(tx: Connection, now: datetime, *, topic_id: str | None = None, host: str | None = None) -> int:
    """How many subscriptions of a topic, or at a host, stand or wait to be approved."""
    stands = subscriptions.c.state.in_(("active", "waiting"))
    query = select(func.count()).where(stands, subscriptions.c.lease_until > now)
    if topic_id is not None:
        query = query.where(subscriptions.c.topic_id == int(topic_id))
    if host is not None:
        query = query.where(subscriptions.c.host == host)
    return int(tx.execute(query).scalar_one())


def confirm(tx: Connection, asked: SubscriptionRequest, *, lease: timedelta, answer_ms: int, now: datetime) -> bool:
    """A verified request becomes the subscription, or what it is from now on; False when a later one came first.

    A cursor that stands, or waits to be approved, is kept, and set where the subscriber says it is (`since_seq`). One
    that ended by unsubscription, denial or 410 begins anew; where the publisher approves each, it waits for that.
    """
    same = and_(
        subscriptions.c.topic_id == int(asked.topic_id),
        subscriptions.c.callback_key == key_of(asked.callback),
        subscriptions.c.dialect == asked.dialect,
    )
    # A row that is not there yet cannot be locked: those that make the first one of a topic take turns at the topic.
    tx.execute(select(topics.c.id).where(topics.c.id == int(asked.topic_id)).with_for_update())
    standing = tx.execute(select(subscriptions).where(same).with_for_update()).first()
    if standing is not None and standing.request_id > int(asked.id):
        return False
    if asked.mode == "unsubscribe":
        _overtake(tx, asked, now)
        if standing is not None:
            ended = {"state": "unsubscribed", "ended_at": now, "request_id": int(asked.id)}
            tx.execute(update(subscriptions).where(same).values(**ended, **_FREE))
        return True
    state = None if standing is None else standing.state
    values: dict[str, Any] = {
        "state": "waiting" if asked.to_approve and state not in ("active", "expired") else "active",
        "secret": asked.secret,
        "signature": asked.signature,
        "partner": asked.partner,
        "procedure": asked.procedure,
        "lease_until": now + lease,
        "verified_at": now,
        "request_id": int(asked.id),
        "ended_at": None,
        "next_try": now,
        "tries": 0,
        "stopped_seq": None,
        "stopped_at": None,
    }
    moved = {} if asked.since_seq is None else {"acked_seq": asked.since_seq}
    fresh = {"acked_seq": asked.baseline_seq, "reason": None, "answer_ms": answer_ms} | moved
    if standing is None:
        same_row = {"topic_id": int(asked.topic_id), "callback": asked.callback, "host": asked.host}
        same_row |= {"callback_key": key_of(asked.callback), "dialect": asked.dialect}
        tx.execute(insert(subscriptions).values(**same_row, created_at=now, fence=0, **values, **fresh))
    elif state not in ("active", "expired", "waiting"):
        tx.execute(update(subscriptions).where(same).values(**values, **fresh, **_FREE))
    else:
        # Whoever renews is there: what waits for it, or was given up, is tried again at once.
        free = _FREE if moved or state != "active" else {}
        tx.execute(update(subscriptions).where(same).values(**values, **moved, **free))
    return True


def _overtake(tx: Connection, asked: SubscriptionRequest, now: datetime) -> None:
    """Requests of this callback that were made before it unsubscribed are over, even where nothing stands yet."""
    row = subscription_requests.c
    earlier = and_(
        row.topic_id == int(asked.topic_id),
        row.callback_key == key_of(asked.callback),
        row.dialect == asked.dialect,
        row.id < int(asked.id),
        row.ended_at.is_(None),
    )
    over = {"ended_at": now, "outcome": "overtaken by an unsubscription", "claim_until": None, "secret": None}
    tx.execute(update(subscription_requests).where(earlier).values(**over))


@dataclass(frozen=True, slots=True)
class Place:
    """A topic's row number and the seq that its receivers are to be brought to."""

    id: int
    seq: int
    topic: Topic


def claim_behind(
    tx: Connection,
    place: Place,
    *,
    slow: bool,
    owner: str,
    now: datetime,
    lease: timedelta,
    most: int,
    but_hosts: Collection[str] = (),
) -> list[Cursor]:
    """Claim cursors of one topic that are behind and due, those furthest behind first.

    `slow` receivers are those that failed last time or take long: they are claimed apart, so that they hold up no
    other. Receivers at `but_hosts` are left out.
    """
    lags = or_(subscriptions.c.tries > 0, subscriptions.c.answer_ms > SLOW_MS)
    where = and_(due_for(place, now), lags if slow else and_(subscriptions.c.tries == 0, _quick()))
    # A canary is on the loopback of its own worker, which alone can reach it.
    ours = subscriptions.c.host == canary_host(owner)
    where = and_(where, or_(subscriptions.c.partner.is_(None), subscriptions.c.partner != CANARY, ours))
    if but_hosts:
        where = and_(where, subscriptions.c.host.not_in(list(but_hosts)))
    due = select(subscriptions.c.id).where(where).order_by(subscriptions.c.acked_seq)
    due = due.limit(most).with_for_update(skip_locked=True)
    rows = tx.execute(
        update(subscriptions)
        .where(subscriptions.c.id.in_(due.scalar_subquery()))
        .values(claim_owner=owner, claim_until=now + lease, fence=subscriptions.c.fence + 1)
        .returning(*_CLAIMED)
    ).all()
    topic_id, name, foreign = place.topic.id, place.topic.name, place.topic.foreign
    return [
        Cursor(id=str(row_id), topic_id=topic_id, topic=name, foreign=foreign, **dict(zip(_CURSOR, row, strict=True)))
        for row_id, *row in rows
    ]


def _quick() -> ColumnElement[bool]:
    return or_(subscriptions.c.answer_ms.is_(None), subscriptions.c.answer_ms <= SLOW_MS)


def acknowledge(tx: Connection, taken: Sequence[Acknowledged]) -> None:
    """Move the cursors of first tries that succeeded, as `settle` does those of the others."""
    rows = [
        (one.seq, microseconds(one.next_try), one.status, microseconds(one.at), one.answer_ms, row_id, held)
        for row_id, held, one in _in_order((one.subscription, one) for one in taken)
    ]
    if rows:
        tx.exec_driver_sql(_for(tx, _ACKNOWLEDGE), rows)


def settle(tx: Connection, outcomes: Sequence[Cursor]) -> None:
    """Write cursors as they stand after a try, and give the claims back; one whose fence is old is left as it is."""
    rows = []
    for row_id, held, one in _in_order((one, one) for one in outcomes):
        plain = (microseconds(value) if isinstance(value, datetime) else value for value in _settled_values(one))
        rows.append((*plain, row_id, held))
    if rows:
        tx.exec_driver_sql(_for(tx, _SETTLE), rows)


def _in_order(pairs: Iterable[tuple[Cursor, Held]]) -> list[tuple[int, int, Held]]:
    """(row number, fence, …) by row number: in the same order by everybody, so that nobody blocks another."""
    return sorted(((int(one.id), one.fence, of) for one, of in pairs), key=itemgetter(0))


def _for(tx: Connection, statement: str) -> str:
    return statement.replace("?", "%s") if tx.dialect.name == "postgresql" else statement


def claim_owners(tx: Connection) -> list[str]:
    """Who holds claims."""
    held = select(subscriptions.c.claim_owner).where(subscriptions.c.claim_owner.is_not(None)).distinct()
    return [owner for owner in tx.execute(held).scalars() if owner is not None]


def free_claims(tx: Connection, gone: Collection[str]) -> int:
    """Give back the claims of owners that are gone; returns how many."""
    return tx.execute(update(subscriptions).where(subscriptions.c.claim_owner.in_(gone)).values(**_FREE)).rowcount


def expire(tx: Connection, now: datetime) -> int:
    """End leases that are over: open tries are over, too, and are caught up when it is renewed (SEMANTICS 27)."""
    over = and_(subscriptions.c.state == "active", subscriptions.c.lease_until <= now)
    return tx.execute(update(subscriptions).where(over).values(state="expired", ended_at=now, **_FREE)).rowcount


def anything_expired(tx: Connection, now: datetime) -> bool:
    """Whether a lease is over: a cheap look that spares the write lock."""
    over = and_(subscriptions.c.state == "active", subscriptions.c.lease_until <= now)
    return tx.execute(select(subscriptions.c.id).where(over).limit(1)).first() is not None


def approve(tx: Connection, subscription_id: str, now: datetime) -> Subscription:
    """A subscription that waits for the publisher is one from now on; Conflict when it does not wait."""
    found = get_subscription(tx, subscription_id)
    if found.state != "waiting":
        raise Conflict(f"Subscription {found.id} is {found.state}: it does not wait to be approved.")
    here = subscriptions.c.id == int(found.id)
    tx.execute(update(subscriptions).where(here).values(state="active", next_try=now, **_FREE))
    return get_subscription(tx, found.id)


def deny(tx: Connection, subscription_id: str, reason: str, now: datetime) -> Subscription:
    """End a subscription: it gets nothing any more. Returns it as it stood; Conflict when it has ended already."""
    found = get_subscription(tx, subscription_id)
    if found.state in ("unsubscribed", "gone", "denied"):
        raise Conflict(f"Subscription {found.id} is {found.state}: it has ended already.")
    values = {"state": "denied", "reason": reason, "ended_at": now}
    tx.execute(update(subscriptions).where(subscriptions.c.id == int(found.id)).values(**values, **_FREE))
    return found


def set_cursor(tx: Connection, subscription_id: str, seq: int, now: datetime) -> Subscription:
    """Set a cursor and have it tried at once; what was in flight is thrown away. Conflict where nothing is sent."""
    found = get_subscription(tx, subscription_id)
    if found.state != "active":
        raise Conflict(f"Subscription {found.id} is {found.state}: nothing is sent to it.")
    again = {"acked_seq": seq, "next_try": now, "tries": 0, "reason": None, "stopped_seq": None, "stopped_at": None}
    tx.execute(update(subscriptions).where(subscriptions.c.id == int(found.id)).values(**again, **_FREE))
    return get_subscription(tx, subscription_id)


def forget_ended(tx: Connection, before: datetime) -> int:
    """Drop subscriptions that ended before an instant, and tries of as long ago."""
    tx.execute(delete(attempts).where(attempts.c.at < before))
    over = and_(subscriptions.c.state != "active", subscriptions.c.ended_at < before)
    return tx.execute(delete(subscriptions).where(over)).rowcount


def _found(tx: Connection, where: ColumnElement[bool], limit: int | None = None) -> list[Subscription]:
    query = select(*_READ).join(topics, topics.c.id == subscriptions.c.topic_id).where(where)
    rows = tx.execute(query.order_by(subscriptions.c.id).limit(limit)).all()
    return _subscriptions(rows, get_topics(tx, sorted({row.topic_id for row in rows})) if rows else {})


def _subscriptions(rows: Sequence[Any], known: Mapping[int, Topic]) -> list[Subscription]:
    made = []
    for row_id, topic_id, *values in rows:
        topic = known[topic_id]
        joined: dict[str, Any] = {
            "id": str(row_id),
            "topic_id": topic.id,
            "topic": topic.name,
            "foreign": topic.foreign,
        }
        made.append(Subscription(**joined, **dict(zip(_FIELDS, values, strict=True))))
    return made
