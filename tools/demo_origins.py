"""Twelve web origins on loopback for `make demo-sources`: each a kind of source as the Chinese web has them, with texts of ours.

Every origin has a loopback address of its own, so that manners towards one host do not slow the demo down.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

HOME = ZoneInfo("Asia/Shanghai")
ITEMS = 8
Page = tuple[str, bytes]


@dataclass
class Story:
    """One piece of news that an origin tells."""

    title: str
    moment: datetime
    number: int
    text: str = "记者从有关部门获悉，这项工作已经展开，预计年底前完成，沿线居民出行将更加方便。"


@dataclass
class Origin:
    """A server on an address of its own; `pages` by path, changed while it runs."""

    name: str
    path: str
    make: Callable[[list[Story]], dict[str, Page]]
    stories: list[Story] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    url: str = ""

    def start(self, address: str) -> None:
        """Serve until the process ends."""
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body = origin.pages.get(self.path, ("", b""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer((address, 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://{address}:{server.server_port}{self.path}"
        self.tell()

    def tell(self) -> None:
        """Write the pages of the present stories."""
        self.pages = self.make(self.stories)


def stories(now: datetime, place: str) -> list[Story]:
    """News of a place, the newest a quarter of an hour old."""
    told = (
        "新修公路今日通车，两地车程缩短一半", "秋季森林防火进入关键期", "老旧小区加装电梯三十部", "图书馆延长夜间开放时间",
        "今冬供暖设备检修完毕", "农村饮水安全工程通过验收", "中小学开展应急疏散演练", "本月举办高校毕业生专场招聘会",
    )  # fmt: skip
    return [
        Story(f"{place}：{one}", (now - timedelta(minutes=15, hours=7 * n)).replace(second=0, microsecond=0), 5000 - n)
        for n, one in enumerate(told[:ITEMS])
    ]


def origins(now: datetime) -> list[Origin]:
    """All twelve, not started yet."""
    made = [
        Origin("RSS in GB2312, said in the prolog only", "/rss.xml", _gb2312),
        Origin("a site that names its Atom feed", "/", _atom_site),
        Origin("JSON Feed", "/feed.json", _json_feed),
        Origin("XML of a kind of its own", "/data/news.xml", _own_xml),
        Origin("TRS list", "/xwzx/", trs),
        Origin("JCMS, rows kept in a script", "/col/col12/index.html", _jcms),
        Origin("PHPCMS list in GBK", "/index.php?m=content&c=index&a=lists&catid=12", _phpcms),
        Origin("table, dates in brackets without a year", "/tzgg/list.html", _table),
        Origin("HTML within JSON", "/api/list.do", _html_in_json),
        Origin("news sitemap", "/sitemap.xml", _sitemap),
        Origin("e-paper behind a front page", "/", _epaper),
        Origin("JSON API", "/api/news?page=1", _api),
    ]
    for number, origin in enumerate(made):
        origin.stories = stories(now, f"第{'一二三四五六七八九十'[number % 10]}{'' if number < 10 else '〇'}区")
    return made


def mixed_up(told: list[Story]) -> dict[str, Page]:
    """A feed whose own system read the newest story in a wrong charset before it wrote it."""
    broken = f"{told[0].title}。{told[0].text}".encode("gbk").decode("latin-1")
    first = Story(broken[:40], told[0].moment, told[0].number, text=broken)
    return {"/rss.xml": ("text/xml", rss([first, *told[1:]], "utf-8", "mixed").encode())}


def _gb2312(told: list[Story]) -> dict[str, Page]:
    return {"/rss.xml": ("text/xml", rss(told, "gb2312", "bridge").encode("gb18030"))}


def _own_xml(told: list[Story]) -> dict[str, Page]:
    rows = "".join(
        f"<news id='{one.number}'><headline>{one.title}</headline><address>/n/{one.number}.html</address>"
        f"<issued>{one.moment:%Y-%m-%d %H:%M:%S}</issued></news>"
        for one in told
    )
    body = f'<?xml version="1.0" encoding="utf-8"?><bulletin><city>某市</city><list>{rows}</list></bulletin>'
    return {"/data/news.xml": ("text/xml; charset=utf-8", body.encode())}


def rss(told: list[Story], charset: str, host: str) -> str:
    """A feed of the stories."""
    rows = "".join(
        f"<item><title>{one.title}</title><link>http://{host}.example/{one.number}.html</link>"
        f"<guid isPermaLink='false'>{host}-{one.number}</guid><description>{one.text}</description>"
        f"<pubDate>{format_datetime(one.moment)}</pubDate></item>"
        for one in told
    )
    return (
        f'<?xml version="1.0" encoding="{charset}"?><rss version="2.0"><channel><title>朱镕桥新闻</title>'
        f"<link>http://{host}.example/</link><description>新闻</description>{rows}</channel></rss>"
    )


def _atom_site(told: list[Story]) -> dict[str, Page]:
    entries = "".join(
        f"<entry><id>tag:river.example,2026:{one.number}</id><title>{one.title}</title>"
        f"<link href='http://river.example/{one.number}'/><updated>{one.moment.isoformat()}</updated>"
        f"<published>{one.moment.isoformat()}</published><content type='html'>{one.text}</content></entry>"
        for one in told
    )
    feed = (
        "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom' xml:lang='zh'><id>tag:river.example,2026:</id>"
        f"<title>River News</title><updated>{told[0].moment.isoformat()}</updated>{entries}</feed>"
    )
    page = (
        "<html><head><title>River News</title><link rel='alternate' type='application/atom+xml' href='/atom.xml'"
        " title='All'></head><body>Welcome</body></html>"
    )
    return {"/": ("text/html", page.encode()), "/atom.xml": ("application/atom+xml", feed.encode())}


def _json_feed(told: list[Story]) -> dict[str, Page]:
    items = [
        {
            "id": str(one.number),
            "title": one.title,
            "url": f"http://hill.example/{one.number}",
            "content_text": one.text,
        }
        | {"date_published": one.moment.isoformat()}
        for one in told
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Hill News", "items": items}
    return {"/feed.json": ("application/feed+json", json.dumps(feed, ensure_ascii=False).encode())}


def trs(told: list[Story]) -> dict[str, Page]:
    """The list page as TRS makes it."""
    rows = "".join(
        f'<li><a href="./{one.moment:%Y%m}/t{one.moment:%Y%m%d}_{one.number}.html" title="{one.title}">{one.title[:12]}…</a>'
        f"<span>{one.moment:%Y-%m-%d}</span></li>"
        for one in told
    )
    return {
        "/xwzx/": _page(f'<div class="list"><ul>{rows}</ul></div><script>createPageHTML(9,0,"index","html");</script>')
    }


def trs_redesigned(told: list[Story]) -> dict[str, Page]:
    """The same list after its makers had a new idea."""
    rows = "".join(
        f'<section><div class="when"><b>{one.moment:%d}</b><i>{one.moment:%Y-%m}</i></div><h3>'
        f'<a href="./{one.moment:%Y%m}/t{one.moment:%Y%m%d}_{one.number}.html">{one.title}</a></h3></section>'
        for one in told
    )
    return {"/xwzx/": _page(f'<div class="cards">{rows}</div>')}


def _jcms(told: list[Story]) -> dict[str, Page]:
    rows = "".join(
        f'<record><![CDATA[<li><a href="/art/{one.moment:%Y/%-m/%-d}/art_12_{one.number}.html" title="{one.title}">{one.title}</a>'
        f"<span>{one.moment:%Y-%m-%d}</span></li>]]></record>"
        for one in told
    )
    script = f'<script type="text/xml"><datastore><recordset>{rows}</recordset></datastore></script>'
    return {"/col/col12/index.html": _page(f'<div id="12">{script}</div>')}


def _phpcms(told: list[Story]) -> dict[str, Page]:
    rows = "".join(
        f'<li><span class="rt">{one.moment:%Y-%m-%d %H:%M:%S}</span>·<a href="/index.php?m=content&amp;c=index&amp;a=show&amp;id={one.number}">'
        f"{one.title}</a></li>"
        for one in told
    )
    page = _page(
        f'<ul class="list lh24 f14">{rows}</ul><div id="pages"><span>1</span><a href="?p=2">下一页</a></div>', "gbk"
    )
    return {"/index.php?m=content&c=index&a=lists&catid=12": page}


def _table(told: list[Story]) -> dict[str, Page]:
    rows = "".join(
        f"<tr><td>{n}</td><td><a href='/v/{one.number}.shtml'>{one.title}</a></td><td>县府办</td><td>[{one.moment:%m-%d}]</td></tr>"
        for n, one in enumerate(told, 1)
    )
    return {
        "/tzgg/list.html": _page(f"<table><tr><th>序号</th><th>标题</th><th>单位</th><th>日期</th></tr>{rows}</table>")
    }


def _html_in_json(told: list[Story]) -> dict[str, Page]:
    rows = "".join(
        f"<li><a href='/show/{one.number}.html'>{one.title}</a><em>{one.moment:%Y年%m月%d日}</em></li>" for one in told
    )
    body = json.dumps({"code": 200, "data": {"total": 90, "html": f"<ul>{rows}</ul>"}})
    return {"/api/list.do": ("application/json", body.encode())}


def _sitemap(told: list[Story]) -> dict[str, Page]:
    rows = "".join(
        f"<url><loc>http://lake.example/{one.number}.html</loc><n:news><n:publication><n:name>Lake News</n:name>"
        f"<n:language>zh</n:language></n:publication><n:publication_date>{one.moment.isoformat()}</n:publication_date>"
        f"<n:title>{one.title}</n:title></n:news></url>"
        for one in told
    )
    text = (
        "<?xml version='1.0' encoding='UTF-8'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        f"xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{rows}</urlset>"
    )
    return {"/sitemap.xml": ("application/xml", text.encode())}


def _epaper(told: list[Story]) -> dict[str, Page]:
    folder = f"html/{told[0].moment:%Y-%m/%d}"
    front = f'<html><head><meta http-equiv="refresh" content="0; url={folder}/node_1.htm"></head></html>'
    rows = "".join(f"<li><a href='content_1_{one.number}.htm'>{one.title}</a></li>" for one in told)
    pages = "".join(f"<li><a href='node_{n}.htm'>第{n:02}版：要闻</a></li>" for n in range(1, 9))
    return {
        "/": ("text/html", front.encode()),
        f"/{folder}/node_1.htm": _page(f"<div class='bm'><ul>{pages}</ul></div><div id='titles'><ul>{rows}</ul></div>"),
    }


def _api(told: list[Story]) -> dict[str, Page]:
    rows = [
        {"id": one.number, "title": one.title, "url": f"/n/{one.number}", "pubTime": f"{one.moment:%Y-%m-%d %H:%M:%S}"}
        | {"summary": one.text, "cover": f"/img/{one.number}.jpg"}
        for one in told
    ]
    body = json.dumps({"errno": 0, "data": {"page": 1, "list": rows}}, ensure_ascii=False)
    return {"/api/news?page=1": ("application/json; charset=utf-8", body.encode())}


def _page(block: str, charset: str = "utf-8") -> Page:
    menu = "".join(
        f"<li><a href='/c{n}/'>{one}</a></li>" for n, one in enumerate("首页 政务公开 新闻中心 办事服务".split())
    )
    foot = "<div class='footer'><a href='/about'>关于我们</a><a href='http://www.gov.example/'>省人民政府门户网站</a></div>"
    html = (
        f"<html><head><meta charset='{charset}'><title>工作动态</title></head><body><ul class='nav'>{menu}</ul>"
        f"<div class='main'>{block}</div>{foot}</body></html>"
    )
    return "text/html", html.encode(charset)
