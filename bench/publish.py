"""`make bench-publish`: one change in a section of N articles until its feeds are files; ours, and feedgen with zlib.

    alike    select ─→ fragments joined ─→ RSS, Atom, JSON ─→ gzip ─→ files
    feedgen  select ─→ RSS and Atom by feedgen, JSON by json ─→ gzip by zlib ─→ files
    whole    as `alike` ─→ brotli, zstd ─→ rows of documents, window, archives in one transaction ─→ read again ─→ files

`alike` does what the peer does and no more, by the functions of the product: six files, each written beside its place,
synced and renamed, and the folders synced. `whole` is all that a change brings about, twelve files. The change itself
is committed before the clock starts. All take turns; printed is the median of the turns' CPU time, and the least wall
time (what else a machine does only adds).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from feedgen.feed import FeedGenerator

from bench.growth import copy
from bench.ours import a_home
from bench.served import SECTION, an_article, fill
from feedhub.basics.codings import coded
from feedhub.config.load import load_config
from feedhub.model.article import Article
from feedhub.model.feed import FORMATS, FeedDocument
from feedhub.publish.addresses import feed_path
from feedhub.publish.file_tree import FileTree
from feedhub.publish.gather import gather
from feedhub.publish.render import make_documents, render_due, render_section
from feedhub.publish.style import Style
from feedhub.publish.window import next_window
from feedhub.store.archives import last_slot
from feedhub.store.article_reads import section_articles
from feedhub.store.articles import put_article
from feedhub.store.documents import get_document
from feedhub.store.engine import Store
from feedhub.store.search_tables import searched
from feedhub.store.tables import articles, placements
from feedhub.web.site_files import document_file
from feedhub.wiring.house import House, open_house

GOAL = 5
SHOWN = 50
# So many articles are written one by one, the older ones are copies of a row.
REAL = 150


@dataclass
class Later:
    """A clock that is moved on, so that no document has to wait for its second."""

    instant: datetime

    def now(self) -> datetime:
        """The instant it was moved to."""
        return self.instant

    def monotonic(self) -> float:
        """Nobody waits here."""
        return 0.0


Parts = dict[str, float]
SIDES = ("alike", "feedgen", "whole")


def main() -> None:
    """Measure each size in a store of its own and print the table."""
    asked = argparse.ArgumentParser(prog="make bench-publish")
    asked.add_argument("--articles", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="sizes of the section")
    asked.add_argument("--turns", type=int, default=21)
    wanted = asked.parse_args()
    first: dict[str, Took] = {}
    for count in wanted.articles:
        with tempfile.TemporaryDirectory(prefix="feedhub-publish-") as folder:
            found = {side: Took.of(turns) for side, turns in measured(Path(folder), count, wanted.turns).items()}
        first = first or found
        peer = found["feedgen"]
        print(f"\n{count} articles{'CPU':>19}{'wall':>12}{'feedgen is, CPU':>18}{'of the first size':>20}")
        for side, took in found.items():
            times, grown = peer.cpu / took.cpu, took.cpu / first[side].cpu
            goal = f" [{GOAL}]" if side == "alike" else ""
            print(f"{side:>12}{took.cpu:>14.2f} ms{took.wall:>9.1f} ms{times:>12.1f} x{goal:<4}{grown:>17.2f} x")
            print(" " * 16 + ", ".join(f"{name} {ms:.2f}" for name, ms in took.parts.items()), flush=True)


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of a publication: on the wall, of a core, and of a core by parts."""

    wall: float
    cpu: float
    parts: Parts

    @classmethod
    def of(cls, turns: Sequence[Took]) -> Took:
        """The least wall time and the median of the rest."""
        parts = {name: statistics.median(turn.parts[name] for turn in turns) for name in turns[0].parts}
        return cls(min(it.wall for it in turns), statistics.median(it.cpu for it in turns), parts)


class Watch:
    """Milliseconds of a core since the last look, by the name of what was done."""

    def __init__(self) -> None:
        self.parts: Parts = {}
        self._last = time.process_time()

    def done(self, name: str) -> None:
        """That was done since."""
        now = time.process_time()
        self.parts[name] = (now - self._last) * 1000
        self._last = now


def measured(folder: Path, count: int, turns: int) -> dict[str, list[Took]]:
    """The turns of every side; the first two, in which everything is done for the first time, are left out."""
    with open_house(load_config(a_home(folder / "home"), {}), upgrade=True) as house:
        house.prepare()
        newest = house.clock.now() - timedelta(days=30)
        fill(house.store, REAL, newest)
        render_due(house.store, house.style(), house.clock)
        multiply(house.store, count - REAL)
        clock, style = Later(house.clock.now()), house.style()
        trees = {side: FileTree(folder / side) for side in ("alike", "whole")}
        (folder / "feedgen").mkdir()
        sides: dict[str, Callable[[Watch], None]] = {
            "alike": lambda watch: _alike(house, style, clock, trees["alike"], watch),
            "feedgen": lambda watch: _theirs(house.store, folder / "feedgen", watch),
            "whole": lambda watch: _whole(house, style, clock, trees["whole"], watch),
        }
        found: dict[str, list[Took]] = {side: [] for side in SIDES}
        for turn in range(turns + 2):
            clock.instant += timedelta(minutes=1)
            _change(house, newest, turn, clock.now())
            for side in SIDES:
                found[side].append(_timed(sides[side]))
        for tree in trees.values():
            tree.close()
    return {side: turns_of[2:] for side, turns_of in found.items()}


def multiply(store: Store, more: int) -> None:
    """So many older articles, as copies inside the database."""
    older = "published_at - (n + 20000) * 60000000"
    with store.write() as tx:
        copy(tx, articles, more, {"id": "printf('c%015x', n)", "public_id": "'tag:copy,' || n", "published_at": older})
        of_copy = {"article_id": "printf('c%015x', n)"}
        copy(tx, placements, more, of_copy | {"published_at": older}, "section = 'bench'")
        copy(tx, searched, more, of_copy | {"place": "place - n * 16777216"})


def _timed(work: Callable[[Watch], None]) -> Took:
    wall, cpu, watch = time.perf_counter(), time.process_time(), Watch()
    work(watch)
    return Took((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000, watch.parts)


def _change(house: House, newest: datetime, turn: int, now: datetime) -> None:
    """Correct the newest article."""
    piece = an_article(-1, newest)
    with house.store.write() as tx:
        put_article(tx, replace(piece, title=f"{piece.title} {turn}"), now=now, late=False, by="bench")


def _alike(house: House, style: Style, clock: Later, tree: FileTree, watch: Watch) -> None:
    section = house.config.portal.sections()[SECTION]
    with house.store.read() as tx:
        gathered = gather(tx, section, style)
        members = next_window(gathered.members, gathered.changes, gathered.state.changed_at, gathered.outside)
        last = last_slot(tx, SECTION)
    watch.done("select")
    made, _ = make_documents(gathered, members, style, clock.now(), last, pack=lambda body: {})
    watch.done("RSS, Atom, JSON")
    packed = [replace(document, gzip=coded(document.body, "gzip")["gzip"]) for document in made]
    watch.done("gzip")
    _write(tree, packed)
    watch.done("files")


def _whole(house: House, style: Style, clock: Later, tree: FileTree, watch: Watch) -> None:
    section = house.config.portal.sections()[SECTION]
    assert render_section(house.store, section, style, clock)
    watch.done("made and stored")
    with house.store.read() as tx:
        found = [get_document(tx, feed_path(SECTION, format_)) for format_ in FORMATS]
    watch.done("read")
    _write(tree, [document for document in found if document is not None])
    watch.done("files")


def _write(tree: FileTree, documents: Sequence[FeedDocument]) -> None:
    for document in documents:
        assert tree.write(document_file(document))
    tree.settle({"seq": str(documents[0].generation)})


def _theirs(store: Store, folder: Path, watch: Watch) -> None:
    with store.read() as tx:
        articles = section_articles(tx, SECTION, limit=SHOWN)
    watch.done("select")
    feed = _feedgen(articles)
    bodies = {"feed.rss": feed.rss_str(), "feed.atom": feed.atom_str(), "feed.json": _json(articles)}
    watch.done("RSS, Atom, JSON")
    packed = {f"{name}.gz": gzip.compress(body, 6, mtime=0) for name, body in bodies.items()}
    watch.done("gzip")
    for path, data in (bodies | packed).items():
        temporary = folder / f"{path}.tmp"
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / path)
    whole = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(whole)
    os.close(whole)
    watch.done("files")


def _feedgen(articles: list[Article]) -> FeedGenerator:
    feed = FeedGenerator()
    feed.id("http://127.0.0.1/")
    feed.title("Bench")
    feed.link(href="http://127.0.0.1/")
    feed.description("Bench")
    feed.lastBuildDate(articles[0].updated)
    feed.updated(articles[0].updated)
    for article in articles:
        entry = feed.add_entry(order="append")
        entry.id(article.public_id)
        entry.guid(article.public_id)
        entry.title(article.title)
        entry.link(href=f"http://127.0.0.1/articles/{article.id}")
        entry.published(article.published)
        entry.updated(article.updated)
        entry.summary(article.summary)
        entry.content(article.html or "", type="html")
    return feed


def _json(articles: list[Article]) -> bytes:
    items = [
        {
            "id": article.public_id,
            "url": f"http://127.0.0.1/articles/{article.id}",
            "title": article.title,
            "content_html": article.html,
            "summary": article.summary,
            "date_published": article.published.isoformat(),
            "date_modified": article.updated.isoformat(),
        }
        for article in articles
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Bench", "items": items}
    return json.dumps(head, ensure_ascii=False).encode()


if __name__ == "__main__":
    main()
