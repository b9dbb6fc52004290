"""The table of partners."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, String, Table

from feedhub.store.columns import Instant
from feedhub.store.metadata import metadata

partners = Table(
    "partners",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("key_digest", String(64), nullable=False),
    Column("old_digest", String(64)),
    Column("old_until", Instant),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("rotated_at", Instant),
    Column("revoked_at", Instant),
    Index(None, "key_digest"),
    Index(None, "old_digest"),
)
