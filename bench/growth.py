"""`make bench-growth`: what a poll and a section's documents cost when there is little, and when there is much.

    fill a store ─→ 100 quiet sources claimed and settled ─→ a document of 20 new items ─→ the section's documents

Rows are multiplied inside the database from real ones with short texts; what is measured has bodies of 3 KB. No network
takes part: the answers are 304 without a request, new items come from a folder. Printed is the least of several runs,
to which whatever else the machine does adds least, and how many times that of the first size it is; then how much of
it a core was busy here, to which others add next to nothing.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.ours import PARKED, a_home, a_source
from bench.sample import document
from feedhub.config.load import load_config
from feedhub.ingest.means import LEASE, Ingest
from feedhub.ingest.pipeline import claim_and_poll, weigh_answer
from feedhub.ingest.quiet import Quiet, settle_quiet
from feedhub.jobs.polls import BEAT
from feedhub.model.source import Source
from feedhub.ports.web import WebResponse
from feedhub.publish.render import render_due
from feedhub.store.article_reads import section_articles
from feedhub.store.search_index import FTS
from feedhub.store.search_tables import searched
from feedhub.store.sources import add_source, claim_due, first_due
from feedhub.store.tables import articles, entries, placements, poll_items, polls, sources
from feedhub.wiring.house import House, open_house

DUE = 100
PER_CLAIM = 256
# A claim looks at four times as many as it takes: so few that the smallest store has them too.
BACKLOG = 24
Took = tuple[float, float]
TIMES = 9
COLUMNS = (
    "due look",
    "100 quiet polls",
    "20 held items",
    "20 published",
    "documents",
    "page of 20",
    "24 of all due",
)
_SHORT = (
    "<rss version='2.0'><channel><title>Seed</title><link>http://seed.example/</link><item><title>A short title</title>"
    "<link>http://seed.example/1</link><guid>http://seed.example/1</guid>"
    "<pubDate>Tue, 01 Sep 2026 08:00:00 GMT</pubDate>"
    "<description>Some words about the river and the bridge of the city.</description></item></channel></rss>"
)


def main() -> None:
    """Measure each size in a store of its own and print the table."""
    asked = argparse.ArgumentParser(prog="bench-growth", description="What a poll costs as the store grows.")
    asked.add_argument("--stored", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="entries and articles")
    asked.add_argument("--sources", type=int, nargs="+", default=[100, 1_000, 10_000], help="as many numbers as stored")
    wanted = asked.parse_args()
    if len(wanted.stored) != len(wanted.sources):
        asked.error("--stored and --sources need as many numbers each")
    print(f"{'':<20}{'time':>13}{'growth':>10}{'core':>13}{'growth':>10}")
    first: list[Took] | None = None
    for stored, count in zip(wanted.stored, wanted.sources, strict=True):
        with tempfile.TemporaryDirectory(prefix="feedhub-growth-") as folder:
            found, memory = measured(Path(folder), stored, count)
        first = first or found
        print(f"\n{stored} stored, {count} sources, {memory} MB")
        for name, took, was in zip(COLUMNS, found, first, strict=True):
            (ms, core), (ms_was, core_was) = took, was
            growth = f"{ms / ms_was:>8.2f} x{core:>10.1f} ms{core / core_was:>8.2f} x"
            print(f"{name:<20}{ms:>10.1f} ms{growth}", flush=True)


def measured(folder: Path, stored: int, count: int) -> tuple[list[Took], int]:
    """Milliseconds of each column, and the memory of this process in MB."""
    with open_house(load_config(a_home(folder), {}), upgrade=True) as house:
        house.prepare()
        feeds = folder / "feeds"
        with house.store.write() as tx:
            for key, policy in (("seed", "auto"), ("held", "review"), ("live", "auto")):
                (feeds / key).mkdir()
                add_source(tx, a_folder(key, policy), house.clock.now() + PARKED)
            for number in range(DUE):
                url = f"http://h{number}.example/feed.xml"
                add_source(tx, a_source(f"s{number}", url, "auto"), house.clock.now() + PARKED)
        with house.ingest(1) as ingest:
            (feeds / "seed" / "feed.xml").write_text(_SHORT)
            assert claim_and_poll(ingest, "seed", "bench") is not None
            multiply(house, stored, count)
            editions = iter(range(1, 99))

            def brings(key: str) -> Callable[[], None]:
                return lambda: take_in(ingest, feeds / key, key, next(editions))

            for key in ("held", "live"):
                brings(key)()
            render_due(house.store, house.style(), house.clock)
            found = [
                timed(lambda: look_for_due(house), before=lambda: make_due(house)),
                timed(lambda: poll_quietly(ingest), before=lambda: make_due(house)),
                timed(brings("held")),
                timed(brings("live")),
                timed(
                    lambda: render_due(house.store, house.style(), house.clock),
                    before=lambda: (time.sleep(1.1), brings("live")()),
                ),
                timed(lambda: read_page(house)),
                timed(lambda: claim(house, BACKLOG), before=lambda: make_all_due(house)),
            ]
    return found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def timed(run: Callable[[], object], before: Callable[[], object] = lambda: None) -> Took:
    """The least milliseconds, and the least of those that it kept a core of this process busy."""
    found, busy = [], []
    for _ in range(TIMES):
        before()
        started, core = time.perf_counter(), time.process_time()
        run()
        found.append(time.perf_counter() - started)
        busy.append(time.process_time() - core)
    return min(found) * 1000, min(busy) * 1000


def a_folder(key: str, policy: str) -> Source:
    """A source whose documents lie in a folder."""
    return Source(
        key=key, name=key, kind="files", path=key, sections=("bench",), policy=policy,  # type: ignore[arg-type]
    )  # fmt: skip


def take_in(ingest: Ingest, folder: Path, key: str, edition: int) -> None:
    """Poll a folder in which another document of 20 items lies."""
    (folder / "feed.xml").write_bytes(document(0, edition=edition))
    poll = claim_and_poll(ingest, key, "bench")
    assert poll is not None and poll.count("published") + poll.count("held") == 20, poll


def make_due(house: House) -> None:
    """A hundred sources, of however many."""
    due = [f"s{number}" for number in range(DUE)]
    free = {"next_due": house.clock.now(), "lease_owner": None, "lease_until": None}
    with house.store.write() as tx:
        tx.execute(sa.update(sources).where(sources.c.key.in_(due)).values(**free))


def make_all_due(house: House) -> None:
    """Every source, as after a long pause."""
    since = 2 * PARKED // timedelta(microseconds=1)
    with house.store.write() as tx:
        tx.exec_driver_sql(f"UPDATE sources SET next_due = next_due - {since} WHERE next_due > 0")
        tx.execute(sa.update(sources).values(lease_until=None))


def claim(house: House, most: int) -> None:
    """Claim so many of what is due."""
    with house.store.write() as tx:
        claimed = claim_due(tx, owner="bench", now=house.clock.now(), lease=LEASE, most=most, per_host=2)
    assert len(claimed) == most


def look_for_due(house: House) -> None:
    """What every beat asks."""
    with house.store.read() as tx:
        assert first_due(tx, now=house.clock.now(), before=house.clock.now() + BEAT)


def poll_quietly(ingest: Ingest) -> None:
    """Claim what is due and settle it as if each had answered 304."""
    with ingest.store.write() as tx:
        claimed = claim_due(tx, owner="bench", now=ingest.clock.now(), lease=LEASE, most=PER_CLAIM, per_host=2)
    answered = WebResponse("http://h.example/", 304, {}, b"")
    now = ingest.clock.now()
    quiet = [Quiet(source, state, weigh_answer(ingest, state, answered), now) for source, state in claimed]
    assert len(settle_quiet(ingest, quiet)) == DUE


def read_page(house: House) -> None:
    """The section's newest articles."""
    with house.store.read() as tx:
        assert len(section_articles(tx, "bench", limit=20)) == 20


def multiply(house: House, stored: int, count: int) -> None:
    """Copy the rows that are there until there are so many, each copy with keys of its own."""
    fresh = "lower(hex(randomblob(32)))"
    older = "published_at - n * 60000000"
    links = {"link_key": fresh, "content_key": fresh}
    named = {"id": "printf('c%015x', n)", "public_id": "'tag:copy,' || n", "seq": "-n", "published_at": older}
    of_copy = {"article_id": named["id"]}
    place = {"place": "place - n * 16777216"}
    of_source = {"key": "'copy' || n", "host": "'copy' || n || '.example'", "next_due": "next_due - n * 1000"}
    with house.store.write() as tx:
        copy(tx, articles, stored, named | links)
        copy(tx, placements, stored, of_copy | {"published_at": older}, "section = 'bench'")
        copy(tx, searched, stored, of_copy | place)
        tx.exec_driver_sql(
            f"INSERT INTO {FTS}(rowid, words) SELECT place, trim(folded) || ' ' || marks FROM {searched.name} "
            "WHERE article_id LIKE 'c0%'"
        )
        copy(tx, entries, stored, links | of_copy | {"id": "1000 + n", "guid_key": fresh, "path_key": fresh})
        copy(tx, polls, stored // 20, {"id": "1000 + n"})
        copy(tx, poll_items, stored, {"poll_id": "1000 + n / 20", "position": "n % 20", "entry_id": "1000 + n"})
        copy(tx, sources, count - DUE, of_source, "key = 's0'")


def copy(tx: sa.Connection, table: sa.Table, times: int, values: dict[str, str], which: str = "1") -> None:
    """Copy one row so many times, some columns by an expression of the number `n`."""
    names = ", ".join(f'"{column.name}"' for column in table.c)
    shown = ", ".join(values.get(column.name, f'"{column.name}"') for column in table.c)
    tx.exec_driver_sql(
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {times}) "
        f"INSERT INTO {table.name} ({names}) SELECT {shown} FROM (SELECT * FROM {table.name} WHERE {which} LIMIT 1), "
        f"numbers WHERE {times} > 0"
    )


if __name__ == "__main__":
    main()
