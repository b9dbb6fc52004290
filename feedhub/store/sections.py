"""The sections as the store knows them: since when they are, and at which generation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from feedhub.store.tables import placements, sections


@dataclass(frozen=True, slots=True)
class SectionState:
    """`generation` is the highest seq in the subtree, 0 for one that never changed; `changed_at` its instant."""

    id: str
    created_at: datetime
    generation: int
    changed_at: datetime


def sync_sections(tx: Connection, ids: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Enter sections that are new; returns the ids the store knows and the tree no longer has."""
    known = set(tx.execute(select(sections.c.id)).scalars())
    fresh = [section for section in ids if section not in known]
    if fresh:
        tx.execute(
            insert(sections),
            [{"id": section, "created_at": now, "generation": 0, "changed_at": now} for section in fresh],
        )
    return tuple(sorted(known - set(ids)))


def section_states(tx: Connection) -> dict[str, SectionState]:
    """Every section's state by id."""
    rows = tx.execute(select(sections))
    return {row.id: SectionState(row.id, row.created_at, row.generation, row.changed_at) for row in rows}


_ONE = select(sections).where(sections.c.id == bindparam("section"))


def section_state(tx: Connection, section: str) -> SectionState:
    """The state of a section that there is."""
    row = tx.execute(_ONE, {"section": section}).one()
    return SectionState(row.id, row.created_at, row.generation, row.changed_at)


def article_counts(tx: Connection) -> dict[str, int]:
    """How many live articles each section's subtree holds; sections without any are absent."""
    rows = tx.execute(select(placements.c.section, func.count()).group_by(placements.c.section))
    return {str(section): int(count) for section, count in rows}
