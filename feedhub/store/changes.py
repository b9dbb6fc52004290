"""The change log: every change of what is published gets one number, in commit order (SEMANTICS 1).

The counter's row is locked from the moment a number is taken to the commit, so that numbers are seen in
order also by readers beside many PostgreSQL writers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from feedhub.model.article import Change, ChangeKind
from feedhub.store.tables import changes, counters, section_changes, sections


def record_change(
    tx: Connection,
    *,
    kind: ChangeKind,
    article_id: str | None,
    touched: Sequence[str],
    at: datetime,
    late: bool = False,
    reason: str | None = None,
    by: str | None = None,
) -> int:
    """Write one change and move the generation of every touched section; returns its seq.

    `touched` are all sections whose feed it concerns, ancestors included.
    """
    seq = tx.execute(
        update(counters).where(counters.c.name == "seq").values(value=counters.c.value + 1).returning(counters.c.value)
    ).scalar_one()
    tx.execute(
        insert(changes).values(seq=seq, at=at, kind=kind, article_id=article_id, late=late, reason=reason, by=by)
    )
    if touched:
        tx.execute(insert(section_changes), [{"section": section, "seq": seq} for section in touched])
        tx.execute(update(sections).where(sections.c.id.in_(touched)).values(generation=seq, changed_at=at))
    return int(seq)


def latest_seq(tx: Connection) -> int:
    """The number of the latest change, 0 before the first."""
    return int(tx.execute(select(counters.c.value).where(counters.c.name == "seq")).scalar() or 0)


def section_changes_since(tx: Connection, section: str, seq: int) -> list[Change]:
    """The changes of a section's subtree after `seq`, in order."""
    rows = tx.execute(
        select(changes)
        .join(section_changes, section_changes.c.seq == changes.c.seq)
        .where(section_changes.c.section == section, section_changes.c.seq > seq)
        .order_by(changes.c.seq)
    )
    return [_change(row) for row in rows]


def article_changes(tx: Connection, article_id: str) -> list[Change]:
    """The history of one article, oldest first."""
    rows = tx.execute(select(changes).where(changes.c.article_id == article_id).order_by(changes.c.seq))
    return [_change(row) for row in rows]


def withdrawals(tx: Connection, section: str, since: datetime, most: int = 50) -> list[Change]:
    """The withdrawals in a section's subtree since an instant, newest first, for its tombstones."""
    rows = tx.execute(
        select(changes)
        .join(section_changes, section_changes.c.seq == changes.c.seq)
        .where(section_changes.c.section == section, changes.c.kind == "withdrawn", changes.c.at >= since)
        .order_by(changes.c.seq.desc())
        .limit(most)
    )
    return [_change(row) for row in rows]


def _change(row: object) -> Change:
    return Change(row.seq, row.at, row.kind, row.article_id, row.late, row.reason, row.by)  # type: ignore[attr-defined]
