"""Documents into feeds: each pair in fixtures/, what is no feed, what is too much, and what must never be opened."""

from __future__ import annotations

import json
import socket
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedhub.errors import HostileDocument, NotAFeed, ParseError
from feedhub.ingest import bounds
from feedhub.ingest.people import person
from feedhub.model.safehtml import LONGEST
from tests.ingest.parsing import as_expected, parsed, rss

PAIRS = sorted((Path(__file__).parent / "fixtures").glob("*.xml"))


@pytest.mark.parametrize("document", PAIRS, ids=lambda path: path.stem)
def test_a_pair(document: Path) -> None:
    expected = json.loads(document.with_suffix(".json").read_text(encoding="utf-8"))
    assert as_expected(parsed(document.read_bytes())) == expected


def test_there_are_pairs() -> None:
    assert len(PAIRS) >= 12


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The document is empty."),
        (b" \r\n\xef\xbb\xbf", "The document is empty."),
        ("<!DOCTYPE html><html><head><title>欢迎 &amp; 你好</title></head>".encode(), 'HTML page titled "欢迎 & 你好"'),
        (b"<html><title>Sign in</title><input type='password'></html>", 'login form titled "Sign in"'),
        (b"<!-- served by x --><HTML><BODY>gone</BODY></HTML>", "This is an HTML page, not a feed."),
        (b"<html><body>how to write &lt;rss&gt;: <rss></body></html>", "This is an HTML page"),
        (b"<p>not found</p>", "This is a piece of HTML"),
        (b"%PDF-1.7\n...", "This is a PDF"),
        (b"\x89PNG\r\n\x1a\n....", "This is a picture"),
        (b"GIF89a", "This is a picture"),
        (b"PK\x03\x04....", "This is a ZIP archive"),
        (b'{"error": "no such user"}', 'This is JSON, but no JSON Feed: it says "no such user"'),
        (b"404 not found", 'plain text ("404 not found")'),
        (b'<?xml version="1.0"?><opml><head/><body/></opml>', "an OPML outline"),
        (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>', "a sitemap"),
        (b"<catalog><book/></catalog>", "an XML document of <catalog>"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, said: str) -> None:
    with pytest.raises(NotAFeed) as refusal:
        parsed(body)
    assert said in str(refusal.value)


@pytest.mark.parametrize("body", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/"])
def test_a_body_is_never_taken_for_a_name(body: str) -> None:
    opened: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event in ("open", "socket.connect", "urllib.Request"):
            opened.append(f"{event} {arguments[0]}")

    sys.addaudithook(watch)
    with pytest.raises(NotAFeed, match="plain text"):
        parsed(body)
    watching = False
    assert not opened


def test_nothing_outside_is_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        requests: list[Any] = []

        def count() -> None:
            try:
                requests.append(listener.accept())
            except TimeoutError:
                return

        thread = threading.Thread(target=count)
        thread.start()
        item = (
            f'<item xmlns:xi="http://www.w3.org/2001/XInclude"><title>x</title><xi:include href="{address}/i"/></item>'
        )
        assert parsed(f'<!DOCTYPE rss SYSTEM "{address}/d.dtd">{rss(item)}').items[0].title == "x"
        for declared in (f'<!ENTITY e SYSTEM "{address}/e">', f'<!ENTITY % p SYSTEM "{address}/p"> %p;'):
            with pytest.raises(HostileDocument):
                parsed(f"<!DOCTYPE rss [{declared}]>{rss('<item><title>&e;</title></item>')}")
        thread.join()
        assert not requests


def test_entity_bombs_are_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    for bomb in (f'<!ENTITY l0 "lol">{laughs}', f'<!ENTITY l9 "{"a" * 100_000}">', '<!ENTITY l9 "&l9;">'):
        with pytest.raises(HostileDocument):
            parsed(f"<!DOCTYPE x [{bomb}]>{rss('<item><title>&l9;</title></item>')}")


def test_what_is_too_much_is_cut() -> None:
    many = range(300)
    item = parsed(
        rss(
            f"<item><title>{'long title ' * 90_000}</title>"
            f"<description>{'&lt;p>many words&lt;/p>' * 60_000}</description><author>{'n' * 5000}</author>"
            f"<guid isPermaLink='false'>{'g' * 5000}</guid><link>http://x.example/{'l' * 5000}</link>"
            + "".join(f"<category>{'c' * 300}{number}</category><category>c{number}</category>" for number in many)
            + "".join(f'<enclosure url="http://x.example/{number}.mp3"/>' for number in many)
            + "</item>"
        )
    ).items[0]
    assert len(item.title) <= bounds.TITLE and item.title.endswith("…")
    assert item.html is not None and 0.9 * LONGEST < len(item.html) <= bounds.LONGEST_CLEAN
    assert bounds.SUMMARY * 0.7 < len(item.summary) <= bounds.SUMMARY
    assert item.guid is not None and item.guid.startswith("sha256:")
    assert item.link is None
    assert len(item.categories) == bounds.CATEGORIES and max(map(len, item.categories)) == bounds.CATEGORY
    assert len(item.enclosures) == bounds.ENCLOSURES
    assert item.author is not None and len(item.author) <= bounds.AUTHOR


def test_markup_that_grows_while_it_is_cleaned_is_bounded() -> None:
    links = '&lt;a href="x">y&lt;/a>' * 60_000
    item = parsed(
        rss(f"<item><description>{links}</description></item>"), url="http://feeds.example/" + "p" * 1900
    ).items[0]
    assert item.html is not None and len(item.html) <= bounds.LONGEST_CLEAN


@given(
    st.text(alphabet=st.characters(codec=None), max_size=60)
    | st.sampled_from(["\x00\x0b￾\ud800\x85\u202e🎉", "]]>", "&amp;lt;"])
)
def test_whatever_characters_come_xml_can_carry_what_is_kept(text: str) -> None:
    whole = {
        "id": f"a{text}",
        "title": f"t{text}",
        "summary": f"s{text}",
        "content_html": f"<p>h{text}</p>",
        "tags": [text],
    }
    values = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": text,
        "items": [whole | {"authors": [{"name": text}]}],
    }
    feed = parsed(json.dumps(values))
    item = feed.items[0]
    assert item.title.startswith("t")
    root = etree.Element("r")
    for kept in (feed.title, item.guid, item.title, item.summary, item.html, item.author or "", *item.categories):
        root.text = kept
        etree.fromstring(etree.tostring(root))


@given(st.binary(max_size=300))
def test_any_bytes_in_a_feed_are_a_feed_or_an_error(noise: bytes) -> None:
    for body in (noise, rss("<item><title>x</title></item>").encode().replace(b"x", noise), b"<rss>" + noise):
        try:
            parsed(body)
        except ParseError:
            continue


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Li Ming", "Li Ming"),
        ("noreply@paper.online (Li Ming)", "Li Ming"),
        ("Li Ming <li@paper.example>", "Li Ming"),
        ("mailto:li@paper.example", None),
        ("li at paper dot example", None),
        ("http://paper.example/li", None),
        ("www.paper.com.cn", None),
        ("人民网", None),
        ("某某日报", None),
        ("王船山", "王船山"),
        ("The Paper", None),
        ("J.R.R. Tolkien", "J.R.R. Tolkien"),
        (" ", None),
    ],
)
def test_a_person(written: str, name: str | None) -> None:
    assert person(written, ("the paper",)) == name


def test_the_language_is_the_items_then_the_sources_then_the_feeds() -> None:
    items = "<item xml:lang='de'><title>1</title></item><item><title>2</title></item>"
    body = f'<rss version="2.0"><channel><language>en-us</language>{items}</channel></rss>'
    assert [item.language for item in parsed(body, language="zh").items] == ["de", "zh"]
    assert [item.language for item in parsed(body).items] == ["de", "en-US"]


def test_a_guid_is_kept_as_written() -> None:
    # feedparser would resolve it; parse.py takes that out of it once, on import.
    body = '<rss version="2.0" xml:base="http://b.example/x/"><channel><item><guid>../7</guid></item></channel></rss>'
    assert parsed(body).items[0].guid == "../7"
    assert feedparser.parse(BytesIO(body.encode())).entries[0].id == "../7"
