"""What sources wish about being asked again, and that nobody can wish for too much (SEMANTICS 15, PROMISES 131)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedhub.ingest.hints import feed_hints, obey
from feedhub.ingest.skips import skipped_days, skipped_hours
from feedhub.model.item import ParsedFeed
from feedhub.model.source import PollHints
from tests.ingest.parsing import parsed

NOW = datetime(2026, 11, 24, 4, 7, 30, tzinfo=UTC)  # a Tuesday
SOON = NOW + timedelta(minutes=1)


def wait(headers: dict[str, str] | None = None, **hints: object) -> timedelta:
    return obey(SOON, PollHints(**hints), headers or {}, now=NOW) - NOW  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"cache-control": "public, max-age=1800"}, timedelta(minutes=30)),
        ({"cache-control": 'max-age="3600"', "age": "600"}, timedelta(minutes=50)),
        ({"cache-control": "max-age=0"}, timedelta(minutes=5)),
        ({"cache-control": "max-age=315360000"}, timedelta(hours=24)),
        ({"cache-control": "max-age=1000000000000"}, timedelta(hours=24)),
        ({"cache-control": "max-age=-5"}, timedelta(minutes=1)),
        ({"cache-control": "s-maxage=900"}, timedelta(minutes=1)),
        ({"cache-control": "no-cache, max-age=900"}, timedelta(minutes=1)),
        ({"expires": "Tue, 24 Nov 2026 05:07:30 GMT"}, timedelta(hours=1)),
        ({"expires": "Tue, 24 Nov 2026 05:07:30 GMT", "date": "Tue, 24 Nov 2026 03:07:30 GMT"}, timedelta(hours=2)),
        ({"expires": "Sun, 24 Nov 2036 05:07:30 GMT"}, timedelta(hours=24)),
        ({"expires": "0"}, timedelta(minutes=5)),
        ({"expires": "0", "cache-control": "max-age=600"}, timedelta(minutes=10)),
        ({}, timedelta(minutes=1)),
    ],
)
def test_cache_headers_put_off_within_bounds(headers: dict[str, str], expected: timedelta) -> None:
    assert wait(headers) == expected


def test_the_longest_hint_counts_and_none_shortens() -> None:
    assert wait({"cache-control": "max-age=600"}, ttl_minutes=60, update_minutes=30) == timedelta(hours=1)
    assert wait(ttl_minutes=0) == timedelta(minutes=5)
    assert wait(ttl_minutes=5_256_000) == timedelta(hours=24)
    late = NOW + timedelta(days=3)
    assert obey(late, PollHints(ttl_minutes=60), {"cache-control": "max-age=0"}, now=NOW) == late


def test_skipped_hours_and_days_are_left_out_for_a_day_at_most() -> None:
    assert NOW + wait(skip_hours=(4, 5)) == datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert NOW + wait(skip_days=(1,)) == datetime(2026, 11, 25, tzinfo=UTC)
    assert wait(skip_hours=tuple(range(24))) == timedelta(hours=24)
    assert wait(skip_days=tuple(range(7))) == timedelta(hours=24)
    assert wait(skip_hours=(9,)) == timedelta(minutes=1)


def a_feed(head: str) -> ParsedFeed:
    return parsed(
        f'<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>T</title>{head}'
        "<item><title>I</title><skipHours><hour>1</hour></skipHours></item></channel></rss>"
    )


def test_hints_are_read_from_the_document() -> None:
    feed = a_feed(
        "<ttl>90</ttl><skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>77</hour></skipHours>"
        "<skipDays><day>Sunday</day><day>saturday</day><day>Noday</day></skipDays>"
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    )
    assert (feed.ttl_minutes, feed.update_minutes) == (90, 360)
    assert (feed.skip_hours, feed.skip_days) == ((0, 23), (5, 6))
    feed = a_feed("<ttl>5256000</ttl><sy:updatePeriod>hourly</sy:updatePeriod>")
    assert feed.ttl_minutes is not None
    assert (feed.ttl_minutes > 24 * 60, feed.update_minutes, feed.skip_hours) == (True, 60, ())
    assert a_feed("<ttl>soon</ttl><sy:updateFrequency>0</sy:updateFrequency>").update_minutes is None


def test_a_document_that_goes_on_in_others_keeps_its_hints() -> None:
    first, second = a_feed("<ttl>90</ttl>"), a_feed("<ttl>600</ttl>")
    hints = feed_hints([first, second], "feed")
    assert hints is not None and hints.ttl_minutes == 90
    assert feed_hints([first, second], "files") is None
    assert feed_hints([first], "files") == hints


def test_a_document_without_an_end_costs_nothing() -> None:
    assert skipped_hours("<skipHours>" * 50_000 + "<hour>1</hour>") == ()
    assert skipped_days("<item>" * 50_000 + "<skipDays><day>Monday</day></skipDays>") == ()
