"""Partners and the digests of their keys: the keys themselves are stored nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from feedhub.errors import Conflict, NotFound
from feedhub.model.partner import Partner
from feedhub.store.partner_tables import partners

_FIELDS = tuple(Partner.__dataclass_fields__)


def add_partner(tx: Connection, one: Partner, key_digest: str) -> None:
    """Keep a new partner; Conflict when the name is taken."""
    if tx.execute(select(partners.c.name).where(partners.c.name == one.name)).first() is not None:
        raise Conflict(f"There is a partner {one.name!r} already: `feedhub partner rotate` gives it a new key.")
    values = {name: getattr(one, name) for name in _FIELDS} | {"scopes": list(one.scopes)}
    tx.execute(insert(partners).values(**values, key_digest=key_digest))


def get_partner(tx: Connection, name: str) -> Partner:
    """The partner of that name; NotFound if there is none."""
    row = tx.execute(select(partners).where(partners.c.name == name)).first()
    if row is None:
        raise NotFound("partner", name)
    return _partner(row)


def list_partners(tx: Connection) -> list[Partner]:
    """Every partner by name, those without a key included."""
    return [_partner(row) for row in tx.execute(select(partners).order_by(partners.c.name))]


def find_by_digest(tx: Connection, key_digest: str, now: datetime) -> Partner | None:
    """Whose key has that digest, unless it was revoked; while a key is changed the one before still counts."""
    old = (partners.c.old_digest == key_digest) & (partners.c.old_until > now)
    same = or_(partners.c.key_digest == key_digest, old)
    row = tx.execute(select(partners).where(same, partners.c.revoked_at.is_(None))).first()
    return None if row is None else _partner(row)


def rotate_partner(tx: Connection, name: str, key_digest: str, *, old_until: datetime, now: datetime) -> None:
    """Give a partner a new key; the old one opens until then. A revoked partner is one again, without its old key."""
    row = tx.execute(select(partners).where(partners.c.name == name).with_for_update()).first()
    if row is None:
        raise NotFound("partner", name)
    old = None if row.revoked_at is not None else row.key_digest
    values = {"key_digest": key_digest, "old_digest": old, "old_until": old_until, "rotated_at": now}
    tx.execute(update(partners).where(partners.c.name == name).values(**values, revoked_at=None))


def revoke_partner(tx: Connection, name: str, now: datetime) -> None:
    """Its keys open nothing from now on; NotFound if there is none."""
    values = {"revoked_at": now, "old_digest": None}
    if not tx.execute(update(partners).where(partners.c.name == name).values(**values)).rowcount:
        raise NotFound("partner", name)


def _partner(row: Any) -> Partner:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Partner(**values | {"scopes": tuple(values["scopes"])})
