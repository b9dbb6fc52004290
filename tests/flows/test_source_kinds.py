"""Pages without a feed, from the address to the section: recognised, added, polled, polled again."""

from __future__ import annotations

from tests.flows.conftest import Answer, Home, Origin, rss
from tests.ingest.pages.generator import a_page
from tests.net.imap_server import ImapServer

LOCAL = "current-news/hot-news/local"


def paged(*names: str, more: str = "") -> bytes:
    rows = "".join(
        f"<li><a href='/{n}.html'>关于{n}的公告和说明事项</a><span>2026-01-{n[1:]}</span></li>" for n in names
    )
    text = (
        f"<html><head><meta charset='gbk'><title>公告</title></head><body><ul class='l'>{rows}</ul>{more}</body></html>"
    )
    return text.encode("gbk")


def detail(name: str) -> Answer:
    text = (
        "<html><head><meta name='PubDate' content='2026-01-02 08:30'><meta name='ContentSource' content='衡阳日报'>"
        f"</head><body><div id='c'><p>{name}的正文：自今日起施行，请各单位遵照执行，特此公告。</p></div></body></html>"
    )
    return Answer(text.encode(), "text/html; charset=utf-8")


def test_a_list_page_from_its_address_alone(home: Home, origin: Origin) -> None:
    page = a_page(0)
    origin.answers["/xwzx/"] = Answer(page.body, page.content_type)
    home.run("source", "add", origin.url("/xwzx/"), "--key", "xw", "--section", LOCAL, "--policy", "auto", "--yes")
    source = home.json("source", "show", "xw")
    assert (source["kind"], source["time_zone"]) == ("html", "Asia/Shanghai")
    home.run("source", "fetch", "xw")
    entries = home.json("entry", "list", "--source", "xw")
    assert {entry["title"] for entry in entries} == {item.title for item in page.items}
    assert {entry["state"] for entry in entries} == {"published"}


def test_nothing_is_saved_before_a_yes(home: Home, origin: Origin) -> None:
    page = a_page(1)
    origin.answers["/xwzx/"] = Answer(page.body, page.content_type)
    done = home.run("source", "add", origin.url("/xwzx/"), "--key", "xw", "--section", LOCAL, stdin="n\n", check=False)
    assert done.returncode != 0
    assert page.items[0].title in done.stdout
    assert "date" in done.stdout
    assert home.run("source", "show", "xw", check=False).returncode != 0


def test_a_page_that_names_feeds_offers_the_choice(home: Home, origin: Origin) -> None:
    links = "".join(f"<link rel='alternate' type='application/rss+xml' href='/{n}.xml'>" for n in (1, 2))
    origin.answers["/"] = Answer(f"<html><head>{links}</head><body>Hello</body></html>".encode(), "text/html")
    for n in (1, 2):
        story = (f"g{n}", f"http://news.example/{n}", f"标题第{n}个", "<p>正文</p>")
        origin.answers[f"/{n}.xml"] = Answer(rss(story, title=f"Feed {n}"))
    done = home.run("source", "add", origin.url("/"), "--key", "two", "--section", LOCAL, stdin="2\ny\n")
    assert "1. feed" in done.stdout
    assert home.json("source", "show", "two")["url"] == origin.url("/2.xml")


def test_detail_pages_are_loaded_once_and_next_pages_followed(home: Home, origin: Origin) -> None:
    names = [f"p{n:02}" for n in range(1, 26)]
    more = "<a class='next' href='/list2'>下一页</a>"
    origin.answers["/list"] = Answer(paged(*names[:15], more=more), "text/html")
    origin.answers["/list2"] = Answer(paged(*names[15:]), "text/html")
    for name in names:
        origin.answers[f"/{name}.html"] = detail(name)
    del origin.answers["/p03.html"]
    (home.folder / "feeds" / "sources" / "pages.yaml").write_text(
        f"- key: pages\n  name: 公告\n  kind: html\n  url: {origin.url('/list')}\n"
        f"  sections: [{LOCAL}]\n  policy: auto\n"
        "  licence: reprint agreement\n"
        "  language: zh\n  extract:\n    item: ul.l > li\n    title: a\n    date: span\n    next_page: a.next"
        "\n    pages: 2\n    detail: {body: '#c'}\n",
        "utf-8",
    )
    home.run("config", "check")
    first = home.run("source", "fetch", "pages").stdout
    assert "5 new items are left to the next poll" in first
    assert len(home.json("entry", "list", "--source", "pages")) == 20
    home.run("source", "fetch", "pages")
    entries = {entry["link"].rpartition("/")[2]: entry for entry in home.json("entry", "list", "--source", "pages")}
    assert len(entries) == 25
    assert "p01的正文" in entries["p01.html"]["html"]
    assert entries["p01.html"]["published"] == "2026-01-02T08:30:00+08:00"
    assert entries["p03.html"]["html"] is None, "its page is gone, the list's line stands"
    home.run("source", "fetch", "pages")
    assert [len(origin.statuses(f"/{name}.html")) for name in names] == [1] * 25
    assert all(entry["revision"] == 1 for entry in home.json("entry", "list", "--source", "pages"))


def test_json_by_selectors_on_the_command_line(home: Home, origin: Origin) -> None:
    body = '{"rows": [{"t": "第一条公告的标题", "u": "/1.html", "d": "2026-11-20 10:00"}]}'.encode()
    origin.answers["/api"] = Answer(body, "application/json")
    rules = [f"--select={one}" for one in ("item=rows", "title=t", "link=u", "date=d")]
    done = home.run("source", "test", origin.url("/api"), "--kind", "json", *rules)
    assert "[2026-11-20 10:00 +0800] 第一条公告的标题" in done.stdout
    wrong = home.run("source", "test", origin.url("/api"), "--kind", "json", "--select", "item=[", check=False)
    assert wrong.returncode == 2
    assert "extract.item: '[' is no JMESPath" in wrong.stderr


def test_an_index_of_sitemaps(home: Home, origin: Origin) -> None:
    index = f"<sitemapindex><sitemap><loc>{origin.url('/s1.xml')}</loc></sitemap></sitemapindex>"
    origin.answers["/sitemap.xml"] = Answer(index.encode(), "application/xml")
    urls = f"<urlset><url><loc>{origin.url('/p01.html')}</loc><lastmod>2026-01-01</lastmod></url></urlset>"
    origin.answers["/s1.xml"] = Answer(urls.encode(), "application/xml")
    page = "<html><head><meta name='ArticleTitle' content='页面自己的标题'></head><body></body></html>"
    origin.answers["/p01.html"] = Answer(page.encode(), "text/html; charset=utf-8")
    home.run("source", "add", origin.url("/sitemap.xml"), "--key", "map", "--section", LOCAL, "--yes")
    assert home.json("source", "show", "map")["kind"] == "sitemap"
    home.run("source", "fetch", "map")
    assert [entry["title"] for entry in home.json("entry", "list", "--source", "map")] == ["页面自己的标题"]


def test_the_front_page_of_an_epaper_is_followed_at_every_poll(home: Home, origin: Origin) -> None:
    titles = "".join(f"<li><a href='content_{n}.htm'>云溪街道第{n}批便民服务事项公布</a></li>" for n in range(6))
    front = b"<html><meta http-equiv='refresh' content='0; url=html/2026-11/20/node_1.htm'></html>"
    origin.answers["/"] = Answer(front, "text/html")
    origin.answers["/html/2026-11/20/node_1.htm"] = Answer(f"<ul class='t'>{titles}</ul>".encode(), "text/html")
    tried = home.json("source", "test", origin.url("/"))
    (proposal,) = tried["recognised"]["proposals"]
    assert (proposal["kind"], proposal["url"], tried["status"]) == ("html", origin.url("/"), 200)
    assert {one["field"] for one in proposal["fields"]} == {"item", "title", "link", "date"}
    assert tried["items"][0]["link"] == origin.url("/html/2026-11/20/content_0.htm")
    assert tried["items"][0]["published"] == "2026-11-20T00:00:00+08:00"
    assert home.json("entry", "list") == []

    home.run("source", "add", origin.url("/"), "--key", "paper", "--yes")
    assert "6 items: 6 held" in home.run("source", "fetch", "paper").stdout
    assert "6 items: 6 unchanged" in home.run("source", "fetch", "paper").stdout
    assert home.json("source", "show", "paper")["url"] == origin.url("/")


def test_a_mailbox_from_its_address_to_the_section(home: Home) -> None:
    letter = (
        "From: =?gb2312?B?uuLR9MjVsag=?= <news@hy.example>\r\nMessage-ID: <1@hy.example>\r\nSubject: Issue 1\r\n"
        "Date: Fri, 2 Jan 2026 08:00:00 +0800\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n雁城一周要闻。\r\n"
    ).encode()
    (home.folder / "feeds" / "word").write_text('s3 "cret\\\n')
    with ImapServer("127.0.0.1") as server:
        server.add(letter, letter.replace(b"hy.example", b"other.example").replace(b"Issue 1", b"Advert"))
        address = server.url(host="desk@127.0.0.1")
        named = (address, "--password-file", "word", "--from", "@hy.example")
        tried = home.run("source", "test", *named).stdout
        assert "Issue 1" in tried and "Advert" not in tried and "Nothing was stored." in tried
        home.run("source", "add", *named, "--key", "mail", "--section", LOCAL, "--policy", "auto", "--yes")
        home.run("source", "fetch", "mail")
        assert not server.seen
    shown = home.json("source", "show", "mail")
    assert (shown["kind"], shown["password_file"]) == ("mail", "word") and "cret" not in str(shown)
    assert [one["title"] for one in home.json("entry", "list", "--source", "mail")] == ["Issue 1"]
    feed = home.run("feed", "render", LOCAL).stdout
    assert "雁城一周要闻" in feed and "imap" not in feed and "衡阳日报" in feed


def test_a_mailbox_and_a_folder_by_their_addresses_alone(home: Home) -> None:
    letter = b"From: news@hy.example\r\nMessage-ID: <1@hy.example>\r\nSubject: Issue 1\r\n\r\nNews of the week.\r\n"
    (home.folder / "feeds" / "dropped").mkdir(exist_ok=True)
    (home.folder / "feeds" / "dropped" / "a.rss").write_text(
        "<rss version='2.0'><channel><title>Dropped</title><item><title>One</title></item></channel></rss>"
    )
    with ImapServer("127.0.0.1") as server:
        server.add(letter)
        address = server.url(host="desk@127.0.0.1")
        refused = home.run("source", "test", address, check=False)
        assert "FEEDHUB__SOURCES__127_0_0_1__PASSWORD" in refused.stderr
        home.environ["FEEDHUB__SOURCES__127_0_0_1__PASSWORD"] = 's3 "cret\\'
        added = home.run("source", "add", address, "--yes").stdout
        assert "Added '127-0-0-1'" in added and "Issue 1" in added
        assert "1 items: 1 held" in home.run("source", "fetch", "127-0-0-1").stdout
    assert "Added 'dropped'" in home.run("source", "add", "feeds/dropped", "--yes").stdout
    assert "1 items: 1 held" in home.run("source", "fetch", "dropped").stdout
