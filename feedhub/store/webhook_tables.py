"""Tables of webhooks: who is told of events, and the events, which are rows (SEMANTICS 25)."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from feedhub.store.columns import Instant, RowNumber
from feedhub.store.metadata import metadata

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("secret", String(128), nullable=False),
    Column("old_secret", String(128)),
    Column("old_until", Instant),
    Column("events", JSON, nullable=False),
    Column("sections", JSON, nullable=False),
    Column("partner", String(128)),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("held_until", Instant),
)

webhook_events = Table(
    "webhook_events",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("webhook_id", RowNumber, nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("type", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("seq", BigInteger),
    Column("article_id", String(64)),
    Column("data", JSON(none_as_null=True)),
    Column("body", LargeBinary),
    Column("next_try", Instant),
    Column("claim_until", Instant),
    Column("tries", Integer, nullable=False),
    Column("outcome", Text),
    Column("status", Integer),
    Column("done_at", Instant),
    Index(None, "webhook_id", "next_try", "id"),
    Index(None, "webhook_id", "article_id"),
    Index(None, "webhook_id", "claim_until"),
    Index(None, "done_at"),
)
