"""A feed's document: head and tombstones around the fragments, and what HTTP needs to serve it.

feedgen writes the head; `feedgen_ext` mends it. Nothing here knows what time it is: the same view gives the
same bytes in every process (SEMANTICS 2). Media types and links as in SEMANTICS 18, tombstones as in 22.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from feedgen.feed import FeedGenerator
from lxml import etree

from feedhub.basics.codings import Packing, coded
from feedhub.basics.dates import fixed_offset, rfc822, rfc3339
from feedhub.basics.digests import sha256_hex
from feedhub.basics.text import one_line
from feedhub.model.feed import ARCHIVED, CURRENT, EXACT_TYPES, FORMATS, SEARCHED, FeedDocument, FeedView, Format, Kind
from feedhub.model.section import SEARCH, Portal
from feedhub.publish.addresses import (
    about_url,
    cloud_of,
    feed_id,
    hub_url,
    icon_url,
    page_url,
    style_url,
    stylesheet_url,
)
from feedhub.publish.feedgen_ext import (
    ATOM_NAMESPACES,
    RSS_NAMESPACES,
    TOMBSTONES,
    HeadExtension,
    HeadParts,
    Link,
    PodcastParts,
)
from feedhub.publish.history import History, history_links, path_of
from feedhub.publish.jsonfeed import VERSION, json_parts
from feedhub.publish.layout import END, INDENT, Parts, joined, layout_of
from feedhub.publish.paging import Pages, page_links
from feedhub.publish.style import Style

# Minutes; never below the max-age of 60 s that the web sends (SEMANTICS 23).
TTL = 5
GENERATOR = "FeedHub"
_KEPT: dict[Kind, str] = {"current": CURRENT, "archive": ARCHIVED, "search": SEARCHED}


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The public record of a withdrawn article: its public id, when, why if somebody said, the change's seq."""

    public_id: str
    at: datetime
    reason: str | None = None
    seq: int = 0


def assemble(
    view: FeedView,
    fragments: Sequence[bytes],
    format_: Format,
    style: Style,
    *,
    last_modified: datetime,
    tombstones: Sequence[Tombstone] = (),
    history: History | None = None,
    pages: Pages | None = None,
    told_since: int = 0,
    pack: Packing = coded,
) -> FeedDocument:
    """The document of a view; `fragments` are its items in that format, newest first, as `fragment` made them.

    `last_modified` is stored with the document and is not part of its bytes. Without a `history` the document says
    nothing of archives, without `pages` nothing of pages. Of what was before `told_since` not every tombstone is among
    those given. `pack` makes the codings.
    """
    beside = history_links(style.portal, view.section, format_, history)
    if pages is not None:
        beside = page_links(style.portal, format_, view.query, pages)
    if format_ == "rss":
        parts = _rss(view, fragments, style, history, beside)
        told_since = max((stone.seq for stone in tombstones), default=told_since)
    elif format_ == "atom":
        parts = _atom(view, fragments, style, tombstones, history, beside)
    else:
        parts = _json(view, fragments, style, tombstones, history, beside)
    body = joined(parts)
    codings = pack(body)
    number = history.number if history else None
    kind: Kind = "search" if view.section == SEARCH else "current" if number is None else "archive"
    return FeedDocument(
        path=path_of(view.section, format_, history, view.query),
        kind=kind,
        name=view.section,
        format=format_,
        number=number,
        generation=view.generation,
        etag=f'"{sha256_hex(body)[:32]}"',
        last_modified=last_modified,
        content_type=content_type(format_, style),
        cache_control=_KEPT[kind],
        link=_link_header(style.portal, view, format_, history, beside),
        body=body,
        gzip=codings.get("gzip", b""),
        brotli=codings.get("br", b""),
        zstd=codings.get("zstd", b""),
        layout=layout_of(
            parts, [article.seq for article in view.articles], [stone.seq for stone in tombstones], told_since
        ),
    )


def content_type(format_: Format, style: Style) -> str:
    """The one media type of that format's address: XML that browsers style, unless exact types are configured."""
    if format_ == "json":
        return EXACT_TYPES["json"]
    return f"{EXACT_TYPES[format_] if style.content_type == 'exact' else 'application/xml'}; charset=utf-8"


def _link_header(
    portal: Portal, view: FeedView, format_: Format, history: History | None, beside: Sequence[Link]
) -> str:
    """The value of the Link field (RFC 8288): self, page, the other formats by their exact types, archives, pages."""
    section, query = view.section, view.query
    links = [
        Link(rel="self", href=_self(portal, section, format_, history, query), type=EXACT_TYPES[format_]),
        Link(rel="alternate", href=page_url(portal, section, query), type="text/html"),
        *_other_formats(portal, section, format_, history, query),
        *beside,
    ]
    said = [f'<{link.href}>; rel="{link.rel}"; type="{link.type}"' for link in links]
    said[1:1] = [f'<{link.href}>; rel="{link.rel}"' for link in _hubs(portal, section, history)]
    return ", ".join(said)


def _hubs(portal: Portal, section: str, history: History | None) -> list[Link]:
    """The hub of a document that can be subscribed to: neither an archive nor a question's feed (SEMANTICS 26)."""
    if section == SEARCH or (history is not None and history.number is not None):
        return []
    return [Link(rel="hub", href=hub_url(portal))]


def _self(portal: Portal, section: str, format_: Format, history: History | None, query: str) -> str:
    return portal.base_url + path_of(section, format_, history, query)


def _other_formats(portal: Portal, section: str, format_: Format, history: History | None, query: str) -> list[Link]:
    return [
        Link(rel="alternate", href=_self(portal, section, other, history, query), type=EXACT_TYPES[other])
        for other in FORMATS
        if other != format_
    ]


def _rss(
    view: FeedView, fragments: Sequence[bytes], style: Style, history: History | None, beside: Sequence[Link]
) -> Parts:
    portal = style.portal
    links = [
        *_hubs(portal, view.section, history),
        *_other_formats(portal, view.section, "rss", history, view.query),
        *beside,
    ]
    parts = HeadParts(
        namespaces=RSS_NAMESPACES,
        updated=rfc822(fixed_offset(view.updated)),
        published=rfc822(fixed_offset(view.published)) if view.published else None,
        links=links,
        mark=history.mark if history else None,
        podcast=_podcast(view, style),
    )
    return rss_parts(view, fragments, style, _self(portal, view.section, "rss", history, view.query), parts)


def rss_parts(view: FeedView, fragments: Sequence[bytes], style: Style, address: str, parts: HeadParts) -> Parts:
    """An RSS document that stands at `address`; what its head says beyond the view is in `parts`."""
    portal = style.portal
    head = _head(view, style)
    head.link(href=address, rel="self", type=EXACT_TYPES["rss"])
    head.link(href=page_url(portal, view.section, view.query))  # the last one becomes the channel's link
    head.image(url=icon_url(portal), title=one_line(view.title), link=page_url(portal, view.section, view.query))
    head.docs("https://www.rssboard.org/rss-specification")
    head.ttl(TTL)
    if any(link.rel == "hub" for link in parts.links):
        head.cloud(*cloud_of(portal))
    if "@" in portal.contact:
        head.webMaster(f"{one_line(portal.contact)} ({one_line(portal.name)})")
    # feedgen would write the present, and switch the locale of the whole process to do so: the extension writes it.
    head._FeedGenerator__rss_lastBuildDate = None
    head.feedhub.parts = parts
    return _xml_parts(head.rss_str(pretty=True), b"  </channel>\n</rss>\n", fragments, (), portal)


def _atom(
    view: FeedView,
    fragments: Sequence[bytes],
    style: Style,
    tombstones: Sequence[Tombstone],
    history: History | None,
    beside: Sequence[Link],
) -> Parts:
    portal = style.portal
    head = _head(view, style)
    head.id(feed_id(portal, view.section, style.installation, view.query))
    head.updated(fixed_offset(view.updated))
    head.author(name=one_line(portal.name), uri=f"{portal.base_url}/")
    head.icon(icon_url(portal))
    head.logo(icon_url(portal))
    head.link(href=_self(portal, view.section, "atom", history, view.query), rel="self", type=EXACT_TYPES["atom"])
    for link in _other_formats(portal, view.section, "atom", history, view.query):
        head.link(href=link.href, rel=link.rel, type=link.type)
    # The last one, which is the one readers take.
    head.link(href=page_url(portal, view.section, view.query), rel="alternate", type="text/html")
    head.feedhub.parts = HeadParts(
        namespaces=ATOM_NAMESPACES,
        updated=rfc3339(fixed_offset(view.updated)),
        links=[*_hubs(portal, view.section, history), *beside],
        mark=history.mark if history else None,
    )
    stones = [_atom_tombstone(stone) for stone in tombstones]
    # Without children of its own the root would close itself; an id is always there.
    return _xml_parts(head.atom_str(pretty=True), b"</feed>\n", fragments, stones, portal)


def _json(
    view: FeedView,
    fragments: Sequence[bytes],
    style: Style,
    tombstones: Sequence[Tombstone],
    history: History | None,
    beside: Sequence[Link],
) -> Parts:
    portal = style.portal
    near: dict[str, Any] = {link.rel.replace("-", "_"): link.href for link in beside}
    following = near.pop("next", None) or near.get("prev_archive")
    if history is not None and history.mark:
        near[history.mark] = True
    head = {
        "version": VERSION,
        "title": one_line(view.title),
        "home_page_url": page_url(portal, view.section, view.query),
        "feed_url": _self(portal, view.section, "json", history, view.query),
        "next_url": following,
        "description": one_line(view.description),
        "icon": icon_url(portal),
        "favicon": icon_url(portal),
        "authors": [{"name": one_line(portal.name), "url": f"{portal.base_url}/"}],
        "language": view.language,
    }
    if hubs := _hubs(portal, view.section, history):
        head["hubs"] = [{"type": "WebSub", "url": link.href} for link in hubs]
    deleted = [
        {"id": stone.public_id, "when": rfc3339(fixed_offset(stone.at))}
        | ({"reason": one_line(stone.reason)} if stone.reason else {})
        for stone in tombstones
    ]
    return json_parts(head, fragments, {"about": about_url(portal), **near}, deleted)


def _podcast(view: FeedView, style: Style) -> PodcastParts | None:
    """What the channel says to podcast readers, for a section that is marked as one."""
    portal = style.portal
    section = portal.sections().get(view.section)
    if section is None or not section.podcast:
        return None
    return PodcastParts(
        author=one_line(portal.name),
        email=one_line(portal.contact) if "@" in portal.contact else None,
        image=style_url(portal, style.podcast_picture) if style.podcast_picture else icon_url(portal),
        category=section.podcast,
    )


def _head(view: FeedView, style: Style) -> Any:
    head = FeedGenerator()
    head.register_extension("feedhub", HeadExtension)
    head.title(one_line(view.title))
    head.description(one_line(view.description))
    head.language(view.language)
    head.generator(GENERATOR)
    if style.portal.rights:
        head.rights(one_line(style.portal.rights))
    return head


def _atom_tombstone(stone: Tombstone) -> bytes:
    """`at:deleted-entry` (RFC 6721 §3), cut from under a root that declares the name space."""
    root = etree.Element("feed", nsmap=ATOM_NAMESPACES)
    element = etree.SubElement(root, f"{{{TOMBSTONES}}}deleted-entry")
    element.set("ref", stone.public_id)
    element.set("when", rfc3339(fixed_offset(stone.at)))
    if stone.reason:
        etree.SubElement(element, f"{{{TOMBSTONES}}}comment").text = one_line(stone.reason)
    raw: bytes = etree.tostring(root)
    return raw[raw.index(b"<at:") : raw.rindex(b"</feed>")]


def _xml_parts(
    head: bytes, closing: bytes, fragments: Sequence[bytes], stones: Sequence[bytes], portal: Portal
) -> Parts:
    """The XML declaration, the stylesheet and the head, the fragments, the tombstones, and the root's end."""
    if not head.endswith(closing):
        raise ValueError(f"feedgen closed a document in a way unknown here: {head[-40:]!r}")
    rest = head[head.index(b"\n") + 1 : -len(closing)]
    stylesheet = f'<?xml-stylesheet type="text/css" href={quoteattr(stylesheet_url(portal))}?>'.encode()
    return Parts(
        head=b"".join((b'<?xml version="1.0" encoding="UTF-8"?>\n', stylesheet, b"\n", rest)),
        items=[INDENT + piece + END for piece in fragments],
        stones=[INDENT + piece + END for piece in stones],
        tail=closing,
    )
