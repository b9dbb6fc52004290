"""Documents that are no feeds, read by selectors: each kind, its dates, its next page, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from feedhub.errors import HostileDocument, NotAFeed, ParseError
from feedhub.ingest.detail_page import read_detail
from feedhub.ingest.extract import extract_document
from feedhub.ingest.parser_pool import ParserPool
from feedhub.ingest.tongue import own_languages
from feedhub.model.extract import Detail, Extract
from feedhub.model.item import Item, ParsedFeed
from tests.ingest.parsing import a_request

LIST = """<html lang="zh-CN"><head><meta charset="gb2312"><title>通知公告</title></head><body>
<ul id="l"><li>·
<a href="./202611/t20261120_1.html" title="关于做好2026年冬季防火工作的通知">关于做好2026年冬季...</a>
<span>[11-20]</span></li>
<li class="line"></li>
<li><a href="/b.html">关于<font color="red">停水</font>的公告</a><span>2025年12月30日 08:05</span></li></ul>
<a href="index_1.html">下一页</a></body></html>"""


def extracted(kind: str, body: bytes | str, extract: Extract | None = None, **values: Any) -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    return extract_document(a_request(raw, kind=kind, extract=extract, **values))


def told(item: Item) -> tuple[str, str | None, str]:
    return item.title, item.link, str(item.published)


@pytest.mark.parametrize(
    "selectors",
    [
        {"item": "ul#l > li", "title": "a", "link": "a", "date": "span", "next_page": "//a[.='下一页']"},
        {
            "item": "//ul[@id='l']/li",
            "title": "./a",
            "link": "./a/@href",
            "date": "./span/text()",
            "next_page": "ul + a",
        },
    ],
)
def test_a_list_page_by_css_and_by_xpath(selectors: dict[str, str]) -> None:
    feed = extracted("html", LIST.encode("gbk"), Extract(**selectors))  # type: ignore[arg-type]
    assert [told(item) for item in feed.items] == [
        (
            "关于做好2026年冬季防火工作的通知",
            "http://feeds.example/202611/t20261120_1.html",
            "2026-11-20 00:00:00+08:00",
        ),
        ("关于停水的公告", "http://feeds.example/b.html", "2025-12-30 08:05:00+08:00"),
    ]
    assert [item.precision for item in feed.items] == ["day", "second"]
    assert (feed.title, feed.language, feed.more) == ("通知公告", "zh-CN", ("http://feeds.example/index_1.html",))
    assert feed.encoding.startswith("gb18030")
    assert (feed.blank, feed.warnings) == (1, ())


def test_the_pages_call_of_trs() -> None:
    body = "<ul><li><a href='1.html'>A</a></li></ul><script>createPageHTML(5, 1, 'index', 'shtml');</script>"
    rule = Extract(item="li", next_page="createPageHTML")
    assert extracted("html", body, rule).more == ("http://feeds.example/index_2.shtml",)
    assert extracted("html", body.replace("5, 1", "2, 1"), rule).more == ()


@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("/t20261120_1.html", "2026-11-20"),
        ("/2026-11/20/content_1.htm", "2026-11-20"),
        ("/n1/2026/1120/c1.html", "2026-11-20"),
        ("/art/2026/1/5/art_1_2.html", "2026-01-05"),
        ("/202613/1.html", "None"),
        ("/view/20269999.html", "None"),
    ],
)
def test_dates_that_only_the_address_has(address: str, day: str) -> None:
    feed = extracted("html", f"<li><a href='{address}'>A</a></li>", Extract(item="li", date_in="address"))
    assert str(feed.items[0].published)[:10] == day


def test_a_form_of_dates_is_tried_first() -> None:
    rule = Extract(item="li", date="i", date_forms=("%d/%m/%Y", "%d/%m/%y %H:%M"))
    body = "<li><a href='1'>A</a><i>06/12/2025</i></li><li><a href='2'>B</a><i>07/12/25 09:30</i></li>"
    assert [str(item.published) for item in extracted("html", body, rule).items] == [
        "2025-12-06 00:00:00+08:00",
        "2025-12-07 09:30:00+08:00",
    ]


def test_markup_of_a_page_is_made_safe() -> None:
    rule = Extract(item="li", html="div", summary="div")
    body = "<li><a href='1'>A</a><div><p onclick='x()'>Hello<script>alert(1)</script></p></div></li>"
    item = extracted("html", body, rule).items[0]
    assert item.html == "<div><p>Hello</p></div>"
    assert item.summary == "Hello"


def test_a_redesigned_page_is_an_error_and_no_quiet_day() -> None:
    with pytest.raises(ParseError, match=r"'ul\.old > li' finds nothing"):
        extracted("html", LIST, Extract(item="ul.old > li"))
    with pytest.raises(ParseError, match="finds no list"):
        extracted("json", '{"data": {}}', Extract(item="data.rows"))


def test_json_by_jmespath() -> None:
    body = (
        '{"data": {"rows": [{"id": 7, "name": "A &amp; <b>B</b>", "at": 1763596800, "text": "<p onload=x>Body</p>"},'
        ' {"id": 8}, 3], "next": "/api?p=2"}}'
    )
    rule = Extract(
        item="data.rows",
        id="to_string(id)",
        title="name",
        link="join('', ['/view/', to_string(id), '.html'])",
        date="at",
        html="text",
        next_page="data.next",
    )
    feed = extracted("json", body, rule)
    assert told(feed.items[0]) == ("A & B", "http://feeds.example/view/7.html", "2025-11-20 08:00:00+08:00")
    assert (feed.items[0].guid, feed.items[0].html) == ("7", "<p>Body</p>")
    assert feed.more == ("http://feeds.example/api?p=2",)


@pytest.mark.parametrize(
    "page",
    [
        "<script>var n = 2; var newsList = [{'title': 'It\\'s A', url: \"/1\", /* x */ day: '2026-11-20',},];</script>",
        'window.newsList={"rows": 1};newsList = [{"title": "It\'s A", "url": "/1", "day": "2026-11-20"}]; more();',
        'newsList([{"title": "It\'s A", "url": "/1", "day": "2026-11-20"}])',
    ],
)
def test_lists_in_scripts_and_jsonp(page: str) -> None:
    marker = "newsList(" if "newsList([" in page else "newsList = "
    feed = extracted("json", page, Extract(script=marker, item="@", title="title", link="url", date="day"))
    assert told(feed.items[0]) == ("It's A", "http://feeds.example/1", "2026-11-20 00:00:00+08:00")


def test_html_inside_json() -> None:
    body = '{"code": 0, "html": "<li><a href=\\"/1.html\\">第一条</a><i>2026-11-20</i></li>"}'
    feed = extracted("json", body, Extract(inside="html", item="li", date="i"))
    assert told(feed.items[0]) == ("第一条", "http://feeds.example/1.html", "2026-11-20 00:00:00+08:00")


@pytest.mark.parametrize("body", ["[" * 100_000, "{", "var x = [", "x"])
def test_json_that_is_none_is_refused(body: str) -> None:
    with pytest.raises(ParseError):
        extracted("json", body, Extract(item="@"))
    with pytest.raises(ParseError):
        extracted("json", f"var x = {body}", Extract(item="@", script="var x ="))


def test_xml_by_xpath_with_namespaces() -> None:
    body = (
        "<?xml version='1.0' encoding='gb2312'?><r xmlns='urn:a' xmlns:b='urn:b'>"
        "<n><b:t>标题</b:t><u>/1</u><d>2026-11-20 10:00</d></n></r>"
    )
    rule = Extract(
        item="//a:n",
        title="./x:t",
        link="./a:u",
        date="./a:d",
        namespaces=(("a", "urn:a"), ("x", "urn:b")),
    )
    feed = extracted("xml", body.encode("gbk"), rule)
    assert told(feed.items[0]) == ("标题", "http://feeds.example/1", "2026-11-20 10:00:00+08:00")


def test_xml_with_entities_is_refused() -> None:
    with pytest.raises(HostileDocument):
        extracted("xml", "<!DOCTYPE r [<!ENTITY a 'x'>]><r><n>&a;</n></r>", Extract(item="//n"))


def test_a_selector_that_cannot_be_used_says_so() -> None:
    with pytest.raises(ParseError, match="cannot be used"):
        extracted("xml", "<r><n/></r>", Extract(item="//q:n"))


SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>http://a.example/old</loc><lastmod>2026-11-01</lastmod></url>
<url><loc>http://a.example/new</loc><lastmod>2026-11-22</lastmod><news:news><news:publication><news:name>A</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2026-11-20T08:00:00+08:00</news:publication_date>
<news:title>New &amp; true</news:title><news:keywords>Water, Rivers</news:keywords></news:news></url>
<url><loc>javascript:alert(1)</loc></url></urlset>"""


def test_sitemaps_newest_first_with_their_news_part() -> None:
    feed = extracted("sitemap", SITEMAP)
    assert [told(item) for item in feed.items] == [
        ("New & true", "http://a.example/new", "2026-11-20 08:00:00+08:00"),
        ("", "http://a.example/old", "2026-11-01 00:00:00+08:00"),
    ]
    assert (feed.items[0].language, feed.items[0].categories) == ("en", ("Water", "Rivers"))


def test_an_index_of_sitemaps_goes_on_in_the_newest() -> None:
    rows = "".join(
        f"<sitemap><loc>/s{n}.xml</loc><lastmod>2026-{n:02}-01</lastmod></sitemap>" for n in (3, 11, 5, 1, 2, 4)
    )
    feed = extracted("sitemap", f"<sitemapindex>{rows}</sitemapindex>")
    assert feed.more == tuple(f"http://feeds.example/s{n}.xml" for n in (11, 5, 4, 3, 2))
    with pytest.raises(NotAFeed):
        extracted("sitemap", "<rss/>")


def test_a_detail_page_says_itself_in_its_meta_elements_first() -> None:
    body = """<html><head><meta name="ArticleTitle" content="全文标题"><meta name="PubDate" content="2026-11-20 08:15">
    <meta name="ContentSource" content="衡阳日报"><meta name="ColumnName" content="要闻">
    <title>全文标题-衡阳</title></head>
    <body><h1>别的</h1><div id="c"><p>正文 <a href="x.pdf">附件</a></p></div></body></html>"""
    rule = Extract(detail=Detail(title="h1", body="#c", date=".none"))
    (item,) = read_detail(a_request(body.encode(), kind="detail", extract=rule)).items
    assert told(item)[0] == "全文标题"
    assert (str(item.published), item.origin_title, item.categories) == (
        "2026-11-20 08:15:00+08:00",
        "衡阳日报",
        ("要闻",),
    )
    assert item.html is not None
    assert 'href="http://feeds.example/x.pdf"' in item.html


def test_it_runs_in_the_parser_child() -> None:
    pool = ParserPool(1)
    rule = Extract(item="li", date="span", namespaces=(("a", "urn:a"),), detail=Detail(body="p"))
    request = a_request(LIST.encode("gbk"), kind="html", extract=rule)
    try:
        assert pool.parse(request) == own_languages(extract_document(request))
        with pytest.raises(ParseError, match="finds nothing"):
            pool.parse(a_request(b"<p>", kind="html", extract=rule))
        json_request = a_request(b'[{"title": "A", "url": "/1"}]', kind="json", extract=Extract(item="@"))
        assert pool.parse(json_request).items[0].title == "A"
    finally:
        pool.close()
