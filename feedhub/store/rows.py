"""Rows by a statement that is compiled once: SQLAlchemy works out the parameters of every row anew.

That takes as long as the database takes to write them. Values go through their columns' own types, as they would there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]
How = Literal["new", "replaces", "changes"]
_OF = "of_"  # before the name of a parameter that says which row


def insert_rows(tx: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows that are new; all name the same columns."""
    _write(tx, table, rows, "new")


def upsert(tx: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows by primary key: what is there is replaced, also when another writer comes in between."""
    _write(tx, table, rows, "replaces")


def update_rows(tx: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Change the named columns of rows that are there, by primary key; all name the same columns."""
    _write(tx, table, rows, "changes")


def _write(tx: Connection, table: Table, rows: Sequence[Row], how: How) -> None:
    if rows:
        written = _written(tx.dialect, table, tuple(rows[0]), how)
        tx.exec_driver_sql(written.sql, [written.values(row) for row in rows])


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as one driver takes it: its parameters in order, each with its column and that one's processor."""

    sql: str
    columns: tuple[tuple[str, str, Callable[[Any], Any] | None], ...]
    named: bool

    def values(self, row: Row) -> Any:
        if self.named:
            return {one: row[name] if to is None else to(row[name]) for one, name, to in self.columns}
        return tuple([row[name] if to is None else to(row[name]) for _, name, to in self.columns])


@lru_cache(maxsize=256)
def _written(dialect: Dialect, table: Table, names: tuple[str, ...], how: How) -> _Written:
    statement = _update(table, names) if how == "changes" else _insert(dialect, table, names, how)
    compiled = statement.compile(dialect=dialect, column_keys=None if how == "changes" else list(names))
    processors = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    order = compiled.positiontup
    parameters = order or list(compiled.binds)
    columns = tuple((one, name, processors[name]) for one in parameters for name in (one.removeprefix(_OF),))
    return _Written(str(compiled), columns, named=order is None)


def _insert(dialect: Dialect, table: Table, names: tuple[str, ...], how: How) -> Insert:
    statement = postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
    if how == "new":
        return statement
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)


def _update(table: Table, names: tuple[str, ...]) -> Update:
    keys = {column.name: column for column in table.primary_key}
    statement = update(table).where(*(column == bindparam(f"{_OF}{name}") for name, column in keys.items()))
    return statement.values({name: bindparam(name) for name in names if name not in keys})
