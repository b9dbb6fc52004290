"""Articles that nobody knew yet, as many as one document brings, written together: each still has its own number.

What stands after them is what `put_article` would leave one after the other, by a tenth of the statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert

from feedhub.model.article import Article, Change
from feedhub.model.section import placements as placements_of
from feedhub.store.article_rows import article_row, snapshot
from feedhub.store.articles import release_at
from feedhub.store.changes import record_changes
from feedhub.store.pictures import note_uses
from feedhub.store.search_index import index_new
from feedhub.store.tables import article_versions, articles, placements


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An article whose id is nobody's, and why it goes out; `late` as in `put_article`."""

    article: Article
    late: bool
    by: str
    reason: str | None


def add_articles(tx: Connection, new: Sequence[NewArticle], *, now: datetime) -> None:
    """Publish new articles, or schedule those whose time lies ahead."""
    waiting = [(one.article, release) for one in new if (release := release_at(one.article, now)) is not None]
    if waiting:
        rows = [article_row(replace(article, state="scheduled")) | {"release_at": at} for article, at in waiting]
        tx.execute(insert(articles), rows)
    going = [one for one in new if release_at(one.article, now) is None]
    if not going:
        return
    touched = [placements_of(one.article.sections) for one in going]
    logged = [Change(0, now, "published", one.article.id, one.late, one.reason, one.by) for one in going]
    seqs = record_changes(tx, logged, touched)
    live = [
        replace(one.article, state="published", released_at=now, seq=seq) for one, seq in zip(going, seqs, strict=True)
    ]
    tx.execute(insert(articles), [article_row(article) for article in live])
    note_uses(tx, live)
    index_new(tx, live)
    tx.execute(
        insert(placements),
        [
            {"section": there, "article_id": one.id, "published_at": one.published, "language": one.language}
            for one, sections in zip(live, touched, strict=True)
            for there in sections
        ],
    )
    versions = [{"article_id": one.id, "seq": one.seq, "at": now, "snapshot": snapshot(one)} for one in live]
    tx.execute(insert(article_versions), versions)
