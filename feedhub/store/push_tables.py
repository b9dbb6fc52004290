"""Tables of incoming pushes: our subscriptions at hubs, what they delivered, and push against poll by source."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from feedhub.store.columns import Instant, RowNumber
from feedhub.store.metadata import metadata

incoming = Table(
    "incoming",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("source", String(128), nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("secret", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("next_try", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("tries", Integer, nullable=False),
    Column("last_error", Text),
    Index(None, "source"),
    Index(None, "next_try"),
)

# A push that was walked on keeps its digest for a while, so that the same bytes are not taken twice.
pushes = Table(
    "pushes",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("source", String(128), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("content_type", Text),
    Column("body", LargeBinary),
    Column("done_at", Instant),
    Index(None, "source", "digest", unique=True),
    Index(None, "done_at", "id"),
    Index(None, "received_at"),
)

push_tallies = Table(
    "push_tallies",
    metadata,
    Column("source", String(128), primary_key=True),
    Column("pushes", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("push_news", Integer, nullable=False),
    Column("poll_news", Integer, nullable=False),
    Column("trust", Integer, nullable=False),
    Column("last_push", Instant),
)
