"""The change log: every change of what is published gets one number, in commit order (SEMANTICS 1).

The counter's row is locked from the moment a number is taken to the commit, so that numbers are seen in
order also by readers beside many PostgreSQL writers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from feedhub.model.article import Change, ChangeKind
from feedhub.store.rows import insert_rows
from feedhub.store.tables import changes, counters, placements, section_changes, sections
from feedhub.store.webhooks import note_changes


@dataclass(frozen=True, slots=True)
class Announced:
    """An article that stands in a section, and the latest change of it that was announced there."""

    article_id: str
    seq: int
    language: str


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
    logged = [replace(one, seq=seq) for one, seq in zip(new, seqs, strict=True)]
    insert_rows(tx, changes, [{name: getattr(one, name) for name in Change.__slots__} for one in logged])
    note_changes(tx, logged, touched)
    moved = [(section, place) for place, there in enumerate(touched) for section in there]
    if moved:
        insert_rows(tx, section_changes, [{"section": section, "seq": seqs[place]} for section, place in moved])
    newest = dict(moved)  # a section's generation is the highest seq in its subtree
    for place in sorted(set(newest.values())):
        there = [section for section, last_place in newest.items() if last_place == place]
        values = {"generation": seqs[place], "changed_at": new[place].at}
        tx.execute(update(sections).where(sections.c.id.in_(there)).values(**values))
    return seqs


def latest_seq(tx: Connection) -> int:
    """The number of the latest change, 0 before the first."""
    return int(tx.execute(select(counters.c.value).where(counters.c.name == "seq")).scalar() or 0)


_OF_SECTION = select(changes).join(section_changes, section_changes.c.seq == changes.c.seq)
_IN_SECTION = section_changes.c.section == bindparam("section")
_SINCE_SEQ = _OF_SECTION.where(_IN_SECTION, section_changes.c.seq > bindparam("after")).order_by(changes.c.seq)
_SINCE = changes.c.at >= bindparam("since")
_WITHDRAWALS = (
    _OF_SECTION.where(_IN_SECTION, changes.c.kind == "withdrawn", _SINCE)
    .order_by(changes.c.seq.desc())
    .limit(bindparam("most"))
)
_REMOVALS = (
    select(changes.c.article_id, func.max(changes.c.seq).label("latest"))
    .join(section_changes, section_changes.c.seq == changes.c.seq)
    .where(_IN_SECTION, changes.c.kind == "removed", _SINCE)
    .group_by(changes.c.article_id)
)
_QUIET = (
    update(section_changes)
    .where(
        section_changes.c.section == bindparam("in_section"),
        section_changes.c.seq.between(bindparam("first"), bindparam("last")),
    )
    .values(quiet=True)
)


def section_changes_since(tx: Connection, section: str, seq: int) -> list[Change]:
    """The changes of a section's subtree after `seq`, in order."""
    return [_change(row) for row in tx.execute(_SINCE_SEQ, {"section": section, "after": seq})]


def article_changes(tx: Connection, article_id: str) -> list[Change]:
    """The history of one article, oldest first."""
    rows = tx.execute(select(changes).where(changes.c.article_id == article_id).order_by(changes.c.seq))
    return [_change(row) for row in rows]


def withdrawals(tx: Connection, section: str, since: datetime, most: int = 50) -> list[Change]:
    """The withdrawals in a section's subtree since an instant, newest first, for its tombstones."""
    asked = {"section": section, "since": since, "most": most}
    return [_change(row) for row in tx.execute(_WITHDRAWALS, asked)]


def removals(tx: Connection, section: str, since: datetime) -> dict[str, int]:
    """The numbers under which notices left a section since an instant, by article: its tombstone is as new as that."""
    rows = tx.execute(_REMOVALS, {"section": section, "since": since})
    return {row.article_id: int(row.latest) for row in rows}


def keep_quiet(tx: Connection, section: str, seqs: Sequence[int]) -> None:
    """Mark changes that the section's document does not announce; `seqs` in order. Runs of numbers are one write."""
    for first, last in _runs(seqs):
        tx.execute(_QUIET, {"in_section": section, "first": first, "last": last})


def announced_since(tx: Connection, section: str, since: int, up_to: int, most: int) -> list[Announced]:
    """Articles standing in a section that were announced there after `since`, by their latest such change."""
    latest = func.max(section_changes.c.seq).label("latest")
    said = (
        select(changes.c.article_id, latest)
        .join(changes, changes.c.seq == section_changes.c.seq)
        .where(
            section_changes.c.section == section,
            section_changes.c.seq > since,
            section_changes.c.seq <= up_to,
            section_changes.c.quiet.is_(None),
            changes.c.article_id.is_not(None),
        )
        .group_by(changes.c.article_id)
        .subquery()
    )
    stands = (placements.c.article_id == said.c.article_id) & (placements.c.section == section)
    query = select(said.c.article_id, said.c.latest, placements.c.language).join(placements, stands)
    rows = tx.execute(query.order_by(said.c.latest).limit(most))
    return [Announced(row.article_id, int(row.latest), row.language) for row in rows]


def changed_more_than(tx: Connection, section: str, since: int, most: int) -> bool:
    """Whether a section's subtree changed more than `most` times after `since`."""
    rows = select(section_changes.c.seq).where(section_changes.c.section == section, section_changes.c.seq > since)
    return tx.execute(rows.order_by(section_changes.c.seq).offset(most).limit(1)).first() is not None


def arrived_since(tx: Connection, section: str, since: int, article_ids: Sequence[str]) -> frozenset[str]:
    """Those of the articles that came, or came back, to a section after `since`; the others were only changed."""
    query = (
        select(changes.c.article_id)
        .join(section_changes, section_changes.c.seq == changes.c.seq)
        .where(
            section_changes.c.section == section,
            section_changes.c.seq > since,
            changes.c.kind.in_(("published", "restored", "moved")),
            changes.c.article_id.in_(list(article_ids)),
        )
    )
    return frozenset(tx.execute(query).scalars())


def withdrawn_since(tx: Connection, section: str, since: int, up_to: int) -> list[Change]:
    """The withdrawals in a section's subtree after `since`, in order, up to a number."""
    between = (section_changes.c.seq > since) & (section_changes.c.seq <= up_to)
    rows = tx.execute(
        select(changes)
        .join(section_changes, section_changes.c.seq == changes.c.seq)
        .where(section_changes.c.section == section, between, changes.c.kind == "withdrawn")
        .order_by(changes.c.seq)
    )
    return [_change(row) for row in rows]


def _runs(seqs: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers in order as runs without a gap."""
    runs: list[tuple[int, int]] = []
    for seq in seqs:
        if runs and seq == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], seq)
        else:
            runs.append((seq, seq))
    return runs


def _change(row: object) -> Change:
    return Change(row.seq, row.at, row.kind, row.article_id, row.late, row.reason, row.by)  # type: ignore[attr-defined]
