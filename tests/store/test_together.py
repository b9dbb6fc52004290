"""Writes of several threads in one transaction: each whole or not at all, and none takes another along."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from feedhub.errors import Conflict, NotFound, StoreAway
from feedhub.store.engine import Store
from feedhub.store.sources import add_source, get_source, hold_fence
from tests.kit import NOW, a_source, open_store


def test_each_write_is_whole_or_not_at_all_and_the_others_go_on(store_url: str) -> None:
    store = open_store(store_url)
    transactions: list[Connection] = []
    gate = threading.Event()

    def write(number: int) -> Callable[[Connection], int]:
        def apply(tx: Connection) -> int:
            gate.wait(20)  # the first holds the turn until all the others wait behind it
            transactions.append(tx)
            add_source(tx, a_source(f"s{number}"), NOW)
            if number % 5 == 0:
                hold_fence(tx, f"s{number}", 99)
            if number == 7:
                raise OperationalError("deadlock", {}, Exception("as PostgreSQL ends one of two"))
            return number

        return apply

    with ThreadPoolExecutor(30) as crew:
        told = [crew.submit(store.write_together, write(number)) for number in range(30)]
        gate.set()
        for number, future in enumerate(told):
            error = future.exception()
            if number % 5 == 0:
                assert isinstance(error, Conflict)
            elif number == 7:
                assert isinstance(error, StoreAway)
            else:
                assert error is None and future.result() == number
    with store.read() as tx:
        for number in range(30):
            if number % 5 == 0 or number == 7:
                with pytest.raises(NotFound):
                    get_source(tx, f"s{number}")
            else:
                get_source(tx, f"s{number}")
    assert len({id(tx) for tx in transactions}) < 30, "they shared transactions"
    store.close()


def test_a_store_that_is_away_is_told_to_all(tmp_path) -> None:  # type: ignore[no-untyped-def]
    store = Store(f"sqlite:///{tmp_path}/x.db")  # has no tables
    with ThreadPoolExecutor(4) as crew:
        told = [crew.submit(store.write_together, lambda tx: add_source(tx, a_source(), NOW)) for _ in range(4)]
        assert all(isinstance(future.exception(), StoreAway) for future in told)
    store.close()


def test_those_that_are_slow_let_others_write_between_them(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    order: list[str] = []
    begun = threading.Event()

    def slow(tx: Connection) -> None:
        begun.set()
        time.sleep(0.15)
        order.append("slow")

    def write() -> None:
        with store.write():
            order.append("other")

    with ThreadPoolExecutor(11) as crew:
        told = [crew.submit(store.write_together, slow) for _ in range(10)]
        begun.wait(10)  # the first of them may be alone: the others wait behind it
        while not order:
            time.sleep(0.01)
        time.sleep(0.05)
        told.append(crew.submit(write))
        for one in told:
            one.result()
    assert order.count("slow") == 10 and order.index("other") <= 4
    store.close()
