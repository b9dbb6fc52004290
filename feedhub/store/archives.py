"""The slots of articles in archives, and which archives are still to be rendered (SEMANTICS 17).

A slot is given once and kept, whatever becomes of the article; only the renderer of a section gives any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from feedhub.model.feed import Slot
from feedhub.store.article_reads import speaks
from feedhub.store.document_tables import archive_members, archives, documents
from feedhub.store.rows import upsert
from feedhub.store.tables import articles, placements

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """The change an archive follows, and the generation it has still to be rendered for, None for none."""

    section: str
    number: int
    generation: int
    changed_at: datetime
    due: int | None


_HERE = archive_members.c.section == bindparam("in_section")
_SLOTS = select(archive_members).where(_HERE, archive_members.c.article_id.in_(bindparam("ids", expanding=True)))
_SLOTS_IN = select(archive_members).where(_HERE, archive_members.c.number.in_(bindparam("numbers", expanding=True)))
_STATES = select(archives).where(
    archives.c.section == bindparam("in_section"), archives.c.number.in_(bindparam("numbers", expanding=True))
)
_MODIFIED = select(documents.c.number, documents.c.last_modified).where(
    documents.c.kind == "archive",
    documents.c.name == bindparam("in_section"),
    documents.c.number.in_(bindparam("numbers", expanding=True)),
)
_LAST = (
    select(archive_members.c.number, archive_members.c.position)
    .where(_HERE)
    .order_by(archive_members.c.number.desc(), archive_members.c.position.desc())
    .limit(1)
)


def last_slot(tx: Connection, section: str) -> Slot | None:
    """The newest slot of a section; None while it has no archive."""
    row = tx.execute(_LAST, {"in_section": section}).first()
    return Slot(*row) if row else None


def slots_of(tx: Connection, section: str, ids: Sequence[str]) -> dict[str, Slot]:
    """The slots of those articles in a section, by id; those without one are absent."""
    found: dict[str, Slot] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = tx.execute(_SLOTS, {"in_section": section, "ids": list(ids[start : start + _CHUNK])})
        found.update({row.article_id: Slot(row.number, row.position) for row in rows})
    return found


def archive_slots(tx: Connection, section: str, numbers: Collection[int]) -> dict[str, Slot]:
    """Every slot of those archives, by article id."""
    rows = tx.execute(_SLOTS_IN, {"in_section": section, "numbers": sorted(numbers)})
    return {row.article_id: Slot(row.number, row.position) for row in rows}


def placed(tx: Connection, section: str, ids: Sequence[str], languages: Sequence[str] | None) -> set[str]:
    """Which of those articles the section's feed may show."""
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        query = select(placements.c.article_id).where(
            placements.c.section == section, placements.c.article_id.in_(ids[start : start + _CHUNK])
        )
        found.update(tx.execute(query if languages is None else query.where(speaks(languages))).scalars())
    return found


def without_slot(tx: Connection, section: str, languages: Sequence[str] | None) -> list[str]:
    """Every article that the section's feed may show and that has no slot, in the order of arrival.

    It looks at the whole section: ask when languages or tables changed, not at every publication.
    """
    member = archive_members.alias()
    query = (
        select(placements.c.article_id)
        .join(articles, articles.c.id == placements.c.article_id)
        .outerjoin(
            member, (member.c.section == placements.c.section) & (member.c.article_id == placements.c.article_id)
        )
        .where(placements.c.section == section, member.c.article_id.is_(None))
        .order_by(articles.c.released_at, placements.c.published_at, placements.c.article_id)
    )
    return list(tx.execute(query if languages is None else query.where(speaks(languages))).scalars())


def give_slots(tx: Connection, section: str, given: Mapping[str, Slot]) -> None:
    """Store new slots; nobody but the renderer that holds the section may."""
    rows = [
        {"section": section, "article_id": article_id, "number": slot.number, "position": slot.position}
        for article_id, slot in given.items()
    ]
    if rows:
        tx.execute(insert(archive_members), rows)


def store_archives(tx: Connection, states: Iterable[ArchiveState]) -> None:
    """Note where archives stand, those that are new among them."""
    names = ArchiveState.__slots__
    upsert(tx, archives, [{name: getattr(state, name) for name in names} for state in states])


def archive_states(tx: Connection, section: str, numbers: Collection[int]) -> dict[int, ArchiveState]:
    """The state of those archives that there are, by number."""
    rows = tx.execute(_STATES, {"in_section": section, "numbers": sorted(numbers)})
    return {row.number: ArchiveState(*row) for row in rows}


def archives_due(tx: Connection, most: int) -> list[ArchiveState]:
    """Archives still to be rendered, those of the oldest change first."""
    found = select(archives).where(archives.c.due.is_not(None))
    rows = tx.execute(found.order_by(archives.c.due, archives.c.section, archives.c.number).limit(most))
    return [ArchiveState(*row) for row in rows]


def take_due(tx: Connection, state: ArchiveState) -> bool:
    """Mark an archive as rendered, unless it moved on or another renderer was here; nothing may be stored then."""
    same = (archives.c.section == state.section) & (archives.c.number == state.number) & (archives.c.due == state.due)
    return tx.execute(update(archives).where(same).values(due=None)).rowcount == 1


def all_archives_due(tx: Connection, seq: int, at: datetime) -> None:
    """The portal looks otherwise since that change: every archive is to be rendered anew."""
    tx.execute(update(archives).values(generation=seq, due=seq, changed_at=at))


def archives_modified(tx: Connection, section: str, numbers: Collection[int]) -> dict[int, datetime]:
    """Last-Modified of those archives' documents, by number; absent for those never rendered."""
    rows = tx.execute(_MODIFIED, {"in_section": section, "numbers": sorted(numbers)})
    return {row.number: row.last_modified for row in rows}
