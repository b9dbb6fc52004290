"""The table of the push proof: one row per topic, with what arrived there and how long it took."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, String, Table

from feedhub.store.columns import Instant
from feedhub.store.metadata import metadata

canaries = Table(
    "canaries",
    metadata,
    Column("topic", String(640), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("mounted_at", Instant, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("received_at", Instant),
    Column("latencies", JSON, nullable=False),
)
