"""Which entries share marks of their text: of one mark the latest few are kept, so a look-up stays as quick as ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from feedhub.model.entry import Entry
from feedhub.store.entries import entries_by_id
from feedhub.store.tables import text_marks
from feedhub.store.upsert import upsert

SLOTS = 6


def find_by_marks(tx: Connection, marks: Sequence[int], *, since: datetime, most: int = 3) -> list[Entry]:
    """Entries seen since then that share the most of these marks, at most `most`, the likeliest first."""
    query = select(text_marks.c.entry_id).where(text_marks.c.mark.in_(marks), text_marks.c.seen_at >= since)
    shared = Counter(tx.execute(query).scalars())
    likely = sorted(shared, key=lambda entry_id: (-shared[entry_id], entry_id))[:most]
    found = entries_by_id(tx, [str(entry_id) for entry_id in likely])
    return [found[str(entry_id)] for entry_id in likely if str(entry_id) in found]


def marked(tx: Connection, marks: Sequence[int], since: datetime) -> frozenset[int]:
    """Those of these marks that any entry seen since then has."""
    found: set[int] = set()
    for start in range(0, len(marks), 500):
        chunk = list(marks[start : start + 500])
        query = select(text_marks.c.mark).where(text_marks.c.mark.in_(chunk), text_marks.c.seen_at >= since)
        found |= set(tx.execute(query).scalars())
    return frozenset(found)


def keep_marks(tx: Connection, marks: Mapping[str, Sequence[int]], now: datetime) -> None:
    """Remember the marks of entries, by entry id."""
    rows = {
        (mark, int(entry_id) % SLOTS): {
            "mark": mark,
            "slot": int(entry_id) % SLOTS,
            "entry_id": int(entry_id),
            "seen_at": now,
        }
        for entry_id, own in marks.items()
        for mark in own
    }
    upsert(tx, text_marks, list(rows.values()))


def forget_marks(tx: Connection, before: datetime) -> int:
    """Drop marks that no look-up asks for any more."""
    return tx.execute(delete(text_marks).where(text_marks.c.seen_at < before)).rowcount
