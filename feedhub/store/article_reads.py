"""Looking articles up: by id, by section and place, by what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, or_, select, tuple_

from feedhub.errors import NotFound
from feedhub.model.article import Article, ArticleState
from feedhub.store.article_rows import article_of, articles_from
from feedhub.store.columns import Instant, with_offset
from feedhub.store.tables import article_versions, articles, placements

_THESE = articles.c.id.in_(bindparam("ids", expanding=True))
_OF_IDS = select(articles.c.id).where(_THESE)
_WHOLE = select(articles).where(_THESE)


def find_article(tx: Connection, article_id: str) -> Article | None:
    """The article of that id in any state, or None."""
    return next(iter(articles_from(tx.execute(select(articles).where(articles.c.id == article_id)))), None)


def get_article(tx: Connection, article_id: str) -> Article:
    """The article of that id in any state; NotFound if there is none."""
    article = find_article(tx, article_id)
    if article is None:
        raise NotFound("article", article_id)
    return article


def get_articles(tx: Connection, ids: Sequence[str]) -> dict[str, Article]:
    """The articles of those ids, by id; unknown ids are absent."""
    found: dict[str, Article] = {}
    for start in range(0, len(ids), 500):
        chunk = {"ids": list(ids[start : start + 500])}
        found.update({a.id: a for a in articles_from(tx.execute(_WHOLE, chunk))})
    return found


_HAVING_KEY = select(articles.c.link_key, articles.c.content_key, articles.c.id).where(
    or_(
        articles.c.link_key.in_(bindparam("links", expanding=True)),
        articles.c.content_key.in_(bindparam("contents", expanding=True)),
    ),
    articles.c.state != "withdrawn",
)


def find_by_keys(tx: Connection, link_keys: Sequence[str], content_keys: Sequence[str]) -> dict[str, str]:
    """The id of a live article by link key and by content key; of several the first by id."""
    found: dict[str, str] = {}
    for start in range(0, max(len(link_keys), len(content_keys)), 500):
        asked = {"links": link_keys[start : start + 500], "contents": content_keys[start : start + 500]}
        for row in tx.execute(_HAVING_KEY, asked):
            for key in (row.link_key, row.content_key):
                if key is not None:
                    found[key] = min(found.get(key, row.id), row.id)
    return found


def standing_ids(tx: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Those of the ids that an article has, in any state."""
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        found |= set(tx.execute(_OF_IDS, {"ids": list(ids[start : start + 500])}).scalars())
    return frozenset(found)


def articles_of_origin(tx: Connection, origin: str) -> list[str]:
    """The ids of every article that came from there and is not withdrawn, locked to the commit."""
    found = select(articles.c.id).where(articles.c.origin == origin, articles.c.state != "withdrawn")
    return list(tx.execute(found.order_by(articles.c.id).with_for_update()).scalars())


def section_articles(
    tx: Connection,
    section: str,
    *,
    limit: int,
    before: tuple[datetime, str] | None = None,
    languages: Sequence[str] | None = None,
) -> list[Article]:
    """Live articles of a section's subtree, newest first by (published, id), after the place `before`."""
    query = (
        select(articles)
        .join(placements, placements.c.article_id == articles.c.id)
        .where(placements.c.section == section)
        .order_by(placements.c.published_at.desc(), placements.c.article_id.desc())
        .limit(limit)
    )
    if before is not None:
        # tuple_() with bare values would skip the column type: PostgreSQL raises, SQLite compares wrongly.
        place = tuple_(literal(before[0], Instant), literal(before[1]))
        query = query.where(tuple_(placements.c.published_at, placements.c.article_id) < place)
    if languages is not None:
        query = query.where(speaks(languages))
    return articles_from(tx.execute(query))


def section_places(
    tx: Connection, section: str, *, limit: int, languages: Sequence[str] | None = None
) -> list[tuple[datetime, str]]:
    """The places (published, id) of the newest live articles of a section's subtree, newest first."""
    at = (placements.c.published_at, placements.c.article_id)
    query = select(*at).where(placements.c.section == section).order_by(*(it.desc() for it in at)).limit(limit)
    rows = tx.execute(query if languages is None else query.where(speaks(languages)))
    return [(published, article_id) for published, article_id in rows]


def newer_place(tx: Connection, section: str, place: tuple[datetime, str], step: int) -> tuple[datetime, str] | None:
    """The place `step` live articles newer than the one after `place`: where the page before that page begins.

    None when fewer stand between them and the newest, so that the page before is the first.
    """
    at = (placements.c.published_at, placements.c.article_id)
    query = (
        select(*at)
        .where(placements.c.section == section)
        .where(tuple_(*at) >= tuple_(literal(place[0], Instant), literal(place[1])))
        .order_by(*at)
        .offset(step)
        .limit(1)
    )
    found = tx.execute(query).first()
    return (found.published_at, found.article_id) if found else None


def speaks(languages: Sequence[str]) -> ColumnElement[bool]:
    """The condition on `placements` for pieces of those languages, their regional forms included."""
    return or_(
        *(
            test
            for language in languages
            for test in (placements.c.language == language, placements.c.language.like(f"{language}-%"))
        )
    )


def list_articles(tx: Connection, *, state: ArticleState | None = None, limit: int = 100) -> list[Article]:
    """Articles in any section, newest first."""
    query = select(articles).order_by(articles.c.published_at.desc(), articles.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(articles.c.state == state)
    return articles_from(tx.execute(query))


def newest_titles(tx: Connection, section_ids: Sequence[str]) -> dict[str, tuple[str, str, datetime]]:
    """(article id, title, published) of the newest live article of each section's subtree."""
    ranked = (
        select(
            placements.c.section,
            placements.c.article_id,
            func.row_number()
            .over(
                partition_by=placements.c.section,
                order_by=(placements.c.published_at.desc(), placements.c.article_id.desc()),
            )
            .label("place"),
        )
        .where(placements.c.section.in_(list(section_ids)))
        .subquery()
    )
    query = (
        select(
            ranked.c.section,
            articles.c.id,
            articles.c.title,
            articles.c.published_at,
            articles.c.published_offset,
        )
        .join(articles, articles.c.id == ranked.c.article_id)
        .where(ranked.c.place == 1)
    )
    return {
        row.section: (row.id, row.title, with_offset(row.published_at, row.published_offset))
        for row in tx.execute(query)
    }


def article_history(tx: Connection, article_id: str) -> list[dict[str, Any]]:
    """Every published version of an article, oldest first, as (seq, at, snapshot)."""
    rows = tx.execute(
        select(article_versions).where(article_versions.c.article_id == article_id).order_by(article_versions.c.seq)
    )
    return [{"seq": row.seq, "at": row.at, "snapshot": row.snapshot} for row in rows]


def versions_of(tx: Connection, ids: Sequence[str]) -> dict[str, list[tuple[Article, datetime]]]:
    """Every published version of those articles and when it was published, oldest first, by id."""
    found: dict[str, list[tuple[Article, datetime]]] = {}
    for start in range(0, len(ids), 500):
        of_these = article_versions.c.article_id.in_(list(ids[start : start + 500]))
        for row in tx.execute(select(article_versions).where(of_these).order_by(article_versions.c.seq)):
            found.setdefault(row.article_id, []).append((article_of(row.snapshot), row.at))
    return found
