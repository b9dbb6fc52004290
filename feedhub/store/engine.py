"""The database behind `store.url`: one read and one write transaction, the same on SQLite and PostgreSQL.

SQLite runs in WAL mode with full fsync; a write is BEGIN IMMEDIATE, a read never locks. On PostgreSQL a
read is one REPEATABLE READ snapshot. Failures of the database itself become StoreAway.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from feedhub.errors import StoreAway, UsageError
from feedhub.store.columns import Json
from feedhub.store.together import Together
from feedhub.store.turns import LOOKS, TooLong, Turns

BUSY_SECONDS = 30
Result = TypeVar("Result")


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _to_json(value: Any) -> str:
    return value if isinstance(value, Json) else _ENCODE(value)


class Store:
    """A database. `read()` and `write()` give a Connection inside one transaction; leaving it commits."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise UsageError(f"store.url: {error}") from error
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.url = parsed.render_as_string(hide_password=True)
        self.engine = _sqlite_engine(url, parsed.database) if self.is_sqlite else _postgres_engine(url)
        self._together = Together(self.write)
        self._turns = Turns()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; nothing in it can be changed."""
        with self._guarded():
            if self.is_sqlite:
                with self.engine.connect() as connection, connection.begin():
                    yield connection
            else:
                with self.engine.connect() as plain:
                    connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                    with connection.begin():
                        yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it is there afterwards, or none."""
        with self._guarded(), self._turn(), self.engine.connect() as plain:
            connection = plain.execution_options(feedhub_write=True)
            with connection.begin():
                yield connection

    def write_together(self, apply: Callable[[Connection], Result]) -> Result:
        """Apply in a write transaction that writes of other threads may share; the result once it is committed.

        All of this write is there afterwards, or none and it raises; `apply` may be called again when another broke.
        """
        return self._together.write(apply)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def _turn(self) -> AbstractContextManager[None]:
        return self._turns.mine(BUSY_SECONDS) if self.is_sqlite else nullcontext()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except TooLong as error:
            raise StoreAway(f"The database {self.url} does not serve us: it is being written for too long") from error
        except (OperationalError, InterfaceError) as error:
            raise StoreAway(f"The database {self.url} does not serve us: {error.orig}") from error
        except DBAPIError as error:
            # sqlite3 says "file is not a database" and "malformed" with the bare base class.
            if error.connection_invalidated or type(error) is DatabaseError:
                raise StoreAway(f"The database {self.url} cannot be used: {error.orig}") from error
            raise


def _sqlite_engine(url: str, path: str | None) -> Engine:
    if path and path != ":memory:":
        folder = Path(path).parent
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
        if not Path(path).exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    engine = create_engine(
        url, json_serializer=_to_json, connect_args={"timeout": BUSY_SECONDS}, pool_size=8, max_overflow=24
    )

    @event.listens_for(engine, "connect")
    def on_connect(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # We say BEGIN ourselves: the driver's own would come too late for a read.
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    if path and path != ":memory:":
        _follow(engine, path)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("feedhub_write", False)
        if writes:
            _begin_write(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _begin_write(connection: Connection) -> None:
    """Take the write lock, looking for it often: SQLite itself would sleep for 0.1 s each time."""
    until = time.monotonic() + BUSY_SECONDS
    raw = cast(sqlite3.Connection, connection.connection.dbapi_connection)
    raw.execute(f"PRAGMA busy_timeout={int(LOOKS * 1000)}")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as error:
                busy = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > until:
                    raise
    finally:
        raw.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")


def _follow(engine: Engine, path: str) -> None:
    """Use a connection only while its file is the one at `path`: one that was deleted, moved or replaced would go on
    taking writes that nobody sees again. None is made in its place."""

    @event.listens_for(engine, "do_connect")
    def before_connect(*_: object) -> None:
        if _file_at(path) is None:
            raise sqlite3.OperationalError("its file is not there")

    @event.listens_for(engine, "connect")
    def on_connect(_raw: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _file_at(path)

    @event.listens_for(engine, "checkout")
    def on_checkout(_raw: sqlite3.Connection, record: ConnectionPoolEntry, _: object) -> None:
        if record.info["file"] != _file_at(path):
            raise DisconnectionError(f"{path} is another file now")


def _file_at(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgres_engine(url: str) -> Engine:
    return create_engine(
        url,
        json_serializer=_to_json,
        pool_size=8,
        max_overflow=24,
        pool_pre_ping=True,
        pool_timeout=10,
        connect_args={"connect_timeout": 10},
    )
