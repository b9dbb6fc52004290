"""The tables of what is published: fragments of articles, who stands in which document, the documents themselves."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from feedhub.store.columns import Instant
from feedhub.store.metadata import metadata

fragments = Table(
    "fragments",
    metadata,
    Column("article_id", String(64), primary_key=True),
    Column("format", String(8), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("style", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

window_members = Table(
    "window_members",
    metadata,
    Column("section", String(512), primary_key=True),
    Column("article_id", String(64), primary_key=True),
    Column("published_at", Instant, nullable=False),
    Column("pinned_until", Instant),
)

# The slots of a section's archives: which article has which place in which archive, for ever (SEMANTICS 17).
archive_members = Table(
    "archive_members",
    metadata,
    Column("section", String(512), primary_key=True),
    Column("article_id", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Index(None, "section", "number", "position", unique=True),
)

# One row per archive: the change it follows, and in `due` the generation it still has to be rendered for.
archives = Table(
    "archives",
    metadata,
    Column("section", String(512), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("generation", BigInteger, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("due", BigInteger),
    Index(None, "due"),
)

# Partners' documents that somebody asked for, beside those that the profiles name.
profile_pairs = Table(
    "profile_pairs",
    metadata,
    Column("profile", String(40), primary_key=True),
    Column("section", String(512), primary_key=True),
    Column("asked_at", Instant, nullable=False),
)

# Of each partner's document: when time alone makes it another one, and articles of which no item could be written.
profile_states = Table(
    "profile_states",
    metadata,
    Column("path", String(640), primary_key=True),
    Column("renew_at", Instant),
    Column("left_out", JSON, nullable=False),
)

# What each saved feed asks, by `saved/<name>`; the articles it holds stand among the placements.
saved_feeds = Table(
    "saved_feeds",
    metadata,
    Column("id", String(512), primary_key=True),
    Column("question", JSON, nullable=False),
)

# Articles of which no item can be written, and why.
left_out = Table(
    "left_out",
    metadata,
    Column("article_id", String(64), primary_key=True),
    Column("noted_at", Instant, nullable=False),
    Column("why", Text, nullable=False),
)

# Every document we serve, by its address below the portal's. `kind` is current, archive or profile; `name` the section
# or saved feed it belongs to; `number` that of an archive.
documents = Table(
    "documents",
    metadata,
    Column("path", String(640), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(512), nullable=False),
    Column("format", String(8), nullable=False),
    Column("number", Integer),
    Column("generation", BigInteger, nullable=False),
    Column("style", String(64), nullable=False),
    Column("etag", String(80), nullable=False),
    Column("last_modified", Instant, nullable=False),
    Column("content_type", String(80), nullable=False),
    Column("cache_control", String(80), nullable=False),
    Column("link", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("gzip", LargeBinary, nullable=False),
    Column("brotli", LargeBinary, nullable=False),
    Column("zstd", LargeBinary, nullable=False),
    Column("layout", JSON(none_as_null=True)),
    Column("editions", JSON(none_as_null=True)),
    Index(None, "kind", "name", "number"),
    Index(None, "generation"),
)
