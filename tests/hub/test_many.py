"""Many receivers: the dead and the slow delay nobody else (PROMISES B10 139), and a run of ten thousand."""

from __future__ import annotations

import os
import random
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedhub.hub.pump import Hands
from feedhub.model.hub import SubscriptionRequest
from feedhub.ports.clock import SystemClock
from feedhub.store.engine import Store
from feedhub.store.subscriptions import claim_behind, confirm, list_subscriptions
from feedhub.store.topics import document_seq, ensure_topic
from tests.hub.conftest import RSS, Hub
from tests.hub.receivers import Behaviour, Receivers
from tests.hub.test_crashes import JSON, Yard


def subscribe_all(store: Store, path: str, callbacks: list[tuple[str, str]], clock: object) -> None:
    """Subscriptions of (host, callback) that stand, without asking anybody."""
    now = clock.now()  # type: ignore[attr-defined]
    with store.write() as tx:
        seq = document_seq(tx, path) or 0
        topic = ensure_topic(tx, path, foreign=False, seq=seq)
        for number, (host, callback) in enumerate(callbacks):
            asked = SubscriptionRequest(
                id=str(number + 1), mode="subscribe", topic_id=topic.id, topic=path, asked_topic=path,
                callback=callback, host=host, dialect="websub", lease_seconds=864_000, secret="hush",
                baseline_seq=seq, asked_at=now, next_try=now,
            )  # fmt: skip
            confirm(tx, asked, lease=timedelta(days=10), answer_ms=1, now=now)


def host(number: int) -> str:
    return f"127.{1 + number // 62_500}.{(number // 250) % 250}.{1 + number % 250}"


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("0.0.0.0", 0), backlog=512) as server:
        yield server.getsockname()[1]


def test_the_silent_delay_nobody_else(hub: Hub, silent: int) -> None:
    """Three times as many silent receivers as there are quick hands, first in the queue, at their own hosts."""
    callbacks = [(host(number), f"http://{host(number)}:{silent}/x") for number in range(24)]
    callbacks += [(host(number), f"http://{host(number)}:{hub.receivers.port}/s{number}") for number in range(100, 160)]
    subscribe_all(hub.store, RSS, callbacks, hub.clock)
    pump = hub.worker("me", Hands(quick=8, all=64, slow=16, host=16, claim=32)).pump
    pump._clock = _WallFrom(hub)  # type: ignore[assignment]
    hub.publish()
    begun = time.monotonic()
    arrived: list[float] = []
    while len(arrived) < 60 and time.monotonic() - begun < 12:
        pump._turn()
        arrived += [time.monotonic() - begun] * (
            sum(len(hub.got(f"s{number}")) for number in range(100, 160)) - len(arrived)
        )
    assert len(arrived) == 60 and arrived[-1] < 5.0
    assert len(pump._under_way) >= 20, "the silent ones still hold on"


class _WallFrom:
    """The hub's still instant for what is written, the wall's seconds for what is waited for."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def now(self) -> object:
        return self._hub.clock.now()

    def monotonic(self) -> float:
        return SystemClock().monotonic()


def test_claims_are_each_ones_own(both: Hub) -> None:
    """Two workers never hold the same cursor, and whoever comes late writes nothing (PROMISES 113)."""
    from feedhub.model.hub import Acknowledged
    from feedhub.store.subscriptions import Place, acknowledge, settle
    from feedhub.store.topics import follow_documents, get_topics, topics_behind

    subscribe_all(both.store, RSS, [("127.0.0.1", both.receivers.at(f"s{number}")) for number in range(30)], both.clock)
    both.publish()
    claimed = []
    for owner in ("one", "two", "three"):
        with both.store.write() as tx:
            now = both.clock.now()
            follow_documents(tx, now)
            for topic_id, seq in topics_behind(tx, now):
                place = Place(topic_id, seq, get_topics(tx, [topic_id])[topic_id])
                lease = timedelta(seconds=45)
                claimed.append(claim_behind(tx, place, slow=False, owner=owner, now=now, lease=lease, most=20))
    assert [len(found) for found in claimed] == [20, 10]
    assert len({one.id for found in claimed for one in found}) == 30
    late = claimed[0]
    both.clock.pass_(seconds=46)
    both.deliver()
    before = both.subscriptions()
    with both.store.write() as tx:
        settle(tx, late)
        acknowledge(
            tx, [Acknowledged(one, one.acked_seq - 1, both.clock.now(), 200, both.clock.now(), 1) for one in late]
        )
    assert both.subscriptions() == before
    assert all(one.acked_seq == before[0].acked_seq for one in before)


@pytest.mark.long
def test_ten_thousand(tmp_path: Path, empty: Path) -> None:
    """10,000 subscribers, 5 % dead, 5 % slow, 5 % flapping, two workers killed: every live one gets every article, in
    order, and repeats have the same id. FEEDHUB_MANY sets another number."""
    many = int(os.environ.get("FEEDHUB_MANY", "10000"))
    receivers = Receivers(lean=True)
    yard = Yard(f"sqlite:///{shutil.copy(empty, tmp_path / 'many.db')}", receivers, 5.0)
    dice = random.Random(5)
    kinds = ["live"] * 85 + ["dead"] * 5 + ["slow"] * 5 + ["flapping"] * 5
    callbacks = []
    for number in range(many):
        kind, at = kinds[number % 100], host(number)
        port = 9 if kind == "dead" else receivers.port
        callbacks.append((at, f"http://{at}:{port}/{kind}{number}"))
        if kind == "slow":
            receivers.behave[f"slow{number}"] = Behaviour(delay=1.0)
        if kind == "flapping":
            receivers.behave[f"flapping{number}"] = Behaviour(status=dice.choice((500, 200)))
    try:
        subscribe_all(yard.store, JSON, callbacks, yard.clock)
        yard.owed = {callback.rpartition("/")[2]: [] for _, callback in callbacks if "/dead" not in callback}
        yard.start_worker()
        yard.start_worker()
        begun = time.monotonic()
        for turn in range(3):
            yard.publish(20)
            time.sleep(2.0)
            if turn < 2:
                yard.kill_worker()
                yard.start_worker()
            for number in range(many):
                if kinds[number % 100] == "flapping":
                    receivers.behave[f"flapping{number}"] = Behaviour(status=dice.choice((500, 200)))
        for number in range(many):
            if kinds[number % 100] == "flapping":
                receivers.behave[f"flapping{number}"] = Behaviour()
        alive = len(yard.owed)
        deadline = time.monotonic() + 400
        done = 0
        while done < alive and time.monotonic() < deadline:
            time.sleep(0.5)
            with yard.store.read() as tx:
                seq = document_seq(tx, JSON)
                done = sum(one.acked_seq == seq for one in list_subscriptions(tx, limit=100_000))
        assert done >= alive, f"{done} of {alive}"
        repeats = yard.judge()
        seconds = time.monotonic() - begun
        print(f"{alive} live of {many}, 3 publications in {seconds:.1f} s, {repeats} repeats", file=sys.stderr)
    finally:
        yard.close()
        receivers.close()
