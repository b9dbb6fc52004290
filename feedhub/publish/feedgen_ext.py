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

from feedhub.publish.media import Medium

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
DCTERMS = "http://purl.org/dc/terms/"
INGESTION = "http://schemas.ingestion.microsoft.com/common/"
SMARTNEWS = "http://www.smartnews.be/snf"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Every name space of either format stands on the root, so that fragments can be joined under it.
RSS_NAMESPACES = {"atom": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA, "itunes": ITUNES}
# What partners want beside.
PROFILE_NAMESPACES = RSS_NAMESPACES | {"dcterms": DCTERMS, "mi": INGESTION, "snf": SMARTNEWS}
ATOM_NAMESPACES = {"at": TOMBSTONES, "media": MEDIA}


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
    """What an item carries beyond feedgen; `links` alternate first, times as they shall be written; `cover`
    is the address of an episode's own picture."""

    published: str
    updated: str
    language: str
    author: str | None = None
    rights: str | None = None
    source: SourceParts | None = None
    links: Sequence[Link] = ()
    enclosures: Sequence[Link] = ()
    media: Sequence[Medium] = ()
    thumbnail: Medium | None = None
    episode: bool = False
    cover: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodcastParts:
    """What a channel says to podcast readers; `category` from the widest to the narrowest of Apple's names."""

    author: str
    email: str | None
    image: str
    category: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadParts:
    """What a document's head carries beyond feedgen, and the name spaces of its root; `mark` as in `History`."""

    namespaces: Mapping[str, str]
    updated: str
    published: str | None = None
    links: Sequence[Link] = ()
    mark: str | None = None
    podcast: PodcastParts | None = None
    logo: str | None = None


class ItemExtension(BaseEntryExtension):  # type: ignore[misc]
    """Set `parts` after registering it; feedgen calls the rest."""

    parts: ItemParts

    def extend_rss(self, entry: Any) -> Any:
        """Write dates, enclosure, media, source, Dublin Core, originals and translations into an item."""
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
            if link.rel != "alternate":
                _link(entry, f"{{{ATOM}}}link", link)
        for link in parts.enclosures[:1]:
            # RSS 2.0 wants a length; where nobody said, it is 0 (SEMANTICS 23).
            etree.SubElement(entry, "enclosure", url=link.href, length=str(link.length or 0), type=link.type or "")
        _media(entry, parts, parts.media)
        if parts.episode:
            _text(entry, f"{{{ITUNES}}}author", parts.author)
            if parts.cover is not None:
                etree.SubElement(entry, f"{{{ITUNES}}}image", href=parts.cover)
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
        # Files are links of kind enclosure already.
        files = {link.href for link in parts.enclosures}
        _media(entry, parts, [medium for medium in parts.media if medium.url not in files])
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
        if self.parts.podcast is not None:
            _podcast(channel, self.parts.podcast)
        if self.parts.logo is not None:
            _text(etree.SubElement(channel, f"{{{SMARTNEWS}}}logo"), "url", self.parts.logo)
        return feed

    def extend_atom(self, feed: Any) -> Any:
        """Write links and the mark of RFC 5005 into a feed, before its first entry."""
        for link in self.parts.links:
            _link(feed, "link", link)
        if self.parts.mark:
            etree.SubElement(feed, f"{{{HISTORY}}}{self.parts.mark}")
        return feed


def _podcast(channel: Any, podcast: PodcastParts) -> None:
    """The tags podcast directories ask of a channel (Apple's podcast RSS feed requirements)."""
    _text(channel, f"{{{ITUNES}}}author", podcast.author)
    etree.SubElement(channel, f"{{{ITUNES}}}image", href=podcast.image)
    parent = channel
    for name in podcast.category:
        parent = etree.SubElement(parent, f"{{{ITUNES}}}category", text=name)
    _text(channel, f"{{{ITUNES}}}explicit", "false")
    _text(channel, f"{{{ITUNES}}}type", "episodic")
    if podcast.email:
        owner = etree.SubElement(channel, f"{{{ITUNES}}}owner")
        _text(owner, f"{{{ITUNES}}}name", podcast.author)
        _text(owner, f"{{{ITUNES}}}email", podcast.email)


def _media(entry: Any, parts: ItemParts, media: Sequence[Medium]) -> None:
    """`media:content` per file and picture, one `media:thumbnail`, and who made and who gave it."""
    for medium in media:
        element = etree.SubElement(entry, f"{{{MEDIA}}}content", url=medium.url)
        said = (
            ("type", medium.type), ("medium", medium.kind), ("fileSize", medium.length),
            ("width", medium.width), ("height", medium.height),
        )  # fmt: skip
        for name, value in said:
            if value not in (None, ""):
                element.set(name, str(value))
        if medium.words:
            _text(element, f"{{{MEDIA}}}description", medium.words).set("type", "plain")
    if parts.thumbnail is not None:
        small = etree.SubElement(entry, f"{{{MEDIA}}}thumbnail", url=parts.thumbnail.url)
        for name, size in (("width", parts.thumbnail.width), ("height", parts.thumbnail.height)):
            if size:
                small.set(name, str(size))
    if not parts.media:
        return
    if parts.author:
        _text(entry, f"{{{MEDIA}}}credit", parts.author).set("role", "author")
    if parts.source is not None:
        _text(entry, f"{{{MEDIA}}}credit", parts.source.label)


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
