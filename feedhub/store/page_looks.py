"""When an item's own page is looked at again, and what it said when it was last read: a row per entry, for days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from feedhub.store.tables import page_looks


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLook:
    """A page as it was last read; `text_taken`: the entry's text is the page's, not the list's."""

    entry_id: str
    due: datetime
    title: str
    text_digest: str
    text_taken: bool
    etag: str | None = None
    last_modified: str | None = None


def add_looks(tx: Connection, source: str, looks: Sequence[PageLook]) -> None:
    """Have the pages of entries looked at; one that was to be looked at already is planned anew."""
    if looks:
        tx.execute(delete(page_looks).where(page_looks.c.entry_id.in_([int(one.entry_id) for one in looks])))
        tx.execute(insert(page_looks), [_row(one) | {"source": source} for one in looks])


def due_looks(tx: Connection, source: str, now: datetime, most: int) -> list[PageLook]:
    """The pages of a source that are due, longest overdue first."""
    due = select(page_looks).where(page_looks.c.source == source, page_looks.c.due <= now)
    rows = tx.execute(due.order_by(page_looks.c.due, page_looks.c.entry_id).limit(most))
    return [
        PageLook(
            entry_id=str(row.entry_id),
            due=row.due,
            title=row.title,
            text_digest=row.text_digest,
            text_taken=row.text_taken,
            etag=row.etag,
            last_modified=row.last_modified,
        )
        for row in rows
    ]


def plan_look(tx: Connection, look: PageLook) -> None:
    """Look at the page again when it says."""
    tx.execute(update(page_looks).where(page_looks.c.entry_id == int(look.entry_id)).values(**_row(look)))


def end_looks(tx: Connection, entry_ids: Sequence[str]) -> None:
    """Look at these entries' pages no more."""
    tx.execute(delete(page_looks).where(page_looks.c.entry_id.in_([int(one) for one in entry_ids])))


def _row(look: PageLook) -> dict[str, object]:
    return {
        "entry_id": int(look.entry_id),
        "due": look.due,
        "title": look.title,
        "text_digest": look.text_digest,
        "text_taken": look.text_taken,
        "etag": look.etag,
        "last_modified": look.last_modified,
    }
