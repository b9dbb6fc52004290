"""The list in somebody's frame: its page, its bounds, its header fields, which no other page has."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from lxml import html

from feedhub.web.embed import Embedding, read_embedding
from tests.kit import LOCAL
from tests.web.conftest import Running

FRAMED = f"/embed/{LOCAL}"
ELSEWHERE = [
    "/",
    "/rss/",
    "/search",
    "/articles/hard",
    f"/sections/{LOCAL}/",
    f"/rss/{LOCAL}.xml",
    "/widget.js",
    "/embedx",
]


def titles(running: Running, path: str) -> list[str]:
    found = running.get(path)
    assert found.status == 200
    return html.document_fromstring(found.body).xpath("//a[@class='headline']/text()")


def test_a_page_for_frames(running: Running) -> None:
    found = running.get(FRAMED)
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    policy = found.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *"
    assert [value for name, value in found.fields if name == "content-security-policy"] == [policy]
    assert "x-frame-options" not in found.headers
    assert "set-cookie" not in found.headers
    assert "access-control-allow-origin" not in found.headers
    page = html.document_fromstring(found.body)
    assert page.xpath("//a[@class='headline']/text()")[:2] == ["湘江边的雁城", "Title n00"]
    assert page.xpath("//li/@lang") == ["zh"]
    assert not page.xpath("//script | //form | //img | //@style | //style")
    for link in page.iter("a"):
        assert (link.get("target"), link.get("rel")) == ("_blank", "noopener")
        assert link.get("href").startswith(("http://", "https://"))
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert running.get(FRAMED, If_None_Match=found.headers["etag"]).status == 304


@pytest.mark.parametrize("path", ELSEWHERE)
def test_nothing_else_may_be_framed(running: Running, path: str) -> None:
    assert "frame-ancestors 'none'" in running.get(path).headers["content-security-policy"]


def test_it_looks_as_asked(running: Running) -> None:
    assert len(titles(running, FRAMED)) == 5
    assert len(titles(running, f"{FRAMED}?count=3")) == 3
    assert titles(running, f"{FRAMED}?lang=zh") == ["湘江边的雁城"]
    assert titles(running, f"{FRAMED}?lang=de") == []
    page = html.document_fromstring(running.get(f"{FRAMED}?theme=dark&lang=zh&summary=1").body)
    assert (page.get("lang"), page.get("class")) == ("zh", "dark")
    assert page.findtext(".//h1/a") == "本地"
    summary = html.document_fromstring(running.get(f"{FRAMED}?summary=1").body).xpath("//li/p[not(@class)]/text()")
    assert "The body of n00, long enough to be told apart from others." in summary
    hard = html.document_fromstring(running.get("/embed/life/health").body)
    assert hard.xpath("//a[@class='headline']/text()") == ['<script>alert("1")</script> & friends']
    assert not list(hard.iter("script"))


@pytest.mark.parametrize("count", ["0", "-1", "1000000000", "9" * 500, "many", "", "1e3"])
def test_whatever_is_asked_has_bounds(running: Running, count: str) -> None:
    assert 1 <= len(titles(running, f"{FRAMED}?count={count}")) <= 20


def test_a_look_has_one_form() -> None:
    look = read_embedding({"count": "7", "theme": "dark", "summary": "on", "lang": "ZH-hans-cn", "other": "x"})
    assert look == Embedding(count=7, theme="dark", summary=True, language="zh-Hans-CN")
    assert look.query() == "count=7&theme=dark&summary=1&lang=zh-Hans-CN"
    assert read_embedding({"theme": "<b>", "lang": "a b", "summary": "0", "count": "5"}).query() == ""


@pytest.mark.parametrize("name", ["none", "x" * 4000, "..", "%00", "<script>", "", "life/health/"])
def test_an_error_fits_into_the_frame(running: Running, name: str) -> None:
    found = running.get(f"/embed/{quote(name, safe='%')}")
    assert found.status == 404
    assert "frame-ancestors *" in found.headers["content-security-policy"]
    page = html.document_fromstring(found.body)
    assert page.findtext(".//h1") == "There is no such section any more."
    assert not list(page.iter("script"))


def test_a_section_that_moved_takes_its_frames_along(running: Running) -> None:
    found = running.get("/embed/old-news/local?count=7&x=y")
    assert (found.status, found.headers["location"]) == (301, f"{FRAMED}?count=7")


def test_the_frame_of_an_empty_section_says_so(start: Callable[..., Running]) -> None:
    page = html.document_fromstring(start(render=False, language="zh").get("/embed/current-news?lang=de").body)
    assert page.get("lang") == "en", "German articles, and the interface speaks English to them"
    assert "No articles yet" in page.text_content()


def test_the_script_is_one_small_file(running: Running) -> None:
    found = running.get("/widget.js")
    assert found.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "access-control-allow-origin" not in found.headers
    assert len(found.body) < 6 * 1024
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        "localStorage",
    ):
        assert forbidden not in found.text


def test_scripts_elsewhere_may_read_feeds_and_never_with_cookies(running: Running) -> None:
    found = running.get(f"/json/{LOCAL}.json?limit=5", Origin="https://other.example")
    assert found.headers["access-control-allow-origin"] == "*"
    for path in [*ELSEWHERE, FRAMED]:
        fields = running.get(path, Origin="https://other.example").headers
        assert "access-control-allow-credentials" not in fields
        assert ("access-control-allow-origin" in fields) == path.startswith("/rss/c")
