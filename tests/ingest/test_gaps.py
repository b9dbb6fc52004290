"""A poll that shares nothing with the last leads back through earlier documents, within bounds, and says so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import pytest

from feedhub.errors import FetchError
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from tests.ingest.parsing import parsed
from tests.ingest.polling import Watched
from tests.kit import a_source

URL = "http://site.example/feed.xml"


class Pages:
    """A Web with a document per address; each takes a second of the clock."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.documents: dict[str, str] = {}
        self.asked: list[str] = []
        self._tick = tick

    def send(self, request: WebRequest) -> WebResponse:
        self.asked.append(request.url)
        self._tick()
        body = self.documents.get(request.url)
        if body is None:
            raise FetchError("away", url=request.url, code="unreachable")
        return WebResponse(request.url, 200, {}, body.encode())

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        raise NotImplementedError


def atom(*numbers: int, back: str | None = None, rel: str = "prev-archive") -> str:
    link = f'<link rel="{rel}" href="{back}"/>' if back else ""
    entries = "".join(
        f"<entry><id>urn:{n}</id><title>Story number {n}</title><updated>2026-11-20T00:00:00Z</updated></entry>"
        for n in numbers
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>T</title>{link}{entries}</feed>'


class Source:
    def __init__(self, store: Store, seconds: float = 1) -> None:
        self.store = store
        self.watched = Watched(store, a_source(url=URL))
        self.pages = Pages(lambda: self.watched.clock.pass_(seconds=seconds))
        object.__setattr__(self.watched.ingest, "web", self.pages)

    def poll(self, document: str) -> tuple[str, ...]:
        self.pages.documents[URL] = document
        self.pages.asked.clear()
        return self.watched.poll().notes

    def titles(self) -> set[int]:
        with self.store.read() as tx:
            return {int(one.item.title.split()[-1]) for one in list_entries(tx)}


@pytest.fixture
def source(store: Store) -> Source:
    return Source(store)


def chain(source: Source, documents: int) -> None:
    """Archives 1 to `documents`, each with two items, each leading to the next."""
    for n in range(1, documents + 1):
        source.pages.documents[f"http://site.example/a/{n}"] = atom(1000 - 2 * n, 999 - 2 * n, back=f"/a/{n + 1}")


def test_it_is_walked_back_until_a_known_item_appears_and_no_item_comes_twice(source: Source) -> None:
    assert source.poll(atom(991, 990)) == ()
    chain(source, 6)  # 998 997 | 996 995 | 994 993 | 992 991 …
    notes = source.poll(atom(1000, 999, 998, back="/a/1"))
    assert source.titles() == set(range(990, 1001))
    assert source.pages.asked[1:] == [f"http://site.example/a/{n}" for n in range(1, 5)]
    assert notes == ("possible gap: no item of it was known, 4 earlier documents were read; then known items appeared",)
    assert source.poll(atom(1001, 1000, back="/a/1")) == ()
    assert len(source.pages.asked) == 1


def test_a_first_poll_has_no_gap_and_neither_has_an_empty_document(source: Source) -> None:
    chain(source, 3)
    assert source.poll(atom(back="/a/1")) == ()
    assert source.poll(atom(1, 2, back="/a/1")) == ()
    assert source.poll(atom(back="/a/1")) == ()
    assert source.titles() == {1, 2}


def test_twenty_documents_are_the_most(source: Source) -> None:
    source.poll(atom(1))
    chain(source, 30)
    notes = source.poll(atom(1000, back="/a/1"))
    assert len(source.pages.asked) == 21
    assert "20 earlier documents were read; after 20 of them nothing was known yet" in notes[0]


def test_the_lease_is_not_used_up(store: Store) -> None:
    source = Source(store, seconds=6)
    source.poll(atom(1))
    chain(source, 30)
    notes = source.poll(atom(1000, back="/a/1"))
    assert len(source.pages.asked) == 5
    assert "time was up" in notes[0]


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (None, "possible gap: no item of it was known, and it names no earlier document"),
        ("http://other.example/1", "it is on another host"),
        ("/a/1", "the oldest of them was reached without a known item"),
        ("/nowhere", "could not be read: away"),
    ],
)
def test_what_ends_the_walk_is_said(source: Source, back: str | None, said: str) -> None:
    source.poll(atom(1))
    source.pages.documents["http://site.example/a/1"] = atom(7, back="/a/1")
    notes = source.poll(atom(1000, back=back))
    assert said in notes[0]
    assert "http://other.example/1" not in source.pages.asked


def test_earlier_documents_are_named_in_three_ways() -> None:
    assert parsed(atom(1, back="/x", rel="next")).more == ("http://feeds.example/x",)
    both = atom(1, back="/x").replace("<link", '<link rel="next" href="/page/2"/><link', 1)
    assert parsed(both).more == ("http://feeds.example/x",)
    json = '{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[],"next_url":"/2.json"}'
    assert parsed(json).more == ("http://feeds.example/2.json",)


def test_new_addresses_of_known_items_are_no_gap(source: Source) -> None:
    chain(source, 3)
    long = "<summary>Words of a story that is known by its content, whatever its guid is today.</summary><updated>"
    source.poll(atom(1).replace("<updated>", long))
    moved = atom(1, back="/a/1").replace("<updated>", long).replace("urn:1", "urn:x")
    assert not any("gap" in note for note in source.poll(moved))
    assert len(source.pages.asked) == 1
