"""Items' own pages are looked at again for days: an edit is a revision, white space is not, nothing is published unseen
that looks like another page."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import pytest

from feedhub.errors import FeedHubError, Unreachable
from feedhub.model.extract import Detail, Extract
from feedhub.model.poll import Poll
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.article_reads import list_articles
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.page_looks import due_looks
from tests.ingest.polling import Watched
from tests.kit import a_source

LIST = "http://site.example/list/"
SOURCE = a_source(
    "pages",
    url=LIST,
    kind="html",
    licence="cc-by",
    extract=Extract(item="li", title="a", link="a", detail=Detail(title="h1", body="#text")),
)
TEXT = "The bridge over the river is open again since Monday, and buses take their old way through the town."


class Site:
    """A list and its pages; who asks with the page's ETag gets 304."""

    def __init__(self) -> None:
        self.pages: dict[str, WebResponse | FeedHubError] = {}
        self.asked: list[WebRequest] = []

    def put(self, name: str, title: str, text: str, onward: str = "") -> None:
        link = f"<a href='/{onward}.html'>Next page</a>" if onward else ""
        body = f"<html><body><h1>{title}</h1><div id=text>{text}</div>{link}</body></html>"
        self._put(f"http://site.example/{name}.html", body)

    def list(self, *names: str) -> None:
        rows = "".join(f"<li><a href='/{name}.html'>Story {name}</a></li>" for name in names)
        self._put(LIST, f"<html><body><ul>{rows}</ul></body></html>")

    def _put(self, url: str, body: str) -> None:
        headers = {"content-type": "text/html; charset=utf-8", "etag": f'"{hash(body)}"'}
        self.pages[url] = WebResponse(url, 200, headers, body.encode(), ())

    def send(self, request: WebRequest) -> WebResponse:
        self.asked.append(request)
        found = self.pages.get(request.url) or WebResponse(request.url, 404, {}, b"", ())
        if isinstance(found, FeedHubError):
            raise found
        if found.headers.get("etag", "none") == request.headers.get("If-None-Match"):
            return replace(found, status=304, body=b"")
        return found

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        raise NotImplementedError


class Visited(Watched):
    """A source of pages, polled once with three stories."""

    def __init__(self, store: Store, policy: str = "auto") -> None:
        super().__init__(store, replace(SOURCE, policy=policy))  # type: ignore[arg-type]
        self.site = Site()
        self.ingest = replace(self.ingest, web=self.site)
        for name in "abc":
            self.site.put(name, f"Story {name}", f"<p>{TEXT} It is told by {name}.</p>")
        self.site.list(*"abc")
        self.poll()

    def later(self, hours: float) -> Poll:
        """Poll so much later."""
        self.clock.pass_(hours=hours)
        self.site.asked.clear()
        return self.poll()

    def texts(self) -> dict[str, str]:
        with self.store.read() as tx:
            return {article.title: article.html or "" for article in list_articles(tx)}


@pytest.fixture
def visited(store: Store) -> Visited:
    return Visited(store)


def test_pages_are_looked_at_again_with_their_validators_and_then_no_more(visited: Visited) -> None:
    assert len(visited.texts()) == 3
    seen = []
    for hours in (0.5, 0.6, 5.0, 0.5, 18.0, 48.0, 24.0):
        poll = visited.later(hours)
        assert (poll.outcome, poll.lines) == ("not_modified", ())
        pages = [request for request in visited.site.asked if request.url.endswith(".html")]
        seen.append((len(pages), sum("If-None-Match" in page.headers for page in pages)))
    assert seen == [(0, 0), (3, 0), (3, 3), (0, 0), (3, 3), (3, 3), (0, 0)]
    with visited.store.read() as tx:
        assert not due_looks(tx, "pages", visited.clock.now().replace(year=2100), 10)


def test_an_edit_is_a_correction_also_of_what_the_list_no_longer_has(visited: Visited) -> None:
    for name in "de":
        visited.site.put(name, f"Story {name}", f"<p>{TEXT} Other words are by {name}.</p>")
    visited.site.list(*"de")
    visited.site.put("a", "Story a", f"<p>{TEXT} It is told by a. Correction: since Tuesday.</p>")
    poll = visited.later(1.1)
    assert [(line.title, line.outcome, line.reason) for line in poll.lines if line.title == "Story a"] == [
        ("Story a", "published", "corrected")
    ]
    assert len(poll.lines) == 3
    assert "Correction" in visited.texts()["Story a"]
    assert not any("redesign" in note or "unlike" in note for note in poll.notes)
    assert visited.later(5.1).count("published") == 0


def test_a_changed_headline_is_an_edit_and_white_space_is_none(visited: Visited) -> None:
    visited.site.put("a", "  Story   a ", f"\n<p>{TEXT}\n  It is told by a.</p>\n")
    visited.site.put("b", "Story b, corrected", f"<p>{TEXT} It is told by b.</p>")
    poll = visited.later(1.1)
    assert [(line.title, line.reason) for line in poll.lines] == [("Story b, corrected", "corrected")]
    assert sorted(visited.texts()) == ["Story a", "Story b, corrected", "Story c"]


def test_under_review_the_revision_waits_and_a_published_one_stands(store: Store) -> None:
    visited = Visited(store, "review")
    visited.site.put("a", "Story a", f"<p>{TEXT} It is told by a. Correction: since Tuesday.</p>")
    poll = visited.later(1.1)
    assert [(line.outcome, line.reason) for line in poll.lines] == [("held", "review")]
    with store.read() as tx:
        assert "Correction" in str(list_entries(tx)[-1].item.html)
    assert visited.texts() == {}


def test_another_page_in_its_place_and_a_redesign_are_held(visited: Visited) -> None:
    visited.site.put("a", "Story a", "<p>Please sign in to go on reading.</p>")
    assert [line.reason for line in visited.later(1.1).lines] == ["page_unlike"]
    for name in "abc":
        visited.site.put(name, f"Story {name}", f"<p>{TEXT} It is told by {name}. Share this.</p>")
    assert [line.reason for line in visited.later(5.1).lines] == ["pages_unlike"] * 3
    assert not any("Share" in text or "sign in" in text for text in visited.texts().values())


def test_a_page_that_fails_is_asked_again_and_one_that_is_gone_is_not(visited: Visited) -> None:
    visited.site.pages["http://site.example/a.html"] = Unreachable("No connection.", url="x")
    del visited.site.pages["http://site.example/b.html"]
    poll = visited.later(1.1)
    assert (len(poll.notes), poll.lines) == (2, ())
    visited.later(5.1)
    assert [request.url[-6] for request in visited.site.asked if request.url.endswith(".html")] == ["a", "c"]


SECOND = "The market beside it opens again next week, as the town's council said on Monday evening."


def of_two_pages(store: Store) -> Visited:
    """A site whose story d goes on at a second page, polled once."""
    visited = Visited(store)
    visited.site.put("d", "Story d", f"<p>{TEXT} It is told by d.</p>", onward="d_2")
    visited.site.put("d_2", "Story d", f"<p>{SECOND}</p>")
    visited.site.list(*"dabc")
    visited.later(0.1)
    return visited


def test_the_text_of_all_pages_of_an_article_counts(store: Store) -> None:
    visited = of_two_pages(store)
    assert "market" in visited.texts()["Story d"]
    assert visited.later(1.1).lines == (), "nothing was edited"

    visited.site.put("d_2", "Story d", f"<p>{SECOND} Correction: on Tuesday.</p>")
    poll = visited.later(5.1)
    assert [(line.title, line.reason) for line in poll.lines] == [("Story d", "corrected")]
    said = visited.texts()["Story d"]
    assert "Correction" in said and "bridge" in said


def test_a_page_of_an_article_that_fails_takes_nothing_away(store: Store) -> None:
    visited = of_two_pages(store)
    second = visited.site.pages.pop("http://site.example/d_2.html")
    poll = visited.later(1.1)
    assert poll.lines == () and any("not all of it could be read" in note for note in poll.notes)
    assert "market" in visited.texts()["Story d"]
    visited.site.pages["http://site.example/d_2.html"] = second
    assert visited.later(5.1).lines == (), "and nothing is added again"
