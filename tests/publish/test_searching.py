"""Questions as documents: the same for the same question, new with every change, bounded, kept for a bad day."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import feedparser
import pytest

from feedhub.errors import StoreAway
from feedhub.model.feed import FORMATS, FeedDocument, Format
from feedhub.model.question import Question
from feedhub.publish.limited import LONGEST
from feedhub.publish.searching import Searcher
from feedhub.publish.style import Style
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.engine import Store
from tests.kit import StillClock
from tests.publish.material import NOON, article
from tests.publish.valid import errors

RIVER = Question(terms=("湘江",))


@pytest.fixture
def filled(store: Store, clock: StillClock) -> Store:
    with store.write() as tx:
        for n in range(60):
            day = NOON - timedelta(days=n)
            it = article(f"n{n:03}", title=f"湘江夜景 {n}", sections=("news",), published=day, updated=day)
            put_article(tx, it, now=clock.now(), late=False, by="test")
    return store


def ids(document: FeedDocument) -> list[str]:
    return [item["id"].rpartition("/")[2] for item in json.loads(document.body)["items"]]


def test_a_document_says_what_was_asked(filled: Store, style: Style) -> None:
    searcher = Searcher(filled, style)
    made = {format_: searcher.document(RIVER, format_).document for format_ in FORMATS}
    assert ids(made["json"]) == [f"n{n:03}" for n in range(50)]
    head = json.loads(made["json"].body)
    assert head["title"] == "湘江 - Hengyang, China"
    assert head["feed_url"].endswith("/json/search.json?q=%E6%B9%98%E6%B1%9F")
    assert head["home_page_url"].endswith("/search?q=%E6%B9%98%E6%B1%9F")
    atom = feedparser.parse(io.BytesIO(made["atom"].body))
    assert not atom.bozo
    assert atom.feed.id == "tag:example.org,2018:search?q=%E6%B9%98%E6%B1%9F"
    assert [entry.title for entry in atom.entries] == [item["title"] for item in head["items"]]
    rss = feedparser.parse(io.BytesIO(made["rss"].body))
    assert not rss.bozo
    assert {link.href for link in rss.feed.links if link.rel == "self"} == {
        f"{style.portal.base_url}{made['rss'].path}"
    }
    assert f'<{head["feed_url"]}>; rel="self"' in made["json"].link


def test_limit_cuts_and_leaves_id_and_self(filled: Store, style: Style) -> None:
    searcher = Searcher(filled, style)
    short = searcher.document(RIVER, "json", 3).document
    assert ids(short) == ["n000", "n001", "n002"]
    assert len(ids(searcher.document(RIVER, "json", 500).document)) == 60
    assert json.loads(short.body)["feed_url"] == json.loads(searcher.document(RIVER, "json").document.body)["feed_url"]


def pages(searcher: Searcher, format_: Format, limit: int | None = None) -> Iterator[FeedDocument]:
    """The document and every further page, by its `next`, as a reader of RFC 5005 §3 walks them."""
    document = searcher.document(RIVER, format_, limit).document
    while True:
        yield document
        following = rels(document).get("next")
        if following is None:
            return
        asked = dict(parse_qsl(urlsplit(following).query))
        assert asked["q"] == "湘江"
        assert (int(asked["limit"]) if "limit" in asked else None) == limit
        document = searcher.document(RIVER, format_, limit, int(asked["before"])).document


def rels(document: FeedDocument) -> dict[str, str]:
    """The pages that the document itself names; the Link field says the same."""
    names = ("first", "previous", "next")
    if document.format == "json":
        head = json.loads(document.body)
        found = {rel: head["_feedhub"].get(rel) for rel in names} | {"next": head.get("next_url")}
    else:
        links = feedparser.parse(io.BytesIO(document.body)).feed.links  # type: ignore[arg-type]
        found = {link.rel: link.href for link in links}
    said = {rel: found[rel] for rel in names if found.get(rel)}
    field = re.findall(r'<([^>]*)>; rel="([a-z-]+)"', document.link)
    assert {rel: href for href, rel in field if rel in names} == said
    return said


@pytest.mark.parametrize("limit", [None, 7, 60, 500])
def test_a_question_has_pages_that_hold_every_article_once(
    filled: Store, style: Style, clock: StillClock, limit: int | None
) -> None:
    with filled.write() as tx:  # of one second
        for n in range(20):
            it = article(f"same{n:02}", title="湘江", sections=("news",), published=NOON, updated=NOON)
            put_article(tx, it, now=clock.now(), late=False, by="test")
    searcher = Searcher(filled, style)
    walks = {format_: list(pages(searcher, format_, limit)) for format_ in FORMATS}
    seen = [name for document in walks["json"] for name in ids(document)]
    assert len(seen) == len(set(seen)) == 80
    assert [len(ids(one)) for one in walks["json"][:-1]] == [limit or 50] * (len(walks["json"]) - 1)
    assert len({len(walk) for walk in walks.values()}) == 1
    assert [
        errors(one.body, one.format) for walk in walks.values() for one in walk[:3] if errors(one.body, one.format)
    ] == []
    first, *others = walks["json"]
    assert len({json.loads(one.body)["feed_url"] for one in walks["json"]}) == 1, "whoever subscribes gets the newest"
    assert rels(first).keys() <= {"next"}
    back = [rels(one)["previous"] for one in others]
    assert back == [
        rels(one)["first"] if n == 0 else rels(walks["json"][n - 1])["next"] for n, one in enumerate(others)
    ]


def test_pages_hold_every_article_once_also_where_a_megabyte_ends_them(
    store: Store, style: Style, clock: StillClock
) -> None:
    with store.write() as tx:
        for n in range(30):
            it = article(
                f"big{n:02}", summary="湘江 " + "x" * 120_000, sections=("news",), published=NOON, updated=NOON
            )
            put_article(tx, it, now=clock.now(), late=False, by="test")
    walk = list(pages(Searcher(store, style), "json"))
    seen = [name for document in walk for name in ids(document)]
    assert len(walk) > 3
    assert len(seen) == len(set(seen)) == 30
    assert all(len(document.body) <= LONGEST for document in walk)


def test_what_comes_meanwhile_moves_nothing_between_pages(filled: Store, style: Style, clock: StillClock) -> None:
    searcher, seen = Searcher(filled, style), []
    for document in pages(searcher, "json", 10):
        seen += ids(document)
        with filled.write() as tx:
            name = f"new{len(seen)}"
            put_article(tx, article(name, title="湘江", published=clock.now()), now=clock.now(), late=False, by="test")
    assert seen == [f"n{n:03}" for n in range(60)]


def test_every_change_shows_at_once_and_no_change_makes_nothing_anew(
    filled: Store, style: Style, clock: StillClock
) -> None:
    searcher = Searcher(filled, style)
    first = searcher.document(RIVER, "json").document
    assert searcher.document(RIVER, "json").document is first
    with filled.write() as tx:
        withdraw_article(tx, "n000", now=clock.now(), by="test", reason="wrong")
    second = searcher.document(RIVER, "json").document
    assert "n000" not in ids(second)
    assert second.etag != first.etag
    assert Searcher(filled, style).document(RIVER, "json").document.body == second.body


def test_an_empty_answer_is_a_valid_feed(filled: Store, style: Style) -> None:
    for format_ in FORMATS:
        made = Searcher(filled, style).document(Question(terms=("nowhere",)), format_).document
        assert made.body
        if format_ != "json":
            assert not feedparser.parse(io.BytesIO(made.body)).bozo


def test_ten_thousand_questions_cost_no_more_than_was_said(filled: Store, style: Style) -> None:
    searcher = Searcher(filled, style, memory=100_000)
    for n in range(300):
        searcher.document(Question(terms=("湘江",), without=(f"w{n}",)), "json", 5)
    assert searcher._documents.bytes <= 100_000
    assert searcher._fragments.bytes <= 100_000


def test_a_document_has_a_megabyte_at_most(store: Store, style: Style, clock: StillClock) -> None:
    with store.write() as tx:
        for n in range(12):
            it = article(f"big{n}", summary="湘江 " + "x" * 120_000, sections=("news",))
            put_article(tx, it, now=clock.now(), late=False, by="test")
    made = Searcher(store, style).document(RIVER, "atom").document
    assert LONGEST - 300_000 < len(made.body) <= LONGEST


def test_without_the_database_what_was_kept_is_given(
    filled: Store, style: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher = Searcher(filled, style)
    kept = searcher.document(RIVER, "rss").document

    def away() -> None:
        raise StoreAway("gone")

    monkeypatch.setattr(filled, "read", away)
    found = searcher.document(RIVER, "rss")
    assert (found.document, found.stale) == (kept, True)
    with pytest.raises(StoreAway):
        searcher.document(Question(terms=("other",)), "rss")
