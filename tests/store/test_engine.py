"""An SQLite file that is taken away, brought back or replaced while connections to it stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from feedhub.errors import StoreAway
from feedhub.store.engine import Store


def a_store(path: Path, *, rows: int) -> Store:
    store = Store(f"sqlite:///{path}")
    with store.write() as tx:
        tx.execute(text("CREATE TABLE seen (n INTEGER)"))
    for _ in range(rows):
        add(store)
    return store


def add(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("INSERT INTO seen VALUES (1)"))


def rows(store: Store) -> int:
    with store.read() as tx:
        return tx.execute(text("SELECT count(*) FROM seen")).scalar_one()


def test_a_file_that_is_gone_takes_no_writes(tmp_path: Path) -> None:
    """The kernel would go on taking them, into a file that has no name."""
    path, aside = tmp_path / "a.db", tmp_path / "aside.db"
    store = a_store(path, rows=1)
    path.rename(aside)
    for ask in (add, rows):
        with pytest.raises(StoreAway, match="not there"):
            ask(store)
    assert not path.exists(), "none is made in its place"
    aside.rename(path)
    add(store)
    assert rows(store) == 2
    store.close()


def test_a_file_put_in_its_place_is_the_store(tmp_path: Path) -> None:
    """As a copy is put back beside a service that nobody stopped: both see the same from then on."""
    store, other = a_store(tmp_path / "a.db", rows=1), a_store(tmp_path / "b.db", rows=5)
    assert rows(store) == 1
    other.close()
    for file in tmp_path.glob("a.db-*"):
        file.unlink()
    (tmp_path / "b.db").rename(tmp_path / "a.db")
    add(store)
    late = Store(f"sqlite:///{tmp_path / 'a.db'}")
    assert rows(store) == rows(late) == 6
    store.close()
    late.close()
