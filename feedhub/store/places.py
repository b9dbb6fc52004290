"""Places in a change log that no number tells: before the last so many articles of a section, or at an instant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from feedhub.store.document_tables import documents
from feedhub.store.tables import changes, placements, section_changes


def section_of(tx: Connection, path: str) -> str | None:
    """The section, or saved question, whose document stands at a path."""
    return tx.execute(select(documents.c.name).where(documents.c.path == path)).scalar()


def place_before_last(tx: Connection, section: str, last: int) -> int:
    """The number after which the last so many articles standing in a section were announced; 0 when there are fewer."""
    latest = func.max(section_changes.c.seq).label("latest")
    said = (
        select(latest)
        .join(changes, changes.c.seq == section_changes.c.seq)
        .join(
            placements,
            (placements.c.article_id == changes.c.article_id) & (placements.c.section == section_changes.c.section),
        )
        .where(section_changes.c.section == section, section_changes.c.quiet.is_(None))
        .group_by(changes.c.article_id)
        .order_by(latest.desc())
        .offset(last - 1)
        .limit(1)
    )
    found = tx.execute(said).scalar()
    return 0 if found is None else int(found) - 1


def place_at(tx: Connection, section: str, moment: datetime) -> int:
    """The number of the last change of a section before an instant; 0 when there was none."""
    query = (
        select(func.max(section_changes.c.seq))
        .join(changes, changes.c.seq == section_changes.c.seq)
        .where(section_changes.c.section == section, changes.c.at < moment)
    )
    return int(tx.execute(query).scalar() or 0)
