"""Turns at writing: nobody waits for ever beside one who writes without a pause, in its process or in another."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from feedhub.errors import StoreAway
from feedhub.store import engine
from feedhub.store.engine import Store
from feedhub.store.turns import TooLong, Turns
from tests.conftest import ROOT

WRITES = """
import sys, time
from feedhub.store.engine import Store
store, until = Store(sys.argv[1]), time.monotonic() + 8
print("begins", flush=True)
while time.monotonic() < until:
    with store.write() as tx:
        tx.exec_driver_sql("INSERT INTO seen VALUES (1)")
        time.sleep(0.15)
"""


def a_store(folder: Path) -> Store:
    store = Store(f"sqlite:///{folder / 'a.db'}")
    with store.write() as tx:
        tx.exec_driver_sql("CREATE TABLE seen (n INTEGER)")
    return store


def add(store: Store, seconds: float = 0.0) -> float:
    """Write once, and hold the lock for so long; how long it took to have it."""
    asked = time.monotonic()
    with store.write() as tx:
        waited = time.monotonic() - asked
        tx.exec_driver_sql("INSERT INTO seen VALUES (1)")
        time.sleep(seconds)
    return waited


def test_beside_a_thread_that_writes_without_a_pause(tmp_path: Path) -> None:
    store, over = a_store(tmp_path), threading.Event()

    def write_on() -> None:
        while not over.is_set():
            add(store, 0.15)

    busy = threading.Thread(target=write_on)
    busy.start()
    try:
        assert max(add(store) for _ in range(8)) < 2.0
    finally:
        over.set()
        busy.join()
        store.close()


def test_beside_a_process_that_writes_without_a_pause(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    words = [sys.executable, "-c", WRITES, store.url]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as busy:
        assert busy.stdout is not None
        try:
            busy.stdout.readline()
            time.sleep(0.5)
            assert max(add(store) for _ in range(2)) < 3.0
            assert busy.poll() is None, "it still writes"
        finally:
            busy.kill()
    store.close()


def test_who_asks_first_is_first() -> None:
    turns, order = Turns(), list[int]()

    def take(number: int) -> None:
        with turns.mine(10):
            order.append(number)

    with turns.mine(1):
        waiting = [threading.Thread(target=take, args=(number,)) for number in range(8)]
        for number, one in enumerate(waiting):
            one.start()
            while len(turns._queue) <= number:
                time.sleep(0.001)
        with pytest.raises(TooLong), turns.mine(0.01):
            pytest.fail("it is another's turn")
    for one in waiting:
        one.join()
    assert order == list(range(8))
    with turns.mine(0):
        pass


def test_a_turn_that_does_not_come_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = a_store(tmp_path)
    other = Store(store.url)
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    with store.write():
        failed: list[StoreAway] = []

        def ask() -> None:
            try:
                add(store)
            except StoreAway as error:
                failed.append(error)

        beside = threading.Thread(target=ask)
        beside.start()
        beside.join()
        assert "written for too long" in str(failed[0])
        with pytest.raises(StoreAway, match="locked"):
            add(other)
    assert add(store) < 0.1 and add(other) < 0.1
    store.close()
    other.close()
