"""Leases on sources that nobody will give back: of owners that are gone, or counted by another clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from feedhub.store.sources import LONGEST_LEASE
from feedhub.store.tables import sources


def free_leases(tx: Connection, is_gone: Callable[[str], bool]) -> list[str]:
    """Give back the leases of owners that are gone; returns the keys. The fence refuses a late writer all the same."""
    held = select(sources.c.key, sources.c.lease_owner).where(sources.c.lease_owner.is_not(None)).with_for_update()
    freed = [row.key for row in tx.execute(held) if is_gone(row.lease_owner)]
    if freed:
        values = {"lease_owner": None, "lease_until": None, "fence": sources.c.fence + 1}
        tx.execute(update(sources).where(sources.c.key.in_(freed)).values(**values))
    return freed


def plan_anew(tx: Connection, dues: Mapping[str, datetime], now: datetime) -> None:
    """Give sources other due times; a lease counted by another clock ends no later than it would count from now."""
    for key, due in dues.items():
        tx.execute(update(sources).where(sources.c.key == key).values(next_due=due))
    over = sources.c.lease_until > now + LONGEST_LEASE
    tx.execute(update(sources).where(over).values(lease_until=now + LONGEST_LEASE))
