"""Looking articles up by what they say: a question becomes one expression over words and marks.

SQLite: an FTS5 expression with phrases. PostgreSQL: arrays of words narrow, and the folded text settles what stands in
a row (`search_arrays.py`). Both find exactly the texts that hold what was asked, newest first.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from feedhub.basics.words import asked_words
from feedhub.model.question import Question
from feedhub.store.search_arrays import by_arrays, newer_by_arrays
from feedhub.store.search_index import first_place, mark, marked_choices
from feedhub.store.search_tables import FTS


def search(tx: Connection, question: Question, *, limit: int, before: int | None = None) -> list[tuple[int, str]]:
    """(place, article id) of live articles that answer the question, newest first; those before a place only."""
    lowest, highest = _bounds(question, before)
    if lowest >= highest:
        return []
    if tx.dialect.name == "sqlite":
        return _by_phrases(tx, question, lowest, highest, limit)
    return by_arrays(tx, question.terms, question.without, marked_choices(question), (lowest, highest), limit)


def _by_phrases(tx: Connection, question: Question, lowest: int, highest: int, limit: int) -> list[tuple[int, str]]:
    query = text(
        f"SELECT s.place, s.article_id FROM {FTS} JOIN searched AS s ON s.place = {FTS}.rowid "  # noqa: S608
        f"WHERE {FTS} MATCH :asked AND {FTS}.rowid >= :lowest AND {FTS}.rowid < :highest "
        f"ORDER BY {FTS}.rowid DESC LIMIT :limit"
    )
    values = {"asked": _expression(question), "lowest": lowest, "highest": highest, "limit": limit}
    return [(row.place, row.article_id) for row in tx.execute(query, values)]


def newer_answer(tx: Connection, question: Question, place: int, step: int) -> int | None:
    """The place `step` answers newer than the one at `place`; None when fewer stand between that and the newest."""
    lowest, highest = _bounds(question, None)
    lowest = max(lowest, place)
    if tx.dialect.name == "sqlite":
        query = text(
            f"SELECT {FTS}.rowid FROM {FTS} "  # noqa: S608
            f"WHERE {FTS} MATCH :asked AND {FTS}.rowid >= :lowest AND {FTS}.rowid < :highest "
            f"ORDER BY {FTS}.rowid ASC LIMIT 1 OFFSET :step"
        )
        values = {"asked": _expression(question), "lowest": lowest, "highest": highest, "step": step}
        return tx.execute(query, values).scalar()
    return newer_by_arrays(tx, question.terms, question.without, marked_choices(question), (lowest, highest), step)


def _bounds(question: Question, before: int | None) -> tuple[int, int]:
    lowest = -(2**62) if question.since is None else first_place(question.since)
    highest = 2**62 if question.until is None else first_place(question.until)
    return lowest, highest if before is None else min(highest, before)


def _expression(question: Question) -> str:
    """The question as FTS5 spells it (https://sqlite.org/fts5.html §3); words hold nothing that needs escaping."""
    wanted = [_phrase(term) for term in question.terms]
    wanted += [f"({' OR '.join(_quoted([one]) for one in marks)})" for marks in marked_choices(question)]
    asked = " AND ".join(wanted or [_quoted([mark("any")])])
    unwanted = " OR ".join(_phrase(term) for term in question.without)
    return f"({asked}) NOT ({unwanted})" if unwanted else asked


def _phrase(term: str) -> str:
    words, open_end = asked_words(term)
    return f"{_quoted(words)} *" if open_end else _quoted(words)


def _quoted(words: Iterable[str]) -> str:
    return f'"{" ".join(words)}"'
