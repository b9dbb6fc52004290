"""Claims for `bench-hub`: four workers take the cursors of one topic that are behind, none of them twice.

Ten rounds; of each: claims a second until every cursor is taken and written back, how many were taken twice, processor
for each, and the memory of the largest worker. A worker is `python -m bench.hub_claims URL`: each line on stdin has it
claim until nothing is left.
"""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench.hub_receivers import address
from bench.peers import ROOT
from feedhub.model.hub import Acknowledged, Cursor
from feedhub.ports.clock import SystemClock
from feedhub.store.engine import Store
from feedhub.store.hub_tables import subscriptions, topics
from feedhub.store.schema import upgrade_schema
from feedhub.store.subscriptions import Place, acknowledge, claim_behind, key_of
from feedhub.store.topics import ensure_topic, get_topics, topics_behind
from feedhub.wiring.logs import start_logging
from feedhub.wiring.worker import _look_seldom_for_cycles

WORKERS, ROUNDS, AT_ONCE = 4, 10, 1000


def rounds(url: str, many: int) -> Iterator[dict[str, Any]]:
    """Ten publications, after each of which four workers claim every cursor; what each round said."""
    store = Store(url)
    upgrade_schema(store)
    _subscribe(store, many)
    command = [sys.executable, "-m", "bench.hub_claims", url]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(WORKERS)
    ]
    for worker in workers:
        _line(worker)
    for _ in range(ROUNDS):
        with store.write() as tx:
            tx.execute(sa.update(topics).values(seq=topics.c.seq + 1))
        begun = time.perf_counter()
        for worker in workers:
            print("claim", file=worker.stdin, flush=True)
        said = [json.loads(_line(worker)) for worker in workers]
        seconds = time.perf_counter() - begun
        taken = [row for one in said for row in one["rows"]]
        yield {
            "claims": len(taken),
            "twice": len(taken) - len(set(taken)),
            "rate": len(taken) / seconds,
            "cpu": sum(one["cpu"] for one in said) / len(taken),
            "rss": max(one["rss"] for one in said),
        }
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.close()
        worker.wait()
    store.close()


def work(url: str) -> None:
    """A worker: claims by the thousand, and writes with the next claim that the one before was delivered, as a pump."""
    store, clock = Store(url), SystemClock()
    owner = f"claims-{time.time_ns()}"
    _look_seldom_for_cycles()
    print("ready", flush=True)
    for _ in sys.stdin:
        used, rows, held = time.process_time(), list[int](), list[Cursor]()
        while True:
            with store.write() as tx:
                held = _turn(tx, owner, clock.now(), held)
            if not held:
                break
            rows += [int(one.id) for one in held]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"rows": rows, "cpu": time.process_time() - used, "rss": memory}), flush=True)
    store.close()


def _turn(tx: sa.Connection, owner: str, now: datetime, held: list[Cursor]) -> list[Cursor]:
    acknowledge(tx, [Acknowledged(one, one.acked_seq + 1, now, 204, now, 1) for one in held])
    behind = topics_behind(tx, now)
    known = get_topics(tx, [row for row, _ in behind])
    claimed = list[Cursor]()
    for row, seq in behind:
        place, lease = Place(row, seq, known[row]), timedelta(minutes=5)
        claimed += claim_behind(tx, place, slow=False, owner=owner, now=now, lease=lease, most=AT_ONCE)
    return claimed


def _subscribe(store: Store, many: int) -> None:
    now = SystemClock().now()
    with store.write() as tx:
        topic = ensure_topic(tx, "/rss/bench.xml", foreign=False, seq=1)
        same = {
            "topic_id": int(topic.id), "dialect": "websub", "state": "active", "signature": "sha256",
            "secret": "s" * 32, "lease_until": now + timedelta(days=10), "created_at": now, "verified_at": now,
            "request_id": 1, "acked_seq": 1, "next_try": now, "tries": 0, "answer_ms": 1, "fence": 0,
        }  # fmt: skip
        urls = [f"http://{address(number)}/cb/{number}" for number in range(many)]
        rows = [
            same | {"callback": url, "callback_key": key_of(url), "host": address(number)}
            for number, url in enumerate(urls)
        ]
        tx.execute(sa.insert(subscriptions), rows)


def _line(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline()


if __name__ == "__main__":
    start_logging(logging.ERROR)
    work(sys.argv[1])
