"""The tables of stored pictures."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from feedhub.store.columns import Instant
from feedhub.store.metadata import metadata

pictures = Table(
    "pictures",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("type", String(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("thumbnail", String(64)),
    Column("added_at", Instant, nullable=False),
    Index(None, "thumbnail"),
)

# What became of the picture at an address, per source: none chooses what another shows.
picture_addresses = Table(
    "picture_addresses",
    metadata,
    Column("source", String(128), primary_key=True),
    Column("address_key", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("digest", String(64)),
    Column("note", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", Instant),
    Index(None, "source", "next_try"),
    Index(None, "digest"),
)

# Which pictures an article shows as it stands, in their order.
picture_uses = Table(
    "picture_uses",
    metadata,
    Column("article_id", String(64), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Index(None, "digest"),
)
