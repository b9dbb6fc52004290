"""INSERT … ON CONFLICT, which SQLite and PostgreSQL both have and SQLAlchemy spells per dialect."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(tx: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows by primary key: what is there is replaced, also when another writer comes in between."""
    if rows:
        tx.execute(_upserting(table, tx.dialect.name, tuple(rows[0])), list(rows))


@cache
def _upserting(table: Table, dialect: str, names: tuple[str, ...]) -> Executable:
    """The statement for rows with those columns: there are as many as places in the code that write some."""
    keys = [column.name for column in table.primary_key]
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    replaced = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=replaced)
