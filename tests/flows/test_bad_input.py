"""What is broken gets a clear error or a clean entry, and the other sources and feeds go on."""

from __future__ import annotations

import gzip
import json
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from lxml import etree

from feedhub.store.article_reads import list_articles
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from tests.flows.conftest import Answer, Home, Origin, rss

LOCAL = "current-news/hot-news/local"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><rss version="2.0"><channel><title>&c;</title></channel></rss>"""
GOOD = ("ok-1", "http://news.example/ok.html", "A good story", "<p>It is told in a sentence of some length.</p>")


def declare(home: Home, key: str, url: str, section: str = LOCAL, every: str = "15m") -> None:
    """Declare a source of policy auto in a file."""
    lines = (f"- key: {key}", f"  name: {key}", f"  url: {url}", f"  sections: [{section}]", "  policy: auto")
    text = "\n".join((*lines, "  language: en", f"  schedule: {{every: {every}}}", ""))
    (home.folder / "feeds" / "sources" / f"{key}.yaml").write_text(text)


def test_each_bad_source_has_its_error_and_the_good_one_goes_on(small: Home, origin: Origin) -> None:
    bad = {
        "html": (Answer(b"<html><head><title>Log in</title></head><body>x</body></html>", "text/html"), "not_a_feed"),
        "empty": (Answer(b""), "not_a_feed"),
        "passwd": (Answer(b"/etc/passwd", "text/plain"), "not_a_feed"),
        "bomb": (Answer(BOMB), "hostile_document"),
        "large": (Answer(b"<rss>" + b" " * (6 * 1024 * 1024)), "too_large"),
        "gzipbomb": (
            Answer(gzip.compress(b" " * (50 * 1024 * 1024)), headers={"Content-Encoding": "gzip"}),
            "too_large",
        ),
        "missing": (Answer(status=404), "http_404"),
    }
    for name, (answer, _) in bad.items():
        origin.answers[f"/{name}"] = answer
        declare(small, name, origin.url(f"/{name}"))
    origin.answers["/good"] = Answer(
        rss(GOOD, ("odd", "javascript:alert(1)", "Control \x0b\x00 character", "<script>alert(1)</script><p>x</p>"))
    )
    origin.answers["/good"].body = origin.answers["/good"].body.replace(b"<pubDate>", b"<pubDate>30 February, ", 1)
    declare(small, "good", origin.url("/good"))
    small.start()
    small.wait(lambda: all(s["failures"] for s in small.json("source", "list") if s["key"] in bad), 30)
    found = {s["key"]: s for s in small.json("source", "list")}
    assert {name: found[name]["last_error_code"] for name in bad} == {name: code for name, (_, code) in bad.items()}
    assert found["good"]["state"] == "healthy"
    small.wait(lambda: GOOD[2] in small.titles())
    assert "Control character" in " ".join(" ".join(small.titles()).split())
    for kind in ("rss", "atom"):
        document = small.get(f"/{kind}/{LOCAL}.xml")
        etree.fromstring(document.body)
        assert "<script" not in document.text
        assert "javascript:" not in document.text
    small.end(signal.SIGINT)


@pytest.mark.long
def test_an_endless_answer_ends(home: Home, origin: Origin) -> None:
    """A body that trickles is cut off by the wall clock, whatever it sends (the deadline itself is net's test)."""
    origin.answers["/slow"] = Answer(rss(GOOD), delay=60)
    home.run("db", "upgrade")
    start = time.monotonic()
    done = home.run("source", "test", origin.url("/slow"), check=False)
    assert done.returncode == 1
    assert "[deadline]" in done.stderr
    assert time.monotonic() - start < 26


def test_broken_configuration_is_named_and_nothing_starts(home: Home) -> None:
    (home.folder / "config.yaml").write_text("worker: {concurrency: 010}\nportal:\n  nmae: x\n")
    done = home.run("serve", check=False)
    assert done.returncode == 2
    assert "config.yaml:1:10: worker.concurrency" in done.stderr
    assert "config.yaml:3:3: portal.nmae: is not a key here" in done.stderr


def test_an_unknown_section_has_its_near_names(shipped: Home) -> None:
    answer = shipped.get("/rss/current-news/hot-news/locale.xml")
    assert answer.status == 404
    assert "current-news/hot-news/local" in answer.text
    assert "html" not in answer.headers["content-type"]
    done = shipped.run(
        "source", "add", "http://127.0.0.1:1/x", "--section", "current-news/locale", "--yes", check=False
    )
    assert done.returncode == 1
    assert LOCAL in done.stderr


def test_private_addresses_are_refused_when_a_source_is_saved(home: Home) -> None:
    home.environ["FEEDHUB__NET__SOURCE_REACH__ALLOW"] = "[]"
    home.run("db", "upgrade")
    done = home.run("source", "add", "http://127.0.0.1:8080/feed.xml", "--yes", check=False)
    assert done.returncode == 1
    assert "private_address" in done.stderr
    assert [s["key"] for s in home.json("source", "list")] == ["hengyang-news", "samples-inbox"]


@pytest.mark.parametrize("rounds", [2, pytest.param(40, marks=pytest.mark.long)])
def test_killed_at_any_moment_nothing_is_lost_doubled_or_half_written(small: Home, origin: Origin, rounds: int) -> None:
    """SIGKILL to the whole group while it polls and publishes; after each restart everything is there once."""
    seed = random.randrange(1 << 30)
    dice = random.Random(seed)
    print(f"seed {seed}")
    small.run("source", "list")  # makes and fills the store
    brought: list[tuple[str, str, str, str]] = []
    key = "busy"
    origin.answers["/busy"] = Answer(rss(*brought))
    declare(small, key, origin.url("/busy"), "life/health", "5s")
    for round_ in range(rounds):
        brought += [
            (
                f"g{round_}-{n}",
                f"http://news.example/{round_}/{n}.html",
                f"Story {round_}-{n}",
                f"<p>Round {round_}, story {n}, told at some length.</p>",
            )
            for n in range(5)
        ]
        origin.answers["/busy"] = Answer(rss(*brought[-30:]), etag=f'"{round_}"')
        small.start()
        time.sleep(dice.random() * 1.5)
        small.stop(signal.SIGKILL)
    small.start()
    small.wait(lambda: 304 in origin.statuses("/busy")[-3:], 30)
    expected = {title for _, _, title, _ in brought[-30:]}
    small.wait(lambda: expected <= set(small.titles("life/health")))
    store = Store(f"sqlite:///{small.folder}/var/feedhub.db")
    with store.read() as tx:
        entries = list_entries(tx, source=key, limit=1000)
        articles = [piece for piece in list_articles(tx, limit=5000) if piece.origin == f"source:{key}"]
    store.close()
    assert len(entries) == len({entry.item.guid for entry in entries}) >= len(expected)
    assert len(articles) == len({piece.title for piece in articles}) == len(entries)
    for kind in ("rss", "atom"):
        etree.fromstring(small.get(f"/{kind}/life/health.xml").body)
    json.loads(small.get("/json/life/health.json").body)


def test_a_full_disk_keeps_the_old_feed_whole(shipped: Home) -> None:
    """With no room for the store to grow the last documents are served on (RLIMIT_FSIZE stands in for the disk)."""
    shipped.run("source", "fetch", "samples-inbox")
    shipped.run("source", "pause", "samples-inbox")
    time.sleep(2)
    before = shipped.get(f"/rss/{LOCAL}.xml")
    database = shipped.folder / "var" / "feedhub.db"
    text = shipped.folder / "long.txt"
    text.write_text("words and more words " * 15_000)

    def tight() -> None:
        size = database.stat().st_size // 4
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    words = ["article", "add", "--section", LOCAL, "--title", "No room", "--file", str(text)]
    done = subprocess.run(
        [sys.executable, "-m", "feedhub", *words],
        cwd=shipped.folder,
        env=shipped.environ,
        capture_output=True,
        text=True,
        preexec_fn=tight,
        timeout=60,
    )
    assert done.returncode != 0
    time.sleep(1)
    after = shipped.get(f"/rss/{LOCAL}.xml")
    assert (after.status, after.body) == (200, before.body)
    shipped.run("article", "add", "--section", LOCAL, "--title", "Room again", "--text", "y" * 500)
    shipped.wait(lambda: "Room again" in shipped.titles())
    shipped.run("source", "resume", "samples-inbox")


def test_the_database_being_locked_does_not_stop_the_feeds(shipped: Home) -> None:
    with closing(sqlite3.connect(shipped.folder / "var" / "feedhub.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(1.5)
        assert shipped.get(f"/rss/{LOCAL}.xml").status == 200
        other.execute("ROLLBACK")
    shipped.wait(lambda: shipped.get("/readyz").status == 200)
