"""fetched = published + held + merged + filtered + dropped + unchanged: for every kind, every fate, every poll."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path

import pytest

from feedhub.cli.source import poll_object
from feedhub.model.extract import Extract
from feedhub.model.poll import Poll
from feedhub.model.rule import Rule
from feedhub.model.source import Source
from feedhub.ports.web import WebResponse
from feedhub.store.engine import Store
from feedhub.store.entries import get_entry
from feedhub.store.polls import COUNTS, forget_polls, source_polls
from tests.ingest.conftest import Bring, an_item
from tests.ingest.parsing import rss
from tests.ingest.polling import URL, Watched
from tests.kit import LOCAL, NOW, a_source

RULES = (
    Rule(action="drop", fields=("title",), any=("advert",), reason="advertorial"),
    Rule(action="hold", fields=("title",), any=("rumour",), reason="unproved"),
)
# A title for each fate of a new item; the one of `merged` is told by another source before.
FATES = {
    "published": "A story of number {n}",
    "filtered": "An advert of number {n}",
    "held": "A rumour of number {n}",
    "merged": "Story {n}",
    "dropped": "",
}
WITH_TEXT = Source(
    key="s1", name="S", url=URL, policy="auto", language="en", sections=(LOCAL,), rules=RULES,
    extract=Extract(item="li", title="a", link="a"),
)  # fmt: skip


def document(kind: str, titles: list[tuple[int, str]]) -> WebResponse:
    """A document of that kind with these titles; what has none has no address either."""
    if kind == "feed":
        body = rss(
            "".join(
                f"<item><guid>g{n}</guid><title>{title}</title>"
                + (f"<link>http://site.example/{n}.html</link>" if title else "")
                + "</item>"
                for n, title in titles
            )
        )
        return WebResponse(URL, 200, {"content-type": "application/rss+xml"}, body.encode())
    if kind == "json":
        rows = [{"t": title, "u": f"http://site.example/{n}.html" if title else ""} for n, title in titles]
        return WebResponse(URL, 200, {"content-type": "application/json"}, json.dumps({"rows": rows}).encode())
    if kind == "xml":
        parts = "".join(
            f"<n><t>{title}</t><u>http://site.example/{n}.html</u></n>" if title else "<n/>" for n, title in titles
        )
        return WebResponse(URL, 200, {"content-type": "text/xml"}, f"<d>{parts}</d>".encode())
    parts = "".join(
        f"<li><a href='http://site.example/{n}.html'>{title}</a></li>" if title else "<li></li>" for n, title in titles
    )
    return WebResponse(URL, 200, {"content-type": "text/html"}, f"<ul>{parts}</ul>".encode())


EXTRACTS = {
    "feed": None,
    "html": Extract(item="li", title="a", link="a"),
    "json": Extract(item="rows", title="t", link="u"),
    "xml": Extract(item="//n", title="./t", link="./u"),
}


def adds_up(poll: Poll, fetched: int) -> None:
    assert len(poll.lines) == fetched, poll.notes
    assert sum(poll.count(name) for name in COUNTS) == fetched
    assert [line.position for line in poll.lines] == list(range(fetched))
    for line in poll.lines:
        assert line.reason and line.rule
        assert (line.entry_id is None) == (line.outcome == "dropped")


@pytest.mark.parametrize("kind", EXTRACTS)
def test_every_fate_of_every_kind_is_a_line(store: Store, bring: Bring, kind: str) -> None:
    titles = [(n, FATES[fate].format(n=n)) for n, fate in enumerate(FATES)]
    told = [an_item(str(n), link=f"http://site.example/{n}.html") for n, title in titles if title.startswith("Story")]
    bring(a_source("first"), told)
    source = a_source(kind=kind, url=URL, extract=EXTRACTS[kind], rules=RULES)
    watched = Watched(store, source)
    first = watched.poll(document(kind, titles))
    adds_up(first, len(FATES))
    assert {name: first.count(name) for name in COUNTS} == dict.fromkeys(FATES, 1) | {"unchanged": 0}
    # The same again with one edited: edits are what they would be if new, the rest is unchanged.
    watched.clock.pass_(hours=1)
    edited = [(n, title.replace("A story", "An edited story")) for n, title in titles]
    second = watched.poll(document(kind, edited))
    adds_up(second, len(FATES))
    assert (second.count("published"), second.count("unchanged"), second.count("dropped")) == (1, 3, 1)
    with store.read() as tx:
        kept = source_polls(tx, "s1", limit=2)
        for poll in kept:
            shown = poll_object(poll)
            assert shown["fetched"] == sum(int(str(shown[name])) for name in COUNTS) == len(FATES)
        for line in first.lines:
            if line.entry_id:
                assert get_entry(tx, line.entry_id).source == "s1"


@pytest.mark.parametrize("kind", ["feed", "json"])
def test_items_beyond_the_bound_are_dropped_and_counted(store: Store, kind: str) -> None:
    extract = Extract(item="rows", title="t", link="u") if kind == "json" else None
    watched = Watched(store, a_source(kind=kind, extract=extract, robots="ignore"))
    poll = watched.poll(document(kind, [(n, f"Story {n}") for n in range(1003)]))
    assert (poll.fetched, poll.count("published"), poll.count("dropped"), poll.beyond) == (1003, 1000, 3, 3)
    assert any("3 more were left out" in note for note in poll.notes)
    with store.read() as tx:
        (kept,) = source_polls(tx, "s1")
    assert (kept.beyond, poll_object(kept)["fetched"], poll_object(kept)["dropped"]) == (3, 1003, 3)
    # One that decided nothing is let go of after a while, also with items beyond the bound.
    watched.clock.pass_(hours=1)
    again = watched.poll(document(kind, [(n, f"Story {n}") for n in range(1002)]))
    assert (again.count("unchanged"), again.beyond) == (1000, 2)
    with store.write() as tx:
        assert forget_polls(tx, watched.clock.now() + timedelta(days=1)) == 1
        assert [one.id for one in source_polls(tx, "s1")] == [kept.id]


def test_a_folder_adds_up(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name, numbers in (("a.xml", (1, 2)), ("b.xml", (2, 3, 4))):
        body = rss("".join(f"<item><guid>g{n}</guid><title>Story number {n}</title></item>" for n in numbers))
        (folder / name).write_text(body)
    watched = Watched(store, a_source(kind="files", url=None, path="inbox"))
    object.__setattr__(watched.ingest, "feeds_directory", tmp_path)
    poll = watched.poll()
    adds_up(poll, 5)
    assert (poll.count("published"), poll.count("unchanged") + poll.count("merged")) == (4, 1)


def test_any_row_of_polls_adds_up(store: Store) -> None:
    """Documents drawn by chance: items come, go, repeat themselves, lose their titles and get them back."""
    seed = 20261127
    dice = random.Random(seed)
    watched = Watched(store, a_source(rules=RULES, policy="auto"))
    for _ in range(25):
        titles = []
        for _ in range(dice.randrange(12)):
            n = dice.randrange(15)
            titles.append((n, FATES[dice.choice(list(FATES))].format(n=n) + dice.choice(["", "", " again"])))
        watched.clock.pass_(hours=1)
        poll = watched.poll(document("feed", titles))
        if poll.outcome == "same_bytes":
            continue
        assert len(poll.lines) == len(titles) == sum(poll.count(name) for name in COUNTS), seed
        assert all(line.reason and line.rule for line in poll.lines)
    assert watched.clock.now() > NOW
