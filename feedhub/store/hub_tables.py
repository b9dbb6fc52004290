"""The hub's tables: topics, subscriptions as cursors, requests that wait for verification, tries worth keeping."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from feedhub.store.columns import Instant, RowNumber
from feedhub.store.metadata import metadata

# `name` is the path of a document of ours, or a foreign address; of the latter the fetched bytes are kept here.
topics = Table(
    "topics",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("name", String(2000), nullable=False, unique=True),
    Column("foreign", Boolean, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("moved_at", Instant),
    Column("pinged_at", Instant),
    Column("fetch_due", Instant),
    Column("fetched_at", Instant),
    Column("fetch_error", Text),
    Column("content_type", Text),
    Column("digest", String(64)),
    Column("body", LargeBinary),
    Column("delivered", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Index(None, "fetch_due"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("topic_id", RowNumber, nullable=False),
    Column("callback", Text, nullable=False),
    Column("callback_key", String(64), nullable=False),
    Column("host", String(255), nullable=False),
    Column("dialect", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("secret", Text),
    Column("signature", String(8), nullable=False),
    Column("partner", String(128)),
    Column("lease_until", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("verified_at", Instant, nullable=False),
    # The request it was last made by: an older one that is verified later does not undo it.
    Column("request_id", RowNumber, nullable=False),
    Column("acked_seq", BigInteger, nullable=False),
    Column("next_try", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", Text),
    Column("stopped_seq", BigInteger),
    Column("stopped_at", Instant),
    Column("last_status", Integer),
    Column("last_at", Instant),
    Column("answer_ms", Integer),
    Column("ended_at", Instant),
    Column("claim_owner", String(128)),
    Column("claim_until", Instant),
    Column("fence", BigInteger, nullable=False),
    Column("procedure", String(128)),
    Index(None, "topic_id", "callback_key", "dialect", unique=True),
    Index(None, "topic_id", "state", "acked_seq"),
    Index(None, "state", "lease_until"),
    Index(None, "host", "state"),
    Index(None, "ended_at"),
)

subscription_requests = Table(
    "subscription_requests",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("mode", String(16), nullable=False),
    Column("topic_id", RowNumber, nullable=False),
    Column("asked_topic", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("callback_key", String(64), nullable=False),
    Column("host", String(255), nullable=False),
    Column("dialect", String(16), nullable=False),
    Column("secret", Text),
    Column("signature", String(8), nullable=False),
    Column("partner", String(128)),
    Column("lease_seconds", Integer, nullable=False),
    Column("since_seq", BigInteger),
    Column("baseline_seq", BigInteger, nullable=False),
    Column("exempt", Boolean, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("next_try", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("claim_until", Instant),
    Column("ended_at", Instant),
    Column("failed_at", Instant),
    Column("outcome", Text),
    Column("procedure", String(128)),
    Column("by_test", Boolean, nullable=False),
    Index(None, "ended_at", "next_try"),
    Index(None, "host", "failed_at"),
    Index(None, "host", "ended_at"),
)

# Tries that failed, and those that succeeded after a failure; a first try that succeeds moves the cursor alone.
attempts = Table(
    "attempts",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("subscription_id", RowNumber, nullable=False),
    Column("delivery_id", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("catch_up", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("number", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("status", Integer),
    Column("reason", Text),
    Column("answer_ms", Integer),
    Index(None, "subscription_id", "id"),
    Index(None, "at"),
)
