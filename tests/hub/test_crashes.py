"""Workers are killed, publications, subscriptions and renewals fall in between: nothing is lost, and what is repeated
has the same id (PROMISES B7 105, B10 140; SEMANTICS 25)."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from feedhub.hub.subscribing import take_request
from feedhub.publish.render import render_due
from feedhub.store.articles import put_article
from feedhub.store.engine import Store
from feedhub.store.subscriptions import list_subscriptions
from feedhub.store.topics import document_seq
from tests.hub.nursery import FastClock, rules
from tests.hub.receivers import Behaviour, Receivers, Taken
from tests.kit import LOCAL, an_article, open_store
from tests.web.conftest import a_portal, the_style

ROOT = Path(__file__).resolve().parents[2]
JSON = f"/json/{LOCAL}.json"
FORM = "application/x-www-form-urlencoded"


class Yard:
    """A store, workers that can be killed, and receivers."""

    def __init__(self, url: str, receivers: Receivers, rate: float) -> None:
        self.store, self.receivers, self.clock = Store(url), receivers, FastClock(rate)
        self.style = the_style(self.store, a_portal(8080))
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.hub.nursery", url, str(rate)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self.workers: list[int] = []
        self.published: list[str] = []
        self.owed: dict[str, list[str]] = {}

    def start_worker(self) -> None:
        assert self.nursery.stdin is not None and self.nursery.stdout is not None
        print("one", file=self.nursery.stdin, flush=True)
        self.workers.append(int(self.nursery.stdout.readline()))

    def kill_worker(self) -> None:
        os.kill(self.workers.pop(0), signal.SIGKILL)

    def ask(self, name: str, mode: str = "subscribe") -> None:
        form = {"hub.mode": mode, "hub.topic": rules().base_url + JSON, "hub.callback": self.receivers.at(name)}
        body = urlencode(form | {"hub.secret": "hush"}).encode()
        take_request(self.store, rules(), body, FORM, now=self.clock.now())
        self.owed.setdefault(name, [])

    def publish(self, count: int) -> None:
        names = [f"n{len(self.published) + number:05}" for number in range(count)]
        now = self.clock.now()
        with self.store.write() as tx:
            for name in names:
                put_article(tx, an_article(name, published=now, updated=now), now=now, late=True, by="test")
        self.published += names
        for owed in self.owed.values():
            owed += names
        render_due(self.store, self.style, self.clock)

    def settle(self, seconds: float = 60.0) -> None:
        """Wait until every receiver has all."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            render_due(self.store, self.style, self.clock)
            with self.store.read() as tx:
                seq = document_seq(tx, JSON)
                found = list_subscriptions(tx)
            if len(found) == len(self.owed) and all(one.acked_seq == seq for one in found):
                return
            time.sleep(0.05)
        behind = [(one.callback, one.acked_seq, one.tries, one.reason) for one in found if one.acked_seq != seq]
        pytest.fail(f"after {seconds} s {len(found)} of {len(self.owed)} subscribed, behind {seq}: {behind[:9]}")

    def judge(self) -> int:
        """Everybody has all it was owed, in order; repeats have the same id. Returns how many repeats there were."""
        repeats = 0
        for name, owed in self.owed.items():
            taken = [one for one in self.receivers.deliveries[name] if one.headers["x-answered"] == "200"]
            had = {item["id"].rpartition("/")[2] for one in taken for item in json.loads(one.body)["items"]}
            assert set(owed) <= had, (name, sorted(set(owed) - had)[:9])
            seqs = [one.seq for one in taken]
            assert seqs == sorted(seqs), name
            ids = defaultdict[tuple[int, bool], set[str]](set)
            for one in self.receivers.deliveries[name]:
                ids[one.seq, "feedhub-catch-up" in one.headers].add(one.headers["feedhub-delivery"])
            assert all(len(found) == 1 for found in ids.values())
            repeats += len(taken) - len({one.headers["feedhub-delivery"] for one in taken})
        return repeats

    def close(self) -> None:
        self.nursery.kill()
        self.nursery.communicate()
        self.store.close()


@pytest.fixture
def yard(tmp_path: Path, receivers: Receivers, empty: Path) -> Iterator[Callable[..., Yard]]:
    made: list[Yard] = []

    def make(rate: float, url: str = "") -> Yard:
        if url:
            open_store(url).close()
        made.append(Yard(url or f"sqlite:///{shutil.copy(empty, tmp_path / 'yard.db')}", receivers, rate))
        return made[-1]

    yield make
    for one in made:
        one.close()


def interleave(yard: Yard, rounds: int, seed: int) -> int:
    """So many rounds of publish, subscribe, renew, misbehave and crash while workers verify and send."""
    dice = random.Random(seed)
    yard.start_worker()
    yard.start_worker()
    for _ in range(rounds):
        act = dice.random()
        names = list(yard.owed)
        if act < 0.35:
            yard.publish(dice.choice((1, 1, 1, 2, 5, 30)))
        elif act < 0.5 and len(names) < 25:
            yard.ask(f"s{len(names)}")
        elif act < 0.6 and names:
            yard.ask(dice.choice(names))
        elif act < 0.75 and names:
            manners = (Behaviour(), Behaviour(), Behaviour(status=500), Behaviour(delay=0.05), Behaviour(status=302))
            yard.receivers.behave[dice.choice(names)] = dice.choice(manners)
        elif act < 0.9:
            yard.kill_worker()
            yard.start_worker()
        time.sleep(dice.random() * 0.03)
    for name in yard.owed:
        yard.receivers.behave[name] = Behaviour()
        yard.ask(name)  # a renewal: whoever was given up is tried again at once
    yard.settle()
    return yard.judge()


def test_killed_between_send_and_acknowledgement(yard: Callable[..., Yard]) -> None:
    """The receiver holds its answer back until its worker is dead: the next worker repeats, with the same id."""
    here = yard(20.0)
    here.start_worker()
    here.ask("a")
    here.settle(20)
    here.receivers.behave["a"] = Behaviour(delay=0.6)
    here.publish(1)
    until = time.monotonic() + 10
    while not here.receivers.deliveries["a"] and time.monotonic() < until:
        time.sleep(0.005)
    here.kill_worker()
    here.receivers.behave["a"] = Behaviour()
    here.start_worker()
    here.settle(20)
    assert here.judge() == 1
    first, second = here.receivers.deliveries["a"]
    assert first.headers["feedhub-delivery"] == second.headers["feedhub-delivery"] and first.body == second.body


def test_interleavings(yard: Callable[..., Yard]) -> None:
    interleave(yard(20.0), 40, seed=1)


@pytest.mark.long
def test_a_thousand_interleavings(yard: Callable[..., Yard]) -> None:
    repeats = interleave(yard(20.0), 1000, seed=random.SystemRandom().randrange(1 << 30))
    print(f"repeats: {repeats}")


@pytest.mark.long
def test_interleavings_on_postgresql(yard: Callable[..., Yard], postgres_with_tables: str) -> None:
    interleave(yard(20.0, postgres_with_tables), 300, seed=2)


def test_the_judge_sees_a_loss(yard: Callable[..., Yard]) -> None:
    here = yard(20.0)
    here.owed["a"] = ["n1"]
    with pytest.raises(AssertionError):
        here.judge()
    here.owed["a"] = []
    fields = {"feedhub-sequence": "2", "feedhub-delivery": "x", "x-answered": "200"}
    here.receivers.deliveries["a"] = [
        Taken("/a", fields | {"feedhub-delivery": name}, b'{"items": []}') for name in ("x", "y")
    ]
    with pytest.raises(AssertionError):
        here.judge()
