"""Questions on a real server: three feeds and a page, validators, refusals in words, nothing executed."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import feedparser
import pytest
from lxml import html

from tests.web.conftest import Running

Q = quote("湘江")
FEEDS = {"/rss/search.xml": "application/xml; charset=utf-8", "/json/search.json": "application/feed+json"}


@pytest.mark.parametrize("path", [*FEEDS, "/atom/search.xml"])
def test_a_question_is_a_feed(running: Running, path: str) -> None:
    found = running.get(f"{path}?q={Q}&utm_source=x&limit=7")
    assert found.status == 200
    assert found.headers["content-type"] == FEEDS.get(path, "application/xml; charset=utf-8")
    assert found.headers["cache-control"] == "public, max-age=300, stale-if-error=86400"
    assert found.headers["access-control-allow-origin"] == "*"
    assert f'<{running.site.portal.base_url}{path}?q={Q}>; rel="self"' in found.headers["link"]
    assert "last-modified" not in found.headers
    assert "湘江边的雁城" in found.text
    again = running.get(f"{path}?q={Q}", If_None_Match=found.headers["etag"])
    assert (again.status, again.headers["etag"]) == (304, found.headers["etag"])
    assert running.get(f"{path}?q={Q}", "HEAD").headers["content-length"] == str(len(found.body))
    assert running.get(path, "OPTIONS").status == 204


def test_conditions_narrow_it_down(running: Running) -> None:
    def titles(query: str) -> list[str]:
        return [item["title"] for item in json.loads(running.get(f"/json/search.json?{query}").body)["items"]]

    assert titles("section=life/health&has=enclosure") == ['<script>alert("1")</script> & friends']
    assert titles("section=life&section=current-news&author=Li%20Hua") == ['<script>alert("1")</script> & friends']
    assert titles(f"category={quote('城市')}&source={quote('衡阳新闻网')}&since=2026-11-01") != []
    assert titles("language=zh") == ["湘江边的雁城"]
    assert titles("q=Title+-n01&limit=2") == ["Title n00", "Title n02"]
    assert titles("q=nowhere") == []


@pytest.mark.parametrize("path", ["/rss/search.xml?q=城", "/search?q=城", "/opml/search.xml?q=城", "/?q=城"])
def test_a_question_as_it_was_typed(running: Running, path: str) -> None:
    line = "GET {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    typed, escaped = (running.raw(line.format(asked).encode()) for asked in (path, path.replace("城", "%E5%9F%8E")))
    assert typed.startswith(b"HTTP/1.1 200")
    assert typed.partition(b"\r\n\r\n")[2] == escaped.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "Ask something"), ("section=nowhere", "no section"), ("q=%22%22", "no word"), ("until=x", "not a date")],
)
def test_what_cannot_be_read_is_refused_in_words(running: Running, query: str, words: str) -> None:
    found = running.get(f"/rss/search.xml?{query}")
    assert found.status == 400
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert words in found.text
    if query:
        page = running.get(f"/search?{query}")
        assert page.status == 400
        assert words in html.document_fromstring(page.body).xpath("string(//*[@role='alert'])")


def test_the_page_answers_and_offers_its_feeds(running: Running) -> None:
    page = html.document_fromstring(running.get(f"/search?q={Q}&section=&since=&language=zh").body)
    assert page.xpath("//input[@name='q']/@value") == ["湘江"]
    assert page.xpath("//select[@name='language']/option[@selected]/@value") == ["zh"]
    assert page.xpath("//a[@class='headline']/text()") == ["湘江边的雁城"]
    feeds = page.xpath("//ul[@class='chips']//a/@href")
    assert feeds == [
        f"/{f}/search.{'json' if f == 'json' else 'xml'}?q={Q}&language=zh" for f in ("rss", "atom", "json")
    ]
    assert page.xpath("//head/link[@rel='alternate' and @type]/@href") == feeds
    for feed in feeds:
        assert running.get(feed).status == 200
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    handed = quote(running.site.absolute(feeds[0]), safe="")
    assert page.xpath(f"//a[@class='reader' and contains(@href, '{handed}')]")


def test_older_answers_are_a_page_on(running: Running) -> None:
    seen: list[str] = []
    address = "/search?q=Title"
    for _ in range(3):
        page = html.document_fromstring(running.get(address).body)
        seen += page.xpath("//a[@class='headline']/text()")
        following = page.xpath("//a[@rel='next']/@href")
        if not following:
            break
        address = following[0]
    assert len(seen) == len(set(seen)) == 60
    assert seen == sorted(seen)
    assert running.get("/search?q=Title&before=9999999999999999999999").status == 200


@pytest.mark.parametrize("path", ["/rss/search.xml", "/atom/search.xml", "/json/search.json"])
def test_a_feed_that_has_more_has_pages(running: Running, path: str) -> None:
    """As RFC 5005 §3 has them, in the document and in the Link field."""
    seen: list[str] = []
    address = f"{path}?q=Title&limit=25"
    for _ in range(4):
        found = running.get(address)
        assert found.status == 200
        entries = json.loads(found.body)["items"] if path.endswith("json") else feedparser.parse(found.body).entries
        seen += [entry["id"] for entry in entries]
        following = re.search(r'<([^>]*)>; rel="next"', found.headers["link"])
        if following is None:
            break
        assert following[1].encode().replace(b"&", b"&" if path.endswith("json") else b"&amp;") in found.body
        address = following[1].removeprefix(running.site.portal.base_url)
    assert len(seen) == len(set(seen)) == 60
    assert running.get(f"{path}?q=Title&before=nowhere").body == running.get(f"{path}?q=Title").body


def test_what_was_asked_is_text(running: Running) -> None:
    found = running.get("/search?q=" + quote('"><script>alert(1)</script>'))
    page = html.document_fromstring(found.body)
    assert [script.text for script in page.iter("script")] == [None]
    assert page.xpath("//input[@name='q']/@value") == ['"><script>alert(1)</script>']


def test_a_question_as_an_outline(running: Running) -> None:
    query = "q=first&section=life"
    page = running.get(f"/search?{query}")
    assert 'type="text/x-opml" title="OPML" href="/opml/search.xml?q=first&amp;section=life"' in page.text
    found = running.get(f"/opml/search.xml?{query}")
    assert found.headers["content-type"] == "text/x-opml; charset=utf-8"
    outline = ElementTree.fromstring(found.body).find("body/outline")
    assert outline is not None
    assert outline.get("xmlUrl") == f"{running.site.portal.base_url}/rss/search.xml?{query}"
    assert outline.get("htmlUrl") == f"{running.site.portal.base_url}/search?{query}"
    assert running.get(f"/opml/search.xml?{query}", If_None_Match=found.headers["etag"]).status == 304
    assert running.get("/opml/search.xml").status == 400
    assert running.get("/opml/search.xml?section=nowhere").status == 400


@pytest.mark.long
def test_ten_thousand_different_questions_leave_no_trace(running: Running) -> None:
    """PROMISES 94 and 104: memory stays, and none takes long."""

    def memory() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def ask(first: int, last: int) -> list[float]:
        took = []
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as line:
            for number in range(first, last):
                path = (
                    f"/rss/search.xml?q=the+-w{number}&limit={number % 700 - 50}",
                    f"/json/search.json?q={Q}&section=life&author=a{number}",
                    f"/atom/search.xml?q=body&since={1990 + number % 30}-01-{number % 28 + 1:02}&x={number}",
                    f"/search?q=n{number}&before={number}",
                )[number % 4]
                began = time.perf_counter()
                line.sendall(f"HEAD {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                found = b""
                while not found.endswith(b"\r\n\r\n"):
                    found += line.recv(65536)
                took.append(time.perf_counter() - began)
                assert found.startswith(b"HTTP/1.1 200"), (path, found)
        return took

    ask(0, 3000)
    before = memory()
    took = sorted(ask(3000, 13_000))
    assert memory() - before < 20 * 1024 * 1024
    assert took[len(took) * 99 // 100] < 0.2


@pytest.mark.parametrize("limit", ["0", "-1", "1000000000", "9" * 60, "text", "", "1e3", "+5", "1;2"])
def test_any_limit_is_clamped_or_ignored(running: Running, limit: str) -> None:
    for path in ("/rss/search.xml", "/json/search.json"):
        assert running.get(f"{path}?section=life&limit={quote(limit)}").status == 200
