"""FeedHub's side: a worker with its parser children, its own store, all guards on; each line on stdin is one cycle.

`python -m bench.ours FOLDER SOURCES PORT POLICY`. A line sets every source to be due at one moment; what is printed is
the seconds from that moment until all have been polled, and the outcomes. The worker and its children have started
before, as in a service.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.peers import spent
from bench.sample import host
from feedhub.config.load import load_config
from feedhub.model.source import Source
from feedhub.ports.clock import SystemClock
from feedhub.store.engine import Store
from feedhub.store.sources import add_source
from feedhub.store.tables import entries, polls, sources
from feedhub.wiring.house import House, open_house
from feedhub.wiring.logs import start_logging
from feedhub.wiring.worker import run_worker

PARKED = timedelta(days=30)
WARM = 8
# All sources come due at one moment, so long after it is said: as in a service, where the store knows each next moment.
# No host is asked twice within a second, which is the manners' doing and no cost of a cycle.
AHEAD = timedelta(seconds=2)
_CONFIG = """
store: {{url: "{store}"}}
portal: {{name: Bench, title: Bench, id_authority: "example.org,2026"}}
net: {{source_reach: {{allow: ["127.0.0.0/8"]}}}}
worker: {{concurrency: {concurrency}}}
"""
_SECTIONS = "sections:\n  - {id: bench, title: {en: Bench}, languages: [any]}\n"


def main(folder: Path, count: int, port: int, policy: str) -> None:
    """Serve cycles until stdin ends."""
    start_logging(logging.ERROR)
    logging.getLogger("feedhub.ingest.parser_pool").setLevel(logging.INFO)  # how many were read the quick way
    with open_house(load_config(a_home(folder), {}), upgrade=True) as house:
        house.prepare()
        add_all(house.store, count, port, policy)
        stop = threading.Event()
        worker = threading.Thread(target=run_worker, args=(house, stop))
        worker.start()
        try:
            warm(house, count, port)
            print("ready", flush=True)
            for _ in sys.stdin:
                print(json.dumps(cycle(house, count)), flush=True)
        finally:
            stop.set()
            worker.join()


def a_home(folder: Path, store: str = "sqlite:///feedhub.db", concurrency: int = 64) -> Path:
    """A directory with a configuration and one section; returns config.yaml."""
    (folder / "feeds").mkdir(parents=True)
    (folder / "feeds" / "sections.yaml").write_text(_SECTIONS)
    file = folder / "config.yaml"
    file.write_text(_CONFIG.format(store=store, concurrency=concurrency))
    return file


def add_all(store: Store, count: int, port: int, policy: str) -> None:
    """Every source, not due."""
    later = SystemClock().now() + PARKED
    with store.write() as tx:
        for number in range(count):
            add_source(tx, a_source(f"s{number}", f"http://{host(number)}:{port}/feed.xml", policy), later)


def a_source(key: str, url: str, policy: str) -> Source:
    """A source that is due once a day, unless it is made due."""
    return Source(
        key=key, name=key, url=url, sections=("bench",), policy=policy, language="en",  # type: ignore[arg-type]
    )  # fmt: skip


def warm(house: House, count: int, port: int) -> None:
    """Start the parser children and open what is opened once, by sources that are not counted."""
    now = house.clock.now()
    with house.store.write() as tx:
        for number in range(count, count + WARM):
            add_source(tx, a_source(f"warm{number}", f"http://{host(number)}:{port}/feed.xml", "review"), now)
    wait_for_polls(house.store, 0, WARM)
    with house.store.write() as tx:
        tx.execute(sa.update(sources).where(sources.c.key.like("warm%")).values(condition="paused"))


def cycle(house: House, count: int) -> dict[str, object]:
    """Let everything come due at one moment, and wait until all of it has been polled."""
    with house.store.read() as tx:
        last = tx.execute(sa.select(sa.func.max(polls.c.id))).scalar() or 0
    due = house.clock.now() + AHEAD
    with house.store.write() as tx:
        tx.execute(sa.update(sources).where(sources.c.key.like("s%")).values(next_due=due))
    time.sleep((due - house.clock.now()).total_seconds())
    before = spent(os.getpid())
    wait_for_polls(house.store, last, count)
    seconds, core = (house.clock.now() - due).total_seconds(), spent(os.getpid()) - before
    with house.store.read() as tx:
        outcomes = Counter(tx.execute(sa.select(polls.c.outcome).where(polls.c.id > last)).scalars())
        ways = Counter(
            way
            for read in tx.execute(sa.select(polls.c.read_by).where(polls.c.id > last)).scalars()
            for way in read or ()
        )
        stored = tx.execute(sa.select(sa.func.count()).select_from(entries)).scalar_one()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "seconds": seconds,
        "core": core,
        "outcomes": dict(outcomes),
        "read by": dict(ways),
        "entries": stored,
        "memory_mb": memory,
    }


def wait_for_polls(store: Store, last: int, count: int) -> None:
    """Wait until `count` polls have been written after the one of id `last`."""
    newest = sa.select(sa.func.max(polls.c.id))  # they are numbered without a gap, and looking costs next to nothing
    while True:
        with store.read() as tx:
            if (tx.execute(newest).scalar() or 0) - last >= count:
                return
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
