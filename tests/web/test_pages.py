"""The pages on a real server: what they show, how they link, and what anybody needs to use them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import html

from feedhub.config.load import load_config
from feedhub.model.feed import EXACT_TYPES, FORMATS
from feedhub.store.articles import put_article
from feedhub.web.app import create_app
from feedhub.web.pages import read_cursor, write_cursor
from tests.kit import LOCAL, NOW, an_article
from tests.web.conftest import Running, free_port

ROOT = Path(__file__).resolve().parents[2]
GOOD = [
    "/", "/rss/", f"/sections/{LOCAL}/", "/sections/all/", "/sections/life/", "/articles/hard", "/articles/day",
    "/search", "/search?q=Title",
    "/rss/zh/", "/rss/embed", "/rss/zh/embed?section=life", f"/rss/subscribe/{LOCAL}", "/rss/zh/subscribe/all",
]  # fmt: skip
REFUSED = [
    "/articles/gone",
    "/articles/none",
    "/sections/loca/",
    "/nowhere/%3Cscript%3E",
    f"/sections/{LOCAL}/?before=x",
    "/search?since=x",
]


def tree(running: Running, path: str, status: int = 200) -> html.HtmlElement:
    found = running.get(path)
    assert found.status == status
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    return html.document_fromstring(found.body)


@pytest.mark.parametrize("path", GOOD + REFUSED)
def test_anybody_can_use_it(running: Running, path: str) -> None:
    page = html.document_fromstring(running.get(path).body)
    assert len(page.findall(".//h1")) == 1
    assert page.get("lang") == ("zh" if "/zh/" in path else "en")
    assert page.findtext(".//title")
    assert page.find(".//main") is not None
    assert page.find(".//header") is not None
    assert page.find(".//footer") is not None
    first = page.find(".//body")[0]
    assert first.get("class") == "skip"
    assert page.get_element_by_id(first.get("href")[1:]).tag == "main"
    for field in page.iter("input", "select", "textarea"):
        assert page.xpath(f"//label[@for='{field.get('id')}']")
    for nav in page.iter("nav"):
        assert nav.get("aria-label")
    for picture in page.iter("img"):
        assert picture.get("alt") is not None
    for link in page.iter("a"):
        assert link.text_content().strip() or link.get("aria-label")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    levels = [int(heading.tag[1]) for heading in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


@pytest.mark.parametrize("path", GOOD + REFUSED)
def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(running: Running, path: str) -> None:
    found = running.get(path)
    policy = found.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "set-cookie" not in found.headers
    page = html.document_fromstring(found.body)
    for loaded in page.xpath("//@src | //link[@rel='stylesheet' or @rel='icon']/@href"):
        assert re.match(r"/(static|style|qr|embed)/", loaded)
        assert running.get(loaded).status == 200
    data = page.xpath("//script[@type='application/ld+json']")
    assert not [sign for block in data for sign in "<>&" if sign in block.text], "data is not run and holds no markup"
    assert [script.text for script in page.iter("script") if script not in data] == [None]
    assert not page.xpath("//@style | //@*[starts-with(name(), 'on')] | //style | //svg")
    assert {form.get("action") for form in page.iter("form")} <= {"/search", "/rss/embed", "/rss/zh/embed"}
    for link in page.xpath("//a/@href"):
        assert link.startswith(
            ("/", "#", "http://www.e0734.com", "https://", "http://e.cn", "mailto:", "feed:http://", "follow://add?")
        )
        assert not link.startswith("//")


ASKED_IN_CHINESE = [
    "/search?q=%E6%B9%98%E6%B1%9F",
    "/search?q=%E6%B9%98%00",
    "/embed/all?summary=1",
    "/embed/all?lang=zh",
]


@pytest.mark.parametrize("path", [*GOOD, *REFUSED, *ASKED_IN_CHINESE])
def test_every_run_of_chinese_is_marked_as_chinese(running: Running, path: str) -> None:
    page = html.document_fromstring(running.get(path).body)
    said = []
    for text in page.xpath("//body//text()[not(ancestor::script)]"):
        said.append((text, text.getparent().getparent() if text.is_tail else text.getparent()))
    for name in ("alt", "aria-label", "title", "placeholder", "value"):
        said += [(node.get(name), node) for node in page.xpath(f"//body//*[@{name}]")]
    for text, around in said:
        if re.search("[\u4e00-\u9fff]", text):
            marked = around.xpath("ancestor-or-self::*[@lang][1]/@lang")
            assert marked[0].startswith("zh"), f"{text!r} is under {marked}"


@pytest.mark.parametrize("path", [path for path in GOOD if path not in ("/rss/", "/rss/zh/")])
def test_every_link_of_ours_leads_somewhere(running: Running, path: str) -> None:
    for link in set(tree(running, path).xpath("//@href")):
        if link.startswith("/"):
            assert running.get(link).status in (200, 301), link


@pytest.mark.parametrize(
    ("path", "sections"),
    [
        (f"/sections/{LOCAL}/", [LOCAL, "current-news/hot-news", "current-news", "all"]),
        ("/articles/hard", ["life/health", "life", "all"]),
        ("/sections/life/", ["life", "all"]),
        ("/", ["all"]),
        ("/rss/", ["all"]),
    ],
)
def test_autodiscovery(running: Running, path: str, sections: list[str]) -> None:
    links = tree(running, path).xpath("//head/link[@rel='alternate' and @type]")
    wanted = [
        (EXACT_TYPES[format_], f"/{format_}/{section}.{'json' if format_ == 'json' else 'xml'}")
        for section in sections
        for format_ in FORMATS
    ]
    assert [(link.get("type"), link.get("href")) for link in links] == wanted
    assert all(link.get("title") for link in links)


def test_an_article_in_the_portals_own_form(running: Running) -> None:
    page = tree(running, "/articles/hard")
    assert page.findtext(".//h1") == '<script>alert("1")</script> & friends'
    line = " ".join(page.find_class("byline")[0].text_content().split())
    assert line.startswith("From:衡阳新闻网 | Date Add in:2026-11-19 04:00:00")
    assert page.xpath("//p[@class='byline']//*[@lang='zh']/text()") == ["衡阳新闻网"]
    assert page.xpath("//link[@rel='canonical']/@href") == ["http://www.e0734.com/x.html"]
    original = page.xpath("//article/footer//a[@href='http://www.e0734.com/x.html']")[0]
    assert original.text == "www.e0734.com"
    assert original.get("rel") == "noopener noreferrer nofollow"
    assert page.xpath("//a[@class='picture']/@href") == ["https://pictures.example/a.jpg"]
    assert page.xpath("//section[@class='files']//a/text()") == ["talk.mp3", "会议.pdf"]
    assert [tag.text for tag in page.find_class("tag")] == ["城市", "parks"]
    assert page.find_class("tag")[0].get("lang") == "zh"


def test_the_text_grows_without_a_script(running: Running) -> None:
    page = tree(running, "/articles/hard")
    assert page.get("class") is None
    larger = page.xpath("//a[@data-size='large']")[0]
    assert larger.get("aria-label") == "Large text"
    grown = tree(running, larger.get("href"))
    assert grown.get("class") == "large"
    assert grown.xpath("//a[@data-size='normal']")[0].get("href") == "/articles/hard"
    assert grown.xpath("//link[@rel='canonical']/@href") == page.xpath("//link[@rel='canonical']/@href")


def test_an_article_without_body_of_a_known_day_in_another_language(running: Running) -> None:
    page = tree(running, "/articles/day")
    assert page.find(".//article").get("lang") == "zh"
    assert "From:not stated" in page.find_class("byline")[0].text_content()
    moment = page.xpath("//p[@class='byline']//time")[0]
    assert (moment.text, moment.get("datetime")) == ("2026-11-21", "2026-11-21")
    note = page.find_class("note")[0]
    assert note.xpath(".//a/@href") == ["http://e.cn/1"]
    assert "full text" in note.text_content()


def test_a_withdrawn_article_says_why(running: Running) -> None:
    page = tree(running, "/articles/gone", 410)
    assert "the source took it back <b>" in page.text_content()
    assert "Title gone" not in page.text_content()
    assert running.get("/articles/gone").headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("name", ["later", "none", "x" * 65, "a%2fb", "%00", "..", "%F0%9F%98%80"])
def test_what_is_not_out_does_not_exist(running: Running, name: str) -> None:
    assert running.get(f"/articles/{name}").status == 404


@pytest.mark.parametrize(
    ("start", "total", "newest", "oldest"),
    [(f"/sections/{LOCAL}/", 61, "day", "n59"), ("/search?q=title", 60, "n00", "n59")],
)
def test_pages_are_walked_forth_and_back_each_article_once(
    running: Running, start: str, total: int, newest: str, oldest: str
) -> None:
    path: str | None = start
    walked: list[str] = []
    seen: list[str] = []
    while path:
        page = tree(running, path)
        walked.append(path)
        seen += page.xpath("//a[@class='headline']/@href")
        ahead = page.xpath("//nav[@class='pager']//a[@rel='next']/@href")
        assert page.xpath("//head/link[@rel='next']/@href") == ahead
        back = page.xpath("//nav[@class='pager']//a[@rel='prev']/@href")
        assert page.xpath("//head/link[@rel='prev']/@href") == back == walked[-2:-1]
        assert page.xpath("//head/link[@rel='canonical']/@href") == [running.site.absolute(path)]
        path = next(iter(ahead), None)
    assert len(walked) == 3 if total > 60 else 2
    assert len(seen) == len(set(seen)) == total
    assert (seen[0], seen[-1]) == (f"/articles/{newest}", f"/articles/{oldest}")


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "%00", "9" * 400, "MTph", "OTk5OTk5OTk5OTk5OTk5OTk5OTphMQ", "é", "a=b"]
)
def test_a_broken_place_is_refused(running: Running, cursor: str) -> None:
    found = running.get(f"/sections/{LOCAL}/?before={quote(cursor, safe='%')}")
    assert found.status in (200, 400) if cursor == "MTph" else found.status == 400


def test_a_place_survives_its_writing() -> None:
    article = an_article("t2828021", published=NOW - timedelta(days=99999, microseconds=0))
    assert read_cursor(write_cursor(article)) == (article.published, "t2828021")
    assert read_cursor("") is None


def test_the_directory_of_the_shipped_tree_node_by_node(start: Callable[..., Running]) -> None:
    portal = load_config(ROOT / "config.yaml", {}).portal
    running = start(render=False, columns=portal.columns)
    page = tree(running, "/rss/")
    rows = page.xpath("//*[@data-node]")
    assert [row.get("data-node") for row in rows] == list(portal.sections())
    assert len(rows) == 116
    for row, section in zip(rows, portal.sections().values(), strict=True):
        own = row.find_class("row")[0]
        assert section.title in own.find_class("what")[0].text_content()
        assert section.title_zh is None or own.xpath(".//*[@lang='zh']/text()")[0] == section.title_zh
        assert [chip.get("href") for chip in own.find_class("chip")] == [
            f"/{format_}/{section.id}.{'json' if format_ == 'json' else 'xml'}" for format_ in FORMATS
        ]
    counts = {row.get("data-node"): row.find_class("number")[0].text for row in rows}
    assert (counts[LOCAL], counts["current-news"], counts["life/health"], counts["all"]) == ("61", "61", "1", "62")
    newest = page.xpath(f"//*[@data-node='{LOCAL}']//p[contains(@class, 'newest')]")[0]
    assert " ".join(newest.text_content().split()) == "2026-11-21 湘江边的雁城"
    assert running.get("/sections/special-column/rss/").headers["location"] == "/rss/"
    assert page.xpath("//a[@href='/opml.xml']")


def test_the_directory_follows_the_change_log(start: Callable[..., Running]) -> None:
    running = start(render=False)
    before = running.get("/rss/")
    assert running.get("/rss/").headers["etag"] == before.headers["etag"]
    with running.store.write() as tx:
        dates = {"published": NOW - timedelta(hours=3), "updated": NOW - timedelta(hours=3)}
        put_article(tx, an_article("new", title="A new title", **dates), now=NOW, late=False, by="test")
    assert "A new title" in running.get("/rss/").text
    assert "A new title" in running.get("/").text


@pytest.mark.parametrize(
    ("path", "location"),
    [("/rss", "/rss/"), ("/sections/life", "/sections/life/"), ("/sections/", "/rss/"), ("/sections", "/rss/")],
)
def test_one_address_for_each_page(running: Running, path: str, location: str) -> None:
    found = running.get(path)
    assert (found.status, found.headers["location"]) == (301, location)


def test_a_public_address_with_https_and_a_path(start: Callable[..., Running]) -> None:
    base = f"https://feeds.example/portal:{free_port()}"
    path = base.removeprefix("https://feeds.example")
    running = start(base_url=base)
    found = running.get(f"/sections/{LOCAL}/")
    assert found.headers["strict-transport-security"] == "max-age=31536000"
    assert f'href="{base}/sections/{LOCAL}/"' in found.text
    assert f'href="{path}/rss/{LOCAL}.xml"' in found.text
    assert running.get("/rss").headers["location"] == f"{path}/rss/"


@pytest.mark.parametrize(
    "path",
    ["/style/../sections.yaml", "/style/%2e%2e/sections.yaml", "/static/../app.py", "/static/feedhub.css.map",
     "/style/", "/static/", "/style/CON", "/static/%00", "/debug", "/console", "/.env", "/api/v1/"],
)  # fmt: skip
def test_only_named_files_and_pages(running: Running, path: str) -> None:
    assert running.get(path).status == 404


def test_files_say_what_they_are(running: Running) -> None:
    drawing = running.get("/style/icon.svg")
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in drawing.headers["content-security-policy"]
    for path, kind in {
        "/style/feed.css": "text/css; charset=utf-8",
        "/static/feedhub.css": "text/css; charset=utf-8",
        "/static/feedhub.js": "text/javascript; charset=utf-8",
    }.items():
        found = running.get(path)
        assert (found.headers["content-type"], found.headers["x-content-type-options"]) == (kind, "nosniff")
        assert running.get(path, If_None_Match=found.headers["etag"]).status == 304


def test_no_debugger_whatever_the_environment_says(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setenv("FLASK_ENV", "development")
    app = create_app(running.site)
    assert app.debug is False
    assert app.secret_key is None
    client = app.test_client()
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("feedhub.web.pages.latest_seq", lambda tx: 1 / 0)
        found = client.get("/")
    assert found.status_code == 500
    assert "Traceback" not in found.text
    assert "ZeroDivision" not in found.text
    assert "default-src 'none'" in found.headers["Content-Security-Policy"]
    assert client.get("/?__debugger__=yes&cmd=resource&f=debugger.js").status_code == 200
