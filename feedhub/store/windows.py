"""Who stands in each section's current document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from feedhub.store.document_tables import window_members
from feedhub.store.rows import upsert

_HERE = window_members.c.section == bindparam("here")
_STANDING = (
    select(window_members.c.article_id, window_members.c.published_at, window_members.c.pinned_until)
    .where(_HERE)
    .order_by(window_members.c.published_at.desc(), window_members.c.article_id.desc())
)
_LEAVING = delete(window_members).where(_HERE, window_members.c.article_id == bindparam("gone"))


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One article in a section's current document; `pinned_until` keeps it there whatever its date."""

    article_id: str
    published_at: datetime
    pinned_until: datetime | None


def window(tx: Connection, section: str) -> list[MemberRow]:
    """Who stands in the section's current document, newest first."""
    return [MemberRow(*row) for row in tx.execute(_STANDING, {"here": section})]


def store_window(tx: Connection, section: str, members: Sequence[MemberRow]) -> None:
    """Replace who stands in the section's current document."""
    tx.execute(delete(window_members).where(window_members.c.section == section))
    if members:
        tx.execute(insert(window_members), [{"section": section} | asdict(member) for member in members])


def move_window(tx: Connection, section: str, members: Sequence[MemberRow]) -> None:
    """As `store_window`, written as what differs from who stands there: mostly one row of fifty."""
    before = set(window(tx, section))
    stays = {member.article_id for member in members}
    gone = [{"here": section, "gone": row.article_id} for row in before if row.article_id not in stays]
    if gone:
        tx.execute(_LEAVING, gone)
    upsert(tx, window_members, [{"section": section} | asdict(row) for row in members if row not in before])
