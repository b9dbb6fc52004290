"""What a source's document said, before we decided anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from feedhub.basics.dates import Precision
from feedhub.model.raw import RawDocument
from feedhub.model.safehtml import SafeHtml
from feedhub.model.shape import Look


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attached file; `length` in bytes, None when nobody said."""

    url: str
    type: str
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a source's document, cleaned: text is XML-safe, addresses are absolute http(s).

    `published` is None when the document names no date we trust; `precision` is "day" for a date without a
    time; `origin_title` and `origin_url` name the source that the source itself reprinted from.
    """

    guid: str | None = None
    link: str | None = None
    title: str = ""
    html: SafeHtml | None = None
    summary: str = ""
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    precision: Precision = "second"
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    rights: str | None = None
    origin_title: str | None = None
    origin_url: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What was worked out of an item: why its text looks garbled (empty: it does not), the key of its content, the
    digest of what it says, the marks of its text."""

    garbled: str
    content: str | None
    digest: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """An item that its source took back, by its guid; when and why, where that is said."""

    guid: str
    when: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A whole document: its head and its items in document order.

    `version` is feedparser's name of the format (`rss20`, `atom10`, `json11`…); `encoding` says which one was
    used and why; `total` counts the items before the bound on their number; `warnings` are sentences;
    `more` are addresses of documents that this one goes on in; `deleted` are items that the source took back;
    `looks` say how the items stood in it, where selectors found them; `blank` is how many of the things found had
    neither title nor address. `read_by` says which way an XML feed was
    read; `raw` are the bytes it was read from, where they are at hand; `facts` are those of its items, in their order.
    `date_kinds` says how the dates of a feed's items are written, the most frequent kind first (`zone`, `no zone`,
    `day`, `relative`). `update_minutes` is the span of sy:updatePeriod over sy:updateFrequency; `skip_hours` (0 to 23)
    and `skip_days` (Monday is 0) are in UTC.
    """

    version: str
    title: str = ""
    link: str | None = None
    self_url: str | None = None
    id: str | None = None
    language: str | None = None
    updated: datetime | None = None
    rights: str | None = None
    ttl_minutes: int | None = None
    update_minutes: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    hubs: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    total: int = 0
    encoding: str = "utf-8"
    warnings: tuple[str, ...] = field(default=())
    more: tuple[str, ...] = ()
    read_by: Literal["feedparser", "plain_rss", "plain_atom"] = "feedparser"
    raw: RawDocument | None = None
    looks: tuple[Look, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    blank: int = 0
    date_kinds: tuple[str, ...] = ()
    facts: tuple[Facts, ...] = ()
