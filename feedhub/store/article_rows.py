"""An article as a row and a row as an article, with the keys under which it is known to be the same piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from feedhub.model.article import Article, Attribution, Correction, Twin
from feedhub.model.item import Enclosure
from feedhub.model.keys import content_key, link_key
from feedhub.model.picture import Shown
from feedhub.model.safehtml import SafeHtml
from feedhub.store.columns import offset_minutes, with_offset

_TIMES = frozenset("published updated embargo_until expires released_at withdrawn_at notice_until".split())
_FIELDS = tuple(Article.__slots__)
_PARTS: dict[str, Callable[..., object]] = {"enclosures": Enclosure, "twins": Twin, "pictures": Shown}


def article_row(article: Article) -> dict[str, Any]:
    """The columns of an article."""
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
        "enclosures": list(map(_plain, article.enclosures)),
        "rights": article.rights,
        "licence": article.licence,
        "translation_of": article.translation_of,
        "twins": list(map(_plain, article.twins)),
        "pictures": list(map(_plain, article.pictures)),
        "corrections": [{"at": one.at.isoformat(), "note": one.note} for one in article.corrections],
        "embargo_until": article.embargo_until,
        "expires": article.expires,
        "origin": article.origin,
        "edited_fields": list(article.edited_fields),
        "released_at": article.released_at,
        "withdrawn_at": article.withdrawn_at,
        "withdrawn_reason": article.withdrawn_reason,
        "notice_until": article.notice_until,
    }


def articles_from(rows: Any) -> list[Article]:
    """The articles of rows, in their order."""
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
            licence=row.licence,
            translation_of=row.translation_of,
            twins=tuple(Twin(**twin) for twin in row.twins),
            pictures=tuple(Shown(**picture) for picture in row.pictures),
            corrections=tuple(Correction(datetime.fromisoformat(it["at"]), it["note"]) for it in row.corrections),
            embargo_until=row.embargo_until,
            expires=row.expires,
            origin=row.origin,
            edited_fields=tuple(row.edited_fields),
            state=row.state,
            seq=row.seq,
            released_at=row.released_at,
            withdrawn_at=row.withdrawn_at,
            withdrawn_reason=row.withdrawn_reason,
            notice_until=row.notice_until,
        )
        for row in rows
    ]


def snapshot(article: Article) -> dict[str, Any]:
    """An article as plain values, times in RFC 3339."""
    values = {name: getattr(article, name) for name in _FIELDS}
    for name in _TIMES:
        values[name] = moment.isoformat() if (moment := values[name]) else None
    for name in _PARTS:
        values[name] = list(map(_plain, values[name]))
    values["corrections"] = [{"at": one.at.isoformat(), "note": one.note} for one in article.corrections]
    values["source"] = _plain(article.source)
    return values


def _plain(part: Any) -> dict[str, Any]:
    """A part of an article, which is flat, by the names of its fields; `asdict` copies every value."""
    return {name: getattr(part, name) for name in part.__slots__}


def article_of(values: dict[str, Any]) -> Article:
    """The article of a snapshot; what it does not say yet, since it is older, is as if it were not said."""
    known = {field.name: values[field.name] for field in fields(Article) if field.name in values}
    for name, value in known.items():
        if name in _TIMES:
            known[name] = None if value is None else datetime.fromisoformat(value)
        elif name == "corrections":
            known[name] = tuple(Correction(datetime.fromisoformat(it["at"]), it["note"]) for it in value)
        elif name in _PARTS:
            known[name] = tuple(_PARTS[name](**it) for it in value)
        elif isinstance(value, list):
            known[name] = tuple(value)
    known["html"] = None if known["html"] is None else SafeHtml(known["html"])
    return Article(**{**known, "source": Attribution(**known["source"])})
