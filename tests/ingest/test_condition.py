"""How a source fares, in a word and a sentence; a source that is stale but answers counts as failing."""

from __future__ import annotations

from datetime import timedelta

from feedhub.errors import Unreachable
from feedhub.ingest.condition import GRACE, Health, source_health
from feedhub.model.source import Condition
from feedhub.store.engine import Store
from feedhub.store.sources import set_condition
from tests.ingest.polling import FEED, URL, Watched, answer
from tests.kit import a_source


def test_a_source_is_new_healthy_late_failing_and_stopped_in_turn(store: Store) -> None:
    watched = Watched(store, a_source(url=URL))

    def health() -> Health:
        return source_health(watched.source, watched.state, watched.clock.now())

    assert health() == Health("new")
    watched.poll(answer())
    assert health() == Health("healthy")
    watched.clock.instant = watched.state.next_due + GRACE
    assert health().name == "healthy"
    watched.clock.pass_(seconds=1)
    assert (health().name, "no worker has polled it" in health().cause) == ("late", True)
    watched.poll(Unreachable("No connection.", url=URL))
    assert health() == Health("failing", "the last poll failed: No connection.")
    watched.poll(Unreachable("No connection.", url=URL))
    assert health().cause == "the last 2 polls failed: No connection."
    watched.poll(answer(410))
    assert (health().name, "410" in health().cause) == ("stopped", True)
    conditions: tuple[Condition, ...] = ("paused", "frozen")
    for condition in conditions:
        with store.write() as tx:
            set_condition(tx, "s1", condition, now=watched.clock.now())
        assert (health().name, bool(health().cause)) == (condition, True)


def test_a_source_that_answers_but_brings_nothing_is_failing_once_it_is_stale(store: Store) -> None:
    watched = Watched(store, a_source(url=URL, stale_after=timedelta(days=3)))

    def name() -> str:
        return source_health(watched.source, watched.state, watched.clock.now()).name

    watched.poll(answer())
    for body, expected in ((FEED, "healthy"), (FEED + " ", "healthy"), (FEED, "failing"), (FEED + "  ", "failing")):
        watched.clock.pass_(days=1, hours=1)
        watched.poll(answer(body=body))
        assert name() == expected
    watched.poll(answer(body=FEED.replace(">1<", ">2<").replace("One", "Two").replace("Words", "Other words")))
    assert name() == "healthy"
