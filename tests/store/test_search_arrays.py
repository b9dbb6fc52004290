"""PostgreSQL reads the index of words alone, however common a word is: its own plans say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from feedhub.basics.words import folded
from feedhub.model.question import Question
from feedhub.store.engine import Store
from feedhub.store.schema import upgrade_schema
from feedhub.store.search import search
from feedhub.store.search_arrays import FEWEST
from feedhub.store.search_index import Searchable, first_place, index, place_of, stretches, times_of
from tests.kit import NOW

MANY, LIMIT = 1200, 10


@pytest.fixture
def filled(fresh_postgres: str) -> Iterator[Store]:
    """Articles three hours apart: 湘江 stands in each, 雁城 in every second, 夜景 in the oldest alone."""
    store = Store(fresh_postgres)
    upgrade_schema(store)
    with store.write() as tx:
        for number in range(MANY):
            words = ["湘江", "雁城" if number % 2 else "衡阳", "夜景" if number == MANY - 1 else "大桥"]
            index(tx, _piece(number, " ".join(words)))
        tx.execute(text("ANALYZE"))
    yield store
    store.close()


def _piece(number: int, title: str) -> Searchable:
    when = NOW - timedelta(hours=3 * number)
    return Searchable(
        id=f"n{number:04}", title=title, summary="", html="<p>新闻</p>", published=when, sections=("life/health",),
        language="zh", source=None, origin="import", author=None, categories=(), enclosures=0,
    )  # fmt: skip


# What is asked, which of them answer, and how many rows of the index may be read for it.
NEWEST = tuple(range(LIMIT))
ASKED = (
    (Question(terms=("湘江",)), NEWEST, 2 * FEWEST),
    (Question(terms=(folded("湘江 雁城"),)), tuple(2 * n + 1 for n in NEWEST), 2 * FEWEST),
    (Question(terms=("湘江",), without=("雁城",)), tuple(2 * n for n in NEWEST), 2 * FEWEST),
    (Question(sections=("life",)), NEWEST, 2 * FEWEST),
    (Question(terms=("湘江",), until=NOW - timedelta(hours=3 * 900)), tuple(901 + n for n in NEWEST), 2 * FEWEST),
    (Question(terms=("夜景",)), (MANY - 1,), 1),
    (Question(terms=("无处",)), (), 0),
)


def test_neither_a_common_word_nor_a_rare_one_reads_more_than_it_needs(filled: Store) -> None:
    for question, found, most in ASKED:
        with filled.read() as tx:
            with Watched(tx) as statements:
                assert [name for _, name in search(tx, question, limit=LIMIT)] == [f"n{n:04}" for n in found]
            asked = [it for it in statements if "words" in it[0]]
            assert asked
            for statement, values in asked:
                plan = tx.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
                nodes = list(_nodes(plan[0]["Plan"]))
                by = {node["Node Type"] for node in nodes}
                assert "Bitmap Index Scan" in by, plan
                assert not by & {"Seq Scan", "Index Scan", "Index Only Scan"}, plan
                assert {node["Index Name"] for node in nodes if "Index Name" in node} == {"ix_searched_words"}, plan
                assert max(node["Actual Rows"] for node in nodes) <= most, plan
    with filled.read() as tx, Watched(tx) as statements:
        newest = search(tx, Question(since=NOW - timedelta(hours=30)), limit=500)
    assert [name for _, name in newest] == [f"n{n:04}" for n in range(11)]
    assert not any("words" in statement for statement, _ in statements), "without words the order of time will do"


def test_stretches_cover_what_stands_between() -> None:
    for hours in (1, 30, 24 * 40, 24 * 400, 24 * 4000, 24 * 30_000):
        newest = place_of(NOW, "a")
        marks = stretches(first_place(NOW - timedelta(hours=hours)), newest)
        assert 0 < len(marks) <= 40
        for back in range(0, hours, max(1, hours // 50)):
            there = place_of(NOW - timedelta(hours=back), "b")
            assert set(marks) & set(times_of(there))
    assert stretches(-(2**62), 2**62) == []


class Watched:
    """The statements that run in a connection meanwhile."""

    def __init__(self, tx: Connection) -> None:
        self._tx, self._seen = tx, list[tuple[str, Any]]()

    def __enter__(self) -> list[tuple[str, Any]]:
        event.listen(self._tx, "before_cursor_execute", self._note)
        return self._seen

    def __exit__(self, *_: object) -> None:
        event.remove(self._tx, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        self._seen.append((statement, values))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
