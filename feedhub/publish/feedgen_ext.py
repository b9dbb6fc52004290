"""Extensions that mend what feedgen 1.0.0 writes wrongly or not at all.

Measured: Atom links lose rel, type, hreflang and length (a shadowed loop variable), RSS keeps only the last
enclosure, `atom:source` gets a link without rel and is dropped without an address, RSS dates are written by
switching the locale of the whole process, and `lastBuildDate` is the present unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Every name space of either format stands on the root, so that fragments can be joined under it.
RSS_NAMESPACES = {"atom": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA}
ATOM_NAMESPACES = {"at": TOMBSTONES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An Atom link (RFC 4287 §4.2.7); `length` in bytes, None when nobody said."""

    rel: str
    href: str
    type: str | None = None
    hreflang: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class SourceParts:
    """What `source` says of the origin: label, home page, feed; `is_feed` as in SEMANTICS 7; `updated` RFC 3339."""

    label: str
    url: str | None
    feed_url: str | None
    is_feed: bool
    updated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemParts:
    """What an item carries beyond feedgen; `links` alternate first, times as they shall be written."""

    published: str
    updated: str
    language: str
    author: str | None = None
    rights: str | None = None
    source: SourceParts | None = None
    links: Sequence[Link] = ()
    enclosures: Sequence[Link] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadParts:
    """What a document's head carries beyond feedgen, and the name spaces of its root; `mark` as in `History`."""

    namespaces: Mapping[str, str]
    updated: str
    published: str | None = None
    links: Sequence[Link] = ()
    mark: str | None = None


class ItemExtension(BaseEntryExtension):  # type: ignore[misc]
    """Set `parts` after registering it; feedgen calls the rest."""

    parts: ItemParts

    def extend_rss(self, entry: Any) -> Any:
        """Write dates, several enclosures, source, Dublin Core and `via` into an item."""
        parts = self.parts
        for wrong in entry.findall("enclosure") + entry.findall("source"):
            entry.remove(wrong)
        _text(entry, "pubDate", parts.published)
        _text(entry, f"{{{ATOM}}}updated", parts.updated)
        _text(entry, f"{{{DC}}}creator", parts.author)
        _text(entry, f"{{{DC}}}language", parts.language)
        _text(entry, f"{{{DC}}}rights", parts.rights)
        if parts.source is not None:
            address = parts.source.feed_url or parts.source.url
            if address:
                _text(entry, "source", parts.source.label).set("url", address)
            else:
                _text(entry, f"{{{DC}}}source", parts.source.label)
        for link in parts.links:
            if link.rel == "via":
                _link(entry, f"{{{ATOM}}}link", link)
        for place, link in enumerate(parts.enclosures):
            if place == 0:
                # RSS 2.0 wants a length; where nobody said, it is 0 (SEMANTICS 23).
                etree.SubElement(entry, "enclosure", url=link.href, length=str(link.length or 0), type=link.type or "")
            media = etree.SubElement(entry, f"{{{MEDIA}}}content", url=link.href, type=link.type or "")
            if link.length is not None:
                media.set("fileSize", str(link.length))
        return entry

    def extend_atom(self, entry: Any) -> Any:
        """Write the links with all they say, the source, and the language into an entry."""
        parts = self.parts
        for wrong in entry.findall("link") + entry.findall("source"):
            entry.remove(wrong)
        entry.set(LANG, parts.language)
        for link in (*parts.links, *parts.enclosures):
            _link(entry, "link", link)
        if parts.source is not None:
            _atom_source(entry, parts.source)
        return entry


class HeadExtension(BaseExtension):  # type: ignore[misc]
    """Set `parts` after registering it; feedgen calls the rest."""

    parts: HeadParts

    def extend_ns(self) -> dict[str, str]:
        """What the root declares."""
        return dict(self.parts.namespaces) | ({"fh": HISTORY} if self.parts.mark else {})

    def extend_rss(self, feed: Any) -> Any:
        """Write dates, links and the mark of RFC 5005 into a channel, before its first item."""
        channel = feed[0]
        _text(channel, "pubDate", self.parts.published)
        _text(channel, "lastBuildDate", self.parts.updated)
        for link in self.parts.links:
            _link(channel, f"{{{ATOM}}}link", link)
        if self.parts.mark:
            etree.SubElement(channel, f"{{{HISTORY}}}{self.parts.mark}")
        return feed

    def extend_atom(self, feed: Any) -> Any:
        """Write links and the mark of RFC 5005 into a feed, before its first entry."""
        for link in self.parts.links:
            _link(feed, "link", link)
        if self.parts.mark:
            etree.SubElement(feed, f"{{{HISTORY}}}{self.parts.mark}")
        return feed


def _atom_source(entry: Any, source: SourceParts) -> None:
    """`atom:source` (RFC 4287 §4.2.11); id, self and updated only of something that is a feed."""
    element = etree.SubElement(entry, "source")
    if source.is_feed and source.feed_url:
        _text(element, "id", source.feed_url)
    _text(element, "title", source.label)
    if source.is_feed and source.feed_url:
        _text(element, "updated", source.updated)
        _link(element, "link", Link(rel="self", href=source.feed_url))
    if source.url:
        _link(element, "link", Link(rel="alternate", href=source.url, type="text/html"))


def _text(parent: Any, name: str, text: str | None) -> Any:
    if text:
        element = etree.SubElement(parent, name)
        element.text = text
        return element
    return None


def _link(parent: Any, name: str, link: Link) -> None:
    element = etree.SubElement(parent, name, rel=link.rel, href=link.href)
    if link.type:
        element.set("type", link.type)
    if link.hreflang:
        element.set("hreflang", link.hreflang)
    if link.length is not None:
        element.set("length", str(link.length))
