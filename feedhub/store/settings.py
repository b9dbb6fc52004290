"""Small facts about this installation: its id, the digest of its style."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, select, update

from feedhub.store.tables import counters, settings
from feedhub.store.upsert import upsert

LAST_TICK = "last_tick"  # when a worker last beat, ISO 8601


def get_setting(tx: Connection, name: str) -> str | None:
    """The value of a setting, or None."""
    return tx.execute(select(settings.c.value).where(settings.c.name == name)).scalar()


def set_setting(tx: Connection, name: str, value: str) -> None:
    """Write a setting."""
    upsert(tx, settings, [{"name": name, "value": value}])


def lock_start(tx: Connection) -> None:
    """One process at a time brings the store up to its files; held to the commit."""
    tx.execute(update(counters).where(counters.c.name == "start").values(value=counters.c.value + 1))


def installation_id(tx: Connection) -> uuid.UUID:
    """The id this store was born with: the name space of ids for portals without an id_authority."""
    value = get_setting(tx, "installation_id")
    if value is None:
        raise LookupError("the store has no installation id: run `feedhub db upgrade`")
    return uuid.UUID(value)
