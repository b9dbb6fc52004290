"""Tries to deliver that tell something: each that failed, and each that succeeded after a failure."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

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
