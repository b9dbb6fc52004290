"""Looking up on PostgreSQL: arrays of words under a GIN index, in a window of time that widens.

    the newest few ─→ enough? ─→ eight times as many ─→ enough? ─→ all

A word that many articles hold is answered by the newest of them, a rare one by the few there are: neither reads a
text that is no answer. A window is said as marks of time among the words (`search_index.stretches`), so that one look
into one index settles both; the planner would rather walk the table by date and read every text it passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from feedhub.basics.words import asked_words
from feedhub.store.search_index import stretches
from feedhub.store.search_match import row_of
from feedhub.store.search_tables import searched

# The first window holds as many times the articles that are wanted, each next one again as many times as the last.
FIRST, WIDER, FEWEST = 4, 8, 200
_TEXTS: ARRAY[Any] = ARRAY(Text)
Place = tuple[int, str]


def by_arrays(
    tx: Connection,
    wanted: Sequence[str],
    unwanted: Sequence[str],
    marks: Sequence[Sequence[str]],
    between: tuple[int, int],
    limit: int,
) -> list[Place]:
    """(place, article id) of what holds all wanted terms, none unwanted and one of each list of marks, newest first.

    `between` is the first place that counts and the first that no longer does.
    """
    if not wanted and not marks and not unwanted:
        return _found(tx, _newest(between, limit))
    # Where a window is most of a small table, a walk through it would read what the index does not have to.
    tx.execute(text("SET LOCAL enable_seqscan = off"))
    for lowest, highest, whole in _windows(tx, between, limit):
        found = _found(tx, arrays_query(wanted, unwanted, marks, (lowest, highest), limit))
        if len(found) >= limit or whole:
            return found
    return []


def newer_by_arrays(
    tx: Connection,
    wanted: Sequence[str],
    unwanted: Sequence[str],
    marks: Sequence[Sequence[str]],
    between: tuple[int, int],
    step: int,
) -> int | None:
    """The place of the answer that is `step` newer than the first of those between, in windows that widen upwards."""
    lowest, highest = between
    tx.execute(text("SET LOCAL enable_seqscan = off"))
    place = searched.c.place
    for many in (max(FEWEST, FIRST * step), max(FEWEST, FIRST * step) * WIDER, None):
        nearest = select(place).where(place >= lowest, place < highest).order_by(place).limit(many).subquery()
        count, last = tx.execute(select(func.count(), func.max(nearest.c.place))).one()
        if not count:
            return None
        query = arrays_query(wanted, unwanted, marks, (lowest, int(last) + 1), step + 1)
        found = _found(tx, query.order_by(None).order_by(place + 0))
        if len(found) > step:
            return found[step][0]
        if many is None or count < many:
            return None
    return None


def arrays_query(
    wanted: Sequence[str],
    unwanted: Sequence[str],
    marks: Sequence[Sequence[str]],
    between: tuple[int, int],
    limit: int,
) -> Select[Place]:
    """The statement for one window."""
    # By a plain `place` the planner would take the window from the table's own order.
    place = searched.c.place + 0
    window = [place >= between[0], place < between[1]]
    when = [_one_of(times)] if (times := stretches(*between)) else []
    told = [*map(_one_of, marks), *when]
    tests = [*(_holds(term, ()) for term in wanted), *told]
    # Of what holds the unwanted only that counts which holds the words wanted as well: with a word that stands almost
    # everywhere the index then gives a few rows, not the table.
    beside = [word for term in wanted for word in asked_words(term)[0]]
    without = [
        searched.c.place.not_in(select(searched.c.place).where(_holds(term, beside), *told).correlate(None))
        for term in unwanted
    ]
    return (
        select(searched.c.place, searched.c.article_id)
        .where(*tests, *window, *without)
        .order_by(place.desc())
        .limit(limit)
    )


def _newest(between: tuple[int, int], limit: int) -> Select[Place]:
    place = searched.c.place
    chosen = select(place, searched.c.article_id).where(place >= between[0], place < between[1])
    return chosen.order_by(place.desc()).limit(limit)


def _windows(tx: Connection, between: tuple[int, int], limit: int) -> Iterator[tuple[int, int, bool]]:
    """The windows to be looked at, each with its ends and whether it is the last."""
    lowest, highest = between
    for many in (max(FEWEST, FIRST * limit), max(FEWEST, FIRST * limit) * WIDER):
        newest = _newest(between, many).subquery()
        count, first, last = tx.execute(select(func.count(), func.min(newest.c.place), func.max(newest.c.place))).one()
        if not count:
            return
        highest = int(last) + 1
        if count < many:
            yield max(lowest, int(first)), highest, True
            return
        yield int(first), highest, False
    yield lowest, highest, True


def _found(tx: Connection, query: Select[Place]) -> list[Place]:
    return [(row.place, row.article_id) for row in tx.execute(query)]


def _holds(term: str, beside: Sequence[str]) -> ColumnElement[bool]:
    """The condition for a term in a row whose text also has the words `beside`, in whatever order."""
    words, _ = asked_words(term)
    among: ColumnElement[bool] = searched.c.words.bool_op("@>")(_words([*words, *beside]))
    if len(words) == 1:
        return among
    return and_(among, func.strpos(searched.c.folded, row_of(term)) > 0)


def _one_of(marks: Sequence[str]) -> ColumnElement[bool]:
    test: ColumnElement[bool] = searched.c.words.bool_op("&&")(_words(marks))
    return test


def _words(words: Sequence[str]) -> ColumnElement[Any]:
    # One value, however many words: the statement stays the same, and so do its plans.
    return literal(list(words), _TEXTS)
