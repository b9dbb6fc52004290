"""`source test` of each kind: status, redirects, charset, the first items, which rule decided, what is dropped; nothing
is stored. `source add --pick` takes the proposal that was chosen."""

from __future__ import annotations

import json
import sqlite3

from tests.flows.conftest import Answer, Home, Origin, rss

LOCAL = "current-news/hot-news/local"
TITLES = [f"关于第{n}号事项的公告和说明" for n in range(1, 5)]


def rows_in(home: Home) -> dict[str, int]:
    """How many rows the tables have that a poll would write."""
    tables = ("sources", "entries", "articles", "polls", "poll_items", "raw_documents", "alerts", "changes")
    with sqlite3.connect(home.folder / "var" / "feedhub.db") as database:
        return {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


def test_each_kind_shows_all_and_stores_nothing(home: Home, origin: Origin) -> None:
    stories = [(f"g{n}", f"http://news.example/{n}", title, "<p>正文的文字。</p>") for n, title in enumerate(TITLES)]
    feed = rss(*stories).replace(b"</channel>", b"<item><guid>empty</guid></item></channel>")
    gbk = feed.decode().replace("utf-8", "gb2312").encode("gbk")
    origin.answers["/feed.xml"] = Answer(gbk, "text/xml")
    origin.answers["/old.xml"] = Answer(status=302, headers={"Location": "/feed.xml"})
    lines = "".join(f"<li><a href='/{n}.html'>{one}</a><i>2026-01-0{n + 1}</i></li>" for n, one in enumerate(TITLES))
    page = f"<meta charset=gbk><title>公告</title><ul class=l>{lines}<li></li></ul>"
    origin.answers["/list/"] = Answer(page.encode("gbk"), "text/html")
    data = [{"t": one, "u": f"/{n}.html", "d": f"2026-01-0{n + 1}"} for n, one in enumerate(TITLES)]
    origin.answers["/api"] = Answer(json.dumps({"rows": data}).encode(), "application/json")
    parts = "".join(f"<n><t>{one}</t><u>/{n}.html</u></n>" for n, one in enumerate(TITLES))
    origin.answers["/own.xml"] = Answer(f"<?xml version='1.0'?><d>{parts}</d>".encode(), "text/xml")
    news = "".join(
        f"<url><loc>{origin.url(f'/{n}.html')}</loc><n:news><n:title>{one}</n:title></n:news></url>"
        for n, one in enumerate(TITLES)
    )
    names = 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    origin.answers["/sitemap.xml"] = Answer(f"<urlset {names}>{news}</urlset>".encode(), "text/xml")
    (home.folder / "feeds" / "dropped").mkdir(exist_ok=True)
    (home.folder / "feeds" / "dropped" / "a.xml").write_bytes(feed)
    (home.folder / "feeds" / "sources" / "rules.yaml").write_text(
        f"- key: ruled\n  name: 甲\n  url: {origin.url('/old.xml')}\n  sections: [{LOCAL}]\n  policy: auto\n"
        "  language: zh\n"
        "  rules:\n    - {drop: advertorial, any: [第2号]}\n    - {hold: unproved, pattern: '第[3]号'}\n"
        "- key: folder\n  name: 乙\n  kind: files\n  path: dropped\n  language: zh\n",
        "utf-8",
    )
    home.run("source", "list")  # the first command makes the store ready
    before = rows_in(home)

    ruled = home.run("source", "test", "ruled").stdout
    assert f"302 → {origin.url('/feed.xml')}" in ruled and "200 " in ruled
    assert "gb18030 (declared gb2312 in the prolog)" in ruled
    assert "filtered  dropped_by_rule by rules[0]" in ruled and "advertorial: title has '第2号'" in ruled
    assert "held      held_by_rule by rules[1]" in ruled
    assert "dropped   empty_item by empty" in ruled
    assert "5 items: 1 dropped, 1 filtered, 1 held, 2 published" in ruled

    for path, kind, counts in (
        ("/old.xml", "feed", (4, 1)),
        ("/list/", "html", (4, 1)),
        ("/api", "json", (4, 0)),
        ("/own.xml", "xml", (4, 0)),
        ("/sitemap.xml", "sitemap", (4, 0)),
        ("folder", None, (4, 1)),
    ):
        tried = home.json("source", "test", origin.url(path) if path.startswith("/") else path)
        outcomes = [item["outcome"] for item in tried["items"]]
        assert (outcomes.count("held"), outcomes.count("dropped")) == counts, path
        assert {item["title"] for item in tried["items"] if item["title"]} == set(TITLES), path
        assert all(item["reason"] and item["rule"] for item in tried["items"])
        assert tried["encoding"]
        if kind:
            assert tried["recognised"]["proposals"][0]["kind"] == kind
            assert tried["status"] == 200
    tried = home.json("source", "test", origin.url("/old.xml"))
    assert [hop["status"] for hop in tried["hops"]] == [302]
    assert tried["recognised"]["proposals"][0]["url"] == origin.url("/old.xml"), "a redirect for now is not stored"
    assert rows_in(home) == before


def test_pick_takes_the_proposal_that_was_chosen(home: Home, origin: Origin) -> None:
    lines = "".join(f"<li><a href='/{n}.html'>{one}</a><i>2026-01-0{n + 1}</i></li>" for n, one in enumerate(TITLES))
    link = "<link rel='alternate' type='application/rss+xml' href='/feed.xml'>"
    page = f"<html><head><meta charset=utf-8>{link}</head><ul class='l'>{lines}</ul></html>"
    origin.answers["/"] = Answer(page.encode(), "text/html")
    story = ("g", "http://news.example/1", "标题第一个", "<p>正文</p>")
    origin.answers["/feed.xml"] = Answer(rss(story))
    assert "Number 2 is tried" in home.run("source", "test", origin.url("/"), "--pick", "2").stdout
    home.run("source", "add", origin.url("/"), "--key", "list", "--pick", "2", "--yes")
    home.run("source", "add", origin.url("/"), "--key", "feed", "--pick", "1", "--yes")
    assert (home.json("source", "show", "list")["kind"], home.json("source", "show", "feed")["kind"]) == (
        "html",
        "feed",
    )
    assert home.json("source", "show", "feed")["url"] == origin.url("/feed.xml")
    none = home.run("source", "add", origin.url("/"), "--key", "x", "--pick", "9", "--yes", check=False)
    assert none.returncode == 2 and "There is no number 9: 2 were recognised" in none.stderr
    assert home.run("source", "show", "x", check=False).returncode == 1
