"""Where sources moved to and what they wish, claims by host, entries known by the path of their guid.

How a path key is made is written out here once more: a migration means the same whatever the code becomes.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TRACKING = re.compile(
    r"^(?:utm_\w+|spm|isappinstalled|fbclid|gclid|yclid|mc_[ce]id|share_\w+|ref_src|_ga|bd_vid)$", re.I
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("entries", sa.Column("path_key", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_entries_source_path_key"), "entries", ["source", "path_key"], unique=False)
    op.add_column("sources", sa.Column("host", sa.String(length=255), nullable=True))
    op.add_column("sources", sa.Column("hints", sa.JSON(), nullable=True))
    op.add_column("sources", sa.Column("moved_to", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("former_urls", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("sources", sa.Column("move_seen", sa.JSON(), nullable=True))
    op.add_column("sources", sa.Column("proposed_url", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("missing_since", sa.BigInteger(), nullable=True))
    op.add_column("sources", sa.Column("news_at", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_sources_host_lease_until"), "sources", ["host", "lease_until"], unique=False)
    op.execute("UPDATE sources SET news_at = last_success")
    _fill_hosts()
    _fill_paths()


def _fill_hosts() -> None:
    sources = sa.table("sources", sa.column("key"), sa.column("declared", sa.JSON), sa.column("host"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(sources.c.key, sources.c.declared)).all():
        host = urlsplit(row.declared.get("url") or "").hostname
        if host:
            connection.execute(sa.update(sources).where(sources.c.key == row.key).values(host=host.lower()[:255]))


def _fill_paths() -> None:
    entries = sa.table(
        "entries", sa.column("id"), sa.column("source"), sa.column("item", sa.JSON), sa.column("path_key")
    )
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(
        sa.select(entries.c.id, entries.c.source, entries.c.item)
        .where(entries.c.id > last)
        .order_by(entries.c.id)
        .limit(1000)
    ).all():
        last = rows[-1].id
        for row in rows:
            if path := _path(row.item.get("guid")):
                key = _digest("path", row.source, path)
                connection.execute(sa.update(entries).where(entries.c.id == row.id).values(path_key=key))


def _path(guid: str | None) -> str:
    if not guid or not guid.lower().startswith(("http://", "https://")):
        return ""
    try:
        parts = urlsplit(guid)
        query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)])
    except ValueError:
        return ""
    path = parts.path.rstrip("/")[1:]
    return path + (f"?{query}" if query else "")


def _digest(*parts: str) -> str:
    state = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        state.update(b"%d:" % len(raw))
        state.update(raw)
    return state.hexdigest()
