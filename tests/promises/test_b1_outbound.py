"""Nothing private is connected to by any feature that asks something of the web (PROMISES B1).

The client itself is judged in tests/net; here its features are: a poll, a redirect, an item's own page, the next list
page, a sitemap of an index, `source test` and the recogniser. A trap listens wherever the addresses lead.
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from feedhub.errors import FetchError
from feedhub.ingest.child import answer_to
from feedhub.ingest.pipeline import claim_and_poll
from feedhub.ingest.trial import recognise_address, try_source
from feedhub.ingest.wire import ParseRequest
from feedhub.model.extract import Detail, Extract
from feedhub.model.item import ParsedFeed
from feedhub.model.poll import Poll
from feedhub.model.recognised import Recognised
from feedhub.net.client import CurlWeb
from feedhub.ports.web import WebRequest
from feedhub.store.sources import add_source
from tests.ingest.polling import Watched
from tests.kit import a_source, open_store
from tests.net.conftest import PUBLIC, Names, make_web, names, server, trap, web  # noqa: F401
from tests.net.test_guard import FORMS
from tests.net.wire import Trap, WireServer, ok, to

MakeWeb = Callable[..., CurlWeb]
REFUSED = {"private_address", "bad_address"}
PAGE = "<ul><li><a href='{link}'>A title of some length</a><i>2026-11-20</i></li></ul><a class=n href='{next}'>n</a>"
EXTRACT = Extract(item="li", title="a", link="a", date="i", next_page="a.n", pages=2)


class Whole:
    """Reads every kind of document in this process, as the parser child does."""

    def parse(self, request: ParseRequest) -> ParsedFeed:
        return answer_to(request).result()

    def recognise(self, request: ParseRequest) -> Recognised:
        return answer_to(request).recognition()


@dataclass
class Asking:
    """A real ingest over the real client, which may reach 127.0.0.2 and nothing else."""

    watched: Watched
    server: WireServer
    count: int = 0

    def poll(self, **values: object) -> Poll:
        self.count += 1
        source = replace(a_source(f"s{self.count}"), **values)  # type: ignore[arg-type]
        with self.watched.store.write() as tx:
            add_source(tx, source, self.watched.clock.now())
        poll = claim_and_poll(self.watched.ingest, source.key, "me")
        assert poll is not None
        return poll


@pytest.fixture
def asking(tmp_path: Path, web: CurlWeb, server: WireServer) -> Iterator[Asking]:  # noqa: F811
    store = open_store(f"sqlite:///{tmp_path / 'asking.db'}")
    watched = Watched(store, a_source("s0", url=server.url("/")))
    watched.ingest = replace(watched.ingest, web=web, parser=Whole())
    yield Asking(watched, server)
    store.close()


def bare(host: str) -> str:
    return host.strip("[]")


def test_a_poll(asking: Asking, trap: Trap) -> None:  # noqa: F811
    for host in FORMS:
        poll = asking.poll(url=f"http://{host}:{trap.port}/feed.xml")
        assert (poll.outcome, poll.code in REFUSED) == ("failed", True), (host, poll)


def test_a_redirect_names_its_hop(asking: Asking, trap: Trap) -> None:  # noqa: F811
    for host in FORMS:
        asking.server.answers["/moved"] = ok(b"", status="302 Found").replace(
            b"\r\n\r\n", f"\r\nLocation: http://{host}:{trap.port}/x\r\n\r\n".encode()
        )
        for hosts in ((), (bare(host),)):
            poll = asking.poll(url=asking.server.url("/moved"), allow_hosts=hosts)
            assert poll.code in REFUSED, (host, poll)
            assert "/moved" in str(poll.message) and f":{trap.port}/x" in str(poll.message), poll.message


@pytest.mark.parametrize("feature", ["an item's page", "the next page", "a sitemap of an index"])
def test_what_a_document_leads_to(asking: Asking, trap: Trap, feature: str) -> None:  # noqa: F811
    tried = 0
    for host in FORMS:
        there, kind, extract = f"http://{host}:{trap.port}/x", "html", EXTRACT
        here = asking.server.url("/list")
        if feature == "an item's page":
            body, extract = PAGE.format(link=there, next=""), replace(EXTRACT, detail=Detail(body="p"))
        elif feature == "the next page":
            body = PAGE.format(link="/1.html", next=there)
        else:
            body, kind = f"<sitemapindex><sitemap><loc>{there}</loc></sitemap></sitemapindex>", "sitemap"
        asking.server.answers["/list"] = ok(body.encode(), "Content-Type: text/html; charset=utf-8")
        values = {"url": here, "kind": kind, "extract": extract if kind == "html" else None}
        asking.poll(**values, allow_hosts=(bare(host),))  # its robots.txt is asked for first, and refused
        poll = asking.poll(**values, allow_hosts=(bare(host),), robots="ignore")
        tried += any("is refused" in note for note in poll.notes)
    # Some forms are no link at all, or lead to a host by another name than the one that is allowed.
    assert tried > len(FORMS) / 2
    assert trap.caught() == 0


def test_source_test_and_the_recogniser(asking: Asking, trap: Trap) -> None:  # noqa: F811
    for host in FORMS:
        source = a_source("trial", url=f"http://{host}:{trap.port}/")
        for ask in (try_source, recognise_address):
            with pytest.raises(FetchError) as refused:
                ask(asking.watched.ingest, source)  # type: ignore[operator]
            assert refused.value.code in REFUSED, host


def test_a_feature_that_went_round_the_client_would_be_caught(trap: Trap) -> None:  # noqa: F811
    """The planted fault: the trap does see a connection."""
    socket.create_connection(("127.0.0.1", trap.port)).close()
    assert trap.caught() == 1


# --- secrets ------------------------------------------------------------------------------------------------------


def test_a_password_goes_to_no_other_origin(asking: Asking, names: Names) -> None:  # noqa: F811
    """Neither along a redirect nor to an item's own page on another port or host (16)."""
    with WireServer() as other:
        asking.server.answers["/list"] = ok(
            PAGE.format(link=other.url("/1.html"), next="/2").encode(), "Content-Type: text/html"
        )
        asking.server.answers["/2"] = to(other.url("/3"))
        other.answers["/1.html"] = other.answers["/3"] = ok(b"<p>The page of the item</p>", "Content-Type: text/html")
        asking.poll(
            url=asking.server.url("/list"),
            kind="html",
            extract=replace(EXTRACT, detail=Detail(body="p")),
            username="editor",
            password="canary-7c1",
            allow_hosts=(PUBLIC,),
        )
        asked = dict(zip(asking.server.paths, range(len(asking.server.paths)), strict=True))
        assert "authorization" in asking.server.fields(asked["/list"])
        assert {"/1.html", "/3"} <= set(other.paths)
        assert all("canary" not in head and "uthorization" not in head for head in other.heads)


# --- files --------------------------------------------------------------------------------------------------------


class OpenWatch:
    """How often a file was opened by anybody (inotify(7))."""

    def __init__(self, file: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        in_nonblock, in_open = 0x800, 0x20
        self._queue = libc.inotify_init1(in_nonblock)
        assert libc.inotify_add_watch(self._queue, bytes(file), in_open) >= 0

    def opened(self) -> bool:
        try:
            return bool(os.read(self._queue, 4096))
        except BlockingIOError:
            return False


@pytest.mark.parametrize(
    "form", ["file://{path}", "FILE://localhost{path}", "file:{path}", "{path}", "feed:file://{path}"]
)
def test_no_file_is_opened(asking: Asking, web: CurlWeb, tmp_path: Path, form: str) -> None:  # noqa: F811
    file = tmp_path / "secret.xml"
    file.write_text("<rss version='2.0'><channel><title>secret</title></channel></rss>")
    watch = OpenWatch(file)
    url = form.format(path=file)
    with pytest.raises(FetchError) as refused:
        web.send(WebRequest(url))
    assert refused.value.code in ("scheme_not_allowed", "bad_address")
    asking.server.answers["/to-file"] = to(url)
    asking.poll(url=asking.server.url("/to-file"))
    assert asking.poll(url=url).outcome == "failed"
    assert not watch.opened()
    file.read_text()
    assert watch.opened(), "the watch sees what does open"


def test_a_body_that_is_the_name_of_a_file_or_address_is_text(asking: Asking, trap: Trap, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "secret.xml"
    file.write_text("<rss version='2.0'><channel><title>secret</title></channel></rss>")
    watch = OpenWatch(file)
    for body in (str(file), f"file://{file}", f"http://127.0.0.1:{trap.port}/feed.xml"):
        asking.server.answers["/feed"] = ok(body.encode())
        assert asking.poll(url=asking.server.url("/feed")).code == "not_a_feed"
    assert not watch.opened()


def test_ourselves_is_no_source(make_web: MakeWeb, asking: Asking) -> None:  # noqa: F811
    """At most one request, and the reason is named (23)."""
    ours = asking.server
    asking.watched.ingest = replace(asking.watched.ingest, web=make_web(own_hosts=frozenset({(ours.host, ours.port)})))
    poll = asking.poll(url=ours.url("/rss/all.xml"))
    assert (poll.code, ours.connects) == ("self_reference", 0)
    with WireServer() as elsewhere:
        elsewhere.answers["/"] = to(ours.url("/rss/all.xml"))
        poll = asking.poll(url=elsewhere.url("/"), allow_hosts=(PUBLIC,))
        assert (poll.code, elsewhere.connects, ours.connects) == ("self_reference", 1, 0)
