"""An operator's hand on a source: a redesign mended, a source frozen and what came from it withdrawn, robots.txt."""

from __future__ import annotations

from tests.flows.conftest import Answer, Home, Origin

LOCAL = "current-news/hot-news/local"


def listed(first: int, last: int, name: str = "l") -> Answer:
    rows = "".join(
        f"<li><a href='/a/{n}.html'>衡阳市召开第{n}次重点工作推进会议</a><span>2026-01-{n:02}</span></li>"
        for n in range(first, last)
    )
    return Answer(f"<html><body><ul class='{name}'>{rows}</ul></body></html>".encode(), "text/html; charset=utf-8")


def test_redesigned_mended_frozen_and_withdrawn(home: Home, origin: Origin) -> None:
    origin.answers["/xw/"] = listed(1, 13)
    add = ("source", "add", origin.url("/xw/"), "--key", "xw", "--section", LOCAL, "--language", "zh", "--yes")
    home.run(*add, "--policy", "auto")
    home.run("source", "fetch", "xw")
    origin.answers["/xw/"] = listed(3, 15, "list-v2")
    halted = home.run("source", "fetch", "xw", check=False)
    assert (halted.returncode, "[drifted]" in halted.stdout) == (1, True)
    assert home.json("source", "show", "xw")["state"] == "drifting"
    mended = home.run("source", "mend", "xw", "--yes").stdout
    assert "item: ul.l > li → ul.list-v2 > li" in mended
    assert "2 published, 10 unchanged" in home.run("source", "fetch", "xw").stdout
    frozen = home.run("source", "freeze", "xw", "--withdraw", "--reason", "a test of the switch").stdout
    assert "14 articles withdrawn: a test of the switch" in frozen
    assert len(home.json("article", "list", "--state", "withdrawn")) == 14
    assert home.run("source", "fetch", "xw", check=False).returncode == 1
    home.run("source", "resume", "xw")
    assert home.json("source", "show", "xw")["state"] == "healthy"


def test_a_file_is_shown_what_to_write_and_robots_are_obeyed_or_overridden(home: Home, origin: Origin) -> None:
    file = home.folder / "feeds" / "sources" / "pages.yaml"
    declared = (
        f"- key: KEY\n  name: 公告\n  kind: html\n  url: {origin.url('/xw/')}\n  sections: [{LOCAL}]\n"
        "  language: zh\n  policy: auto\n  extract:\n    item: ul.l > li\n    title: a\n    link: a\n    date: span\n"
    )
    obeys, ignores = declared.replace("KEY", "obeys"), declared.replace("KEY", "pages") + "  robots: ignore\n"
    file.write_text(ignores, "utf-8")
    wrong = home.run("config", "check", check=False)
    assert (wrong.returncode, "robots_by" in wrong.stderr) == (2, True)
    file.write_text(ignores + "  robots_by: Li\n  robots_why: by letter\n" + obeys, "utf-8")
    origin.answers["/xw/"] = listed(1, 13)
    origin.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n", "text/plain")
    refused = home.run("source", "fetch", "obeys", check=False)
    assert (refused.returncode, "[robots_disallowed]" in refused.stdout) == (1, True)
    assert origin.statuses("/xw/") == []
    home.run("source", "fetch", "pages")
    assert "robots.txt is ignored, as decided by Li: by letter" in home.run("source", "show", "pages").stdout
    origin.answers["/xw/"] = listed(3, 15, "list-v2")
    home.run("source", "fetch", "pages", check=False)
    written = home.run("source", "mend", "pages").stdout
    assert "Write this into feeds/sources/pages.yaml:1" in written
    assert "  extract:\n    item: ul.list-v2 > li\n    title: a\n" in written
