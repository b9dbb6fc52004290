"""When a source is due next (SEMANTICS 15, PROMISES B8 119, 120, 131)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.basics.backoff import retry_after
from feedhub.basics.cron import parse_cron
from feedhub.ingest.schedule import next_due, next_rhythm, next_try
from feedhub.model.source import Schedule

NOW = datetime(2026, 11, 24, 4, 7, 30, tzinfo=UTC)  # a Tuesday, 12:07:30 in Shanghai


def due(cron: str, now: datetime = NOW, zone: str = "Asia/Shanghai") -> str:
    return next_due(Schedule(cron=cron), zone, now=now).astimezone(UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("*/15 6-23 * * *", "2026-11-24 04:15"),
        ("0 8 * * *", "2026-11-25 00:00"),
        ("0 8 * * 0", "2026-11-29 00:00"),  # Sunday
        ("0 8 * * 7", "2026-11-29 00:00"),  # Sunday too
        ("0 8 * * 1-5", "2026-11-25 00:00"),
        ("0 8 * * mon", "2026-11-30 00:00"),
        ("0 8 1 * 5", "2026-11-27 00:00"),  # the first of the month OR a Friday
        ("0 8 25 * 0", "2026-11-25 00:00"),
        ("0 0 30 2 *", "2026-11-25 04:07"),  # never: looked at again in a day
        ("@hourly", "2026-11-24 05:00"),
    ],
)
def test_cron_lines_are_crontab_5(line: str, expected: str) -> None:
    assert due(line) == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Shanghai", "America/New_York"])
def test_a_daily_line_comes_once_a_day_also_across_a_change_of_clocks(zone: str) -> None:
    at = datetime(2026, 3, 20, tzinfo=UTC)
    days = []
    for _ in range(20):
        at = next_due(Schedule(cron="30 2 * * *"), zone, now=at)
        days.append(at)
    gaps = {round((after - before) / timedelta(hours=1)) for before, after in pairwise(days)}
    assert gaps <= {23, 24, 25}, gaps


@pytest.mark.parametrize(
    "line", ["* * * *", "60 * * * *", "* 24 * * *", "*/0 * * * *", "5-1 * * * *", "a * * * *", "0 0 0 * *"]
)
def test_wrong_lines_are_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"field|five"):
        parse_cron(line)


def test_every_is_exact_and_jitter_at_most_a_tenth() -> None:
    schedule = Schedule(every=timedelta(minutes=15))
    assert next_due(schedule, "UTC", now=NOW) == NOW + timedelta(minutes=15)
    assert next_due(schedule, "UTC", now=NOW, fraction=0.999) < NOW + timedelta(minutes=15, seconds=31)
    assert next_due(Schedule(every=timedelta(seconds=5)), "UTC", now=NOW, fraction=0.9) == NOW + timedelta(seconds=5)


@given(st.lists(st.booleans(), max_size=40))
def test_the_rhythm_stays_within_its_bounds(news: list[bool]) -> None:
    schedule = Schedule(adaptive=(timedelta(minutes=5), timedelta(hours=4)))
    rhythm = None
    for brought in news:
        rhythm = next_rhythm(schedule, rhythm, brought_news=brought)
        assert rhythm is not None
        assert timedelta(minutes=5) <= rhythm <= timedelta(hours=4)


def test_failures_back_off_from_five_minutes_to_a_day() -> None:
    waits = [next_try(n, now=NOW, retry_after=None, fraction=0.5) - NOW for n in range(1, 12)]
    assert waits[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert waits[-1] == timedelta(hours=24)
    assert next_try(1, now=NOW, retry_after=timedelta(hours=2), fraction=0.5) == NOW + timedelta(hours=2)
    assert next_try(9, now=NOW, retry_after=timedelta(minutes=6), fraction=0.5) > NOW + timedelta(hours=10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(minutes=2)),
        ("1000000000000", timedelta(hours=24)),
        ("-5", None),
        ("soon", None),
        ("Tue, 24 Nov 2026 05:07:30 GMT", timedelta(hours=1)),
        ("Mon, 23 Nov 2026 05:07:30 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, expected: timedelta | None) -> None:
    assert retry_after(value, NOW) == expected
