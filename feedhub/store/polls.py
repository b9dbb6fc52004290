"""The ledger: every poll with the outcome, reason and rule of every item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from feedhub.model.entry import Outcome
from feedhub.model.poll import LedgerLine, Poll
from feedhub.store.rows import insert_rows
from feedhub.store.tables import poll_items, polls

_NEW_POLL = insert(polls).returning(polls.c.id)
COUNTS: tuple[Outcome, ...] = ("published", "held", "merged", "filtered", "dropped", "unchanged")


def record_poll(tx: Connection, poll: Poll) -> str:
    """Write a poll and its lines; returns its id."""
    poll_id = tx.execute(_NEW_POLL, _values(poll)).scalar_one()
    if poll.lines:
        insert_rows(
            tx,
            poll_items,
            [
                {
                    "poll_id": poll_id,
                    "position": line.position,
                    "title": line.title,
                    "guid": line.guid,
                    "outcome": line.outcome,
                    "reason": line.reason,
                    "rule": line.rule,
                    "note": line.note,
                    "entry_id": None if line.entry_id is None else int(line.entry_id),
                }
                for line in poll.lines
            ],
        )
    return str(poll_id)


def record_polls(tx: Connection, quiet: Sequence[Poll]) -> None:
    """Write polls that have no lines."""
    insert_rows(tx, polls, [_values(poll) for poll in quiet])


def source_polls(tx: Connection, source: str, *, limit: int = 20) -> list[Poll]:
    """The latest polls of a source with their lines, newest first."""
    rows = tx.execute(select(polls).where(polls.c.source == source).order_by(polls.c.id.desc()).limit(limit)).all()
    lines = _lines(tx, [row.id for row in rows])
    return [_poll(row, tuple(lines.get(row.id, ()))) for row in rows]


def count_ways(tx: Connection, source: str, *, limit: int = 50) -> Counter[str]:
    """How many documents of a source's latest polls were read which way."""
    rows = select(polls.c.read_by).where(polls.c.source == source).order_by(polls.c.id.desc()).limit(limit)
    return Counter(way for ways in tx.execute(rows).scalars() for way in ways or ())


def entry_lines(tx: Connection, entry_id: str) -> list[tuple[datetime, LedgerLine]]:
    """Every ledger line about an entry with the instant of its poll, oldest first."""
    rows = tx.execute(
        select(poll_items, polls.c.finished_at)
        .join(polls, polls.c.id == poll_items.c.poll_id)
        .where(poll_items.c.entry_id == int(entry_id))
        .order_by(poll_items.c.poll_id)
    )
    return [(row.finished_at, _line(row)) for row in rows]


def forget_polls(tx: Connection, before: datetime, *, most: int = 500) -> int:
    """Drop polls older than an instant whose items were all unchanged, or beyond what a document may have; what decided
    anything is kept."""
    lines = select(func.count()).where(poll_items.c.poll_id == polls.c.id).scalar_subquery()
    beyond = polls.c.fetched - polls.c.unchanged == polls.c.dropped
    nothing = or_(polls.c.fetched == polls.c.unchanged, and_(beyond, lines == polls.c.unchanged))
    old = select(polls.c.id).where(polls.c.finished_at < before, nothing).order_by(polls.c.id).limit(most)
    ids = list(tx.execute(old).scalars())
    if ids:
        tx.execute(delete(poll_items).where(poll_items.c.poll_id.in_(ids)))
        tx.execute(delete(polls).where(polls.c.id.in_(ids)))
    return len(ids)


def _values(poll: Poll) -> dict[str, Any]:
    counts: dict[Outcome, int] = dict.fromkeys(COUNTS, 0)
    for line in poll.lines:
        counts[line.outcome] += 1
    counts["dropped"] += poll.beyond
    return {
        "source": poll.source,
        "started_at": poll.started_at,
        "finished_at": poll.finished_at,
        "outcome": poll.outcome,
        "status": poll.status,
        "url": poll.url,
        "code": poll.code,
        "message": poll.message,
        "next_due": poll.next_due,
        "notes": list(poll.notes),
        "read_by": list(poll.read_by) or None,
        "fetched": poll.fetched,
        **{str(outcome): count for outcome, count in counts.items()},
    }


def _lines(tx: Connection, poll_ids: Sequence[int]) -> dict[int, list[LedgerLine]]:
    found: dict[int, list[LedgerLine]] = {}
    query = select(poll_items).where(poll_items.c.poll_id.in_(poll_ids))
    for row in tx.execute(query.order_by(poll_items.c.poll_id, poll_items.c.position)):
        found.setdefault(row.poll_id, []).append(_line(row))
    return found


def _line(row: Any) -> LedgerLine:
    entry_id = None if row.entry_id is None else str(row.entry_id)
    return LedgerLine(row.position, row.title, row.guid, row.outcome, row.reason, row.rule, row.note, entry_id)


def _poll(row: Any, lines: tuple[LedgerLine, ...]) -> Poll:
    return Poll(
        id=str(row.id),
        source=row.source,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        status=row.status,
        url=row.url,
        code=row.code,
        message=row.message,
        next_due=row.next_due,
        lines=lines,
        notes=tuple(row.notes),
        read_by=tuple(row.read_by or ()),
        beyond=max(row.fetched - len(lines), 0),
    )
