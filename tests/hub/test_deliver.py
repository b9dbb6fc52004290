"""Where a cursor stands after a try: pure, over 80 hours in no time (PROMISES B10 137, 138)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from feedhub.hub.breaker import Breakers
from feedhub.hub.deliver import APART, SCHEDULE, Answered, after_try, next_wait, taken_at_once
from feedhub.hub.signing import delivery_fields, delivery_of, signature_of
from feedhub.model.hub import Content, Cursor, Subscription
from tests.kit import NOW

CONTENT = Content(address="https://f.example/rss/a.xml", seq=9, body=b"<rss/>", content_type="application/xml")
ONE = Subscription(
    id="1", topic_id="1", topic="/rss/a.xml", foreign=False, callback="https://s.example/cb", host="s.example",
    dialect="websub", state="active", secret="hush", lease_until=NOW + timedelta(days=10), created_at=NOW,
    verified_at=NOW, acked_seq=7, next_try=NOW,
)  # fmt: skip


def walk(down_for: timedelta, fraction: float = 0.5) -> tuple[Cursor, list[datetime]]:
    """Every try until the receiver is back, or it was given up; the cursor and the instants of the tries."""
    one: Cursor = ONE
    now, tries = NOW, list[datetime]()
    while one.acked_seq < CONTENT.seq and one.stopped_seq is None:
        now = max(now, one.next_try)
        tries.append(now)
        answered = Answered(200) if now - NOW >= down_for else Answered(0, "there is nobody")
        one, _ = after_try(delivery_of(one, CONTENT), answered, now=now, fraction=fraction)
    return one, tries


@pytest.mark.parametrize(("hours", "delivered"), [(1, True), (26, True), (70, True), (80, False)])
def test_down_for_hours(hours: int, delivered: bool) -> None:
    one, tries = walk(timedelta(hours=hours))
    assert (one.acked_seq == 9, one.stopped_seq is None) == (delivered, delivered)
    if not delivered:
        assert len(tries) == len(SCHEDULE) == 11
        assert timedelta(hours=75) < tries[-1] - tries[0] < timedelta(hours=77)
        assert (one.reason, one.state, one.stopped_at) == ("there is nobody", "active", tries[-1])


def test_the_schedule_to_the_second() -> None:
    _, tries = walk(timedelta(days=9))
    waits = [later - earlier for earlier, later in pairwise(tries)]
    hour = timedelta(hours=1)
    assert waits == [
        timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30),
        2 * hour, 5 * hour, 10 * hour, 10 * hour, 24 * hour, 24 * hour,
    ]  # fmt: skip
    assert [next_wait(1, dice).total_seconds() for dice in (0.0, 0.999999)] == pytest.approx([4.5, 5.5], abs=0.01)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 401, 403, 404, 429, 500, 503])
def test_all_but_2xx_and_410_is_tried_again(status: int) -> None:
    one, attempt = after_try(delivery_of(ONE, CONTENT), Answered(status), now=NOW, fraction=0.5)
    assert (one.state, one.acked_seq, one.tries, one.next_try) == ("active", 7, 1, NOW + timedelta(seconds=5))
    assert attempt is not None and attempt.outcome == "failed" and str(status) in (attempt.reason or "")


def test_a_first_try_that_succeeds_is_told_by_the_cursor_alone() -> None:
    taken = taken_at_once(delivery_of(ONE, CONTENT), Answered(204), now=NOW)
    assert taken is not None and (taken.seq, taken.next_try) == (9, NOW + APART)
    catches_up = taken_at_once(delivery_of(ONE, replace(CONTENT, catch_up=True)), Answered(200), now=NOW)
    assert catches_up is not None and catches_up.next_try == NOW
    for one, status in (
        (ONE, 410),
        (ONE, 0),
        (ONE, 302),
        (replace(ONE, tries=1), 200),
        (replace(ONE, stopped_seq=8), 200),
    ):
        assert taken_at_once(delivery_of(one, CONTENT), Answered(status), now=NOW) is None


def test_410_ends_it() -> None:
    one, attempt = after_try(delivery_of(ONE, CONTENT), Answered(410), now=NOW, fraction=0.5)
    assert (one.state, one.ended_at) == ("gone", NOW)
    assert attempt is not None and attempt.outcome == "ended"


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", 120), ("1", 5), (format_datetime(NOW + timedelta(minutes=3), usegmt=True), 180), ("soon", 5), ("-9", 5),
        ("9" * 30, 86_400), (format_datetime(NOW - timedelta(days=3), usegmt=True), 5),
    ],
)  # fmt: skip
def test_retry_after_lengthens_and_never_shortens(said: str, wait: int) -> None:
    one, _ = after_try(delivery_of(ONE, CONTENT), Answered(503, retry_after=said), now=NOW, fraction=0.5)
    assert one.next_try == NOW + timedelta(seconds=wait)


def test_a_stopped_cursor_begins_anew_and_keeps_what_it_misses() -> None:
    stopped, _ = walk(timedelta(days=9))
    assert (stopped.acked_seq, stopped.tries) == (7, 0)
    later = replace(CONTENT, seq=12)
    after, attempt = after_try(delivery_of(stopped, later), Answered(204), now=NOW, fraction=0.5)
    assert (after.acked_seq, after.stopped_seq, after.stopped_at, after.reason) == (12, None, None, None)
    assert attempt is not None and attempt.outcome == "delivered"


def test_the_id_is_the_same_over_all_tries_and_in_every_process() -> None:
    first = delivery_of(ONE, CONTENT)
    assert first.id == delivery_of(replace(ONE, tries=4, fence=99), replace(CONTENT)).id
    others = [
        delivery_of(replace(ONE, id="2"), CONTENT),
        delivery_of(ONE, replace(CONTENT, seq=10)),
        delivery_of(ONE, replace(CONTENT, catch_up=True)),
    ]
    assert len({first.id, *(other.id for other in others)}) == 4


def test_what_a_delivery_carries() -> None:
    fields = delivery_fields(delivery_of(ONE, replace(CONTENT, catch_up=True)), "https://f.example/hub")
    assert fields["Link"] == '<https://f.example/hub>; rel="hub", <https://f.example/rss/a.xml>; rel="self"'
    assert (fields["FeedHub-Sequence"], fields["FeedHub-Since"], fields["FeedHub-Catch-Up"]) == ("9", "7", "1")
    assert fields["X-Hub-Signature"] == signature_of("hush", b"<rss/>", "sha256")
    assert signature_of("key", b"The quick brown fox jumps over the lazy dog", "sha1") == (
        "sha1=de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"  # the well-known vector
    )
    plain = delivery_fields(delivery_of(replace(ONE, secret=None), CONTENT), "https://f.example/hub")
    assert "X-Hub-Signature" not in plain and "FeedHub-Catch-Up" not in plain


def test_a_breaker_opens_after_ten_failures_in_a_minute() -> None:
    breakers = Breakers()
    for second in range(9):
        breakers.failed("s.example", NOW + timedelta(seconds=second))
    at = NOW + timedelta(seconds=9)
    assert breakers.open_until("s.example", at) is None
    breakers.failed("s.example", at)
    assert breakers.open_until("s.example", at) == at + timedelta(seconds=60)
    assert breakers.open_until("other.example", at) is None
    assert breakers.open_until("s.example", at + timedelta(seconds=60)) is None
    breakers.failed("s.example", at + timedelta(seconds=61))  # the first try after that minute
    assert breakers.open_until("s.example", at + timedelta(seconds=62)) == at + timedelta(seconds=121)
    assert breakers.open_until("s.example", at + timedelta(seconds=121)) is None
    breakers.answered("s.example")
    breakers.failed("s.example", at + timedelta(seconds=122))
    assert breakers.open_until("s.example", at + timedelta(seconds=122)) is None
    for minute in range(20):
        breakers.failed("slow.example", NOW + timedelta(minutes=minute))
    assert breakers.open_until("slow.example", NOW + timedelta(minutes=19)) is None


def test_hosts_that_failed_long_ago_are_forgotten() -> None:
    breakers = Breakers()
    for number in range(25_000):
        breakers.failed(f"s{number}.example", NOW + timedelta(seconds=number))
    assert len(breakers._failures) <= 10_001
