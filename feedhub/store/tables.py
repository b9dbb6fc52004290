"""The tables of articles, sources and what came in. Migrations under `migrations/` bring a database here.

What is published from them stands in `document_tables.py`, raw bytes in `raw_tables.py`; `schema.check` compares all.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from feedhub.store.columns import Instant, RowNumber
from feedhub.store.metadata import metadata

settings = Table(
    "settings", metadata, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False)
)

# One row, `seq`: the number of the latest change. Its row lock is what puts numbers into commit order.
counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

sections = Table(
    "sections",
    metadata,
    Column("id", String(512), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("public_id", Text, nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("html", Text),
    Column("summary", Text, nullable=False),
    Column("author", Text),
    Column("language", String(35), nullable=False),
    Column("sections", JSON, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_offset", Integer, nullable=False),
    Column("precision", String(8), nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("updated_offset", Integer, nullable=False),
    Column("source_label", Text),
    Column("source_home", Text),
    Column("source_feed", Text),
    Column("source_seen", Text),
    Column("source_is_feed", Boolean, nullable=False),
    Column("source_url", Text),
    Column("url", Text),
    Column("link_key", String(64)),
    Column("content_key", String(64)),
    Column("categories", JSON, nullable=False),
    Column("enclosures", JSON, nullable=False),
    Column("rights", Text),
    Column("licence", Text),
    Column("translation_of", String(64)),
    Column("twins", JSON, nullable=False, server_default="[]"),
    Column("pictures", JSON, nullable=False, server_default="[]"),
    Column("corrections", JSON, nullable=False, server_default="[]"),
    Column("embargo_until", Instant),
    Column("expires", Instant),
    Column("release_at", Instant),
    Column("origin", Text, nullable=False),
    Column("edited_fields", JSON, nullable=False),
    Column("released_at", Instant),
    Column("withdrawn_at", Instant),
    Column("withdrawn_reason", Text),
    Column("notice_until", Instant),
    Index(None, "link_key"),
    Index(None, "content_key"),
    Index(None, "translation_of"),
    Index(None, "state", "release_at"),
    Index(None, "state", "expires"),
    Index(None, "notice_until"),
    Index(None, "published_at", "id"),
    Index("ix_articles_pages", "state", "released_at", "id", "updated_at"),
)

# Where a live article stands: its own sections and all they hang under. A section's page and feed are one index range.
placements = Table(
    "placements",
    metadata,
    Column("section", String(512), primary_key=True),
    Column("article_id", String(64), primary_key=True),
    Column("published_at", Instant, nullable=False),
    Column("language", String(35), nullable=False),
    Index(None, "section", "published_at", "article_id"),
    Index(None, "article_id"),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("article_id", String(64)),
    Column("late", Boolean, nullable=False),
    Column("reason", Text),
    Column("by", Text),
    Index(None, "article_id", "seq"),
)

# `quiet` marks what the section's document never announced, such as history that was imported (SEMANTICS 16).
section_changes = Table(
    "section_changes",
    metadata,
    Column("section", String(512), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("quiet", Boolean),
)

article_versions = Table(
    "article_versions",
    metadata,
    Column("article_id", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("snapshot", JSON, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("declared", JSON, nullable=False),
    Column("declared_at", Text),
    Column("present", Boolean, nullable=False),
    Column("condition", String(16), nullable=False),
    Column("next_due", Instant, nullable=False),
    Column("lease_owner", String(128)),
    Column("lease_until", Instant),
    Column("fence", BigInteger, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_digest", String(64)),
    Column("last_poll", Instant),
    Column("last_success", Instant),
    Column("failures", Integer, nullable=False),
    Column("last_error", Text),
    Column("last_error_code", String(64)),
    Column("site_link", Text),
    Column("rhythm_seconds", Integer),
    Column("host", String(255)),
    Column("hints", JSON(none_as_null=True)),
    Column("moved_to", Text),
    Column("former_urls", JSON, nullable=False, server_default="[]"),
    Column("move_seen", JSON(none_as_null=True)),
    Column("proposed_url", Text),
    Column("missing_since", Instant),
    Column("news_at", Instant),
    Column("stale_seconds", Integer),
    Column("stale_at", Instant),
    Column("learned", JSON(none_as_null=True)),
    Index(None, "condition", "next_due"),
    Index(None, "host", "lease_until"),
    Index(None, "stale_at"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("source", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("guid_key", String(64)),
    Column("path_key", String(64)),
    Column("link_key", String(64)),
    Column("content_key", String(64)),
    Column("item_digest", String(64), nullable=False),
    Column("raw_digest", String(64)),
    Column("item", JSON, nullable=False),
    Column("pending", JSON(none_as_null=True)),
    Column("pending_digest", String(64)),
    Column("reason", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("sections", JSON, nullable=False),
    Column("article_id", String(64)),
    Column("merged_into", RowNumber),
    Column("first_seen", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("release_at", Instant),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("gone", JSON(none_as_null=True)),
    Column("gone_verdict", String(16)),
    Column("page_due", Instant),
    Column("page_misses", Integer),
    Index(None, "source", "guid_key"),
    Index(None, "source", "path_key"),
    Index(None, "link_key"),
    Index(None, "content_key"),
    Index(None, "source", "id"),
    Index(None, "state", "id"),
    Index(None, "state", "release_at"),
    Index(None, "article_id"),
    Index(None, "gone_verdict"),
    Index(None, "page_due"),
)

polls = Table(
    "polls",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("source", String(128), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("status", Integer),
    Column("url", Text),
    Column("code", String(64)),
    Column("message", Text),
    Column("fetched", Integer, nullable=False),
    Column("published", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("merged", Integer, nullable=False),
    Column("filtered", Integer, nullable=False),
    Column("dropped", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("next_due", Instant),
    Column("notes", JSON, nullable=False),
    Column("read_by", JSON(none_as_null=True)),
    Index(None, "source", "id"),
)

poll_items = Table(
    "poll_items",
    metadata,
    Column("poll_id", RowNumber, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("guid", Text),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("rule", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("entry_id", RowNumber),
    Index(None, "entry_id"),
)

# `standing` is of an alert that is not cleared: source and code, so that the same is raised once.
alerts = Table(
    "alerts",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("standing", String(200), unique=True),
    Column("source", String(128)),
    Column("code", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("noticed_at", Instant),
    Column("told_at", Instant),
    Column("closed_at", Instant),
    Column("tries", Integer, nullable=False),
    Index(None, "closed_at"),
)

# What is on its way to a webhook or mailbox; an id is the same over all tries.
notices = Table(
    "notices",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("alert_ids", JSON, nullable=False),
    Column("message", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("next_try", Instant),
    Column("tries", Integer, nullable=False),
    Column("sent_at", Instant),
    Column("last_error", Text),
    Index(None, "next_try"),
    Index(None, "made_at"),
)

# Which entries have a mark of their text; of one mark only the latest few are kept, so a look-up is bounded.
text_marks = Table(
    "text_marks",
    metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", RowNumber, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index(None, "seen_at"),
)

# The same of articles that no entry told: imported ones.
article_marks = Table(
    "article_marks",
    metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("article_id", String(64), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index(None, "seen_at"),
)

# Items' own pages that are looked at again, and what they said when they were last read.
page_looks = Table(
    "page_looks",
    metadata,
    Column("entry_id", RowNumber, primary_key=True, autoincrement=False),
    Column("source", String(128), nullable=False),
    Column("due", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("text_digest", String(64), nullable=False),
    Column("text_taken", Boolean, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Index(None, "source", "due"),
)

imported_files = Table(
    "imported_files",
    metadata,
    Column("path", String(1024), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("imported_at", Instant, nullable=False),
)

robots = Table(
    "robots",
    metadata,
    Column("origin", String(300), primary_key=True),
    Column("body", Text, nullable=False),
    Column("fetched_at", Instant, nullable=False),
)
