"""Articles that say the same in another language: found by `translation_of`, and kept on each of them.

Two articles are twins when one translates the other, or both the same third, and their languages differ. A feed's
fragment is made of its article alone, so a twin that comes, moves or goes is a change (`linked`) of the others too;
it announces nothing and leaves their `updated` (SEMANTICS 1, 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from feedhub.model.article import Article, Twin
from feedhub.store.article_reads import get_articles
from feedhub.store.article_rows import article_row, articles_from, snapshot
from feedhub.store.changes import record_change
from feedhub.store.saved import places_of
from feedhub.store.tables import article_versions, articles


def twins_of(article: Article, family: Sequence[Article]) -> tuple[Twin, ...]:
    """Those of its family that say the same in another language, by language and id; none of a withdrawn article."""
    if article.state != "published":
        return ()
    spoken = article.language.lower()
    found = [one for one in family if one.language.lower() != spoken]
    return tuple(Twin(one.id, one.language, one.url) for one in sorted(found, key=lambda one: (one.language, one.id)))


def relink(tx: Connection, family: Sequence[Article], before: tuple[Twin, ...], now: datetime) -> None:
    """Bring the twins of an article that was just stored up to date; `before` are those it had until then."""
    former = get_articles(tx, [twin.id for twin in before]) if before else {}
    others = former | {one.id: one for one in family}
    for other in others.values():
        twins = twins_of(other, family_of(tx, other))
        if other.state != "published" or twins == other.twins:
            continue
        touched = places_of(tx, other)
        seq = record_change(tx, kind="linked", article_id=other.id, touched=touched, at=now, by="rule:twins")
        linked = replace(other, seq=seq, twins=twins)
        tx.execute(update(articles).where(articles.c.id == other.id).values(**article_row(linked)))
        tx.execute(insert(article_versions).values(article_id=other.id, seq=seq, at=now, snapshot=snapshot(linked)))


def family_of(tx: Connection, article: Article) -> list[Article]:
    """The published articles that this one translates, that translate it, or that translate the same."""
    related = [articles.c.translation_of == article.id]
    if article.translation_of is not None:
        related += [articles.c.id == article.translation_of, articles.c.translation_of == article.translation_of]
    query = select(articles).where(or_(*related), articles.c.id != article.id, articles.c.state == "published")
    return articles_from(tx.execute(query.order_by(articles.c.id).limit(50)))
