"""When the page of a published entry is looked at next: a time on the entry, claimed by moving it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from feedhub.store.tables import entries, sources


@dataclass(frozen=True, slots=True)
class DueCheck:
    """An entry whose page is to be asked for, and how often in a row it was missing."""

    entry_id: str
    source: str
    link: str
    misses: int


def claim_checks(tx: Connection, *, now: datetime, most: int, again: datetime) -> list[DueCheck]:
    """Claim pages that are due, longest overdue first; a claim that is lost is due `again`.

    Sources that an operator paused or froze are left alone.
    """
    due = (
        select(entries.c.id)
        .join(sources, sources.c.key == entries.c.source)
        .where(entries.c.page_due <= now, entries.c.state == "published", sources.c.condition == "active")
        .order_by(entries.c.page_due, entries.c.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=entries)
    )
    rows = tx.execute(
        update(entries)
        .where(entries.c.id.in_(due.scalar_subquery()))
        .values(page_due=again)
        .returning(entries.c.id, entries.c.source, entries.c.item, entries.c.page_misses)
    ).all()
    return [DueCheck(str(row.id), row.source, str(row.item["link"]), row.page_misses or 0) for row in sorted(rows)]


def plan_check(tx: Connection, entry_id: str, *, due: datetime | None, misses: int) -> None:
    """Look at the page again then; None never."""
    tx.execute(update(entries).where(entries.c.id == int(entry_id)).values(page_due=due, page_misses=misses))
