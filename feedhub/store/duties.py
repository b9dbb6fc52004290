"""Duties that one process at a time may have (the scheduler): taken for a while, renewed, taken over when let lie."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from feedhub.store.tables import duties


def take_duty(tx: Connection, name: str, owner: str, *, now: datetime, hold: timedelta) -> bool:
    """Take or renew a duty; False while another owner holds it."""
    free = or_(duties.c.owner == owner, duties.c.until <= now)
    taken = tx.execute(
        update(duties)
        .where(duties.c.name == name, free)
        .values(owner=owner, until=now + hold, fence=duties.c.fence + 1)
    ).rowcount
    if taken:
        return True
    if tx.execute(select(duties.c.owner).where(duties.c.name == name)).scalar() is not None:
        return False
    tx.execute(insert(duties).values(name=name, owner=owner, until=now + hold, fence=1))
    return True


def drop_duty(tx: Connection, name: str, owner: str) -> None:
    """Give a duty back, so that a successor need not wait."""
    tx.execute(delete(duties).where(duties.c.name == name, duties.c.owner == owner))


def duty_until(tx: Connection, name: str) -> datetime | None:
    """Until when the duty is held, or None."""
    return tx.execute(select(duties.c.until).where(duties.c.name == name)).scalar()
