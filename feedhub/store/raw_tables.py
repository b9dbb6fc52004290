"""The table of raw documents."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from feedhub.store.columns import Instant
from feedhub.store.metadata import metadata

raw_documents = Table(
    "raw_documents",
    metadata,
    Column("source", String(128), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("asked", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("content_type", Text),
    Column("reading", String(16), nullable=False),
    Column("encoding", String(64)),
    Column("decision", Text, nullable=False),
    Column("read_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("size", Integer, nullable=False),
    Column("packed_size", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    Index(None, "seen_at"),
)
