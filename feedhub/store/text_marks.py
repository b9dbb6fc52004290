"""Which entries share marks of their text: of one mark the latest few are kept, so a look-up stays as quick as ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from zlib import crc32

from sqlalchemy import Connection, bindparam, delete, select, union_all

from feedhub.model.article import Article
from feedhub.model.entry import Entry
from feedhub.store.article_reads import get_articles
from feedhub.store.columns import Instant
from feedhub.store.entries import entries_by_id
from feedhub.store.rows import upsert
from feedhub.store.tables import article_marks, text_marks

SLOTS = 6
_SINCE = bindparam("since", type_=Instant)
_MARKED = union_all(
    *(
        select(table.c.mark).where(table.c.mark.in_(bindparam("marks", expanding=True)), table.c.seen_at >= _SINCE)
        for table in (text_marks, article_marks)
    )
)


def find_by_marks(tx: Connection, marks: Sequence[int], *, since: datetime, most: int = 3) -> list[Entry]:
    """Entries seen since then that share the most of these marks, at most `most`, the likeliest first."""
    query = select(text_marks.c.entry_id).where(text_marks.c.mark.in_(marks), text_marks.c.seen_at >= since)
    shared = Counter(tx.execute(query).scalars())
    likely = sorted(shared, key=lambda entry_id: (-shared[entry_id], entry_id))[:most]
    found = entries_by_id(tx, [str(entry_id) for entry_id in likely])
    return [found[str(entry_id)] for entry_id in likely if str(entry_id) in found]


def find_articles_by_marks(tx: Connection, marks: Sequence[int], *, since: datetime, most: int = 3) -> list[Article]:
    """Live articles that no entry told and that share the most of these marks, at most `most`, the likeliest first."""
    query = select(article_marks.c.article_id).where(
        article_marks.c.mark.in_(list(marks)), article_marks.c.seen_at >= since
    )
    shared = Counter(tx.execute(query).scalars())
    likely = sorted(shared, key=lambda article_id: (-shared[article_id], article_id))[:most]
    found = get_articles(tx, likely)
    return [found[one] for one in likely if one in found and found[one].state != "withdrawn"]


def keep_article_marks(tx: Connection, article_id: str, marks: Sequence[int], seen_at: datetime) -> None:
    """Remember the marks of an article that no entry told."""
    slot = crc32(article_id.encode()) % SLOTS
    rows = [{"mark": mark, "slot": slot, "article_id": article_id, "seen_at": seen_at} for mark in marks]
    upsert(tx, article_marks, rows)


def marked(tx: Connection, marks: Sequence[int], since: datetime) -> frozenset[int]:
    """Those of these marks that any entry or article seen since then has."""
    found: set[int] = set()
    for start in range(0, len(marks), 500):
        chunk = list(marks[start : start + 500])
        found |= set(tx.execute(_MARKED, {"marks": chunk, "since": since}).scalars())
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
    gone = (tx.execute(delete(table).where(table.c.seen_at < before)).rowcount for table in (text_marks, article_marks))
    return sum(gone)
