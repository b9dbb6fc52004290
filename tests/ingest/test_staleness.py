"""A source that answers but has stopped: by its own rhythm, or by its `stale_after`."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from feedhub.ingest.condition import Health, source_health
from feedhub.ingest.staleness import own_span
from feedhub.ports.web import WebResponse
from feedhub.store.engine import Store
from feedhub.store.sources import list_suspects
from tests.ingest.parsing import rss
from tests.ingest.polling import URL, Watched, answer
from tests.kit import NOW, a_source


def dates(days: float, count: int = 10, newest: datetime = NOW) -> list[datetime]:
    """So many dates, so many days apart."""
    return [newest - timedelta(days=days * number) for number in range(count)]


def feed(stamps: list[datetime]) -> WebResponse:
    items = "".join(
        f"<item><guid>{stamp}</guid><title>News of {stamp}</title><pubDate>{format_datetime(stamp)}</pubDate></item>"
        for stamp in stamps
    )
    return answer(body=rss(items))


@pytest.mark.parametrize(
    ("stamps", "days"),
    [
        (dates(1, 4), None),
        ([NOW] * 30, None),
        (dates(0.01, 30), 7),
        (dates(1), 7),
        (dates(7), 28),
        (dates(30), 120),
        (dates(365), 180),
        (dates(1, 6) + dates(1, 6, NOW - timedelta(days=17)), 24),
        ([*dates(1), NOW + timedelta(days=400)], 7),
    ],
)
def test_the_span_of_a_rhythm(stamps: list[datetime], days: float | None) -> None:
    assert own_span(stamps, NOW) == (None if days is None else timedelta(days=days))


def test_a_source_that_stops_is_failing_by_its_own_rhythm_and_found_by_the_alerts_job(store: Store) -> None:
    watched = Watched(store, a_source(url=URL))

    def health() -> Health:
        return source_health(watched.source, watched.state, watched.clock.now())

    watched.poll(feed(dates(1)))
    watched.clock.pass_(days=6, hours=23)
    watched.poll(feed(dates(1)))
    assert health().name == "healthy"
    watched.clock.pass_(hours=2)
    watched.poll(feed(dates(1)))
    assert health() == Health(
        "failing",
        "it answers, but has brought nothing new since 2026-11-24 04:00Z; by its own rhythm it is stale after 7d",
    )
    past = watched.clock.now() - timedelta(days=400)
    with store.read() as tx:
        assert [one.key for one, _ in list_suspects(tx, (), due_before=past, now=watched.clock.now())] == ["s1"]
        assert not list_suspects(tx, (), due_before=past, now=NOW)
    watched.poll(feed([watched.clock.now(), *dates(1)]))
    assert health() == Health("healthy")


def test_old_items_on_the_first_poll_are_old_news(store: Store) -> None:
    watched = Watched(store, a_source(url=URL))
    watched.poll(feed(dates(3, newest=NOW - timedelta(days=700))))
    assert watched.state.news_at == NOW - timedelta(days=700)
    assert source_health(watched.source, watched.state, NOW).name == "failing"


def test_with_too_few_dates_nothing_is_stale_and_a_key_says_otherwise(store: Store) -> None:
    watched = Watched(store, a_source(url=URL))
    watched.poll(feed(dates(3, 4, newest=NOW - timedelta(days=700))))
    assert source_health(watched.source, watched.state, NOW).name == "healthy"
    longer = Watched(store, a_source("s2", url=URL, stale_after=timedelta(days=800)))
    longer.poll(feed(dates(3, newest=NOW - timedelta(days=700))))
    assert source_health(longer.source, longer.state, NOW).name == "healthy"
