"""The main job on real input: three sources polled on schedule, accepted, published, read back by real readers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import feedparser

from tests.flows.conftest import ROOT, Answer, Home, Origin, rss

LOCAL = "current-news/hot-news/local"
BODY = "<p>石鼓书院今天举行国学讲座，近百名市民到场聆听，讲座由市图书馆与书院共同举办。</p>"
STORY = ("a-1", "http://news.example/story-1.html", "石鼓书院举行国学讲座", BODY)
OTHER = (
    "b-1",
    "http://news.example/story-2.html",
    "南岳衡山迎来客流高峰",
    "<p>本周末南岳衡山景区迎来客流高峰，景区延长了开放时间。</p>",
)
TWIN = ("c-9", "http://mirror.example/copy-of-1.html", "石鼓书院举行国学讲座", BODY)


def test_three_sources_come_in_on_schedule_and_are_read_back(
    home: Home, origin: Origin, material: Path, program: Callable[[str], str], tmp_path: Path
) -> None:
    origin.answers["/gb.xml"] = Answer(rss(STORY, charset="gb2312"), "text/xml", etag='"one"')
    origin.answers["/flaky.xml"] = Answer(b"down for repairs", "text/plain", status=500)
    origin.answers["/mirror.xml"] = Answer(rss(TWIN))
    home.start()

    # The portal's 77 articles, by its own importer.
    portal = tmp_path / "portal"
    portal.mkdir()
    for name in ("article-headers.jsonl", "seed-page.txt"):
        (portal / name).write_bytes((material / "portal" / name).read_bytes())
    assert "77 new" in home.run("article", "import", str(portal), "--form", "portal").stdout
    assert "77 unchanged" in home.run("article", "import", str(portal), "--form", "portal").stdout

    # Three sources; the service polls them by itself.
    for key, path in (("gb", "/gb.xml"), ("flaky", "/flaky.xml"), ("mirror", "/mirror.xml")):
        home.run(
            "source",
            "add",
            origin.url(path),
            "--key",
            key,
            "--section",
            LOCAL,
            "--language",
            "zh",
            "--every",
            "5s",
            "--yes",
        )
        if key == "gb":
            # Its story is here before the mirror's copy comes.
            held = home.wait(lambda: home.json("entry", "list", "--state", "held"))
    assert [entry["title"] for entry in held] == [STORY[2]]
    merged = home.wait(lambda: home.json("entry", "list", "--state", "merged"))
    assert [(entry["source"], entry["reason"]) for entry in merged] == [("mirror", "same_content")]
    failing = home.wait(lambda: next(s for s in home.json("source", "list") if s["key"] == "flaky" and s["failures"]))
    assert failing["last_error_code"] == "http_500"
    assert failing["next_due"] > failing["last_poll"]
    home.wait(lambda: 304 in origin.statuses("/gb.xml"), 20)

    # The failing one recovers.
    origin.answers["/flaky.xml"] = Answer(rss(OTHER))
    assert "1 held" in home.run("source", "fetch", "flaky").stdout
    assert home.json("source", "show", "flaky")["state"] == "healthy"

    # Accepted: in the feed within a second or two.
    for entry in home.json("entry", "list", "--state", "held"):
        home.run("entry", "accept", entry["id"])
    home.wait(lambda: {STORY[2], OTHER[2]} <= set(home.titles()), 5)
    assert home.titles().count(STORY[2]) == 1

    # Read back by feedparser in all three formats' XML and by hand in JSON: the same items, the same dates.
    by_format = {}
    for kind in ("rss", "atom"):
        parsed = feedparser.parse(home.get(f"/{kind}/{LOCAL}.xml").body)
        assert not parsed.bozo
        by_format[kind] = [(entry.id, entry.title, entry.published_parsed) for entry in parsed.entries]
    document = json.loads(home.get(f"/json/{LOCAL}.json").body)
    assert by_format["rss"] == by_format["atom"]
    assert [item["id"] for item in document["items"]] == [id_ for id_, _, _ in by_format["rss"]]
    story = next(item for item in document["items"] if item["title"] == STORY[2])
    assert story["_feedhub"]["source"]["label"] == "衡阳新闻"
    assert story["external_url"] == STORY[1]
    assert "+08:00" in story["date_published"] or story["date_published"].endswith("Z")

    # Read by newsboat from all three addresses it can read, each with a cache of its own; the second time a 304.
    newsboat = program("newsboat")
    for kind in ("rss", "atom"):
        titles, logs = read_with_newsboat(newsboat, tmp_path / f"newsboat-{kind}", f"{home.base}/{kind}/{LOCAL}.xml")
        assert set(titles) == set(home.titles())
        assert re.search(r"retrieved data for \S+: <", logs[0])
        assert f'etag = "{home.get(f"/{kind}/{LOCAL}.xml").headers["etag"][1:-1]}-gz"' in logs[-1]
        assert re.search(r"retrieved data for \S+: \n", logs[-1]), "the last time was a 304, without a body"
    first = home.get(f"/rss/{LOCAL}.xml")
    second = home.get(f"/rss/{LOCAL}.xml", If_None_Match=first.headers["etag"])
    assert (second.status, second.body, second.headers["etag"]) == (304, b"", first.headers["etag"])


def read_with_newsboat(newsboat: str, folder: Path, url: str) -> tuple[list[str], list[str]]:
    """The titles newsboat has after three reloads, and its log of each (it keeps validators from the second on)."""
    folder.mkdir()
    (folder / "urls").write_text(url + "\n")
    (folder / "config").write_text("")
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    logs = [folder / f"log{number}" for number in range(3)]
    for log in logs:
        files = ["-u", folder / "urls", "-c", folder / "cache.db", "-C", folder / "config", "-d", log, "-l", "6"]
        subprocess.run([newsboat, *files, "-x", "reload"], env=environ, check=True, timeout=30, capture_output=True)
    with closing(sqlite3.connect(folder / "cache.db")) as cache:
        titles = [row[0] for row in cache.execute("SELECT title FROM rss_item")]
    return titles, [log.read_text() for log in logs]


def test_the_shipped_service_shows_itself_without_a_network(home: Home) -> None:
    """Sections, samples and an aggregated source from the first minute; an unreachable source is said plainly."""
    home.start()
    home.wait(lambda: home.json("source", "show", "samples-inbox")["state"] == "healthy")
    assert len(home.json("section", "list")) == 116
    assert len(home.json("article", "list")) >= 30
    home.wait(lambda: len(home.titles()) >= 6)
    inbox = home.json("entry", "list", "--source", "samples-inbox")
    assert len([entry for entry in inbox if entry["state"] == "published"]) == 10
    news = home.wait(
        lambda: next(s for s in home.json("source", "list") if s["key"] == "hengyang-news" and s["failures"])
    )
    assert "www.e0734.com" in news["last_error"]
    home.wait(lambda: "could not be read" in home.log.read_text())
    assert re.search(r"source hengyang-news .* could not be read: .*; next try \d{4}-", home.log.read_text())
    assert home.get("/rss/").status == 200
    home.end(signal.SIGTERM)


def test_correct_once_and_every_channel_is_corrected(shipped: Home) -> None:
    piece = next(one for one in shipped.json("article", "list", "--section", LOCAL) if one["language"] == "en")
    partner = f"/rss/profile/smartnews/{LOCAL}.xml"
    shipped.wait(lambda: piece["title"] in shipped.get(partner).text)  # made because it was asked for
    first = shipped.get(f"/rss/{LOCAL}.xml")
    shipped.run("article", "edit", piece["id"], "--title", "Corrected by hand", "--note", "It had another name.")
    shipped.wait(lambda: "Corrected by hand" in shipped.titles(), 5)
    shipped.wait(lambda: "Corrected by hand" in shipped.get(partner).text, 5)
    for path in (f"/rss/{LOCAL}.xml", f"/atom/{LOCAL}.xml", f"/json/{LOCAL}.json", f"/articles/{piece['id']}", partner):
        assert "It had another name." in shipped.get(path).text
    assert "Corrected by hand" in shipped.get(f"/articles/{piece['id']}").text
    changed = shipped.get(f"/rss/{LOCAL}.xml", If_None_Match=first.headers["etag"])
    assert changed.status == 200
    assert changed.headers["last-modified"] != first.headers["last-modified"]
    shipped.run("article", "withdraw", piece["id"], "--reason", "told wrongly")
    shipped.wait(lambda: "Corrected by hand" not in shipped.titles(), 5)
    gone = shipped.get(f"/articles/{piece['id']}")
    assert gone.status == 410
    assert "told wrongly" in gone.text
    assert piece["public_id"] in shipped.get(f"/atom/{LOCAL}.xml").text  # its tombstone
    shipped.wait(lambda: 'media:status state="deleted"' in shipped.get(partner).text, 5)
    assert piece["public_id"] in shipped.get(partner).text and "Corrected by hand" not in shipped.get(partner).text
    shipped.run("article", "restore", piece["id"])
    shipped.wait(lambda: "Corrected by hand" in shipped.titles(), 5)


def test_the_parts_die_with_their_parent_and_a_dead_part_comes_back(small: Home) -> None:
    small.start()
    assert small.process is not None
    worker = child(small.process.pid, "worker")
    os.kill(worker, signal.SIGKILL)
    small.wait(lambda: child(small.process.pid, "worker") not in (0, worker))  # type: ignore[union-attr]
    parts = [child(small.process.pid, name) for name in ("web", "worker")]
    os.kill(small.process.pid, signal.SIGKILL)
    small.process.wait()
    small.process = None
    small.wait(lambda: not any(Path(f"/proc/{part}").exists() and "Z" not in state(part) for part in parts))


def child(parent: int, name: str) -> int:
    """The process id of `feedhub NAME` under a parent, 0 when there is none."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if name.encode() in words and f"\nPPid:\t{parent}\n" in (entry / "status").read_text():
                    return int(entry.name)
            except OSError:
                continue
    return 0


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


SPY = """
import importlib.util, os, sys

MARK = {
    "flask.app": ("Flask", "wsgi_app"),
    "feedgen.feed": ("FeedGenerator", "__init__"),
    "apscheduler.schedulers.background": ("BackgroundScheduler", "start"),
    "feedparser.api": (None, "parse"),
}


class Finder:
    def find_spec(self, name, path, target=None):
        if name not in MARK:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            owner = getattr(module, MARK[name][0]) if MARK[name][0] else module
            real = getattr(owner, MARK[name][1])

            def called(*args, **kwargs):
                result = real(*args, **kwargs)
                if name == "feedparser.api":  # in the parser child, which may write no file: it marks its result
                    for entry in result.entries:
                        entry["title"] += " (read by feedparser)"
                else:
                    open(os.path.join(os.environ["SPY_FOLDER"], name), "a").close()
                return result

            setattr(owner, MARK[name][1], called)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
"""


def test_flask_feedgen_feedparser_and_apscheduler_are_on_the_main_path(home: Home, tmp_path: Path) -> None:
    """Each library is really called while a copy of the service does its job; the calls go through to the library."""
    tree, seen = tmp_path / "tree", tmp_path / "seen"
    seen.mkdir()
    shutil.copytree(ROOT / "feedhub", tree / "feedhub")
    (tree / "sitecustomize.py").write_text(SPY)
    home.environ |= {"PYTHONPATH": str(tree), "SPY_FOLDER": str(seen)}
    # Plain documents are read without feedparser; one that has to be mended is not.
    (home.folder / "feeds" / "inbox" / "sloppy.xml").write_text(
        "<rss version='2.0'><channel><title>Sloppy</title><item><title>Fish & chips</title><guid>sloppy-1</guid>"
        "<link>https://partner.example/sloppy</link><description>A river walk & a lunch.</description>"
        "<pubDate>Wed, 18 Nov 2026 10:00:00 +0800</pubDate></item></channel></rss>"
    )
    home.start()
    home.wait(lambda: any(title.endswith("(read by feedparser)") for title in home.titles("all")))
    home.get("/rss/")
    assert {path.name for path in seen.iterdir()} == {
        "apscheduler.schedulers.background",
        "feedgen.feed",
        "flask.app",
    }
