"""INSERT … ON CONFLICT, which SQLite and PostgreSQL both have and SQLAlchemy spells per dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(tx: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows by primary key: what is there is replaced, also when another writer comes in between."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    written = [name for name in rows[0] if name not in keys]
    if tx.dialect.name == "postgresql":
        statement = postgresql.insert(table)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=keys, set_={name: statement.excluded[name] for name in written}
            ),
            list(rows),
        )
    else:
        lite = sqlite.insert(table)
        tx.execute(
            lite.on_conflict_do_update(index_elements=keys, set_={name: lite.excluded[name] for name in written}),
            list(rows),
        )
