"""Polls that brought nothing are settled together: as each by itself, only under their own fence, all or none."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
import sqlalchemy as sa

from feedhub.ingest.means import LEASE
from feedhub.ingest.pipeline import poll_source, weigh_answer
from feedhub.ingest.quiet import Quiet, settle_quiet
from feedhub.model.poll import Poll
from feedhub.model.source import Source, SourceState
from feedhub.store.polls import source_polls
from feedhub.store.sources import add_source, claim_due, get_state
from feedhub.store.tables import polls, sources
from tests.ingest.polling import Watched, answer
from tests.kit import NOW, a_source, open_store

BATCH = 40


def claimed(watched: Watched) -> list[tuple[Source, SourceState]]:
    with watched.store.write() as tx:
        return claim_due(tx, owner="me", now=watched.clock.now(), lease=LEASE, most=99, per_host=99)


def quiet(watched: Watched, pairs: list[tuple[Source, SourceState]]) -> list[Quiet]:
    fetched = {source.key: weigh_answer(watched.ingest, state, answer(304)) for source, state in pairs}
    return [Quiet(source, state, fetched[source.key], watched.clock.now()) for source, state in pairs]


@pytest.mark.parametrize("base_url", ["", "https://hub.example"])
def test_a_quiet_poll_leaves_what_it_leaves_by_itself(store_url: str, base_url: str) -> None:
    watched = Watched(open_store(store_url), a_source("a"))
    ingest = replace(watched.ingest, base_url=base_url)
    with watched.store.write() as tx:
        add_source(tx, a_source("b"), NOW)
        add_source(tx, a_source("taken"), NOW)
    watched.web.says = answer(etag='"1"')
    for one in claimed(watched):
        poll_source(ingest, *one)
    watched.clock.pass_(minutes=600)
    one, other, late = claimed(watched)
    watched.web.says = answer(304)
    poll_source(ingest, *one)
    with watched.store.write() as tx:
        tx.execute(sa.update(sources).where(sources.c.key == "taken").values(fence=sources.c.fence + 1))
    written = settle_quiet(ingest, quiet(watched, [other, late]))
    assert [poll.source for poll in written] == ["b"]

    def left(key: str) -> tuple[SourceState, Poll]:
        with watched.store.read() as tx:
            (poll, *_) = source_polls(tx, key)
            return replace(get_state(tx, key), key=""), replace(poll, id=None, source="")

    assert left("a") == left("b")
    state, poll = left("taken")
    assert (poll.outcome, state.lease_owner, state.last_poll) == ("ok", "me", NOW)
    watched.store.close()


_SETTLES_FOR_EVER = """
    import sys
    from feedhub.store.engine import Store
    from tests.ingest.test_quiet import Watched, a_source, claimed, quiet, settle_quiet
    watched = Watched(Store(sys.argv[1]), a_source("first"))
    while True:
        watched.clock.pass_(minutes=600)
        settle_quiet(watched.ingest, quiet(watched, claimed(watched)))
        print("settled", flush=True)
"""


def test_killed_at_any_moment_a_batch_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    store = open_store(url)
    with store.write() as tx:
        for number in range(BATCH - 1):
            add_source(tx, a_source(f"s{number}"), NOW)
    command = [sys.executable, "-c", textwrap.dedent(_SETTLES_FOR_EVER), url]
    with Popen(command, stdout=PIPE, env={**os.environ, "PYTHONPATH": str(Path.cwd())}) as process:
        assert process.stdout is not None and process.stdout.readline() == b"settled\n"
        time.sleep(0.4)
        process.send_signal(signal.SIGKILL)
    with store.read() as tx:
        batches = Counter(tx.execute(sa.select(polls.c.finished_at)).scalars())
        last = set(tx.execute(sa.select(sources.c.last_poll)).scalars())
    assert batches and set(batches.values()) == {BATCH}
    assert last == {max(batches)}, "state and ledger are one write"
    store.close()
