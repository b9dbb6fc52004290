"""What is due is claimed at its moment; a slow host with many sources due holds up no other (PROMISES 121)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from feedhub.basics.urls import host_of
from feedhub.jobs.polls import Polls
from feedhub.ports.clock import SystemClock
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.polls import source_polls
from feedhub.store.sources import add_source, list_sources, set_condition
from tests.ingest.polling import FEED, Watched, answered_beside
from tests.kit import NOW, a_source, open_store

OTHERS = 20


class SlowHost:
    """A Web on which one host answers nobody until it is let go."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.lock = threading.Lock()
        self.busy, self.most = 0, 0
        self.answered: Counter[str] = Counter()

    def send(self, request: WebRequest) -> WebResponse:
        host = host_of(request.url)
        if host == "slow.example":
            with self.lock:
                self.busy += 1
                self.most = max(self.most, self.busy)
            self.gate.wait(20)
            with self.lock:
                self.busy -= 1
        with self.lock:
            self.answered[host] += 1
        return WebResponse(request.url, 200, {}, FEED.encode())

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        return answered_beside(self, request)


def wait_until(true: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.01)


def test_what_comes_due_between_two_beats_is_claimed_at_its_moment(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.db")
    clock = SystemClock()
    web = SlowHost()
    ingest = replace(Watched(store, a_source("paused")).ingest, web=web, clock=clock)
    due = {f"s{number}": clock.now() + timedelta(milliseconds=wait) for number, wait in enumerate((120, 180, 30_000))}
    with store.write() as tx:
        set_condition(tx, "paused", "paused", now=NOW)
        for key, moment in due.items():
            add_source(tx, a_source(key, url=f"http://{key}.example/feed.xml"), moment)
    polls = Polls(ingest, "me", 4, 2)
    try:
        polls.beat()
        assert not web.answered
        wait_until(lambda: web.answered.total() == 2)
    finally:
        polls.close()
    with store.read() as tx:
        begun = {key: poll.started_at for key in due for poll in source_polls(tx, key)}
    assert begun.keys() == {"s0", "s1"}  # the third is a later beat's
    assert all(due[key] <= moment for key, moment in begun.items())
    store.close()


def test_a_slow_host_takes_no_more_hands_than_its_share(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.db")
    web = SlowHost()
    watched = Watched(store, a_source("slow-first", url="http://slow.example/first.xml"))
    ingest = replace(watched.ingest, web=web)
    with store.write() as tx:
        for number in range(60):
            add_source(tx, a_source(f"a-slow{number}", url=f"http://slow.example/{number}.xml"), NOW)
        for number in range(OTHERS):
            add_source(tx, a_source(f"z{number}", url=f"http://other{number}.example/feed.xml"), NOW)
    polls = Polls(ingest, "me", 4, 2)
    try:
        # One beat is enough: a hand that is done goes on by itself.
        polls.beat()
        wait_until(lambda: web.answered.total() == OTHERS)
        assert web.answered.total() == len(web.answered) == OTHERS
        assert "slow.example" not in web.answered
        web.gate.set()
        wait_until(lambda: web.answered["slow.example"] == 61)
        assert (web.answered["slow.example"], web.most) == (61, 2)
    finally:
        web.gate.set()
        polls.close()
    with store.read() as tx:
        assert all(state.last_success for _, state in list_sources(tx))
    store.close()
