"""A source polled by a still clock: answers are scripted at the Web seam, everything behind it is real."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

from feedhub.errors import FeedHubError
from feedhub.ingest.child import answer_to
from feedhub.ingest.means import Ingest
from feedhub.ingest.pipeline import claim_and_poll
from feedhub.ingest.wire import ParseRequest
from feedhub.model.item import ParsedFeed
from feedhub.model.poll import Poll
from feedhub.model.recognised import Recognised
from feedhub.model.source import Source, SourceState
from feedhub.ports.web import Hop, Web, WebRequest, WebResponse
from feedhub.store.engine import Store
from feedhub.store.sources import add_source, get_state
from tests.ingest.conftest import IDENTITY
from tests.ingest.parsing import rss
from tests.kit import LoadedDice, StillClock, sections

URL = "http://site.example/feed.xml"
FEED = rss("<item><guid>1</guid><title>One</title><description>Words enough to be told apart.</description></item>")


def answer(status: int = 200, body: str = FEED, hops: tuple[tuple[int, str], ...] = (), **headers: str) -> WebResponse:
    """An answer; `hops` are (status, where to)."""
    followed = tuple(Hop(*hop) for hop in hops)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebResponse(followed[-1].url if followed else URL, status, named, body.encode(), followed)


def answered_beside(web: Web, request: WebRequest) -> Future[WebResponse]:
    """What `send` of that Web says, from a thread of its own."""
    told: Future[WebResponse] = Future()

    def ask() -> None:
        try:
            told.set_result(web.send(request))
        except FeedHubError as error:
            told.set_exception(error)

    threading.Thread(target=ask).start()
    return told


class Scripted:
    """A Web that gives the same answer, or raises the same error, until told otherwise; `at` has those of addresses."""

    def __init__(self) -> None:
        self.says: WebResponse | FeedHubError = answer()
        self.at: dict[str, WebResponse] = {}
        self.asked: list[str] = []

    def send(self, request: WebRequest) -> WebResponse:
        self.asked.append(request.url)
        if isinstance(self.says, FeedHubError):
            raise self.says
        return self.at.get(request.url, self.says)

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        raise NotImplementedError


class Here:
    """Parses in this process."""

    def parse(self, request: ParseRequest) -> ParsedFeed:
        return answer_to(request).result()

    def recognise(self, request: ParseRequest) -> Recognised:
        return answer_to(request).recognition()


class Watched:
    """One source, its clock, and what it answers."""

    def __init__(self, store: Store, source: Source) -> None:
        self.store, self.source = store, source
        self.clock, self.web = StillClock(), Scripted()
        self.ingest = Ingest(
            store=store,
            web=self.web,
            parser=Here(),
            clock=self.clock,
            dice=LoadedDice(0.5),
            sections=sections(),
            reprints="any",
            identity=IDENTITY,
            feeds_directory=Path("/nonexistent"),
        )
        with store.write() as tx:
            add_source(tx, source, self.clock.now())

    def poll(self, says: WebResponse | FeedHubError | None = None) -> Poll:
        """Poll now."""
        if says is not None:
            self.web.says = says
        poll = claim_and_poll(self.ingest, self.source.key, "me")
        assert poll is not None
        return poll

    def wait(self) -> float:
        """Minutes until it is due."""
        return (self.state.next_due - self.clock.now()).total_seconds() / 60

    @property
    def state(self) -> SourceState:
        with self.store.read() as tx:
            return get_state(tx, self.source.key)
