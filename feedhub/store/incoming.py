"""Our subscriptions at the hubs of sources: wanted, asked for, verified, renewed, left (WebSub §5, subscriber)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from feedhub.model.incoming import Incoming, IncomingState
from feedhub.store.push_tables import incoming

# There is no lease to renew.
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_OF_SOURCE = select(incoming).where(incoming.c.source == bindparam("of_source"), incoming.c.state != "publisher")


def want(tx: Connection, source: str, hub: str, topic: str, *, token: str, secret: str, now: datetime) -> bool:
    """Want a subscription to this topic at this hub, and no other; True when there was none yet."""
    standing = subscriptions(tx, source)
    if any((one.hub, one.topic) == (hub, topic) for one in standing if one.state != "leaving"):
        return False
    leave(tx, source, now)
    add(tx, source, hub, topic, token=token, secret=secret, now=now)
    return True


def add(tx: Connection, source: str, hub: str, topic: str, *, token: str, secret: str, now: datetime) -> None:
    """A new subscription, to be asked for at once."""
    values = {"token": token, "source": source, "hub": hub, "topic": topic, "secret": secret, "tries": 0}
    tx.execute(insert(incoming).values(**values, state="wanted", next_try=now))


def leave(tx: Connection, source: str, now: datetime, *, but: str | None = None) -> None:
    """Leave every subscription of a source but one; those that no hub has verified are simply forgotten."""
    others = (incoming.c.source == source) & (incoming.c.token != (but or ""))
    tx.execute(delete(incoming).where(others, incoming.c.state.in_(("wanted", "asked"))))
    tx.execute(
        update(incoming).where(others, incoming.c.state == "active").values(state="leaving", next_try=now, tries=0)
    )


def subscriptions(tx: Connection, source: str) -> list[Incoming]:
    """A source's subscriptions, the one that lasts longest first."""
    found = [_incoming(row) for row in tx.execute(_OF_SOURCE, {"of_source": source})]
    return sorted(found, key=lambda one: -(one.lease_until.timestamp() if one.lease_until else 0.0))


def is_asked_for(tx: Connection, source: str) -> bool:
    """Whether a subscription of the source is on its way already."""
    on_its_way = (incoming.c.source == source) & incoming.c.state.in_(("wanted", "asked"))
    return tx.execute(select(incoming.c.token).where(on_its_way)).first() is not None


def let_publish(tx: Connection, source: str, *, token: str, secret: str, topic: str) -> None:
    """Let whoever publishes a source push its content here, from now on by this token and secret alone."""
    stop_publishing(tx, source)
    values = {"token": token, "source": source, "hub": "(its publisher)", "topic": topic, "secret": secret}
    tx.execute(insert(incoming).values(**values, state="publisher", next_try=_NEVER, tries=0))


def stop_publishing(tx: Connection, source: str) -> bool:
    """Take nothing from a source's publisher any more; False when nothing was taken."""
    here = (incoming.c.source == source) & (incoming.c.state == "publisher")
    return bool(tx.execute(delete(incoming).where(here)).rowcount)


def find(tx: Connection, token: str) -> Incoming | None:
    """The subscription whose callback has that token."""
    row = tx.execute(select(incoming).where(incoming.c.token == token)).first() if len(token) <= 64 else None
    return None if row is None else _incoming(row)


def anything_to_do(tx: Connection, now: datetime) -> bool:
    """Whether any subscription is due: a cheap look that spares the write lock."""
    return tx.execute(select(incoming.c.token).where(incoming.c.next_try <= now).limit(1)).first() is not None


def claim(tx: Connection, *, now: datetime, most: int, again: datetime) -> list[Incoming]:
    """Claim subscriptions that are due; a claim that is lost is due `again`. What is wanted counts as asked for from
    here on: a hub may verify before it answers."""
    due = (
        select(incoming.c.token)
        .where(incoming.c.next_try <= now)
        .order_by(incoming.c.next_try, incoming.c.token)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(
        update(incoming)
        .where(incoming.c.token.in_(due.scalar_subquery()))
        .values(next_try=again, tries=incoming.c.tries + 1)
        .returning(*incoming.c)
    ).all()
    tx.execute(
        update(incoming)
        .where(incoming.c.token.in_([row.token for row in rows]), incoming.c.state == "wanted")
        .values(state="asked")
    )
    return [_incoming(row) for row in rows]


def settle(tx: Connection, one: Incoming, *, next_try: datetime, error: str | None) -> None:
    """Write how asking went, unless the hub's verification came in between."""
    state: IncomingState = "asked" if one.state == "wanted" else one.state
    standing = (incoming.c.token == one.token) & (incoming.c.state == state)
    tx.execute(update(incoming).where(standing).values(next_try=next_try, last_error=error))


def confirm(tx: Connection, one: Incoming, *, lease: timedelta, renew_at: datetime, now: datetime) -> None:
    """The hub has verified it: it is active for its lease, and the source's others are left."""
    values = {"state": "active", "lease_until": now + lease, "next_try": renew_at, "tries": 0, "last_error": None}
    tx.execute(update(incoming).where(incoming.c.token == one.token).values(**values))
    leave(tx, one.source, now, but=one.token)


def postpone(tx: Connection, token: str, *, state: IncomingState, next_try: datetime, error: str | None) -> None:
    """Do nothing about it until then."""
    tx.execute(
        update(incoming).where(incoming.c.token == token).values(state=state, next_try=next_try, last_error=error)
    )


def forget(tx: Connection, token: str) -> None:
    """Its callback answers 410 from now on."""
    tx.execute(delete(incoming).where(incoming.c.token == token))


def _incoming(row: Any) -> Incoming:
    return Incoming(**{name: getattr(row, name) for name in Incoming.__dataclass_fields__})
