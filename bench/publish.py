"""`make bench-publish`: one change in a section of N articles until its feeds are files; ours, and feedgen with zlib.

    ours     gather ─→ fragments joined ─→ RSS, Atom, JSON ─→ gzip, brotli, zstd ─→ one transaction ─→ files
    feedgen  select ─→ RSS and Atom by feedgen, JSON by json ─→ zlib ─→ files

Both read the same store by the same query, and write each file beside its place, sync it and rename it. Ours writes two
codings more, and the documents as rows before they are files. The change itself is committed before the clock starts.
Both take turns; printed is the least of several turns (what else a machine does only adds) as wall and as CPU time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from feedgen.feed import FeedGenerator

from bench.growth import copy
from bench.ours import a_home
from bench.served import SECTION, an_article, fill
from feedhub.config.load import load_config
from feedhub.model.article import Article
from feedhub.model.feed import FORMATS
from feedhub.publish.addresses import feed_path
from feedhub.publish.file_tree import FileTree
from feedhub.publish.render import render_due, render_section
from feedhub.publish.style import Style
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


def main() -> None:
    """Measure each size in a store of its own and print the table."""
    asked = argparse.ArgumentParser(prog="make bench-publish")
    asked.add_argument("--articles", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="sizes of the section")
    asked.add_argument("--turns", type=int, default=15)
    wanted = asked.parse_args()
    heads = ("ours", "ours, CPU", "feedgen", "feedgen, CPU", "times", "times, CPU")
    print(f"{'articles':>10}" + "".join(f"{head:>14}" for head in heads) + f"   [goal {GOAL}]", flush=True)
    first: tuple[float, float] | None = None
    for count in wanted.articles:
        with tempfile.TemporaryDirectory(prefix="feedhub-publish-") as folder:
            ours, theirs, steps = measured(Path(folder), count, wanted.turns)
        first = first or ours
        cells = [f"{ms:.1f} ms" for ms in (*ours, *theirs)]
        cells += [f"{his / mine:.1f}" for mine, his in zip(ours, theirs, strict=True)]
        grown = f"   {ours[0] / first[0]:.2f} x and {ours[1] / first[1]:.2f} x the first row's"
        print(f"{count:>10}" + "".join(f"{cell:>14}" for cell in cells) + grown, flush=True)
    print("\nthe last row's steps, CPU: " + ", ".join(f"{name} {ms:.2f} ms" for name, ms in steps.items()))


def measured(folder: Path, count: int, turns: int) -> tuple[tuple[float, float], tuple[float, float], dict[str, float]]:
    """(wall, CPU) milliseconds of ours and of feedgen's, and ours by steps."""
    with open_house(load_config(a_home(folder / "home"), {}), upgrade=True) as house:
        house.prepare()
        newest = house.clock.now() - timedelta(days=30)
        fill(house.store, REAL, newest)
        render_due(house.store, house.style(), house.clock)
        multiply(house.store, count - REAL)
        clock, style = Later(house.clock.now()), house.style()
        tree = FileTree(folder / "ours")
        (folder / "theirs").mkdir()
        mine, his, steps = [], [], list[dict[str, float]]()
        for turn in range(turns + 2):
            clock.instant += timedelta(minutes=1)
            _change(house, newest, turn, clock.now())
            said: dict[str, float] = {}
            mine.append(_timed(lambda said=said: _ours(house, style, clock, tree, said)))  # type: ignore[misc]
            his.append(_timed(lambda: _theirs(house.store, folder / "theirs")))
            steps.append(said)
        tree.close()
    kept = {name: min(step[name] for step in steps[2:]) for name in steps[-1]}
    return _least(mine[2:]), _least(his[2:]), kept


def multiply(store: Store, more: int) -> None:
    """So many older articles, as copies inside the database."""
    older = "published_at - (n + 20000) * 60000000"
    with store.write() as tx:
        copy(tx, articles, more, {"id": "printf('c%015x', n)", "public_id": "'tag:copy,' || n", "published_at": older})
        of_copy = {"article_id": "printf('c%015x', n)"}
        copy(tx, placements, more, of_copy | {"published_at": older}, "section = 'bench'")
        copy(tx, searched, more, of_copy | {"place": "place - n * 16777216"})


def _least(found: list[tuple[float, float]]) -> tuple[float, float]:
    return min(wall for wall, _ in found), statistics.median(cpu for _, cpu in found)


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _change(house: House, newest: datetime, turn: int, now: datetime) -> None:
    """Correct the newest article."""
    piece = an_article(-1, newest)
    with house.store.write() as tx:
        put_article(tx, replace(piece, title=f"{piece.title} {turn}"), now=now, late=False, by="bench")


def _ours(house: House, style: Style, clock: Later, tree: FileTree, said: dict[str, float]) -> None:
    section = house.config.portal.sections()[SECTION]
    started = time.process_time()
    assert render_section(house.store, section, style, clock)
    said["rendered and stored"] = (time.process_time() - started) * 1000
    started = time.process_time()
    with house.store.read() as tx:
        documents = [get_document(tx, feed_path(SECTION, format_)) for format_ in FORMATS]
    for document in documents:
        assert document is not None
        tree.write(document_file(document))
    tree.settle({"seq": str(documents[0].generation if documents[0] else 0)})
    said["written as files"] = (time.process_time() - started) * 1000


def _theirs(store: Store, folder: Path) -> None:
    with store.read() as tx:
        articles = section_articles(tx, SECTION, limit=SHOWN)
    feed = _feedgen(articles)
    bodies = {"feed.rss": feed.rss_str(), "feed.atom": feed.atom_str(), "feed.json": _json(articles)}
    for name, body in bodies.items():
        for path, data in ((name, body), (f"{name}.gz", gzip.compress(body, 6, mtime=0))):
            temporary = folder / f"{path}.tmp"
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(folder / path)


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
