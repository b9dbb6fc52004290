"""Articles that nobody knew yet, as many as one document brings, written together: each still has its own number.

What stands after them is what `put_article` would leave one after the other, by a tenth of the statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from feedhub.model.article import Article, Change
from feedhub.model.section import placements as placements_of
from feedhub.store.article_rows import article_row, snapshot
from feedhub.store.articles import put_article, release_at
from feedhub.store.changes import record_changes
from feedhub.store.pictures import note_uses, shown_pictures
from feedhub.store.rows import insert_rows
from feedhub.store.saved import saved_questions
from feedhub.store.search_index import index_new
from feedhub.store.search_match import answers
from feedhub.store.tables import article_versions, articles, placements

_OF = articles.c.translation_of
_TRANSLATED = select(_OF).where(_OF.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An article whose id is nobody's, and why it goes out; `late` as in `put_article`."""

    article: Article
    late: bool
    by: str
    reason: str | None


def add_articles(tx: Connection, new: Sequence[NewArticle], *, now: datetime) -> None:
    """Publish new articles, or schedule those whose time lies ahead."""
    if not new:
        return
    waiting = [(one.article, release) for one in new if (release := release_at(one.article, now)) is not None]
    if waiting:
        rows = [article_row(replace(article, state="scheduled")) | {"release_at": at} for article, at in waiting]
        tx.execute(insert(articles), rows)
    at_once = [one for one in new if release_at(one.article, now) is None]
    going = _alone(tx, at_once)
    for one in at_once:
        if one not in going:
            put_article(tx, one.article, now=now, late=one.late, by=one.by, reason=one.reason)
    if not going:
        return
    saved = saved_questions(tx)
    touched = [
        (*placements_of(one.article.sections), *(name for name, asks in saved if answers(asks, one.article)))
        for one in going
    ]
    logged = [Change(0, now, "published", one.article.id, one.late, one.reason, one.by) for one in going]
    seqs = record_changes(tx, logged, touched)
    live = [
        replace(
            one.article, state="published", released_at=now, seq=seq, twins=(), pictures=shown_pictures(tx, one.article)
        )
        for one, seq in zip(going, seqs, strict=True)
    ]
    insert_rows(tx, articles, [article_row(article) for article in live])
    note_uses(tx, live)
    index_new(tx, live)
    insert_rows(
        tx,
        placements,
        [
            {"section": there, "article_id": one.id, "published_at": one.published, "language": one.language}
            for one, sections in zip(live, touched, strict=True)
            for there in sections
        ],
    )
    versions = [{"article_id": one.id, "seq": one.seq, "at": now, "snapshot": snapshot(one)} for one in live]
    insert_rows(tx, article_versions, versions)


def _alone(tx: Connection, new: Sequence[NewArticle]) -> list[NewArticle]:
    """Those that translate nothing and that nothing translates: what changes others is written by itself."""
    asked = {"ids": [one.article.id for one in new]}
    translated = set(tx.execute(_TRANSLATED, asked).scalars()) | {one.article.translation_of for one in new}
    return [one for one in new if one.article.translation_of is None and one.article.id not in translated]
