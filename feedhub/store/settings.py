"""Small facts about this installation: its id, the digest of its style."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection, select, update

from feedhub.store.rows import upsert
from feedhub.store.tables import counters, settings

_LAST_TICK = "last_tick"
_CANARY_BEAT = "canary_beat"


def get_setting(tx: Connection, name: str) -> str | None:
    """The value of a setting, or None."""
    return tx.execute(select(settings.c.value).where(settings.c.name == name)).scalar()


def set_setting(tx: Connection, name: str, value: str) -> None:
    """Write a setting."""
    upsert(tx, settings, [{"name": name, "value": value}])


def last_tick(tx: Connection) -> datetime | None:
    """When a worker last beat; None before the first, and after one that was stopped."""
    value = get_setting(tx, _LAST_TICK)
    return datetime.fromisoformat(value) if value else None


def set_last_tick(tx: Connection, now: datetime | None) -> None:
    """Note that a worker beats, or with None that it stops."""
    set_setting(tx, _LAST_TICK, "" if now is None else now.isoformat())


def canary_beat(tx: Connection) -> datetime | None:
    """When the worker that has the canaries last said that it runs; None before the first."""
    value = get_setting(tx, _CANARY_BEAT)
    return datetime.fromisoformat(value) if value else None


def set_canary_beat(tx: Connection, now: datetime) -> None:
    """Note that the worker that has the canaries runs."""
    set_setting(tx, _CANARY_BEAT, now.isoformat())


def lock_start(tx: Connection) -> None:
    """One process at a time brings the store up to its files; held to the commit."""
    tx.execute(update(counters).where(counters.c.name == "start").values(value=counters.c.value + 1))


def installation_id(tx: Connection) -> uuid.UUID:
    """The id this store was born with: the name space of ids for portals without an id_authority."""
    value = get_setting(tx, "installation_id")
    if value is None:
        raise LookupError("the store has no installation id: run `feedhub db upgrade`")
    return uuid.UUID(value)
