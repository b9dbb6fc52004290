"""The robots.txt of hosts, kept with their age."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from feedhub.store.rows import upsert
from feedhub.store.tables import robots


def find_robots(tx: Connection, origin: str) -> tuple[str, datetime] | None:
    """The text kept of an origin such as `https://a.example`, and when it was fetched."""
    row = tx.execute(select(robots).where(robots.c.origin == origin)).first()
    return None if row is None else (row.body, row.fetched_at)


def put_robots(tx: Connection, origin: str, body: str, now: datetime) -> None:
    """Keep the text of an origin; empty where there is none."""
    upsert(tx, robots, [{"origin": origin, "body": body, "fetched_at": now}])
