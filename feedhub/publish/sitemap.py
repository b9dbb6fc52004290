"""Sitemaps (sitemaps.org protocol 0.9) and Google's news sitemap: every page, and since when it is as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from feedhub.basics.dates import fixed_offset, rfc3339
from feedhub.basics.text import one_line
from feedhub.model.article import Article
from feedhub.model.section import Portal
from feedhub.publish.addresses import article_page
from feedhub.publish.wording import title_of

# The protocol's bound for one sitemap, and Google's for news.
PER_PART = 50_000
RECENT_MOST = 1_000
RECENT_FOR = timedelta(hours=48)

_MAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


@dataclass(frozen=True, slots=True)
class Place:
    """A public address, and when what stands there last changed; None where nobody knows."""

    address: str
    changed: datetime | None


def sitemap_index(parts: Iterable[Place]) -> bytes:
    """The list of all sitemaps."""
    return _document("sitemapindex", "", (f"<sitemap>{_place(part)}</sitemap>" for part in parts))


def sitemap(places: Iterable[Place]) -> bytes:
    """One sitemap; at most `PER_PART` places."""
    return _document("urlset", "", (f"<url>{_place(place)}</url>" for place in places))


def recent_sitemap(portal: Portal, articles: Iterable[Article]) -> bytes:
    """The articles of the last two days, with the publication's name and each one's language and date."""
    return _document("urlset", f" {_NEWS}", (_recent(portal, article) for article in articles))


def recent_since(now: datetime) -> datetime:
    """From when on articles are news: 48 hours before this hour began, so that a sitemap stands for an hour."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - RECENT_FOR


def publication_language(tag: str) -> str:
    """A language as news sitemaps name it: two or three letters, Chinese by its script (zh-cn, zh-tw)."""
    parts = tag.lower().split("-")
    if parts[0] == "zh":
        return "zh-tw" if {"hant", "tw", "hk", "mo"} & set(parts[1:]) else "zh-cn"
    return parts[0]


def _place(place: Place) -> str:
    changed = f"<lastmod>{rfc3339(fixed_offset(place.changed))}</lastmod>" if place.changed is not None else ""
    return f"<loc>{escape(place.address)}</loc>{changed}"


def _recent(portal: Portal, article: Article) -> str:
    moment = fixed_offset(article.published)
    date = f"{moment:%Y-%m-%d}" if article.precision == "day" else rfc3339(moment)
    fields = (
        f"<news:publication><news:name>{escape(one_line(portal.name))}</news:name>"
        f"<news:language>{escape(publication_language(article.language))}</news:language></news:publication>"
        f"<news:publication_date>{date}</news:publication_date>"
        f"<news:title>{escape(one_line(title_of(article)))}</news:title>"
    )
    place = _place(Place(article_page(portal, article.id), article.updated))
    return f"<url>{place}<news:news>{fields}</news:news></url>"


def _document(root: str, more: str, lines: Iterable[str]) -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {_MAPS}{more}>\n'
    text = head + "".join(f"{line}\n" for line in lines) + f"</{root}>\n"
    return text.encode("utf-8", "replace")
