"""The table of what can be looked up: live articles, newest last, with their folded text.

On SQLite an FTS5 table beside it (`search_words`, made by its migration) holds the words; on PostgreSQL they stand in
`words`, under a GIN index.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from feedhub.store.columns import RowNumber
from feedhub.store.metadata import metadata

# `place` is the second of publication and a few digits of the id: its order is the order in which articles are found.
searched = Table(
    "searched",
    metadata,
    Column("place", RowNumber, primary_key=True, autoincrement=False),
    Column("article_id", String(64), nullable=False, unique=True),
    Column("folded", Text, nullable=False),
    Column("marks", Text, nullable=False),
    Column("words", Text().with_variant(ARRAY(Text), "postgresql")),
    Index(None, "words", postgresql_using="gin"),
)
# FTS5 keeps tables of its own below this name; they are no business of ours.
FTS = "search_words"
