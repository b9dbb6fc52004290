"""Sources that misbehave: what they say of times, of waiting and of their own items (PROMISES B8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedhub.basics.backoff import retry_after
from feedhub.model.source import Schedule
from feedhub.store.article_reads import list_articles
from feedhub.store.entries import list_entries
from feedhub.store.sources import add_source, get_state
from tests.config.test_load import faults
from tests.ingest.polling import Watched, answer
from tests.kit import NOW, a_source, open_store

ADAPTIVE = Schedule(adaptive=(timedelta(minutes=15), timedelta(hours=4)))


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}", NOW - timedelta(days=1))
    yield Watched(store, a_source(schedule=ADAPTIVE))
    store.close()


def feed(*items: str, head: str = "") -> str:
    return f'<rss version="2.0"><channel><title>T</title>{head}{"".join(items)}</channel></rss>'


def item(number: int, inside: str = "") -> str:
    words = f"Story {number} is told in a sentence of its own."
    return f"<item><guid>{number}</guid><title>Title {number}</title><description>{words}</description>{inside}</item>"


# --- dates (128) ----------------------------------------------------------------------------------------------------

FIRST_SEEN = NOW.isoformat()
DATES = {
    "": FIRST_SEEN,
    "yesterday-ish": FIRST_SEEN,
    "0000-00-00": FIRST_SEEN,
    "-0001-01-01T00:00:00Z": FIRST_SEEN,
    "30 Feb 2026 10:00:00 +0800": FIRST_SEEN,
    "2026-02-30T10:00:00+08:00": FIRST_SEEN,
    "2999-01-01T00:00:00Z": FIRST_SEEN,
    "1970-01-01T00:00:00Z": "1970-01-01T00:00:00+00:00",
    "2016-12-31T23:59:60Z": "2016-12-31T23:59:59+00:00",
    "1701833600": "2023-12-06T03:33:20+00:00",
    "Wed, 06 Dec 2023 11:33:20 CST": "2023-12-06T03:33:20+00:00",
    "2023-12-06 11:33:20": "2023-12-06T03:33:20+00:00",
    "2023年12月6日 11:33": "2023-12-06T03:33:00+00:00",
    "2023年12月6日": "2023-12-05T16:00:00+00:00",
    "99999999999999999999": FIRST_SEEN,
    "Tue, 99 Xyz 20266 99:99:99 +9999": FIRST_SEEN,
    "2026-11-24T12:00:00+99:99": FIRST_SEEN,
}


def test_every_date_is_a_rule_and_never_an_exception(watched: Watched) -> None:
    items = [item(number, f"<pubDate>{written}</pubDate>") for number, written in enumerate(DATES)]
    poll = watched.poll(answer(body=feed(*items)))
    assert poll.outcome == "ok"
    with watched.store.read() as tx:
        found = {article.title: article.published.astimezone(UTC) for article in list_articles(tx, limit=99)}
    got = {written: found[f"Title {number}"].isoformat() for number, written in enumerate(DATES)}
    assert got == DATES
    assert all(moment <= NOW for moment in found.values()), "nothing goes out with a date ahead of us"


# --- waiting (120, 131) ---------------------------------------------------------------------------------------------

HINTS = {
    "<ttl>0</ttl>": (5, 30),
    "<ttl>-5</ttl>": (5, 30),
    "<ttl>5256000</ttl>": (1440, 1440),
    "<ttl>99999999999999999999999</ttl>": (5, 1440),
    "<ttl>soon</ttl>": (5, 30),
    "<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(24)) + "</skipHours>": (5, 1441),
    "<skipHours><hour>99</hour><hour>x</hour></skipHours>": (5, 30),
    "<skipDays>"
    + "".join(f"<day>{day}day</day>" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"))
    + "</skipDays>": (5, 1441),
}
HEADERS = {
    "max-age=0": (5, 30),
    "max-age=315360000": (1440, 1440),
    "max-age=-1": (5, 30),
    "max-age=99999999999999999999": (5, 1440),
    "no-store": (5, 30),
}


@pytest.mark.parametrize("head", HINTS)
def test_hints_of_the_document_stay_within_five_minutes_and_a_day(watched: Watched, head: str) -> None:
    watched.poll(answer(body=feed(item(1), head=head)))
    least, most = HINTS[head]
    assert least <= watched.wait() <= most


@pytest.mark.parametrize("control", HEADERS)
def test_hints_of_the_answer_stay_within_five_minutes_and_a_day(watched: Watched, control: str) -> None:
    watched.poll(answer(body=feed(item(1)), cache_control=control))
    least, most = HEADERS[control]
    assert least <= watched.wait() <= most


@pytest.mark.parametrize(
    "expires", ["0", "-1", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 24 Nov 2036 04:00:00 GMT", "x" * 99]
)
def test_expires_too(watched: Watched, expires: str) -> None:
    watched.poll(answer(body=feed(item(1)), expires=expires))
    assert 5 <= watched.wait() <= 1440


@pytest.mark.parametrize("value", ["0", "1", "3s", "31d", "-5m", "never", "10y"])
def test_an_interval_out_of_bounds_is_refused_with_its_line(tmp_path: Path, value: str) -> None:
    source = f"- key: x\n  name: X\n  url: http://site.example/\n  schedule: {{every: {value}}}\n"
    assert any("x.yaml:4:" in fault and "every" in fault for fault in faults(tmp_path, x=source))


@pytest.mark.parametrize(
    "value",
    ["", "0", "-1", "1e9", "１２", "٣", "9" * 400, "Fri, 99 Nov 2026 99:00:00 GMT", "\x00", "1, 2", "Wed"],
)
def test_a_retry_after_of_any_form_is_at_most_a_day(value: str) -> None:
    span = retry_after(value, NOW)
    assert span is None or timedelta(0) <= span <= timedelta(hours=24)


def test_a_redirect_with_retry_after_is_a_redirect(watched: Watched) -> None:
    """On a 301 it is about the redirect (RFC 9110 §10.2.3): one that was followed holds up no poll."""
    moved = ((301, "http://site.example/new.xml"),)
    watched.poll(answer(body=feed(item(1)), hops=moved))
    assert watched.wait() <= 30


# --- items (122, 126, 127, 130) --------------------------------------------------------------------------------------


def test_a_hundred_items_under_one_guid(watched: Watched) -> None:
    items = [item(number).replace(f"<guid>{number}<", "<guid>same<") for number in range(100)]
    poll = watched.poll(answer(body=feed(*items)))
    assert poll.count("published") == 100
    assert any("guid" in note for note in poll.notes)
    assert watched.poll(answer(body=feed(*reversed(items)))).count("published") == 0


@pytest.mark.parametrize("change", ["empty", "one", "reversed", "shuffled"])
def test_whatever_is_left_out_or_moved_nothing_is_lost_or_new(watched: Watched, change: str) -> None:
    items = [item(number) for number in range(20)]
    watched.poll(answer(body=feed(*items)))
    after = {
        "empty": [],
        "one": items[7:8],
        "reversed": items[::-1],
        "shuffled": items[1::2] + items[::2],
        "back": items,
    }
    poll = watched.poll(answer(body=feed(*after[change], head=f"<description>{change}</description>")))
    assert poll.count("published") == poll.count("dropped") == 0
    with watched.store.read() as tx:
        assert len(list_articles(tx, limit=99)) == 20
        assert len(list_entries(tx, source="s1", limit=99)) == 20
    whole = watched.poll(answer(body=feed(*items, head="<description>whole again</description>")))
    assert whole.count("unchanged") == 20


def test_white_space_is_no_edit_and_an_edit_is_one(watched: Watched) -> None:
    def seq() -> int:
        with watched.store.read() as tx:
            return int(tx.exec_driver_sql("SELECT count(*) FROM changes").scalar() or 0)

    watched.poll(answer(body=feed(item(1))))
    before = seq()
    watched.poll(answer(body=feed(item(1).replace(" is told ", "  is\n\ttold ").replace("Title 1", " Title  1 "))))
    assert seq() == before
    watched.poll(answer(body=feed(item(1).replace("a sentence", "two sentences"))))
    assert seq() == before + 1


def test_a_forged_wait_holds_up_one_source_alone(watched: Watched) -> None:
    with watched.store.write() as tx:
        add_source(tx, replace(a_source("neighbour"), url="http://site.example/other.xml"), NOW)
    watched.poll(answer(503, retry_after=str(10**12)))
    assert watched.wait() == 1440
    with watched.store.read() as tx:
        assert get_state(tx, "neighbour").next_due == NOW


def test_three_errors_stop_nothing(watched: Watched) -> None:
    for status in (500, 404, 403, 401, 404, 404, 500, 502, 429):
        watched.poll(answer(status))
        assert watched.state.condition == "active", status
        watched.clock.pass_(minutes=watched.wait())
    assert watched.poll(answer(body=feed(item(1)))).outcome == "ok"
    assert isinstance(watched.state.last_success, datetime)
