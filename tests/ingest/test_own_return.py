"""Two hubs that take from each other: what is ours is dropped, a document of nothing else is refused (PROMISES 23)."""

from __future__ import annotations

import pytest

from feedhub.ingest.own_return import own_places
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from tests.ingest.conftest import an_item
from tests.ingest.parsing import rss
from tests.ingest.polling import Watched, answer
from tests.kit import a_source

BASE = "https://feeds.example"
THEIRS = "<item><guid>t1</guid><title>A story of theirs</title><link>http://site.example/t1.html</link></item>"
BACK = (
    "<item><guid>tag:site.example,2020:article/9</guid><title>Our own story</title>"
    f"<link>http://site.example/articles/9</link><source url='{BASE}/rss/all.xml'>Ours</source></item>"
)
LINKED = f"<item><guid>t3</guid><title>Read this elsewhere</title><link>{BASE}/articles/t28</link></item>"


@pytest.fixture
def watched(store: Store) -> Watched:
    made = Watched(store, a_source())
    object.__setattr__(made.ingest, "base_url", BASE)
    return made


def test_what_is_ours_is_dropped_and_the_rest_is_taken(watched: Watched) -> None:
    poll = watched.poll(answer(body=rss(THEIRS + BACK + LINKED)))
    assert [(line.outcome, line.reason) for line in poll.lines] == [
        ("published", "auto"),
        ("dropped", "self_reference"),
        ("dropped", "self_reference"),
    ]
    assert any(note.startswith("2 of 3 items are articles of our own") for note in poll.notes)
    with watched.store.read() as tx:
        assert [entry.item.title for entry in list_entries(tx, source="s1")] == ["A story of theirs"]


def test_a_document_of_nothing_else_is_refused_after_one_request(watched: Watched) -> None:
    poll = watched.poll(answer(body=rss(BACK + LINKED)))
    assert (poll.outcome, poll.code, poll.lines, len(watched.web.asked)) == ("failed", "self_reference", (), 1)
    assert watched.wait() >= 4, "it is left alone for a while"


def test_what_only_stands_near_us_is_not_ours() -> None:
    near = [
        an_item(link="https://feeds.example/en/news/1.html"),
        an_item(link="https://feeds.example.evil/articles/1"),
        an_item(link="https://other.example/articles/1"),
        an_item(link=None, origin_url="https://feeds.example/"),
        an_item(link="https://feeds.example/articlesque/1"),
    ]
    assert list(own_places(tuple(near), BASE)) == []
    ported = (an_item(link="http://feeds.example:80/articles/1"), an_item(link="https://Feeds.example:443/articles/2"))
    assert list(own_places(ported, BASE)) == [0, 1]
    assert list(own_places((an_item(link="https://feeds.example:8443/articles/1"),), BASE)) == []
    beside = an_item(link="https://feeds.example/hubarticles/1")
    assert list(own_places((beside,), f"{BASE}/hub")) == []
    below = (an_item(link="https://feeds.example/hub/articles/1"), an_item(link="https://feeds.example/articles/1"))
    assert list(own_places(below, f"{BASE}/hub")) == [0]
