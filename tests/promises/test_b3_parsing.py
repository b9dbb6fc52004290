"""Hostile bytes: what comes of them, at what price, and that the next source is served (PROMISES B3)."""

from __future__ import annotations

import gzip
import json
import random
import time
import xml.sax
import zlib
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import psutil
import pytest
from lxml import etree

from feedhub.errors import FetchError, HostileDocument, NotAFeed, ParseError, ParserDied
from feedhub.ingest.parser_pool import ParserPool
from feedhub.ingest.promote import article_from_item
from feedhub.model.article import Article
from feedhub.model.feed import FORMATS
from feedhub.net.client import CurlWeb
from feedhub.ports.web import WebRequest
from feedhub.publish.document import assemble
from feedhub.publish.pieces import written
from feedhub.publish.views import make_view
from feedhub.store.article_reads import list_articles
from feedhub.store.engine import Store
from tests.ingest.conftest import IDENTITY
from tests.ingest.parsing import a_request, parsed
from tests.ingest.polling import Watched, answer
from tests.kit import LOCAL, NOW, a_source, open_store, sections
from tests.net.conftest import make_web, names, server, web  # noqa: F401
from tests.net.wire import WireServer, head, ok
from tests.promises.mutants import mutants, seeds
from tests.web.conftest import a_portal, the_style

OWN = Path(__file__).parents[1] / "ingest" / "fixtures"
LONGEST_PARSE = 10.0


# --- mutants --------------------------------------------------------------------------------------------------------


def run_mutants(originals: list[bytes], number: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Outcomes by code, and every mutant that killed its parser or took too much of a processor."""
    pools = [ParserPool(1, seconds=6 * LONGEST_PARSE) for _ in range(2)]
    free = deque(pools)
    outcomes: Counter[str] = Counter()
    bad: list[str] = []

    def one(numbered: tuple[int, bytes]) -> None:
        (place, body), pool = numbered, free.pop()
        before = processor_seconds(pool)
        try:
            pool.parse(a_request(body))
            code = "feed"
        except (NotAFeed, HostileDocument, ParserDied) as error:
            code = error.code
        except ParseError as error:
            code = f"parse: {error}"
        outcomes[code] += 1
        if code == "parser_died" or processor_seconds(pool) - before > LONGEST_PARSE:
            bad.append(f"seed {seed}, mutant {place}: {code}, {len(body)} bytes")
        free.append(pool)

    try:
        with ThreadPoolExecutor(len(pools)) as hands:
            for start in range(0, number, 1000):
                batch = list(mutants(originals, min(1000, number - start), seed + start))
                list(hands.map(one, enumerate(batch, start)))
    finally:
        for pool in pools:
            pool.close()
    return outcomes, bad


def processor_seconds(pool: ParserPool) -> float:
    """What its child has used so far: other than the wall's time, the same on a machine that does other things too."""
    try:
        return sum(sum(psutil.Process(child._process.pid).cpu_times()[:2]) for child in tuple(pool._children))
    except psutil.NoSuchProcess:
        return 0.0


@pytest.mark.parametrize("number", [300, pytest.param(100_000, marks=pytest.mark.long)])
def test_mutants_kill_nobody(number: int, request: pytest.FixtureRequest) -> None:
    try:
        originals = seeds(request.getfixturevalue("material") / "corpus")
    except pytest.skip.Exception:
        originals = seeds(OWN)
    seed = 20261127 if number < 1000 else random.randrange(10**9)
    outcomes, bad = run_mutants(originals, number, seed)
    print(f"seed {seed}, {number} mutants of {len(originals)} documents: {dict(outcomes.most_common())}")
    assert not bad
    assert outcomes.total() == number
    # feedparser raises out of some; they cost their poll and have a code, no more.
    assert sum(count for code, count in outcomes.items() if code.startswith("parse:")) <= number / 100


# --- characters -----------------------------------------------------------------------------------------------------

ODD = {
    "NUL": "\x00", "VT": "\x0b", "ESC": "\x1b", "U+FFFE": "\ufffe", "U+FFFF": "\uffff", "a lone surrogate": "\ud800",
    "NEL": "\x85", "emoji": "👧", "bidi": "\u202e\u2066", "a line separator": "\u2028",
    "astral": "\U0001f600", "C1": "\x9b",
}  # fmt: skip
FIELD = {
    "title": "<title>{0}</title>", "description": "<description>{0}</description>", "guid": "<guid>{0}</guid>",
    "link": "<link>http://site.example/{0}</link>", "author": "<author>{0}</author>",
    "category": "<category>{0}</category>", "source": "<source url='http://o.example/{0}'>{0}</source>",
    "enclosure": "<enclosure url='http://site.example/{0}' type='{0}' length='{0}'/>",
    "pubDate": "<pubDate>{0}</pubDate>",
    "rights": "<dc:rights xmlns:dc='http://purl.org/dc/elements/1.1/'>{0}</dc:rights>",
    "comments": "<comments>{0}</comments>",
    "CDATA": "<description><![CDATA[<p title='{0}'>{0}</p>]]></description>",
}  # fmt: skip


def test_any_character_in_any_field_leaves_feeds_well_formed(tmp_path: Path) -> None:
    """The entry is kept, with what XML cannot carry taken out (44)."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}", NOW - timedelta(days=9))
    watched = Watched(store, a_source())
    items, number = [], 0
    for field in FIELD.values():
        for odd in ODD.values():
            for form in (odd, f"&#x{ord(odd[0]):X};"):
                number += 1
                value = field.format(f"be{form}fore{number}")
                items.append(f"<item><title>Story {number}</title><guid>id-{number}</guid>{value}</item>")
    body = f'<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'
    says = answer()
    object.__setattr__(says, "body", body.encode("utf-8", "surrogatepass"))
    poll = watched.poll(says)
    # What had to be replaced on the way looks garbled, and is held for a person.
    assert poll.count("published") + poll.count("held") == number and poll.count("held") < 20
    with store.read() as tx:
        articles = list_articles(tx, limit=999)
    republish(store, articles)
    store.close()


def republish(store: Store, articles: list[Article]) -> None:
    """The articles as a section's documents, each well-formed."""
    portal = a_portal(80)
    style = the_style(store, portal)
    view = make_view(portal, sections()[LOCAL], articles, generation=1, changed_at=NOW)
    for format_ in FORMATS:
        pieces = [written(one, portal, format_, LOCAL) for one in articles]
        assert None not in pieces, f"an article cannot be written as {format_}"
        document = assemble(view, pieces, format_, style, last_modified=NOW, tombstones=())  # type: ignore[arg-type]
        well_formed(document.body, format_)


def well_formed(body: bytes, format_: str) -> None:
    """lxml and expat both take it; JSON is strict UTF-8 JSON."""
    if format_ == "json":
        assert "\x00" not in json.dumps(json.loads(body.decode("utf-8")), ensure_ascii=False)
        return
    etree.fromstring(body)
    xml.sax.parseString(body, xml.sax.ContentHandler())


# --- garbage in, valid out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 25], ids=["all", "a sample"])
def test_what_is_taken_in_is_published_well_formed(material: Path, tmp_path: Path, step: int) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    source = a_source()
    republished = 0
    files = sorted(path for path in (material / "corpus").rglob("*") if path.is_file() and path.suffix != ".opml")
    for file in files[::step]:
        try:
            feed = parsed(file.read_bytes())
        except ParseError:
            continue
        articles = []
        for number, item in enumerate(feed.items[:100]):
            when = item.published or NOW
            made = article_from_item(
                item, source, sections=(LOCAL,), published=when, identity=IDENTITY, site_link=feed.link, now=NOW,
                article_id=f"a{number}",
            )  # fmt: skip
            articles.append(made)
        republish(store, articles)
        republished += 1
    store.close()
    print(f"{republished} of {len(files[::step])} documents republished in three formats, all well-formed")
    assert republished > len(files[::step]) / 2


# --- bombs ----------------------------------------------------------------------------------------------------------

MEBIBYTE = 1024 * 1024


def a_bomb(pack: Callable[[bytes], bytes], layers: int = 1) -> bytes:
    packed = pack(b" " * (64 * MEBIBYTE))
    for _ in range(layers - 1):
        packed = pack(packed)
    return packed


BOMBS: dict[str, tuple[bytes, str]] = {
    "gzip": (gzip.compress(b"\0" * (200 * MEBIBYTE), 9), "gzip"),
    "gzip of gzip": (a_bomb(gzip.compress, 2), "gzip"),
    "gzip of gzip, said so": (a_bomb(gzip.compress, 2), "gzip, gzip"),
    "many members": (gzip.compress(b"") * 100_000 + gzip.compress(b" " * 20 * MEBIBYTE), "gzip"),
    "deflate": (a_bomb(zlib.compress), "deflate"),
    "brotli, not asked for": (b"\x8b\x00\x80" * 500, "br"),
    "zstd, not asked for": (b"\x28\xb5\x2f\xfd" * 500, "zstd"),
    "plain that says gzip": (b"<rss/>" * 100, "gzip"),
    "gzip that says deflate": (gzip.compress(b"<rss/>" * 100), "deflate"),
    "cut off": (gzip.compress(random.Random(1).randbytes(100_000))[:50_000], "gzip"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_early_and_costs_little(web: CurlWeb, server: WireServer, name: str) -> None:  # noqa: F811
    body, coding = BOMBS[name]
    server.answers["/"] = ok(body, f"Content-Encoding: {coding}")
    server.answers["/good"] = ok(b"good")
    process = psutil.Process()
    before, started = process.memory_info().rss, time.monotonic()
    with pytest.raises(FetchError) as failed:
        web.send(WebRequest(server.url()))
    assert failed.value.code in ("too_large", "bad_response")
    assert time.monotonic() - started < 2
    assert process.memory_info().rss - before < 64 * MEBIBYTE
    assert web.send(WebRequest(server.url("/good"))).body == b"good"


def test_an_answer_over_the_limit_is_stopped_on_the_way(web: CurlWeb, server: WireServer) -> None:  # noqa: F811
    """5 MiB and a byte: the server is left with most of the rest unsent (47)."""
    sent = 0

    def flood(connection: object) -> None:
        nonlocal sent
        connection.sendall(head("Connection: close"))  # type: ignore[attr-defined]
        for _ in range(400):
            connection.sendall(b" " * 64 * 1024)  # type: ignore[attr-defined]
            sent += 64 * 1024

    server.answers["/"] = flood  # type: ignore[assignment]
    with pytest.raises(FetchError) as failed:
        web.send(WebRequest(server.url()))
    assert failed.value.code == "too_large"
    time.sleep(0.2)
    assert sent < 5 * MEBIBYTE + 512 * 1024


# --- what is no feed, and what validators are worth ------------------------------------------------------------------

NO_FEEDS = {
    "a login page": b"<!DOCTYPE html><html><head><title>Log in</title></head><body><form></form></body></html>",
    "nothing": b"",
    "blanks": b" \n\t",
    "a JSON error": b'{"error": "no such feed", "status": 500}',
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "words": b"Service temporarily unavailable",
    "XML": b"<?xml version='1.0'?><catalog><book/></catalog>",
    "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "an archive": b"PK\x03\x04\x14\x00",
}


@pytest.mark.parametrize("name", NO_FEEDS)
def test_what_is_no_feed_changes_nothing(tmp_path: Path, name: str) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    watched = Watched(store, a_source())
    watched.poll(answer(etag='"1"', last_modified="Tue, 24 Nov 2026 03:00:00 GMT"))
    before = watched.state
    says = answer(etag='"2"')
    object.__setattr__(says, "body", NO_FEEDS[name])
    poll = watched.poll(says)
    after = watched.state
    assert (poll.outcome, poll.code) == ("failed", "not_a_feed")
    assert (after.etag, after.last_modified, after.body_digest) == (
        before.etag,
        before.last_modified,
        before.body_digest,
    )
    with store.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM entries").scalar() == 1
    store.close()


def test_validators_that_lie_lose_nothing(tmp_path: Path) -> None:
    """A 200 with the old ETag, a weak one, one of 64 KB, a Last-Modified in the future, a 304 with others (52)."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    watched = Watched(store, a_source())

    def feed(*numbers: int) -> str:
        items = "".join(f"<item><guid>{n}</guid><title>Story {n} has a title</title></item>" for n in numbers)
        return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'

    future = "Fri, 24 Nov 2090 03:00:00 GMT"
    watched.poll(answer(body=feed(1), etag='"same"', last_modified=future))
    assert watched.poll(answer(body=feed(1, 2), etag='"same"', last_modified=future)).count("published") == 1
    assert watched.poll(answer(304, body="", etag='"other"', last_modified=future)).outcome == "not_modified"
    assert watched.poll(answer(body=feed(1, 2, 3), etag='W/"weak"')).count("published") == 1
    assert watched.state.etag == 'W/"weak"'
    assert watched.poll(answer(body=feed(1, 2, 3, 4), etag='"' + "x" * 65_536 + '"')).count("published") == 1
    assert watched.state.etag is None
    assert watched.poll(answer(body=feed(*range(1, 6)), etag='"' + "x" * 1022 + '"')).count("published") == 1
    assert watched.state.etag == '"' + "x" * 1022 + '"'
    store.close()


@pytest.mark.parametrize(
    "address",
    ["//cdn.example/a", "/a", "a/b?c=d#e", "?q", "#top", "http://[::1", "http://a b/", "%zz", "http://x.example/%",
     "../../..",
     "http://x.example:99999/", "http://x.example:port/", "\u2028http://x.example/", "http:///a", "://",
     "http://ex ample/",
     "http://" + "a" * 300 + "/", "http://x.example/" + "a" * 5000],
)  # fmt: skip
def test_an_address_is_absolute_or_gone(address: str) -> None:
    """Relative, protocol-relative, through a chain of xml:base, or broken: never an exception (54)."""
    text = escape(address, {'"': "&quot;"})
    feed = parsed(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://one.example/a/"><title>T</title>'
        f'<link href="{text}"/>'
        f'<entry xml:base="../b/"><id>1</id><title>t</title><link href="{text}"/><link rel="enclosure" href="{text}"/>'
        f'<content type="html" xml:base="c/">&lt;a href="{escape(text)}"&gt;x&lt;/a&gt;</content></entry></feed>'
    )
    for found in (feed.link, feed.items[0].link, *(one.url for one in feed.items[0].enclosures)):
        assert found is None or found.startswith(("http://", "https://")), found
    assert 'href="http' in str(feed.items[0].html) or "href" not in str(feed.items[0].html)
