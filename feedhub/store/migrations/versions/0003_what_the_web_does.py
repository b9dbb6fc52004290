"""What is learned of a source over its polls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from feedhub.store.search_filling import index_live

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the tables to this revision."""
    _documents()
    _archives()
    _saved_feeds()
    _left_out()
    _learned()
    _alerts()
    _text_marks()
    _searched()
    _robots()
    _pictures()
    _withdrawals()
    _incoming()
    _raw_documents()
    _ways_read()
    _page_looks()
    _stale()
    _pages()
    _twins()
    _profiles()


def _pages() -> None:
    """Sitemaps list every page, in the order in which they came."""
    op.create_index("ix_articles_pages", "articles", ["state", "released_at", "id", "updated_at"])


def _learned() -> None:
    op.add_column("sources", sa.Column("learned", sa.JSON(), nullable=True))


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("standing", sa.String(200)),
        sa.Column("source", sa.String(128)),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.BigInteger()),
        sa.Column("noticed_at", sa.BigInteger()),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.UniqueConstraint("standing", name="uq_alerts_standing"),
    )
    op.create_index("ix_alerts_closed_at", "alerts", ["closed_at"])
    op.create_table(
        "notices",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("alert_ids", sa.JSON(), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try", sa.BigInteger()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("last_error", sa.Text()),
    )
    op.create_index("ix_notices_next_try", "notices", ["next_try"])
    op.create_index("ix_notices_made_at", "notices", ["made_at"])


def _text_marks() -> None:
    op.create_table(
        "text_marks",
        sa.Column("mark", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("slot", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("entry_id", _ROW_NUMBER, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_text_marks_seen_at", "text_marks", ["seen_at"])
    op.create_table(
        "article_marks",
        sa.Column("mark", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("slot", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("article_id", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_article_marks_seen_at", "article_marks", ["seen_at"])


def _searched() -> None:
    """The index of live articles, with those that are there already."""
    tx = op.get_bind()
    words = sa.Text().with_variant(postgresql.ARRAY(sa.Text()), "postgresql")
    op.create_table(
        "searched",
        sa.Column("place", _ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("article_id", sa.String(64), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("words", words),
        sa.UniqueConstraint("article_id", name="uq_searched_article_id"),
    )
    op.create_index("ix_searched_words", "searched", ["words"], postgresql_using="gin")
    if tx.dialect.name == "sqlite":
        # The tokenizer that cuts at ASCII alone: words were made before.
        op.execute("CREATE VIRTUAL TABLE search_words USING fts5(words, content='', columnsize=0, tokenize='ascii')")
    index_live(tx)


def _documents() -> None:
    """Documents are known by their path, so that archives, saved feeds and profiles stand beside current ones."""
    op.execute("CREATE TABLE documents_before AS SELECT * FROM documents")
    op.drop_table("documents")
    op.create_table(
        "documents",
        sa.Column("path", sa.String(640), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(512), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("style", sa.String(64), nullable=False),
        sa.Column("etag", sa.String(80), nullable=False),
        sa.Column("last_modified", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.String(80), nullable=False),
        sa.Column("cache_control", sa.String(80), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("gzip", sa.LargeBinary(), nullable=False),
        sa.Column("brotli", sa.LargeBinary(), nullable=False),
        sa.Column("zstd", sa.LargeBinary(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=True),
        sa.Column("editions", sa.JSON(), nullable=True),
    )
    op.create_index("ix_documents_kind_name_number", "documents", ["kind", "name", "number"])
    op.create_index("ix_documents_generation", "documents", ["generation"])
    kept = "format, generation, style, etag, last_modified, content_type, link, body, gzip"
    # The new codings are empty until the document is made anew: a new style digest moves every generation once.
    op.execute(
        f"INSERT INTO documents (path, kind, name, cache_control, brotli, zstd, {kept}) "  # noqa: S608 - columns
        "SELECT '/' || format || '/' || section || CASE format WHEN 'json' THEN '.json' ELSE '.xml' END, 'current', "
        f"section, 'public, max-age=60, stale-if-error=86400', substr(gzip, 1, 0), substr(gzip, 1, 0), {kept} "
        "FROM documents_before"
    )
    op.drop_table("documents_before")


def _archives() -> None:
    op.create_table(
        "archive_members",
        sa.Column("section", sa.String(512), primary_key=True),
        sa.Column("article_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    place = ["section", "number", "position"]
    op.create_index("ix_archive_members_section_number_position", "archive_members", place, unique=True)
    op.create_table(
        "archives",
        sa.Column("section", sa.String(512), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger()),
    )
    op.create_index("ix_archives_due", "archives", ["due"])


def _saved_feeds() -> None:
    name = sa.Column("id", sa.String(512), primary_key=True)
    op.create_table("saved_feeds", name, sa.Column("question", sa.JSON(), nullable=False))


def _left_out() -> None:
    told = (sa.Column("noted_at", sa.BigInteger(), nullable=False), sa.Column("why", sa.Text(), nullable=False))
    op.create_table("left_out", sa.Column("article_id", sa.String(64), primary_key=True), *told)


def _robots() -> None:
    op.create_table(
        "robots",
        sa.Column("origin", sa.String(300), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
    )


def _pictures() -> None:
    op.create_table(
        "pictures",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.String(64)),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_pictures_thumbnail", "pictures", ["thumbnail"])
    op.create_table(
        "picture_addresses",
        sa.Column("source", sa.String(128), primary_key=True),
        sa.Column("address_key", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64)),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger()),
    )
    op.create_index("ix_picture_addresses_source_next_try", "picture_addresses", ["source", "next_try"])
    op.create_index("ix_picture_addresses_digest", "picture_addresses", ["digest"])
    op.create_table(
        "picture_uses",
        sa.Column("article_id", sa.String(64), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("ix_picture_uses_digest", "picture_uses", ["digest"])


def _withdrawals() -> None:
    """What sources took back; pages of reprints are first looked at a day after publication."""
    op.add_column("entries", sa.Column("gone", sa.JSON(), nullable=True))
    op.add_column("entries", sa.Column("gone_verdict", sa.String(length=16), nullable=True))
    op.add_column("entries", sa.Column("page_due", sa.BigInteger(), nullable=True))
    op.add_column("entries", sa.Column("page_misses", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_entries_gone_verdict"), "entries", ["gone_verdict"], unique=False)
    op.create_index(op.f("ix_entries_page_due"), "entries", ["page_due"], unique=False)


def _incoming() -> None:
    """Subscriptions of ours at hubs, what they delivered, and how pushes prove."""
    op.create_table(
        "incoming",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text()),
    )
    op.create_index("ix_incoming_source", "incoming", ["source"])
    op.create_index("ix_incoming_next_try", "incoming", ["next_try"])
    op.create_table(
        "pushes",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("done_at", sa.BigInteger()),
    )
    op.create_index("ix_pushes_source_digest", "pushes", ["source", "digest"], unique=True)
    op.create_index("ix_pushes_done_at_id", "pushes", ["done_at", "id"])
    op.create_index("ix_pushes_received_at", "pushes", ["received_at"])
    counts = ("pushes", "refused", "repeated", "push_news", "poll_news", "trust")
    op.create_table(
        "push_tallies",
        sa.Column("source", sa.String(128), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("last_push", sa.BigInteger()),
    )


def _raw_documents() -> None:
    op.create_table(
        "raw_documents",
        sa.Column("source", sa.String(128), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text()),
        sa.Column("reading", sa.String(16), nullable=False),
        sa.Column("encoding", sa.String(64)),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("packed_size", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_raw_documents_seen_at", "raw_documents", ["seen_at"])
    op.add_column("entries", sa.Column("raw_digest", sa.String(64)))


def _ways_read() -> None:
    op.add_column("polls", sa.Column("read_by", sa.JSON(), nullable=True))


def _page_looks() -> None:
    op.create_table(
        "page_looks",
        sa.Column("entry_id", _ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.String(64), nullable=False),
        sa.Column("text_taken", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
    )
    op.create_index("ix_page_looks_source_due", "page_looks", ["source", "due"])


def _stale() -> None:
    op.add_column("sources", sa.Column("stale_seconds", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("stale_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_sources_stale_at", "sources", ["stale_at"])


def _twins() -> None:
    """Translations, shown pictures and notes of corrections stand with the article."""
    op.add_column("articles", sa.Column("translation_of", sa.String(64), nullable=True))
    for name in ("twins", "pictures", "corrections"):
        op.add_column("articles", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_articles_translation_of", "articles", ["translation_of"])


def _profiles() -> None:
    """Under which licence an article may be passed on, and the partners' documents that were asked for."""
    op.add_column("articles", sa.Column("licence", sa.Text(), nullable=True))
    op.create_table(
        "profile_pairs",
        sa.Column("profile", sa.String(40), primary_key=True),
        sa.Column("section", sa.String(512), primary_key=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
    )
