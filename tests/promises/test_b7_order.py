"""Killed at every statement of a poll: what we know of a document is never newer than its entries (PROMISES B7 108)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

import pytest
from sqlalchemy import event

from feedhub.ingest.means import LEASE
from feedhub.ingest.pipeline import claim_and_poll
from feedhub.model.source import SourceState
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.sources import get_state
from tests.ingest.polling import Watched, answer
from tests.kit import a_source, open_store


class Origin:
    """Answers 304 to whoever says that the document is there already; remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str | None] = []

    def send(self, request: WebRequest) -> WebResponse:
        self.said.append(request.headers.get("If-None-Match"))
        return answer(304, body="") if self.said[-1] == '"1"' else answer(etag='"1"')

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        raise NotImplementedError


@pytest.fixture
def watched(store_url: str) -> Iterator[Watched]:
    store = open_store(store_url)
    yield Watched(store, a_source("s", url="http://site.example/feed.xml"))
    store.close()


def polled(watched: Watched, url: str, origin: Origin, kill_at: int | None) -> int:
    """A poll by a process of its own, killed before its statement of that number; how many statements it came to."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        store, count = Store(url), 0

        def before(*_: object) -> None:
            nonlocal count
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

        event.listen(store.engine, "before_cursor_execute", before)
        event.listen(store.engine, "commit", before)
        try:
            claim_and_poll(replace(watched.ingest, store=store, web=origin), "s", "child")
            os.write(writer, str(count).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as told:
        return int(told.read() or kill_at or 0)


def test_validators_are_never_newer_than_the_entries_wherever_a_poll_is_killed(
    watched: Watched, store_url: str
) -> None:
    kept = killed = 0
    for number in range(0, 500, 3):
        reached = polled(watched, store_url, Origin(), number)
        state, entries = _stands(watched.store)
        assert (state.etag is not None) == (state.body_digest is not None) == bool(entries), f"killed at {number}"
        watched.clock.pass_(seconds=LEASE.total_seconds() + 1)
        if entries:
            kept = number
            break
        assert reached == number
        killed += 1
    assert killed > 5, "it was killed at many places, and each time everything came at the next poll"
    assert kept
    origin = Origin()
    claim_and_poll(replace(watched.ingest, web=origin), "s", "me")
    assert origin.said == ['"1"'], "what stands is not fetched again"


def _stands(store: Store) -> tuple[SourceState, int]:
    with store.read() as tx:
        return get_state(tx, "s"), len(list_entries(tx, source="s"))
