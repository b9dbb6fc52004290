"""Tries to deliver: a row for each that failed, and for each that succeeded after a failure.

A delivery that succeeds at once moves the cursor alone; of these the last one of each subscription is told by it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, exists, insert, or_, select

from feedhub.model.hub import Attempt
from feedhub.store.hub_tables import attempts, subscriptions, topics

_JOINED = ("id", "topic", "callback", "subscription_id")
_FIELDS = tuple(name for name in Attempt.__dataclass_fields__ if name not in _JOINED)


def record_attempts(tx: Connection, made: Sequence[Attempt]) -> None:
    """Write tries down."""
    rows = [
        {name: getattr(one, name) for name in _FIELDS} | {"subscription_id": int(one.subscription_id)} for one in made
    ]
    if rows:
        tx.execute(insert(attempts), rows)


def list_attempts(tx: Connection, *, subscription_id: str | None = None, limit: int = 100) -> list[Attempt]:
    """The latest tries, newest first."""
    query = (
        select(attempts, topics.c.name.label("topic"), subscriptions.c.callback)
        .join(subscriptions, subscriptions.c.id == attempts.c.subscription_id)
        .join(topics, topics.c.id == subscriptions.c.topic_id)
        .order_by(attempts.c.id.desc())
        .limit(limit)
    )
    if subscription_id is not None:
        query = query.where(attempts.c.subscription_id == int(subscription_id))
    return [
        Attempt(
            id=str(row.id),
            subscription_id=str(row.subscription_id),
            topic=row.topic,
            callback=row.callback,
            **{name: getattr(row, name) for name in _FIELDS},
        )
        for row in tx.execute(query)
    ]


def last_delivered(
    tx: Connection, *, subscription_id: str | None = None, but_of: str, limit: int = 100
) -> list[Attempt]:
    """The last try of each subscription that succeeded at once, the latest first, without its `delivery_id`.

    Those of the partner `but_of` are left out.
    """
    row = subscriptions.c
    told = exists().where(attempts.c.subscription_id == row.id, attempts.c.at == row.last_at)
    query = (
        select(row.id, row.callback, row.acked_seq, row.last_at, row.last_status, row.answer_ms, topics.c.name)
        .join(topics, topics.c.id == row.topic_id)
        .where(row.last_status.between(200, 299), ~told, or_(row.partner.is_(None), row.partner != but_of))
        .order_by(row.last_at.desc())
        .limit(limit)
    )
    if subscription_id is not None:
        query = query.where(row.id == int(subscription_id))
    return [
        Attempt(
            id="",
            subscription_id=str(one.id),
            delivery_id="",
            topic=one.name,
            callback=one.callback,
            seq=one.acked_seq,
            catch_up=False,
            at=one.last_at,
            number=1,
            outcome="delivered",
            status=one.last_status,
            reason=None,
            answer_ms=one.answer_ms,
        )
        for one in tx.execute(query)
    ]
