"""OPML in and out by command, and rules tried on what is stored; a listener sees that nothing is fetched meanwhile."""

from __future__ import annotations

from tests.flows.conftest import Answer, Home, Origin, rss

LOCAL = "current-news/hot-news/local"
ARTICLE = ("a-1", "http://news.example/1.html", "暴雨推广", "<p>今天暴雨，近百名市民到场聆听国学讲座并且避雨。</p>")


def test_a_list_goes_in_with_a_report_and_comes_out(home: Home, origin: Origin) -> None:
    origin.answers["/a"] = Answer(rss(ARTICLE))
    urls = (
        origin.url("/a"),
        origin.url("/a") + "#again",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://10.0.0.1/",
    )
    rows = "".join(f'<outline text="Feed" type="rss" xmlUrl="{url}"/>\n' for url in urls)
    (home.folder / "in.opml").write_text(f'<opml version="2.0"><body><outline text="F">{rows}</outline></body></opml>')

    done = home.run("opml", "import", "in.opml", "--section", LOCAL, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "5 outlines: 1 added, 0 known, 1 repeated, 3 refused"
    again = home.run("opml", "import", "in.opml", "--dry-run", "--json", check=False)
    assert '"known": 2' in again.stdout
    assert not origin.requests

    shown = home.json("source", "show", "feed")
    assert (shown["policy"], shown["sections"], shown["moved_to"]) == ("review", [LOCAL], None)
    home.run("opml", "export", "out.opml")
    assert f'xmlUrl="{urls[0]}"' in (home.folder / "out.opml").read_text("utf-8")


def test_rules_are_tried_before_the_service_takes_them_up(home: Home, origin: Origin) -> None:
    origin.answers["/a"] = Answer(rss(ARTICLE))
    file = home.folder / "feeds" / "sources" / "a.yaml"
    declared = (
        f"- key: a\n  name: A\n  url: {origin.url('/a')}\n  policy: auto\n  language: zh\n  sections: [{LOCAL}]\n"
    )
    file.write_text(declared, "utf-8")
    home.run("source", "fetch", "a")

    file.write_text(declared + "  rules:\n    - {drop: advertorial, any: [推广]}\n", "utf-8")
    (tried,) = home.json("source", "test", "a", "--stored")
    assert (tried["state"], tried["outcome"], tried["rule"]) == ("published", "filtered", "rules[0]")
    assert "filtered  dropped_by_rule by rules[0]" in home.run("source", "test", "a").stdout
