"""A PostgreSQL database that every test finds as the migrations left it: a new one takes ten times as much."""

from __future__ import annotations

import psycopg

# Relations and columns: what a test that works on rows leaves alone.
_SHAPE = """
SELECT md5(string_agg(concat_ws(' ', relname, relkind, attname, atttypid), ',' ORDER BY relname, attnum))
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace
"""
_WRITTEN = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""


class Emptied:
    """The database at `url`, its tables as they are when this is made."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._line = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._shape = self._column(_SHAPE)
        self._rows = {name: self._copied(name) for name in self._column(_WRITTEN)}

    def empty(self) -> None:
        """End whoever is still connected, and put every row back to what it was."""
        self._line.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert self._column(_SHAPE) == self._shape, "a test has changed tables that others use: it takes fresh_postgres"
        with self._line.transaction():
            names = ", ".join({*self._column(_WRITTEN), *self._rows})
            self._line.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
            for name, rows in self._rows.items():
                with self._line.cursor().copy(f"COPY {name} FROM STDIN") as into:
                    into.write(rows)

    def close(self) -> None:
        self._line.close()

    def _column(self, question: str) -> list[str]:
        return [row[0] for row in self._line.execute(question)]

    def _copied(self, name: str) -> bytes:
        with self._line.cursor().copy(f"COPY {name} TO STDOUT") as out:
            return b"".join(out)
