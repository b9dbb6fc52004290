"""The RSS column on a real server: two languages, subscribing to a section, its QR code, the builder."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
import segno
from lxml import etree, html

from feedhub.web.column import is_column_path
from tests.kit import LOCAL
from tests.web.conftest import Running

SVG = "{http://www.w3.org/2000/svg}"


def tree(running: Running, path: str) -> html.HtmlElement:
    found = running.get(path)
    assert found.status == 200
    return html.document_fromstring(found.body)


def test_the_column_in_chinese(running: Running) -> None:
    page = tree(running, "/rss/zh/")
    assert page.get("lang") == "zh"
    assert page.xpath("//div[@class='steps']//h2 | //section[@class='steps']//h2")[0].text == "如何订阅"
    row = page.xpath(f"//*[@data-node='{LOCAL}']/div[@class='row']")[0]
    assert row.xpath("string(.//a[@class='name'])") == "本地 Local"
    assert row.xpath(".//a[@class='name']/span/@lang") == ["en"]
    assert row.xpath(".//a[@class='take']/@href") == [f"/rss/zh/subscribe/{LOCAL}"]
    without = page.xpath("//*[@data-node='life']//h2//span")[0]
    assert (without.text, without.get("lang")) == ("Life", "en"), "no Chinese name: the English one, and marked"
    assert page.xpath("//header//span[.='Hengyang, China']/@lang") == ["en"]
    words = page.xpath("//text()[not(ancestor::*[@lang='en']) and not(ancestor::script) and not(ancestor::title)]")
    plain = " ".join(words).replace("JavaScript", "")
    left = set(re.findall(r"[A-Za-z]{3,}", plain)) - {"RSS", "Atom", "JSON", "OPML", "feeds", "example", "org"}
    assert not left, "every run of English is marked"


def test_each_page_of_the_column_leads_to_its_translation(running: Running) -> None:
    for rest in ("", "embed", f"subscribe/{LOCAL}"):
        for path, other in ((f"/rss/{rest}", f"/rss/zh/{rest}"), (f"/rss/zh/{rest}", f"/rss/{rest}")):
            page = tree(running, path)
            alternates = page.xpath("//head/link[@hreflang]")
            assert [(link.get("hreflang"), link.get("href")) for link in alternates] == [
                ("en", running.site.absolute(f"/rss/{rest}")),
                ("zh", running.site.absolute(f"/rss/zh/{rest}")),
            ]
            assert page.xpath("//nav//a[@hreflang]/@href") == [other]
            assert page.xpath("//head/link[@rel='canonical']/@href") == [running.site.absolute(path)]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/rss/en/", "/rss/"),
        ("/rss/zh", "/rss/zh/"),
        ("/rss/subscribe/old-news/local", f"/rss/subscribe/{LOCAL}"),
        ("/rss/zh/subscribe/old-news/local", f"/rss/zh/subscribe/{LOCAL}"),
        ("/qr/old-news/local.svg", f"/qr/{LOCAL}.svg"),
    ],
)
def test_one_address_for_each_page(running: Running, path: str, location: str) -> None:
    found = running.get(path)
    assert (found.status, found.headers["location"]) == (301, location)


def test_a_portal_in_chinese_speaks_chinese_everywhere(start: Callable[..., Running]) -> None:
    running = start(render=False, language="zh-CN", title="衡阳")
    assert tree(running, "/").get("lang") == "zh-CN"
    assert tree(running, "/rss/").get("lang") == "zh-CN"
    assert tree(running, "/rss/en/").get("lang") == "en"
    assert running.get("/rss/zh/").headers["location"] == "/rss/"
    page = html.document_fromstring(running.get("/articles/none").body)
    assert (page.get("lang"), page.findtext(".//h1")) == ("zh-CN", "没有这篇文章。")
    page = html.document_fromstring(running.get("/search?since=x").body)
    assert page.xpath("//*[@role='alert']/span/@lang") == ["en"], "what has no Chinese line is marked as English"


def test_a_feed_below_a_pages_address_is_still_a_feeds(running: Running) -> None:
    for path in ("/rss/subscribe/x.xml", "/rss/zh/x.xml", "/rss/zh.xml", "/rss/embed/x.xml", "/rss/nowhere"):
        found = running.get(path)
        assert (found.status, found.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert running.get("/rss/subscribe/nowhere").headers["content-type"].startswith("text/html")
    assert running.get("/rss/zh/subscribe/loca").status == 404
    assert is_column_path("/rss/zh/embed")
    assert not is_column_path("/rss/zhx/embed")


def test_subscribing_in_a_reader(running: Running) -> None:
    page = tree(running, f"/rss/subscribe/{LOCAL}")
    feed = running.site.absolute(f"/rss/{LOCAL}.xml")
    hrefs = page.xpath("//a[@class='reader']/@href")
    assert hrefs[0] == f"feed:{feed}"
    assert len(hrefs) == 7
    for href in hrefs[1:]:
        assert href.partition(":")[0] in ("https", "follow")
        assert unquote(re.split(r"[=]|/feed/", href)[-1]) == feed
    assert [field.get("value") for field in page.xpath("//p[@class='address']/input")][:3] == [
        running.site.absolute(f"/{form}/{LOCAL}.{'json' if form == 'json' else 'xml'}")
        for form in ("rss", "atom", "json")
    ]
    single = page.xpath("//input[contains(@value, '?lang=')]/@value")
    assert single == [f"{feed}?lang=en", f"{feed}?lang=zh"], "a section in two languages, each alone"
    own = page.find_class("own-server")[0]
    assert own.get("hidden") is not None, "shown by a script only"
    assert {link.get("data-after") for link in own.xpath(".//a")} >= {f"/bookmarklet?uri={quote(feed, safe='')}"}
    assert not own.xpath(".//a/@href")
    code = page.xpath("//img[starts-with(@src, '/qr/')]")[0]
    assert code.get("alt") == "QR code of the page of Local"
    assert tree(running, "/rss/zh/subscribe/life").xpath("//a[@class='reader']/strong/text()")[:2] == [
        "本机阅读器",
        "Folo",
    ]


def test_the_code_of_a_section(running: Running) -> None:
    found = running.get(f"/qr/{LOCAL}.svg")
    assert (found.status, found.headers["content-type"]) == (200, "image/svg+xml")
    assert found.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert found.headers["x-content-type-options"] == "nosniff"
    drawing = etree.fromstring(found.body)
    assert {node.tag for node in drawing.iter()} == {f"{SVG}{name}" for name in ("svg", "g", "path")}
    assert "xlink" not in found.text
    wanted = segno.make(running.site.absolute(f"/sections/{LOCAL}/"), error="m", micro=False)
    size = len(wanted.matrix) + 8
    assert drawing.get("viewBox") == f"0 0 {size * 8} {size * 8}"
    assert running.get(f"/qr/{LOCAL}.svg", If_None_Match=found.headers["etag"]).status == 304
    assert running.get("/qr/nowhere.svg").status == 404
    assert running.get(f"/qr/{LOCAL}").status == 404


def test_the_builder_shows_what_is_chosen_and_its_code(running: Running) -> None:
    path = "/rss/embed?section=life/health&form=frame&count=3&theme=dark&lang=en&summary=1"
    found = running.get(path)
    policy = found.headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'none'; frame-src 'self'; connect-src 'self'")
    page = html.document_fromstring(found.body)
    framed = "/embed/life/health?count=3&theme=dark&summary=1&lang=en"
    assert page.xpath("//iframe/@src") == [framed]
    code = html.fragment_fromstring(page.findtext(".//textarea"))
    assert (code.tag, code.get("src")) == ("iframe", running.site.absolute(framed))
    assert code.get("title") == "Health · Hengyang"
    assert "allow-scripts" not in code.get("sandbox")
    assert page.xpath("//select[@name='section']/option[@selected]/@value") == ["life/health"]
    assert page.xpath("//input[@name='count']/@value") == ["3"]
    script = tree(running, path.replace("form=frame", "form=script"))
    shown = script.xpath("//div[@class='scripted']/script")[0]
    code = html.fragment_fromstring(script.findtext(".//textarea"))
    wanted = {
        "data-section": "life/health",
        "data-count": "3",
        "data-theme": "dark",
        "data-lang": "en",
        "data-summary": "",
    }
    assert {name: value for name, value in shown.items() if name != "src"} == wanted
    assert {name: value or "" for name, value in code.items() if name not in ("src", "async")} == wanted
    assert code.get("src") == running.site.absolute("/widget.js")


@pytest.mark.parametrize(
    "query",
    ["section=nowhere&count=x", "section=<b>&form=<b>&theme=<b>&lang=<b>", "count=99999999", "section=" + "x" * 5000],
)  # fmt: skip
def test_whatever_the_builder_is_asked_it_shows_a_list(running: Running, query: str) -> None:
    page = tree(running, "/rss/embed?" + quote(query, safe="=&"))
    assert page.xpath("//iframe/@src")[0].startswith("/embed/all")
    assert not page.xpath("//b")
