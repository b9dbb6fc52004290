"""Fill the index with the articles that are there already, as the migration does that brings it.

It reads columns by name: the table of articles may have gained others since.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from feedhub.store.search_index import Searchable, index

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = 500
_LIVE = text(
    "SELECT id, title, summary, html, published_at, sections, language, source_label, origin, author, categories, "
    "enclosures FROM articles WHERE state = 'published' AND id > :after ORDER BY id LIMIT :chunk"
)


def index_live(tx: Connection) -> int:
    """Enter every published article into an empty index; returns how many."""
    after, many = "", 0
    while rows := tx.execute(_LIVE, {"after": after, "chunk": _CHUNK}).all():
        for row in rows:
            index(tx, _searchable(row))
        after, many = rows[-1].id, many + len(rows)
    return many


def _searchable(row: Any) -> Searchable:
    return Searchable(
        id=row.id,
        title=row.title,
        summary=row.summary,
        html=row.html,
        published=_EPOCH + timedelta(microseconds=int(row.published_at)),
        sections=tuple(_json(row.sections)),
        language=row.language,
        source=row.source_label,
        origin=row.origin,
        author=row.author,
        categories=tuple(_json(row.categories)),
        enclosures=len(_json(row.enclosures)),
    )


def _json(value: Any) -> Any:
    """A JSON column as text() gives it: PostgreSQL's driver has read it, SQLite's has not."""
    return json.loads(value) if isinstance(value, str) else value
