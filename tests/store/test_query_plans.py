"""What a poll and a section's page ask grows with what they find, not with what is stored: no table is read whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from feedhub.ingest.means import LEASE
from feedhub.ingest.pipeline import poll_source, weigh_answer
from feedhub.ingest.quiet import Quiet, settle_quiet
from feedhub.store.article_reads import section_articles
from feedhub.store.engine import Store
from feedhub.store.sources import claim_due, first_due
from feedhub.store.topics import topics_behind
from tests.ingest.polling import Watched, answer
from tests.kit import NOW, a_source, open_store

WHOLE = re.compile(r"SCAN (entries|articles|sources|placements|polls|text_marks)(_\d+)?\b")
Asked = list[tuple[str, Any]]


@contextmanager
def listened(store: Store) -> Iterator[Asked]:
    """Every statement with its parameters, once for many rows."""
    asked: Asked = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((statement, parameters[0] if many else parameters))

    event.listen(store.engine, "before_cursor_execute", hear)
    yield asked
    event.remove(store.engine, "before_cursor_execute", hear)


def reads_whole(store: Store, asked: Asked) -> list[str]:
    """The statements for which SQLite would read a table from end to end."""
    found = []
    with store.read() as tx:
        for statement, parameters in asked:
            plan = tx.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
            found += [f"{row[3]}: {statement}" for row in plan if WHOLE.search(row[3])]
    return found


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    store = open_store(f"sqlite:///{tmp_path}/x.db")
    yield Watched(store, a_source("one", policy="auto", url="http://one.example/feed.xml"))
    store.close()


def test_a_poll_reads_no_table_whole(watched: Watched) -> None:
    with listened(watched.store) as asked:
        for says in (answer(etag='"1"'), answer(304)):
            watched.web.says = says
            watched.clock.pass_(minutes=600)
            with watched.store.read() as tx:
                assert first_due(tx, now=watched.clock.now(), before=watched.clock.now())
            with watched.store.write() as tx:
                args = {"owner": "me", "now": watched.clock.now(), "lease": LEASE, "most": 99, "per_host": 2}
                ((source, state),) = claim_due(tx, **args)
            if says.status == 200:
                assert poll_source(watched.ingest, source, state).count("published") == 1
            else:
                fetched = weigh_answer(watched.ingest, state, says)
                assert settle_quiet(watched.ingest, [Quiet(source, state, fetched, watched.clock.now())])
    assert len(asked) > 10
    assert reads_whole(watched.store, asked) == []


def test_a_page_of_a_section_reads_no_table_whole(watched: Watched) -> None:
    watched.poll()
    with listened(watched.store) as asked, watched.store.read() as tx:
        section_articles(tx, "life/health", limit=20)
    assert reads_whole(watched.store, asked) == []


def test_a_whole_read_would_be_seen(watched: Watched) -> None:
    with listened(watched.store) as asked, watched.store.read() as tx:
        tx.exec_driver_sql("SELECT title FROM entries")
    assert len(reads_whole(watched.store, asked)) == 1


def test_who_is_behind_is_looked_up_by_topic(watched: Watched) -> None:
    """By the end of its lease, every subscription would be read for every topic, several times a second."""
    with listened(watched.store) as asked, watched.store.read() as tx:
        topics_behind(tx, NOW)
    with watched.store.read() as tx:
        plan = tx.exec_driver_sql("EXPLAIN QUERY PLAN " + asked[0][0], asked[0][1]).all()
    assert any("topic_id=? AND state=? AND acked_seq<?" in row[3] for row in plan), plan
