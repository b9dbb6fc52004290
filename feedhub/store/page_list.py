"""Every page of an article that there is, in the order in which they came: what sitemaps are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from feedhub.model.article import Article
from feedhub.store.article_rows import articles_from
from feedhub.store.tables import articles

_STANDS = articles.c.state == "published"
_ORDER = (articles.c.released_at, articles.c.id)


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page, and when its article last changed."""

    article_id: str
    updated: datetime


def page_count(tx: Connection) -> int:
    """How many articles have a page."""
    return int(tx.execute(select(func.count()).select_from(articles).where(_STANDS)).scalar_one())


def page_rows(tx: Connection, *, start: int, limit: int) -> list[PageRow]:
    """The pages from place `start` (0 is the oldest) on; read from an index alone."""
    query = select(articles.c.id, articles.c.updated_at).where(_STANDS).order_by(*_ORDER).offset(start).limit(limit)
    return [PageRow(row.id, row.updated_at) for row in tx.execute(query)]


def pages_updated(tx: Connection, *, start: int, limit: int) -> datetime | None:
    """When the latest of those pages changed; None where there is none."""
    part = select(articles.c.updated_at).where(_STANDS).order_by(*_ORDER).offset(start).limit(limit).subquery()
    # The greatest is taken of rows, not by SQL: max() would drop the column's type.
    query = select(part.c.updated_at).order_by(part.c.updated_at.desc()).limit(1)
    return tx.execute(query).scalar()


def published_since(tx: Connection, since: datetime, most: int) -> list[Article]:
    """Articles with a page that were published since then, newest first."""
    query = (
        select(articles)
        .where(_STANDS, articles.c.published_at >= since)
        .order_by(articles.c.published_at.desc(), articles.c.id.desc())
        .limit(most)
    )
    return articles_from(tx.execute(query))
