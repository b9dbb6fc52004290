"""Correct once, and every channel is corrected: one edit, one withdrawal, one restoration, told by all of them.

A channel is a line in `CHANNELS`: how it is read, and what it leaves behind when an article is withdrawn. A new channel
is a new line; nothing else here knows which there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedhub.model.article import Article
from feedhub.model.question import Question, SavedFeed
from feedhub.publish.announcing import announcement_since
from feedhub.publish.file_tree import FileTree
from feedhub.publish.render import render_due
from feedhub.publish.window import SHOWN
from feedhub.store.article_reads import get_article
from feedhub.store.articles import edit_article, put_article, restore_article, withdraw_article
from feedhub.store.changes import latest_seq
from feedhub.store.documents import get_document
from feedhub.store.saved import sync_saved
from feedhub.store.sections import sync_sections
from feedhub.web.exporting import Exporter
from tests.kit import LOCAL, NOW, StillClock, an_article
from tests.publish.test_preflight import PROFILES
from tests.web.conftest import Running, build, served

OLD, NEW, REASON = "A zephyr, told wrongly", "A zephyr, told rightly", "nothing of it is true"
NAME = "old1"
BY_WORDS = SavedFeed("rightly", "Told rightly", None, Question(terms=("rightly",)))
PLAIN = replace(PROFILES["plain"], sections=(LOCAL,))


@dataclass
class Walk:
    """A site whose channels are read, the clock of its renderer, and where the reader of deltas stands."""

    running: Running
    clock: StillClock
    exporter: Exporter
    files: Path
    seq: int = 0
    etags: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> str:
        found = self.running.get(path, **headers)
        assert found.status in (200, 226, 410), (path, found.status)
        return found.text

    def settle(self) -> None:
        """What a second of the service does: documents, what memory holds, files."""
        self.clock.pass_(minutes=1)
        render_due(self.running.store, self.running.style, self.clock)
        self.clock.pass_(minutes=1)
        render_due(self.running.store, self.running.style, self.clock)  # partners' documents come a beat later
        self.running.site.cache.refresh()
        self.exporter.changes(lambda _done, _all: None)

    def stand(self) -> None:
        """Remember what a reader holds before the next change."""
        for path in (f"/atom/{LOCAL}.xml", f"/json/{LOCAL}.json"):
            self.etags[path] = self.running.get(path).headers["etag"]
        with self.running.store.read() as tx:
            self.seq = latest_seq(tx)


@dataclass(frozen=True)
class Channel:
    """`leaves` is what the channel says of a withdrawn article beside its reason: a tombstone, a page, or nothing."""

    name: str
    read: Callable[[Walk], str]
    leaves: str = ""


def page(path: str) -> Callable[[Walk], str]:
    return lambda walk: walk.get(path)


def delta(path: str) -> Callable[[Walk], str]:
    def read(walk: Walk) -> str:
        if path not in walk.etags:
            return walk.get(path)
        found = walk.running.get(path, If_None_Match=walk.etags[path], A_IM="feed")
        assert found.status == 226
        return found.text

    return read


def history(format_: str) -> Callable[[Walk], str]:
    """The archives alone, as the walk from the current document finds them."""

    def read(walk: Walk) -> str:
        ending = "json" if format_ == "json" else "xml"
        current = walk.get(f"/{format_}/{LOCAL}.{ending}")
        number = max(int(it) for it in re.findall(r"/archive/(\d+)\.", current))
        said = ""
        for each in range(number, 0, -1):
            said += walk.get(f"/{format_}/{LOCAL}/archive/{each}.{ending}")
        return said

    return read


def file(name: str) -> Callable[[Walk], str]:
    def read(walk: Walk) -> str:
        found = walk.files / name
        return found.read_text() if found.exists() else ""

    return read


def events(walk: Walk) -> str:
    """What the hub's stream of events tells since the reader last looked."""
    with walk.running.store.read() as tx:
        document = get_document(tx, f"/json/{LOCAL}.json")
        assert document is not None
        told = announcement_since(tx, document, walk.seq, walk.running.site.portal)
    return b"\n".join(told.changes).decode()


CHANNELS = (
    Channel("RSS", page(f"/rss/{LOCAL}.xml")),
    Channel("Atom", page(f"/atom/{LOCAL}.xml"), "tombstone"),
    Channel("JSON", page(f"/json/{LOCAL}.json"), "tombstone"),
    Channel("the section above", page("/atom/current-news.xml"), "tombstone"),
    Channel("everything", page("/json/all.json"), "tombstone"),
    Channel("cut document", page(f"/atom/{LOCAL}.xml?limit=500"), "tombstone"),
    Channel("RSS archive", history("rss")),
    Channel("Atom archive", history("atom"), "tombstone"),
    Channel("JSON archive", history("json"), "tombstone"),
    Channel("Atom delta", delta(f"/atom/{LOCAL}.xml"), "tombstone"),
    Channel("JSON delta", delta(f"/json/{LOCAL}.json"), "tombstone"),
    Channel("search feed", page("/rss/search.xml?q=rightly&limit=500")),
    Channel("search page", page("/search?q=rightly")),
    Channel("saved question", page("/atom/saved/rightly.xml"), "tombstone"),
    Channel("article's page", page(f"/articles/{NAME}"), "page"),
    Channel("section's page", page("/sections/life/health/")),
    Channel("profile", page(f"/rss/profile/plain/{LOCAL}.xml")),
    Channel("exported feed", file(f"atom/{LOCAL}.xml"), "tombstone"),
    Channel("hub's events", events, "tombstone"),
)


@contextmanager
def walking(folder: Path) -> Iterator[Walk]:
    site, style = build(folder, render=False, saved=(BY_WORDS,), profiles=(PLAIN,))
    clock = StillClock()
    site = replace(site, delta=True)
    with site.store.write() as tx:
        sync_sections(tx, tuple(site.portal.feeds()), NOW)
        sync_saved(tx, site.portal.saved, SHOWN, NOW)
        put_article(tx, _piece(), now=NOW, late=False, by="test")
    files = folder / "files"
    tree = FileTree(files)
    with served(site, style) as running:
        walk = Walk(running, clock, Exporter(site, style.digest, tree), files)
        walk.settle()
        walk.exporter.everything(lambda _done, _all: None)
        yield walk
    tree.close()


def _piece() -> Article:
    """An article of the archives: sixty newer ones stand before it."""
    day = NOW - timedelta(days=30)
    return an_article(NAME, title=OLD, published=day, updated=day, sections=(LOCAL, "life/health"))


def check(walk: Walk, says: str, *never: str) -> None:
    for channel in CHANNELS:
        said = channel.read(walk)
        assert says in said, f"{channel.name} does not say {says!r}"
        for word in never:
            assert word not in said, f"{channel.name} still says {word!r}"


def check_gone(walk: Walk) -> None:
    for channel in CHANNELS:
        said = channel.read(walk)
        assert OLD not in said, f"{channel.name} says what was corrected before"
        assert NEW not in said or channel.leaves == "page", f"{channel.name} still says it"
        assert (REASON in said) == bool(channel.leaves), f"{channel.name}: what a withdrawal leaves"


def test_one_change_is_a_change_of_every_channel(tmp_path: Path) -> None:
    with walking(tmp_path) as walk:
        store = walk.running.store
        outline = walk.get("/opml.xml")
        for channel in CHANNELS:
            # Questions ask for a word that the correction brings.
            expected = "archive" in channel.name
            assert (OLD in channel.read(walk)) >= expected, f"{channel.name} does not hold it to begin with"
            assert NEW not in channel.read(walk)

        walk.stand()
        with store.write() as tx:
            edited = replace(get_article(tx, NAME), title=NEW)
            edit_article(tx, edited, ["title"], now=walk.clock.now(), by="test")
        walk.settle()
        check(walk, NEW, OLD)

        walk.stand()
        with store.write() as tx:
            withdraw_article(tx, NAME, now=walk.clock.now(), by="test", reason=REASON)
        walk.settle()
        check_gone(walk)
        assert walk.running.get(f"/articles/{NAME}").status == 410

        walk.stand()
        with store.write() as tx:
            restore_article(tx, NAME, now=walk.clock.now(), by="test")
        walk.settle()
        check(walk, NEW, OLD, REASON)
        assert walk.get("/opml.xml") == outline, "the outline names feeds, not articles"


def test_a_change_that_is_not_committed_is_in_no_channel(tmp_path: Path) -> None:
    with walking(tmp_path) as walk:
        before = {channel.name: channel.read(walk) for channel in CHANNELS}
        with pytest.raises(RuntimeError), walk.running.store.write() as tx:
            edited = replace(get_article(tx, NAME), title=NEW)
            edit_article(tx, edited, ["title"], now=walk.clock.now(), by="test")
            withdraw_article(tx, "n05", now=walk.clock.now(), by="test", reason=REASON)
            raise RuntimeError("the process ends here")
        walk.settle()
        assert {channel.name: channel.read(walk) for channel in CHANNELS} == before
