"""Articles and the five things that can happen to one: published, corrected, moved, withdrawn, restored.

Each happens in one transaction with its number in the change log, its new version kept, its placements and
with them every page, feed and cursor (SEMANTICS 1, 4). Content that says the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, or_, select, tuple_, update

from feedhub.basics.digests import digest
from feedhub.basics.text import plain_text
from feedhub.basics.urls import canonical_url
from feedhub.errors import Conflict, NotFound
from feedhub.model.article import Article, ArticleState, Attribution, ChangeKind
from feedhub.model.item import Enclosure
from feedhub.model.safehtml import SafeHtml
from feedhub.model.section import placements as placements_of
from feedhub.store.changes import record_change
from feedhub.store.columns import Instant, offset_minutes, with_offset
from feedhub.store.tables import article_versions, articles, placements

# What a reader can see of an article: a difference here is a correction, a difference elsewhere is none.
_VISIBLE = (
    "title", "html", "summary", "author", "language", "published", "precision", "source", "source_url", "url",
    "categories", "enclosures", "rights",
)  # fmt: skip


def put_article(
    tx: Connection, article: Article, *, now: datetime, late: bool, by: str, reason: str | None = None
) -> ChangeKind | None:
    """Store an article as it shall be from now on; says what that was, None for no change.

    A new one is published, or scheduled when its embargo lies ahead. A withdrawn one stays withdrawn, and
    fields that a person edited stay as edited. `late` marks a piece that was accepted rather than imported:
    it is announced whatever its date (SEMANTICS 16).
    """
    old = find_article(tx, article.id)
    if old is None:
        return _insert(tx, article, now=now, late=late, by=by, reason=reason)
    if old.state == "withdrawn":
        return None
    new = replace(
        article, state=old.state, seq=old.seq, released_at=old.released_at, public_id=old.public_id, origin=old.origin,
        edited_fields=old.edited_fields, **{name: getattr(old, name) for name in old.edited_fields},
    )  # fmt: skip
    return _change(tx, old, new, now=now, late=late, by=by, reason=reason)


def edit_article(
    tx: Connection, article: Article, fields: Sequence[str], *, now: datetime, by: str
) -> ChangeKind | None:
    """A person's correction: `fields` are remembered as edited, so that no source overwrites them (SEMANTICS 10)."""
    old = get_article(tx, article.id)
    if old.state == "withdrawn":
        raise Conflict(f"The article {article.id!r} is withdrawn; restore it before you edit it.")
    marked = tuple(dict.fromkeys((*old.edited_fields, *fields)))
    return _change(tx, old, replace(article, edited_fields=marked), now=now, late=True, by=by, reason=None)


def withdraw_article(tx: Connection, article_id: str, *, now: datetime, by: str, reason: str) -> int:
    """Take an article out of every channel; its page answers 410 with the reason. Returns the seq."""
    old = get_article(tx, article_id)
    if old.state == "withdrawn":
        raise Conflict(f"The article {article_id!r} was withdrawn already.")
    gone = replace(old, state="withdrawn", withdrawn_at=now, withdrawn_reason=reason)
    touched = placements_of(old.sections) if old.state == "published" else ()
    return _store(tx, gone, "withdrawn", touched, now=now, late=False, by=by, reason=reason)


def restore_article(tx: Connection, article_id: str, *, now: datetime, by: str) -> int:
    """Bring a withdrawn article back; its `updated` is now, later than its tombstone (SEMANTICS 22)."""
    old = get_article(tx, article_id)
    if old.state != "withdrawn":
        raise Conflict(f"The article {article_id!r} is not withdrawn.")
    updated = max(now.replace(microsecond=0), old.updated).astimezone(old.updated.tzinfo)
    back = replace(
        old, state="published", updated=updated, withdrawn_at=None, withdrawn_reason=None,
        released_at=old.released_at or now,
    )  # fmt: skip
    return _store(tx, back, "restored", placements_of(back.sections), now=now, late=True, by=by, reason=None)


def anything_due(tx: Connection, *, now: datetime) -> bool:
    """Whether any article is to be released or has expired: a cheap look that spares the write lock."""
    scheduled = (articles.c.state == "scheduled") & (articles.c.release_at <= now)
    expired = (articles.c.state == "published") & (articles.c.expires <= now)
    return any(tx.execute(select(articles.c.id).where(test).limit(1)).first() for test in (scheduled, expired))


def release_due(tx: Connection, *, now: datetime, most: int = 200) -> list[str]:
    """Publish scheduled articles whose time has come, withdraw those that expired; returns their ids."""
    moved: list[str] = []
    due = select(articles).where(articles.c.state == "scheduled", articles.c.release_at <= now)
    due = due.order_by(articles.c.release_at, articles.c.id).limit(most).with_for_update(skip_locked=True)
    for article in _articles(tx.execute(due)):
        live = replace(article, state="published", released_at=now)
        _store(
            tx,
            live,
            "published",
            placements_of(live.sections),
            now=now,
            late=True,
            by="rule:schedule",
            reason=None,
        )
        moved.append(article.id)
    over = select(articles.c.id).where(articles.c.state == "published", articles.c.expires <= now)
    for article_id in tx.execute(over.limit(most).with_for_update(skip_locked=True)).scalars().all():
        withdraw_article(tx, article_id, now=now, by="rule:expires", reason="expired")
        moved.append(article_id)
    return moved


def _insert(
    tx: Connection, article: Article, *, now: datetime, late: bool, by: str, reason: str | None
) -> ChangeKind | None:
    release = _release_at(article, now)
    if release is not None:
        tx.execute(insert(articles).values(**_row(replace(article, state="scheduled")), release_at=release))
        return None
    live = replace(article, state="published", released_at=now)
    tx.execute(insert(articles).values(**_row(live)))
    _store(tx, live, "published", placements_of(live.sections), now=now, late=late, by=by, reason=reason)
    return "published"


def _change(
    tx: Connection, old: Article, new: Article, *, now: datetime, late: bool, by: str, reason: str | None
) -> ChangeKind | None:
    if old.state == "scheduled":
        # Nobody has seen it yet: whatever is new simply goes out when its time comes.
        release = _release_at(new, now) or now
        tx.execute(update(articles).where(articles.c.id == new.id).values(**_row(new), release_at=release))
        return None
    seen = any(getattr(old, name) != getattr(new, name) for name in _VISIBLE)
    moved = set(old.sections) != set(new.sections)
    if not seen and not moved:
        if new.edited_fields != old.edited_fields or new.expires != old.expires:
            tx.execute(update(articles).where(articles.c.id == new.id).values(**_row(new)))
        return None
    if not seen:
        new = replace(new, updated=old.updated)
    elif new.updated <= old.updated:
        # A correction must be later than what it corrects, or readers keep the old one.
        new = replace(new, updated=max(now.replace(microsecond=0), old.updated).astimezone(new.updated.tzinfo))
    kind: ChangeKind = "corrected" if seen else "moved"
    touched = placements_of((*new.sections, *old.sections))
    _store(tx, new, kind, touched, now=now, late=late or seen, by=by, reason=reason)
    return kind


def _release_at(article: Article, now: datetime) -> datetime | None:
    """When a piece may go out: after its embargo, and never before its own date (SEMANTICS 14)."""
    ahead = [moment for moment in (article.embargo_until, article.published) if moment is not None and moment > now]
    return max(ahead, default=None)


def _store(
    tx: Connection, article: Article, kind: ChangeKind, touched: Sequence[str], *,
    now: datetime, late: bool, by: str, reason: str | None,
) -> int:  # fmt: skip
    seq = record_change(tx, kind=kind, article_id=article.id, touched=touched, at=now, late=late, reason=reason, by=by)
    stored = replace(article, seq=seq)
    tx.execute(update(articles).where(articles.c.id == article.id).values(**_row(stored), release_at=None))
    tx.execute(delete(placements).where(placements.c.article_id == article.id))
    if stored.state == "published":
        tx.execute(
            insert(placements),
            [
                {
                    "section": section,
                    "article_id": stored.id,
                    "published_at": stored.published,
                    "language": stored.language,
                }
                for section in placements_of(stored.sections)
            ],
        )
    tx.execute(insert(article_versions).values(article_id=stored.id, seq=seq, at=now, snapshot=snapshot(stored)))
    return seq


def find_article(tx: Connection, article_id: str) -> Article | None:
    """The article of that id in any state, or None."""
    return next(iter(_articles(tx.execute(select(articles).where(articles.c.id == article_id)))), None)


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
        chunk = list(ids[start : start + 500])
        found.update({a.id: a for a in _articles(tx.execute(select(articles).where(articles.c.id.in_(chunk))))})
    return found


def find_twin(tx: Connection, *, link_key: str | None, content_key: str | None) -> str | None:
    """The id of a live article with that link or content, the link first."""
    for column, key in ((articles.c.link_key, link_key), (articles.c.content_key, content_key)):
        if key is not None:
            found = tx.execute(
                select(articles.c.id).where(column == key, articles.c.state != "withdrawn").order_by(articles.c.id)
            ).scalar()
            if found:
                return str(found)
    return None


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
        query = query.where(_speaks(languages))
    return _articles(tx.execute(query))


def _speaks(languages: Sequence[str]) -> ColumnElement[bool]:
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
    return _articles(tx.execute(query))


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


def snapshot(article: Article) -> dict[str, Any]:
    """An article as plain values, times in RFC 3339."""
    values = asdict(article)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def link_key(address: str | None) -> str | None:
    """The key under which two links are one, or None without a link."""
    return digest("link", canonical_url(address)) if address else None


def content_key(title: str, html: str | None) -> str | None:
    """The key under which two pieces say the same; None for an empty body, which never matches (SEMANTICS 9)."""
    words = "".join(plain_text(html or "").split()).casefold()
    return digest("content", "".join(title.split()).casefold(), words) if len(words) >= 20 else None


def _row(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "public_id": article.public_id,
        "state": article.state,
        "seq": article.seq,
        "title": article.title,
        "html": article.html,
        "summary": article.summary,
        "author": article.author,
        "language": article.language,
        "sections": list(article.sections),
        "published_at": article.published,
        "published_offset": offset_minutes(article.published),
        "precision": article.precision,
        "updated_at": article.updated,
        "updated_offset": offset_minutes(article.updated),
        "source_label": article.source.label,
        "source_home": article.source.url,
        "source_feed": article.source.feed_url,
        "source_seen": article.source.as_seen,
        "source_is_feed": article.source.is_feed,
        "source_url": article.source_url,
        "url": article.url,
        "link_key": link_key(article.source_url or article.url),
        "content_key": content_key(article.title, article.html),
        "categories": list(article.categories),
        "enclosures": [asdict(enclosure) for enclosure in article.enclosures],
        "rights": article.rights,
        "embargo_until": article.embargo_until,
        "expires": article.expires,
        "origin": article.origin,
        "edited_fields": list(article.edited_fields),
        "released_at": article.released_at,
        "withdrawn_at": article.withdrawn_at,
        "withdrawn_reason": article.withdrawn_reason,
    }


def _articles(rows: Any) -> list[Article]:
    return [
        Article(
            id=row.id,
            public_id=row.public_id,
            title=row.title,
            sections=tuple(row.sections),
            language=row.language,
            published=with_offset(row.published_at, row.published_offset),
            precision=row.precision,
            updated=with_offset(row.updated_at, row.updated_offset),
            html=None if row.html is None else SafeHtml(row.html),
            summary=row.summary,
            author=row.author,
            source=Attribution(row.source_label, row.source_home, row.source_feed, row.source_seen, row.source_is_feed),
            source_url=row.source_url,
            url=row.url,
            categories=tuple(row.categories),
            enclosures=tuple(Enclosure(**enclosure) for enclosure in row.enclosures),
            rights=row.rights,
            embargo_until=row.embargo_until,
            expires=row.expires,
            origin=row.origin,
            edited_fields=tuple(row.edited_fields),
            state=row.state,
            seq=row.seq,
            released_at=row.released_at,
            withdrawn_at=row.withdrawn_at,
            withdrawn_reason=row.withdrawn_reason,
        )
        for row in rows
    ]
