"""The change log: every change of what is published gets one number, in commit order (SEMANTICS 1).

The counter's row is locked from the moment a number is taken to the commit, so that numbers are seen in
order also by readers beside many PostgreSQL writers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
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
    return record_changes(tx, [Change(0, at, kind, article_id, late, reason, by)], [touched])[0]


def record_changes(tx: Connection, new: Sequence[Change], touched: Sequence[Sequence[str]]) -> list[int]:
    """Write changes, whose own `seq` does not count, with the sections that each touches; their seqs, in order."""
    if not new:
        return []
    taken = update(counters).where(counters.c.name == "seq").values(value=counters.c.value + len(new))
    last = int(tx.execute(taken.returning(counters.c.value)).scalar_one())
    seqs = list(range(last - len(new) + 1, last + 1))
    tx.execute(insert(changes), [asdict(replace(one, seq=seq)) for one, seq in zip(new, seqs, strict=True)])
    moved = [(section, place) for place, there in enumerate(touched) for section in there]
    if moved:
        tx.execute(insert(section_changes), [{"section": section, "seq": seqs[place]} for section, place in moved])
    newest = dict(moved)  # a section's generation is the highest seq in its subtree
    for place in sorted(set(newest.values())):
        there = [section for section, last_place in newest.items() if last_place == place]
        values = {"generation": seqs[place], "changed_at": new[place].at}
        tx.execute(update(sections).where(sections.c.id.in_(there)).values(**values))
    return seqs


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
