"""Small facts about this installation: its id, the digest of its style."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, insert, select, update

from feedhub.store.tables import settings


def get_setting(tx: Connection, name: str) -> str | None:
    """The value of a setting, or None."""
    return tx.execute(select(settings.c.value).where(settings.c.name == name)).scalar()


def set_setting(tx: Connection, name: str, value: str) -> None:
    """Write a setting."""
    if tx.execute(update(settings).where(settings.c.name == name).values(value=value)).rowcount == 0:
        tx.execute(insert(settings).values(name=name, value=value))


def installation_id(tx: Connection) -> uuid.UUID:
    """The id this store was born with: the name space of ids for portals without an id_authority."""
    value = get_setting(tx, "installation_id")
    if value is None:
        raise LookupError("the store has no installation id: run `feedhub db upgrade`")
    return uuid.UUID(value)
