"""What we publish: a feed's view at one generation, and the document made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedhub.model.article import Article

Format = Literal["rss", "atom", "json"]
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")
EXACT_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """All that a document depends on: stored content, never the present (SEMANTICS 2).

    `articles` newest first; `updated` the stored instant of the section's latest change; `published` the
    newest first publication, None for an empty section.
    """

    section: str
    title: str
    description: str
    language: str
    generation: int
    updated: datetime
    published: datetime | None
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """The bytes of a feed in one format at one generation, with what HTTP needs to serve them."""

    section: str
    format: Format
    generation: int
    etag: str
    last_modified: datetime
    content_type: str
    link: str
    body: bytes
    gzip: bytes
