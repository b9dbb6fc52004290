"""INSERT of rows by a statement that is compiled once: SQLAlchemy works out the parameters of every row anew.

That takes as long as the database takes to write them. Values go through their columns' own types, as they would there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]


def insert_rows(tx: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows that are new; all name the same columns."""
    _write(tx, table, rows, "new")


def upsert(tx: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows by primary key: what is there is replaced, also when another writer comes in between."""
    _write(tx, table, rows, "replaces")


def _write(tx: Connection, table: Table, rows: Sequence[Row], how: Literal["new", "replaces"]) -> None:
    if rows:
        written = _written(tx.dialect, table, tuple(rows[0]), how)
        tx.exec_driver_sql(written.sql, [written.values(row) for row in rows])


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as one driver takes it: the columns' processors in its order, and whether it names them."""

    sql: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    named: bool

    def values(self, row: Row) -> Any:
        if self.named:
            return {name: row[name] if to is None else to(row[name]) for name, to in self.columns}
        return tuple([row[name] if to is None else to(row[name]) for name, to in self.columns])


@lru_cache(maxsize=256)
def _written(dialect: Dialect, table: Table, names: tuple[str, ...], how: Literal["new", "replaces"]) -> _Written:
    statement = postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
    if how == "replaces":
        keys = [column.name for column in table.primary_key]
        others = {name: statement.excluded[name] for name in names if name not in keys}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=others)
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    processors = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    order = compiled.positiontup
    columns = tuple((name, processors[name]) for name in order or names)
    return _Written(str(compiled), columns, named=order is None)
