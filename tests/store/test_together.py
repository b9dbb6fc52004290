"""Writes of several threads in one transaction: each whole or not at all, and none takes another along."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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
