"""The same code on PostgreSQL: several web and worker processes on one database, nothing done twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.polls import source_polls
from tests.flows.conftest import Answer, Home, Origin, rss
from tests.flows.test_bad_input import declare


def test_web_and_workers_apart_share_one_database(tmp_path: Path, fresh_postgres: str, origin: Origin) -> None:
    home = Home(tmp_path, fresh_postgres)
    home.reduce()
    refused = home.run("serve", check=False)
    assert refused.returncode == 1
    assert "feedhub db upgrade" in refused.stderr, "tables on PostgreSQL are never changed without being asked"
    home.run("db", "upgrade")
    home.run("db", "check")
    items = [
        (f"g{n}", f"http://news.example/{n}.html", f"Story {n}", f"<p>Story {n}, told at some length here.</p>")
        for n in range(9)
    ]
    keys = [f"s{n}" for n in range(6)]
    for key in keys:
        origin.answers[f"/{key}"] = Answer(rss(*items))
        declare(home, key, origin.url(f"/{key}"), every="5s")
    workers = [spawn(home, "worker") for _ in range(2)]
    try:
        home.start("web")
        home.wait(lambda: {f"Story {n}" for n in range(9)} <= set(home.titles()), 40)
        assert len(set(home.titles())) == len(home.titles()), "six sources with one story each make one item each"
        time.sleep(6)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(12) for worker in workers] == [0, 0]
        if home.process is not None:
            assert home.stop() == 0
    store = Store(fresh_postgres)
    with store.read() as tx:
        for key in keys:
            polls = source_polls(tx, key, limit=100)
            times = sorted(poll.started_at for poll in polls)
            gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
            assert all(gap > 4 for gap in gaps), f"{key} was polled twice: {gaps}"
        states = [entry.state for key in keys for entry in list_entries(tx, source=key)]
        print(
            [(e.source, e.id, e.state, e.item.link, e.article_id) for key in keys for e in list_entries(tx, source=key)]
        )
    store.close()
    assert sorted(set(states)) == ["merged", "published"]
    assert states.count("published") == 9


def spawn(home: Home, *words: str) -> subprocess.Popen[bytes]:
    with home.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "feedhub", *words], cwd=home.folder, env=home.environ, stdout=log, stderr=log
        )
