"""FeedHub's side of `bench-hub`: the hub's own jobs over a store of their own, all guards on.

`python -m bench.hub_ours FOLDER CALLBACKS PORT`. A line on stdin publishes an article; what is printed are the
seconds until every callback has the new document, the latencies from the publication, and the memory.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.hub_receivers import address
from feedhub.basics.digests import sha256_hex
from feedhub.config.load import load_config
from feedhub.model.article import Article
from feedhub.model.hub import SubscriptionRequest
from feedhub.model.safehtml import make_safe
from feedhub.publish.render import render_due
from feedhub.store.articles import put_article
from feedhub.store.documents import get_document
from feedhub.store.hub_tables import subscriptions
from feedhub.store.subscriptions import confirm
from feedhub.store.topics import ensure_topic
from feedhub.wiring.house import House, open_house
from feedhub.wiring.logs import start_logging
from feedhub.wiring.worker import _look_seldom_for_cycles, _raise_file_limit

TOPIC = "/rss/bench.xml"
BODY = 61 * 1024
_CONFIG = """
store: {url: "sqlite:///feedhub.db"}
portal: {name: Bench, title: Bench, id_authority: "example.org,2026"}
net: {callback_reach: {allow: ["127.0.0.0/8"]}}
"""
_SECTIONS = "sections:\n  - {id: bench, title: {en: Bench}, languages: [any]}\n"


def main(folder: Path, callbacks: int, port: int) -> None:
    """Serve publications until stdin ends."""
    start_logging(logging.ERROR)
    _raise_file_limit()
    (folder / "feeds").mkdir(parents=True)
    (folder / "feeds" / "sections.yaml").write_text(_SECTIONS)
    (folder / "config.yaml").write_text(_CONFIG)
    with open_house(load_config(folder / "config.yaml", {}), upgrade=True) as house:
        house.prepare()
        _fill(house)
        _subscribe(house, callbacks, port)
        with house.pushing() as web, house.fan_out() as fan:
            jobs = house.hub(web, web, fan)
            _look_seldom_for_cycles()
            print("ready", flush=True)
            for number, _ in enumerate(sys.stdin):
                print(json.dumps(_publish(house, jobs, number, callbacks)), flush=True)
            jobs.close()


def _fill(house: House) -> None:
    """Fifty articles whose document has about 61 KB."""
    with house.store.write() as tx:
        for number in range(50):
            _put(house, tx, f"a{number}")
    render_due(house.store, house.style(), house.clock)


def _put(house: House, tx: sa.Connection, id_: str) -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=int(id_[1:]))
    text = "The river rose by a hand overnight and the ferry waits. " * 9
    piece = Article(
        id=id_, public_id=f"tag:example.org,2026:{id_}", title=f"Article {id_}", sections=("bench",), language="en",
        published=day, updated=day, html=make_safe(f"<p>{text}</p>"),
    )  # fmt: skip
    put_article(tx, piece, now=house.clock.now(), late=False, by="bench")


def _subscribe(house: House, callbacks: int, port: int) -> None:
    now = house.clock.now()
    with house.store.write() as tx:
        document = get_document(tx, TOPIC)
        assert document is not None
        topic = ensure_topic(tx, TOPIC, foreign=False, seq=document.generation)
        for number in range(callbacks):
            asked = SubscriptionRequest(
                id=str(number + 1), mode="subscribe", topic_id=topic.id, topic=TOPIC, asked_topic=TOPIC,
                callback=f"http://{address(number)}:{port}/cb/{number}", host=address(number), dialect="websub",
                lease_seconds=864_000, secret=sha256_hex(str(number).encode())[:32], baseline_seq=document.generation,
                asked_at=now, next_try=now,
            )  # fmt: skip
            confirm(tx, asked, lease=timedelta(days=10), answer_ms=1, now=now)


def _publish(house: House, jobs: Any, number: int, callbacks: int) -> dict[str, Any]:
    with house.store.write() as tx:
        tx.execute(sa.update(subscriptions).values(next_try=house.clock.now()))
        _put(house, tx, f"a{100 + number}")
    published = house.clock.now()
    begun, used = time.perf_counter(), time.process_time()
    time.sleep(0.001)
    while not render_due(house.store, house.style(), house.clock):
        time.sleep(0.01)
    rendered = time.perf_counter() - begun
    jobs.deliver()
    seconds = time.perf_counter() - begun
    with house.store.read() as tx:
        document = get_document(tx, TOPIC)
        assert document is not None
        row = subscriptions.c
        done = tx.execute(sa.select(sa.func.count()).where(row.acked_seq == document.generation)).scalar_one()
        taken = sorted(tx.execute(sa.select(row.last_at).where(row.acked_seq == document.generation)).scalars())
    late = [(at - published).total_seconds() for at in taken]
    return {
        "seconds": seconds - rendered,
        "rendered": rendered,
        "delivered": done,
        "failed": callbacks - done,
        "bytes": len(document.body),
        "p50": late[len(late) // 2] if late else None,
        "p99": late[int(len(late) * 0.99)] if late else None,
        "cpu": time.process_time() - used,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
