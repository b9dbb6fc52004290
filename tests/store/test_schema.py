"""Migrations: an empty database is brought up, a newer one refused, and the tables are what the code says."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from feedhub.errors import SchemaMismatch, StoreAway
from feedhub.store.engine import Store
from feedhub.store.schema import check_schema, require_schema, upgrade_schema
from feedhub.store.settings import installation_id


def test_an_empty_database_is_brought_up_once(empty_url: str) -> None:
    store = Store(empty_url)
    with pytest.raises(SchemaMismatch, match="feedhub db upgrade"):
        require_schema(store)
    upgrade_schema(store)
    with store.read() as tx:
        born = installation_id(tx)
    upgrade_schema(store)
    with store.read() as tx:
        assert installation_id(tx) == born
    state = check_schema(store)
    assert state.current, state.differences
    store.close()


def test_a_table_that_differs_is_named(empty_url: str) -> None:
    store = Store(empty_url)
    upgrade_schema(store)
    with store.write() as tx:
        tx.execute(text("DROP TABLE poll_items"))
    assert any("poll_items" in difference for difference in check_schema(store).differences)
    store.close()


def test_a_newer_database_is_refused(empty_url: str) -> None:
    store = Store(empty_url)
    upgrade_schema(store)
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="newer FeedHub"):
        require_schema(store)
    with pytest.raises(SchemaMismatch, match="newer FeedHub"):
        upgrade_schema(store)
    store.close()


def test_a_database_that_is_away_says_so(tmp_path: Path) -> None:
    store = Store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreAway, match=r"127.0.0.1:1"), store.read():
        pass
    store.close()
    with pytest.raises(StoreAway):
        broken = tmp_path / "x.db"
        broken.write_bytes(b"this is no database, only some words that stand in a file" * 40)
        upgrade_schema(Store(f"sqlite:///{broken}"))


def test_the_sqlite_file_is_ours_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/var/x.db")
    upgrade_schema(store)
    assert stat.S_IMODE((tmp_path / "var" / "x.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
    store.close()


def test_a_read_neither_waits_for_a_writer_nor_sees_it(empty_url: str) -> None:
    store = Store(empty_url)
    upgrade_schema(store)
    with store.write() as tx:
        tx.execute(text("UPDATE counters SET value = 7"))
        with store.read() as other:
            assert other.execute(text("SELECT value FROM counters WHERE name = 'seq'")).scalar() == 0
    with store.read() as other:
        assert other.execute(text("SELECT value FROM counters WHERE name = 'seq'")).scalar() == 7
    store.close()


def test_a_failed_write_leaves_nothing(empty_url: str) -> None:
    store = Store(empty_url)
    upgrade_schema(store)
    with pytest.raises(RuntimeError), store.write() as tx:
        tx.execute(text("UPDATE counters SET value = 7"))
        raise RuntimeError
    with store.read() as tx:
        assert tx.execute(text("SELECT value FROM counters WHERE name = 'seq'")).scalar() == 0
    store.close()
