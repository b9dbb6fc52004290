"""Who stands in each section's current document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from feedhub.model.article import Glance
from feedhub.store.columns import with_offset
from feedhub.store.document_tables import window_members
from feedhub.store.rows import upsert
from feedhub.store.tables import articles

_HERE = window_members.c.section == bindparam("here")
_STANDING = (
    select(window_members.c.article_id, window_members.c.published_at, window_members.c.pinned_until)
    .where(_HERE)
    .order_by(window_members.c.published_at.desc(), window_members.c.article_id.desc())
)
_AT_A_GLANCE = _STANDING.add_columns(articles.c.seq, articles.c.published_offset).join(
    articles, articles.c.id == window_members.c.article_id
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


def window_at_a_glance(tx: Connection, section: str) -> list[tuple[MemberRow, Glance]]:
    """Who stands in the section's current document, newest first, with what is to be known of each."""
    return [
        (MemberRow(article_id, at, pinned), Glance(article_id, seq, with_offset(at, offset)))
        for article_id, at, pinned, seq, offset in tx.execute(_AT_A_GLANCE, {"here": section})
    ]


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
