"""What a source takes back comes to review; the article stands until an editor decides (SEMANTICS 10)."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import pytest

from feedhub.errors import FetchError
from feedhub.ingest.page_checks import check_pages
from feedhub.ingest.review import accept_entry, reject_entry
from feedhub.model.article import Article
from feedhub.model.entry import Entry
from feedhub.model.extract import Extract
from feedhub.model.poll import Poll
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.alerts import list_alerts
from feedhub.store.article_reads import find_article
from feedhub.store.engine import Store
from feedhub.store.entries import get_entry, list_entries
from feedhub.store.polls import entry_lines, source_polls
from feedhub.store.sources import set_condition, sync_declared
from tests.ingest.conftest import IDENTITY
from tests.ingest.parsing import parsed
from tests.ingest.polling import Watched, answer
from tests.kit import a_source, sections

TOMBSTONE = (
    '<at:deleted-entry ref="urn:1" when="2026-11-24T03:00:00Z"><at:by><name>Ed</name></at:by>'
    "<at:comment>Wrong &lt;b&gt;facts&lt;/b&gt;</at:comment></at:deleted-entry>"
)
STORY = (
    "<entry><id>urn:1</id><title>One</title><link href='http://site.example/1.html'/>"
    "<updated>2026-11-24T01:00:00Z</updated></entry>"
)


def atom(inside: str) -> str:
    names = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    return f"<feed {names}><id>urn:f</id><title>T</title>{inside}<entry><id>urn:2</id><title>Two</title></entry></feed>"


class Pages:
    """A Web whose pages answer HEAD and GET with a status each."""

    def __init__(self) -> None:
        self.head = self.get = 200
        self.robots = ""
        self.asked: list[tuple[str, str]] = []

    def send(self, request: WebRequest) -> WebResponse:
        if request.url.endswith("/robots.txt"):
            return WebResponse(request.url, 200, {}, self.robots.encode())
        self.asked.append((request.method, request.url))
        status = self.head if request.method == "HEAD" else self.get
        if status == 0:
            raise FetchError("away", url=request.url, code="unreachable")
        return WebResponse(request.url, status, {}, b"")

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        future: Future[WebResponse] = Future()
        try:
            future.set_result(self.send(request))
        except FetchError as error:
            future.set_exception(error)
        return future


class Reprints:
    def __init__(self, store: Store, policy: str) -> None:
        self.store = store
        self.watched = Watched(store, a_source(url="http://site.example/feed.xml", policy=policy))
        self.pages = Pages()

    def poll(self, inside: str) -> Poll:
        return self.watched.poll(answer(body=atom(inside)))

    def check(self) -> list[str]:
        ingest = self.watched.ingest
        former = ingest.web
        object.__setattr__(ingest, "web", self.pages)
        try:
            return check_pages(ingest)
        finally:
            object.__setattr__(ingest, "web", former)

    @property
    def entry(self) -> Entry:
        with self.store.read() as tx:
            return next(one for one in list_entries(tx) if one.item.guid == "urn:1")

    @property
    def article(self) -> Article:
        with self.store.read() as tx:
            found = find_article(tx, str(self.entry.article_id))
        assert found is not None
        return found

    def accept(self) -> Entry:
        with self.store.write() as tx:
            now = self.watched.clock.now()
            return accept_entry(tx, self.entry.id, tree=sections(), identity=IDENTITY, now=now, by="ed")

    def reject(self) -> Entry:
        with self.store.write() as tx:
            return reject_entry(tx, self.entry.id, reason="no", now=self.watched.clock.now(), by="ed")

    def alerts(self) -> list[str]:
        with self.store.read() as tx:
            return [f"{one.code}: {one.text}" for one in list_alerts(tx)]

    def held(self) -> list[str]:
        with self.store.read() as tx:
            return [str(one.item.guid) for one in list_entries(tx, state="held")]


@pytest.fixture
def auto(store: Store) -> Reprints:
    return Reprints(store, "auto")


def test_tombstones_are_read_and_leave_no_trace_in_the_feed() -> None:
    feed = parsed(atom(TOMBSTONE))
    (one,) = feed.deleted
    assert (one.guid, one.reason, str(one.when)) == ("urn:1", "Wrong facts", "2026-11-24 03:00:00+00:00")
    assert [(item.title, item.author, item.summary) for item in feed.items] == [("Two", None, "")]
    json = '{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[],"_feedhub":{"deleted":%s}}'
    (one,) = parsed(json % '[{"id":"q","when":"2026-11-21T01:02:03Z","reason":"r"},{"id":1},7]').deleted
    assert (one.guid, one.reason) == ("q", "r")
    assert parsed(json % "7").deleted == ()


def test_a_document_of_unclosed_tombstones_costs_no_time() -> None:
    assert parsed(atom("<at:deleted-entry ref='a'>" * 1900 + "x" * 100_000)).deleted == ()


@pytest.mark.parametrize("follow", [True, False])
def test_a_tombstone_brings_the_reprint_to_review_once(auto: Reprints, follow: bool) -> None:
    auto.poll(STORY)
    poll = auto.poll(TOMBSTONE)
    assert [(line.outcome, line.reason) for line in poll.lines] == [
        ("unchanged", "same"), ("held", "withdrawn_upstream"),
    ]  # fmt: skip
    assert "Wrong facts" in poll.lines[1].note
    assert (auto.article.state, auto.held()) == ("published", ["urn:1"])
    assert len(auto.poll(TOMBSTONE + " ").lines) == 1
    (alert,) = auto.alerts()
    assert alert.startswith("withdrawn_upstream") and alert.endswith(f"entry {auto.entry.id}.")
    with auto.store.read() as tx:
        assert [line.reason for _, line in entry_lines(tx, auto.entry.id)] == ["auto", "withdrawn_upstream"]
    if follow:
        auto.accept()
        assert (auto.article.state, auto.article.withdrawn_reason) == (
            "withdrawn",
            "withdrawn by its source; Wrong facts",
        )
    else:
        auto.reject()
        assert auto.article.state == "published"
    assert (auto.held(), auto.alerts()) == ([], [])
    auto.poll(TOMBSTONE + "  ")
    assert auto.held() == []


def test_an_item_that_is_back_needs_no_review_and_may_be_taken_back_again(auto: Reprints) -> None:
    auto.poll(STORY)
    auto.poll(TOMBSTONE)
    auto.poll(STORY + TOMBSTONE)  # the item itself counts more
    assert (auto.held(), auto.entry.gone, auto.alerts()) == ([], None, [])
    auto.poll(TOMBSTONE)
    assert auto.held() == ["urn:1"]


def test_a_tombstone_older_than_the_item_counts_for_nothing(auto: Reprints) -> None:
    auto.poll(STORY)
    assert len(auto.poll(TOMBSTONE.replace("T03:", "T00:")).lines) == 1


def test_what_waited_for_review_is_rejected_and_waits_again_when_it_is_back(store: Store) -> None:
    review = Reprints(store, "review")
    review.poll(STORY)
    assert [line.outcome for line in review.poll(TOMBSTONE).lines][1:] == ["filtered"]
    assert (review.entry.state, review.entry.reason) == ("rejected", "withdrawn_upstream")
    review.poll(STORY)
    assert "urn:1" in review.held()
    review.poll(TOMBSTONE)
    assert review.accept().state == "published"  # an editor may know better
    review.poll(TOMBSTONE + " ")
    assert (review.article.state, "urn:1" in review.held()) == ("published", False)


def pass_(auto: Reprints, **span: float) -> None:
    auto.watched.clock.pass_(**span)


def test_a_page_that_is_gone_brings_the_reprint_to_review(auto: Reprints) -> None:
    auto.poll(STORY)
    pass_(auto, hours=23)
    assert (auto.check(), auto.pages.asked) == ([], [])
    pass_(auto, hours=2)
    assert auto.check() == []
    assert auto.pages.asked == [("HEAD", "http://site.example/1.html")]
    assert auto.check() == [] and len(auto.pages.asked) == 1
    pass_(auto, days=1)
    auto.pages.head = auto.pages.get = 410
    assert auto.check() == [auto.entry.id]
    assert (auto.article.state, auto.held(), len(auto.alerts())) == ("published", ["urn:1"], 1)
    with auto.store.read() as tx:
        poll = source_polls(tx, "s1", limit=1)[0]
    assert (poll.status, poll.lines[0].reason) == (410, "withdrawn_upstream")
    assert "answers 410" in poll.notes[0]
    auto.poll(STORY)  # that the feed still lists it does not bring its page back
    assert auto.held() == ["urn:1"]
    auto.accept()
    assert (auto.article.state, auto.article.withdrawn_reason) == ("withdrawn", "withdrawn by its source")


def test_a_missing_page_is_asked_again_before_it_is_believed(auto: Reprints) -> None:
    auto.poll(STORY)
    pass_(auto, hours=25)
    auto.pages.head = auto.pages.get = 404
    assert auto.check() == []
    pass_(auto, hours=1)
    assert auto.check() == [] and len(auto.pages.asked) == 2
    pass_(auto, hours=2)
    assert auto.check() == [auto.entry.id]


@pytest.mark.parametrize(("head", "get"), [(404, 200), (405, 200), (500, 500), (0, 200), (301, 404), (404, 0)])
def test_anything_else_means_nothing(auto: Reprints, head: int, get: int) -> None:
    auto.poll(STORY)
    auto.pages.head, auto.pages.get = head, get
    for _ in range(4):
        pass_(auto, hours=25)
        assert auto.check() == []
    assert auto.pages.asked[0] == ("HEAD", "http://site.example/1.html")


def test_pages_are_left_alone_after_thirty_days_and_while_a_source_is_paused(auto: Reprints) -> None:
    auto.poll(STORY)
    with auto.store.write() as tx:
        set_condition(tx, "s1", "paused", now=auto.watched.clock.now())
    pass_(auto, days=2)
    auto.check()
    assert auto.pages.asked == []
    with auto.store.write() as tx:
        set_condition(tx, "s1", "active", now=auto.watched.clock.now())
    for _ in range(40):
        auto.check()
        pass_(auto, days=1, minutes=1)
    assert 28 <= len(auto.pages.asked) <= 30


def test_pages_that_robots_are_to_leave_alone_are_not_asked_for(auto: Reprints) -> None:
    auto.poll(STORY)
    listed = replace(auto.watched.source, kind="html", extract=Extract(item="li"), declared_at="a.yaml:1")
    with auto.store.write() as tx:
        sync_declared(tx, [listed], auto.watched.clock.now())
    auto.pages.robots, auto.pages.head, auto.pages.get = "User-agent: *\nDisallow: /", 410, 410
    pass_(auto, hours=25)
    assert (auto.check(), auto.pages.asked) == ([], [])
    auto.pages.robots = ""
    pass_(auto, hours=25)
    assert auto.check() == [auto.entry.id]


def test_an_article_that_was_withdrawn_here_is_not_asked_for(auto: Reprints) -> None:
    from feedhub.store.articles import withdraw_article

    auto.poll(STORY)
    with auto.store.write() as tx:
        withdraw_article(tx, auto.article.id, now=auto.watched.clock.now(), by="ed", reason="ours")
    pass_(auto, days=2)
    auto.pages.head = auto.pages.get = 410
    assert auto.check() == []
    with auto.store.read() as tx:
        assert get_entry(tx, auto.entry.id).gone is None
    assert auto.watched.clock.now() - auto.entry.first_seen > timedelta(days=1)
