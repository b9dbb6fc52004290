"""What we publish: a feed's view at one generation, and the document made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedhub.basics.codings import Coding
from feedhub.model.article import Article, Glance

Format = Literal["rss", "atom", "json"]
Kind = Literal["current", "archive", "profile", "search"]
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")
# How long a document may be used again without asking (SEMANTICS 19).
CURRENT = "public, max-age=60, stale-if-error=86400"
ARCHIVED = "public, max-age=3600"
ARCHIVE_SIZE = 50
SEARCHED = "public, max-age=300, stale-if-error=86400"
EXACT_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """All that a document depends on: stored content, never the present (SEMANTICS 2).

    `articles` newest first; `updated` the stored instant of the section's latest change; `published` the
    newest first publication, None for an empty section. A question's feed has `search` for a section, and its
    normalised `query`.
    """

    section: str
    title: str
    description: str
    language: str
    generation: int
    updated: datetime
    published: datetime | None
    articles: tuple[Article | Glance, ...]
    query: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """The place of an article in a section's archives: the archive's number, then 1 to 50 within it."""

    number: int
    position: int


Span = tuple[int, int]
Part = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the items and tombstones stand in a document's bytes, so that those since a change can be cut from it.

    Each part is (seq of its article's latest change, start, end), in the document's order; `items_at` and `stones_at`
    are where all of them stand. `unsaid` is the seq of the newest change that the document may not tell of in parts:
    a withdrawal in RSS, or one that found no room.
    """

    items: tuple[Part, ...]
    items_at: Span
    stones: tuple[Part, ...]
    stones_at: Span
    unsaid: int = 0


@dataclass(frozen=True, slots=True)
class Edition:
    """What a document was before: its generation, ETag and Last-Modified."""

    generation: int
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """The bytes of a feed in one format at one generation, with what HTTP needs to serve them.

    `path` is its address below the portal's and its key everywhere; `name` the section or saved feed it belongs to,
    `search` for a question's; `number` that of an archive. A coded form that would not be shorter is empty.
    `editions` are the last ones of this style, newest first.
    """

    path: str
    kind: Kind = "current"
    name: str
    format: Format
    number: int | None = None
    generation: int
    etag: str
    last_modified: datetime
    content_type: str
    cache_control: str = CURRENT
    link: str
    body: bytes
    gzip: bytes = b""
    brotli: bytes = b""
    zstd: bytes = b""
    layout: Layout | None = None
    editions: tuple[Edition, ...] = ()

    @property
    def codings(self) -> dict[Coding, bytes]:
        """The body in each coding in which it is shorter."""
        made: dict[Coding, bytes] = {"gzip": self.gzip, "br": self.brotli, "zstd": self.zstd}
        return {coding: data for coding, data in made.items() if data}
