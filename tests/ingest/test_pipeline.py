"""When a source is asked again, where, and when no more (SEMANTICS 15, 29, PROMISES 117 to 120, 131)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feedhub.errors import Deadline, FeedHubError, FetchError, RedirectRefused, Unreachable
from feedhub.model.source import Schedule
from feedhub.ports.web import WebResponse
from feedhub.store.engine import Store
from feedhub.store.polls import count_ways, source_polls
from feedhub.store.sources import add_source, get_state, set_condition, sync_declared
from tests.ingest.parsing import rss
from tests.ingest.polling import FEED, URL, Watched, answer
from tests.kit import NOW, a_source

HERE = "http://site.example/new.xml"
ADAPTIVE = Schedule(adaptive=(timedelta(minutes=15), timedelta(hours=4)))


@pytest.fixture
def watched(store: Store) -> Watched:
    return Watched(store, a_source(url=URL, schedule=ADAPTIVE))


def led_to(*hops: tuple[int, str], status: int = 200) -> WebResponse:
    return answer(status, hops=hops)


# --- hints -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "least"),
    [({"cache_control": "max-age=3600"}, 60), ({"expires": "Tue, 24 Nov 2026 06:00:00 GMT"}, 120), ({}, 15)],
)
def test_adaptive_obeys_cache_headers(watched: Watched, headers: dict[str, str], least: float) -> None:
    watched.poll(answer(**headers))
    assert least <= watched.wait() <= least + 1.5


def test_adaptive_remembers_the_documents_hints_through_a_304(watched: Watched) -> None:
    watched.poll(answer(body=rss("<ttl>120</ttl>"), etag='"1"'))
    assert watched.wait() == 120
    watched.clock.pass_(hours=2)
    assert watched.poll(answer(304, body="")).outcome == "not_modified"
    assert watched.wait() == 120
    watched.poll(answer(body=rss("")))
    assert watched.wait() < 60


@pytest.mark.parametrize("schedule", [Schedule(every=timedelta(minutes=30)), Schedule(cron="30 * * * *")])
def test_with_every_and_cron_only_retry_after_counts(store: Store, schedule: Schedule) -> None:
    fixed = Watched(store, a_source(url=URL, schedule=schedule))
    fixed.poll(answer(body=rss("<ttl>600</ttl><skipHours><hour>4</hour></skipHours>"), cache_control="max-age=36000"))
    assert 30 <= fixed.wait() <= 31
    fixed.poll(answer(body=rss("<ttl>1</ttl>"), cache_control="max-age=1"))
    assert 30 <= fixed.wait() <= 31
    fixed.poll(answer(retry_after="7200"))
    assert fixed.wait() == 120


# --- failures ----------------------------------------------------------------------------------------------------


def refused(status: int, retry_after: float | None = None) -> FetchError:
    return FetchError(f"answered {status}", url=URL, code=f"http_{status}", retry_after=retry_after)


def test_failures_back_off_and_one_success_resets(watched: Watched) -> None:
    waits = []
    for error in (refused(500), Deadline("slow", url=URL), Unreachable("away", url=URL), refused(503)):
        watched.poll(error)
        waits.append(round(watched.wait()))
        watched.clock.pass_(minutes=watched.wait())
    assert waits == [5, 10, 20, 40]
    watched.poll(answer())
    assert (watched.state.failures, watched.state.condition) == (0, "active")
    watched.poll(refused(500))
    assert round(watched.wait()) == 5


RETRY_AFTER = {
    "3600": 60,
    "1000000000000": 1440,
    "-5": 5,
    "soon": 5,
    "Tue, 24 Nov 2026 07:00:00 GMT": 180,
    "Tue, 24 Nov 2020 07:00:00 GMT": 5,
    "1": 5,
}


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_per_source_and_an_operator_clears_it(watched: Watched, status: int) -> None:
    with watched.store.write() as tx:
        add_source(tx, a_source("other", url=URL), NOW)
    for value, minutes in RETRY_AFTER.items():
        watched.poll(answer(status, retry_after=value))
        assert watched.wait() == minutes, value
        with watched.store.write() as tx:
            state = set_condition(tx, "s1", "active", now=watched.clock.now())
            assert get_state(tx, "other").next_due == NOW
        assert (state.next_due, state.failures) == (watched.clock.now(), 0)


def test_gone_stops_at_once_and_a_person_may_try_again(watched: Watched) -> None:
    poll = watched.poll(answer(410))
    assert (watched.state.condition, poll.next_due) == ("stopped", None)
    assert "410" in str(watched.state.last_error)
    with watched.store.write() as tx:
        set_condition(tx, "s1", "active", now=watched.clock.now())
    watched.poll(answer())
    assert (watched.state.condition, watched.state.failures) == ("active", 0)


def test_missing_for_a_week_stops_and_nothing_less(watched: Watched) -> None:
    polls = 0
    start = watched.clock.now()
    watched.poll(refused(500))
    while watched.state.condition == "active":
        watched.poll(answer(404))
        polls += 1
        watched.clock.pass_(minutes=watched.wait() + 1)
    assert watched.clock.now() - start > timedelta(days=7)
    assert polls > 10
    assert "since 2026-11-24" in str(watched.state.last_error)


def test_a_week_with_three_looks_is_not_enough(watched: Watched) -> None:
    for _ in range(3):
        watched.poll(answer(404))
        watched.clock.pass_(days=10)
    assert watched.state.condition == "active"


@pytest.mark.parametrize("other", [refused(500), Unreachable("away", url=URL), answer()])
def test_a_missing_page_that_did_something_else_in_between_goes_on(
    watched: Watched, other: WebResponse | FeedHubError
) -> None:
    for day in range(20):
        watched.poll(other if day % 4 == 3 else answer(404))
        watched.clock.pass_(days=1.5)
    assert watched.state.condition == "active"


def test_nothing_else_ever_stops_a_source(watched: Watched) -> None:
    for status in (400, 401, 403, 500, 502, 503, 429, 451):
        for _ in range(5):
            watched.poll(answer(status))
            watched.clock.pass_(days=3)
    for _ in range(20):
        watched.poll(answer(body="<html><body>Log in</body></html>"))
        watched.clock.pass_(days=3)
    assert watched.state.condition == "active"


# --- moves -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_on_three_fetches_over_a_day_moves_the_address(watched: Watched, status: int) -> None:
    moved = led_to((status, "http://www.site.example/a.xml"), (status, "https://www.site.example/b.xml"))
    watched.poll(moved)
    watched.poll(moved)
    watched.poll(moved)
    assert watched.state.moved_to is None
    watched.clock.pass_(hours=24)
    poll = watched.poll(moved)
    assert watched.state.moved_to == "https://www.site.example/b.xml"
    assert [former.url for former in watched.state.former_urls] == [URL]
    assert any("moved for good" in note for note in poll.notes)
    watched.poll(answer())
    assert watched.web.asked[-1] == "https://www.site.example/b.xml"
    assert watched.state.condition == "active"


def test_three_fetches_and_a_day_are_both_needed(watched: Watched) -> None:
    watched.poll(led_to((301, HERE)))
    watched.clock.pass_(hours=30)
    watched.poll(led_to((301, HERE)))
    assert watched.state.moved_to is None
    watched.poll(answer(304, body="", hops=((301, HERE),)))
    assert watched.state.moved_to == HERE


def test_a_temporary_redirect_never_moves_anything(watched: Watched) -> None:
    for status in (302, 303, 307, 307, 307):
        watched.poll(led_to((status, HERE), (301, "http://site.example/x.xml")))
        watched.clock.pass_(days=1)
    assert (watched.state.moved_to, watched.state.move_seen, watched.state.proposed_url) == (None, None, None)


def test_only_what_was_led_permanently_counts(watched: Watched) -> None:
    for _ in range(3):
        watched.poll(led_to((301, HERE), (302, "http://site.example/session/7.xml")))
        watched.clock.pass_(days=1)
    assert watched.state.moved_to == HERE


def test_a_redirect_to_a_login_page_is_never_stored(watched: Watched) -> None:
    for _ in range(5):
        watched.poll(answer(body="<html><body>Log in</body></html>", hops=((301, "http://site.example/login"),)))
        watched.clock.pass_(days=1)
    assert (watched.state.moved_to, watched.state.move_seen) == (None, None)


def test_a_redirect_that_comes_and_goes_starts_anew(watched: Watched) -> None:
    for says in (led_to((301, HERE)), led_to((301, HERE)), answer(), led_to((301, HERE))):
        watched.poll(says)
        watched.clock.pass_(days=1)
    assert watched.state.moved_to is None


def test_another_host_is_only_proposed(watched: Watched) -> None:
    there = "http://elsewhere.example/feed.xml"
    notes = []
    for _ in range(4):
        away = RedirectRefused("another host", url=there)
        away.permanent = True
        notes += watched.poll(away).notes
        watched.clock.pass_(days=1)
    assert (watched.state.moved_to, watched.state.proposed_url) == (None, there)
    assert len(notes) == 1
    watched.poll(RedirectRefused("temporary", url="http://third.example/"))
    assert watched.state.proposed_url == there


def test_a_host_that_is_allowed_may_be_moved_to_but_never_from_https(store: Store) -> None:
    secure = "https://site.example/feed.xml"
    away = Watched(store, a_source(url=secure, allow_hosts=("new.example",), allow_tls_downgrade=True))
    for _ in range(3):
        away.poll(led_to((301, "http://new.example/feed.xml")))
        away.clock.pass_(days=1)
    assert (away.state.moved_to, away.state.proposed_url) == (None, "http://new.example/feed.xml")
    for _ in range(3):
        away.poll(led_to((301, "https://www.new.example/feed.xml")))
        away.clock.pass_(days=1)
    assert away.state.moved_to == "https://www.new.example/feed.xml"


def test_declaring_another_address_forgets_where_the_old_one_moved(watched: Watched) -> None:
    for _ in range(3):
        watched.poll(led_to((301, HERE)))
        watched.clock.pass_(days=1)
    declared = a_source(url="http://third.example/feed.xml", declared_at="feeds/sources/x.yaml:1")
    with watched.store.write() as tx:
        sync_declared(tx, [declared], watched.clock.now())
    assert (watched.state.moved_to, watched.state.former_urls) == (None, ())
    watched.poll(answer())
    assert watched.web.asked[-1] == "http://third.example/feed.xml"


# --- identity, as the operator sees it ---------------------------------------------------------------------------


def test_all_guids_changing_is_told_once(watched: Watched) -> None:
    watched.poll(answer())
    changed = answer(body=FEED.replace("<guid>1</guid>", "<guid>other</guid>"))
    assert any(note.startswith("identity changed: 1 of 1") for note in watched.poll(changed).notes)
    later = answer(body=FEED.replace("<guid>1</guid>", "<guid>other</guid>") + " ")
    assert watched.poll(later).notes == ()


def test_each_poll_says_which_way_its_document_was_read(watched: Watched) -> None:
    by_feedparser = FEED.replace("<channel>", "<channel><unlisted/>")
    read = [watched.poll(answer(body=body)).read_by for body in (FEED, by_feedparser, by_feedparser)]
    assert read == [("plain_rss",), ("feedparser",), ()]
    with watched.store.read() as tx:
        assert [poll.read_by for poll in source_polls(tx, "s1")] == read[::-1]
        assert count_ways(tx, "s1") == {"plain_rss": 1, "feedparser": 1}
