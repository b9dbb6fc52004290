"""226 IM Used on a real server: what a reader gets that holds an edition, and what real readers make of it."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest

from feedhub.publish.render import render_due
from feedhub.store.articles import put_article, withdraw_article
from feedhub.web.conditional import Request
from feedhub.web.deltas import wants_delta
from tests.conftest import ROOT, missing
from tests.kit import LOCAL, NOW, StillClock, an_article
from tests.web.conftest import Running, build, served

RSS, ATOM, JSON = f"/rss/{LOCAL}.xml", f"/atom/{LOCAL}.xml", f"/json/{LOCAL}.json"
FEED = {"A_IM": "feed"}


@pytest.fixture(scope="module")
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site with `feeds.delta: on`, for all tests here: each goes on from what the last one left."""
    site, style = build(tmp_path_factory.mktemp("deltas"))
    with served(replace(site, delta=True), style) as found:
        yield found


def correct(running: Running, clock: StillClock, name: str, title: str) -> None:
    """Publish or correct an article, and have the server know it."""
    clock.pass_(minutes=1)
    day = NOW - timedelta(days=2)
    with running.store.write() as tx:
        put_article(tx, an_article(name, title=title, published=day), now=clock.now(), late=False, by="test")
    refresh(running, clock)


def refresh(running: Running, clock: StillClock) -> None:
    clock.pass_(minutes=1)
    render_due(running.store, running.style, clock)
    running.site.cache.refresh()


def titles(running: Running, path: str, etag: str, **headers: str) -> list[str]:
    found = running.get(path, If_None_Match=etag, **FEED, **headers)
    assert found.status == 226
    return [entry.title for entry in feedparser.parse(found.body).entries]


def test_who_holds_an_edition_gets_what_changed(on: Running, clock: StillClock) -> None:
    first = on.get(ATOM).headers["etag"]
    correct(on, clock, "new1", "First news")
    second = on.get(ATOM, Accept_Encoding="br").headers["etag"]
    correct(on, clock, "n30", "An old one, corrected")
    whole = on.get(ATOM)
    assert whole.status == 200
    assert titles(on, ATOM, first) == ["First news", "An old one, corrected"]
    assert titles(on, ATOM, second) == titles(on, ATOM, f'"else", W/{second}, {first}') == ["An old one, corrected"]
    found = on.get(ATOM, If_None_Match=first, A_IM="vcdiff, feed;q=0.5", Accept_Encoding="gzip")
    assert found.headers["im"] == "feed"
    assert found.headers["cache-control"] == "no-store, im"
    assert found.headers["delta-base"] == first
    assert found.headers["etag"] == f'{whole.headers["etag"][:-1]}-gz"'
    assert found.headers["link"] == whole.headers["link"]
    assert found.headers["content-type"] == whole.headers["content-type"]
    assert b"corrected" in gzip.decompress(found.body)
    head = on.get(ATOM, "HEAD", If_None_Match=first, **FEED)
    assert (head.status, head.body) == (226, b"")
    assert on.get(ATOM, If_None_Match=whole.headers["etag"], **FEED).status == 304
    assert on.get(ATOM, If_None_Match=f"{first}, {whole.headers['etag']}", **FEED).status == 304
    for headers in (
        {},
        FEED | {"User_Agent": "rss2email/3.14 (https://github.com/rss2email/rss2email)"},
        {"A_IM": "vcdiff"},
        {"A_IM": "feed;q=0"},
        {"A_IM": "feed;q=0.000"},
    ):
        assert on.get(ATOM, If_None_Match=first, **headers).status == 200, headers
    assert on.get(ATOM, If_None_Match='"unknown"', **FEED).body == whole.body
    assert on.get(ATOM, **FEED).body == whole.body
    assert on.get(f"{ATOM}?limit=3", If_None_Match=first, **FEED).status == 200


def test_a_withdrawal_is_told_where_the_format_can(on: Running, clock: StillClock) -> None:
    before = {path: on.get(path).headers["etag"] for path in (RSS, ATOM, JSON)}
    with on.store.write() as tx:
        withdraw_article(tx, "n05", now=clock.now() + timedelta(seconds=30), by="test", reason="wrong")
    refresh(on, clock)
    assert b'ref="tag:example.org,2018:article/n05"' in on.get(ATOM, If_None_Match=before[ATOM], **FEED).body
    said = json.loads(on.get(JSON, If_None_Match=before[JSON], **FEED).body)
    assert said["items"] == []
    assert [stone["id"] for stone in said["_feedhub"]["deleted"]] == ["tag:example.org,2018:article/n05"]
    assert on.get(RSS, If_None_Match=before[RSS], **FEED).status == 200
    after = on.get(RSS).headers["etag"]
    correct(on, clock, "n06", "Corrected")
    assert titles(on, RSS, after) == ["Corrected"]


def test_from_twenty_editions_back_and_no_further(on: Running, clock: StillClock) -> None:
    etags = []
    for number in range(21):
        etags.append(on.get(RSS).headers["etag"])
        correct(on, clock, "n07", f"Version {number}")
    assert on.get(RSS, If_None_Match=etags[0], **FEED).status == 200
    assert titles(on, RSS, etags[1]) == ["Version 20"]


def test_off_unless_switched_on(start: Callable[..., Running], clock: StillClock) -> None:
    running = start()
    first = running.get(RSS).headers["etag"]
    correct(running, clock, "new1", "News")
    assert running.get(RSS, If_None_Match=first, **FEED).status == 200


def test_a_im_is_read_as_a_list() -> None:
    for field, wanted in (
        ("feed", True), ("FEED", True), ("gzip,feed", True), ("feed ; q=0.3", True), ("feed;q=1.0, gzip", True),
        ("feedx", False), ("", False), ("feed;q=0", False), ("feed;x=1", False), ("x" * 2000 + ",feed", False),
    ):  # fmt: skip
        assert wants_delta(Request(manipulations=field)) is wanted, field
    assert not wants_delta(Request())
    assert not wants_delta(Request(manipulations="feed", user_agent="RSS2Email 3"))


def test_feedparser_reads_it(on: Running, clock: StillClock) -> None:
    address = f"http://127.0.0.1:{on.port}{RSS}"
    first = feedparser.parse(address)
    assert len(first.entries) >= 45
    correct(on, clock, "new2", "Second news")
    second = feedparser.parse(address, etag=first.etag)
    assert (second.status, [entry.title for entry in second.entries]) == (226, ["Second news"])
    assert feedparser.parse(address, etag=second.etag).status == 304


@pytest.mark.long
def test_newsboat_reads_it(on: Running, clock: StillClock, tmp_path: Path, program: Callable[[str], str]) -> None:
    folder = tmp_path / "newsboat"
    folder.mkdir()
    (folder / "urls").write_text(f"http://127.0.0.1:{on.port}{ATOM}\n")
    (folder / "config").write_text("")

    def reload(number: int) -> tuple[set[str], str]:
        log = folder / f"log{number}"
        files = ["-u", folder / "urls", "-c", folder / "cache.db", "-C", folder / "config", "-d", log, "-l", "6"]
        command = [program("newsboat"), *files, "-x", "reload"]
        environ = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        subprocess.run(command, env=environ, check=True, timeout=30, capture_output=True)
        with closing(sqlite3.connect(folder / "cache.db")) as cache:
            held = {row[0] for row in cache.execute("SELECT title FROM rss_item WHERE deleted = 0")}
        return held, log.read_text()

    reload(1)
    first, _ = reload(2)  # it keeps validators from the second reload on
    assert len(first) >= 45
    correct(on, clock, "new3", "Third news")
    second, log = reload(3)
    assert "Third news" in second
    assert first <= second, "what did not change is still there"
    assert log.count("<entry") == 1


READER = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
reader.add_feed(sys.argv[2], exist_ok=True)
reader.update_feeds(scheduled=False)
assert not any(feed.last_exception for feed in reader.get_feeds())
print(*sorted(entry.title for entry in reader.get_entries()), sep="\\n")
"""


@pytest.mark.long
def test_reader_reads_it(on: Running, clock: StillClock, tmp_path: Path) -> None:
    python = ROOT / "var" / "bench" / "venv" / "bin" / "python"
    if not python.exists():
        missing("there is no reader: `make bench-poll` sets it up")

    def update() -> set[str]:
        command = [python, "-c", READER, tmp_path / "db", f"http://127.0.0.1:{on.port}{ATOM}"]
        done = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
        return set(done.stdout.splitlines())

    first = update()
    assert len(first) >= 45
    correct(on, clock, "new4", "Fourth news")
    correct(on, clock, "n08", "Put right")
    assert update() == first - {"Title n08"} | {"Fourth news", "Put right"}
