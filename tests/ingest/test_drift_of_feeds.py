"""A feed that is not filled as it was is held, all of it, on the first poll; busy and quiet days are no alarm."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.errors import ParseError
from feedhub.ingest.condition import source_health
from feedhub.ingest.drift_of_feeds import fill_of, signs_of_feed
from feedhub.ingest.hold import drift_of, trust_source
from feedhub.ingest.shape import learn
from feedhub.model.item import Item
from feedhub.model.shape import Shape
from feedhub.ports.web import WebResponse
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.sources import list_suspects
from tests.ingest.conftest import an_item
from tests.ingest.parsing import parsed, rss
from tests.ingest.polling import Watched, answer
from tests.kit import NOW, a_source

WORDS = "harbour bridge museum budget railway festival school clinic market river council".split()
GARBLED = "衡阳市召开全市重点工作推进会议，部署下一阶段任务".encode("gbk").decode("latin-1")


def story(number: int, **other: str) -> str:
    parts = {
        "title": f"The {WORDS[number % 11]} opens its doors for the {number}th time",
        "link": f"http://site.example/news/{number}.html",
        "pubDate": f"Mon, 23 Nov 2026 {number % 24:02}:15:00 GMT",
        "description": f"What there is to say of the {WORDS[number % 11]}, and of number {number}, in a sentence.",
    } | other
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text)
    return f"<item><guid isPermaLink='false'>g{number}</guid>{inside}</item>"


def feed(numbers: Iterable[int], **other: str) -> WebResponse:
    return answer(body=rss("".join(story(number, **other) for number in numbers)), content_type="application/rss+xml")


@pytest.fixture
def watched(store: Store) -> Watched:
    return Watched(store, a_source(language="en"))


def word(watched: Watched) -> str:
    return source_health(watched.source, watched.state, watched.clock.now()).name


REDESIGNS = {
    "no titles": ({"title": ""}, "a title"),
    "one title for all": ({"title": "News"}, "were different"),
    "titles are dates": ({"title": "2026-11-24 08:15"}, "had words"),
    "the name in front of every title": ({"title": "T" * 400}, "characters"),
    "no addresses": ({"link": ""}, "an address"),
    "one address for all": ({"link": "http://site.example/"}, "an address"),
    "no dates": ({"pubDate": ""}, "a date"),
    "dates nobody can read": ({"pubDate": "06/12/2023"}, "a date"),
    "no texts": ({"description": ""}, "a text"),
}


@pytest.mark.parametrize("name", REDESIGNS)
def test_every_redesign_is_a_sign_on_the_first_poll(name: str) -> None:
    change, said = REDESIGNS[name]
    was, drifted = (parsed(page.body).items for page in (feed(range(15)), feed(range(5, 20), **change)))
    shape, now = fill_of(was), fill_of(drifted)
    assert shape is not None and now is not None
    assert any(said in sign for sign in signs_of_feed(drifted, now, shape))


def test_all_of_it_is_held_and_it_is_told(watched: Watched) -> None:
    change, said = REDESIGNS["no titles"]
    assert watched.poll(feed(range(15))).count("published") == 15
    watched.clock.pass_(hours=1)
    poll = watched.poll(feed(range(5, 20), **change))
    assert poll.count("published") == 0, "no junk is published, no article is spoilt"
    assert {line.reason for line in poll.lines if line.outcome == "held"} == {"unlike_before"}
    assert any(said in note for note in poll.notes)
    assert word(watched) == "drifting"
    with watched.store.read() as tx:
        assert [one.key for one, _ in list_suspects(tx, (), due_before=NOW, now=NOW)] == ["s1"], "and it is told"
        assert drift_of(tx, "s1").reads_now


def test_it_is_over_when_the_feed_is_itself_again_and_nothing_was_lost(watched: Watched) -> None:
    watched.poll(feed(range(15)))
    watched.clock.pass_(hours=1)
    drifted = feed(range(5, 20), title="")
    watched.poll(drifted)
    assert watched.poll(drifted).outcome == "same_bytes"
    assert word(watched) == "drifting", "the same bytes are no return to what it was"
    watched.clock.pass_(hours=1)
    poll = watched.poll(feed(range(5, 22)))
    assert (poll.count("published"), word(watched)) == (2, "healthy")
    with watched.store.read() as tx:
        found = list_entries(tx, source="s1", limit=100)
    assert len(found) == 22
    assert all(entry.pending is None for entry in found), "revisions that were junk were taken back"
    waiting = [entry for entry in found if entry.state == "held"]
    assert [entry.item.title != "" for entry in waiting] == [True] * 5, "whole again, and for an editor to take"


def test_what_it_should_be_is_not_learned_from_what_drifted(watched: Watched) -> None:
    watched.poll(feed(range(15)))
    for hour in range(5):
        watched.clock.pass_(hours=1)
        assert watched.poll(feed(range(5 + hour, 20 + hour), title="")).count("published") == 0
    assert word(watched) == "drifting"


def test_a_person_may_say_that_it_is_right_as_it_is(watched: Watched) -> None:
    watched.poll(feed(range(15)))
    watched.poll(feed(range(5, 20), title=""))
    with watched.store.write() as tx:
        assert "a title" in trust_source(tx, "s1", now=watched.clock.now(), by="li")[0]
    assert watched.poll(feed(range(8, 23), title="")).count("published") == 3
    assert word(watched) == "healthy"


@pytest.mark.parametrize("written", ["2026-11-23 15:15:00", "2026-11-23"])
def test_dates_written_in_another_kind_are_a_sign_on_the_first_poll(watched: Watched, written: str) -> None:
    watched.poll(feed(range(15)))
    watched.clock.pass_(hours=1)
    poll = watched.poll(feed(range(12, 27), pubDate=written))
    assert (poll.count("published"), word(watched)) == (0, "drifting")
    assert any("dates were written with a zone, now " in note for note in poll.notes)
    watched.clock.pass_(hours=1)
    assert watched.poll(feed(range(13, 28))).count("published") == 1


def test_a_kind_of_date_that_was_seen_before_is_none(watched: Watched) -> None:
    few = [story(number, pubDate="2026-11-23") for number in range(2)]
    watched.poll(answer(body=rss("".join((*few, *map(story, range(2, 15))))), content_type="application/rss+xml"))
    assert watched.poll(feed(range(12, 27), pubDate="2026-11-23")).count("held") == 0
    assert word(watched) == "healthy"


def test_a_feed_that_shrinks_is_told_of_and_no_alarm(watched: Watched) -> None:
    watched.poll(feed(range(20)))
    poll = watched.poll(feed([21]))
    assert (poll.count("published"), word(watched)) == (1, "healthy")
    assert "there were 20 items, now 1" in poll.notes


def test_garbled_text_is_the_reason_that_stands_first(watched: Watched) -> None:
    watched.poll(feed(range(15)))
    poll = watched.poll(feed(range(20, 35), title=GARBLED, description=GARBLED))
    assert {line.reason for line in poll.lines} == {"garbled", "same_content"}


def test_no_real_feed_that_rolls_on_is_an_alarm(material: Path) -> None:
    """Every feed of the corpus, read as if its items had come five a day."""
    alarms, days = [], 0
    for path in sorted((material / "corpus" / "real").rglob("*")):
        try:
            items = parsed(path.read_bytes()).items if path.is_file() and path.stat().st_size < 300_000 else ()
        except ParseError:
            continue
        shape: Shape | None = None
        for end in range(len(items), 9, -5):
            day = items[max(end - 20, 0) : end]
            now = fill_of(day)
            assert now is not None
            alarms += [(path.name, sign) for sign in signs_of_feed(day, now, shape)] if shape else []
            shape, days = learn(shape, now), days + 1
    assert days > 100
    assert not alarms


def a_day(draw: Callable[..., object], number: int) -> list[Item]:
    """Items as a live feed has them: some without summary or date, titles short and long, some links alike."""
    count = draw(st.integers(0, 40))
    return [
        an_item(
            f"{number}-{place}",
            title=draw(st.sampled_from(WORDS)) + " " + "and so on " * draw(st.integers(0, 12)) + f"{number}/{place}",
            published=None if draw(st.integers(0, 9)) == 0 else NOW,
            html=None,
            summary="" if draw(st.integers(0, 3)) == 0 else "Some words.",
            link="http://site.example/live"
            if draw(st.integers(0, 5)) == 0
            else f"http://site.example/{number}/{place}",
        )
        for place in range(count)  # type: ignore[arg-type]
    ]


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_whatever_an_ordinary_day_brings_is_no_alarm(data: st.DataObject) -> None:
    shape: Shape | None = None
    for number in range(12):
        items = a_day(data.draw, number)
        now = fill_of(items)
        if now is None:
            continue
        assert shape is None or not list(signs_of_feed(items, now, shape))
        shape = learn(shape, now)
