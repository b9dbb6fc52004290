"""What an article shows of its item's pictures, by the source's `pictures`: none, those elsewhere, or our copies.

An entry keeps its item as the source said it; only the article made of it is changed, so that a picture which comes
late is no revision. Our copies stand as `/media/<digest>`, made absolute where the article is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape, unescape

from sqlalchemy import Connection

from feedhub.basics.urls import host_of
from feedhub.model.item import Enclosure, Item
from feedhub.model.picture import PictureAddress, media_path
from feedhub.model.safehtml import SafeHtml, make_safe
from feedhub.model.source import Source
from feedhub.store.pictures import find_addresses

# Of what the cleaner writes: attributes are quoted, a `<` in text or attribute is escaped.
_PIECE = re.compile(r'<(?:(a)\b[^<]*?>|(/a)>|img((?:\s[a-z]+="[^"]*")*)\s*/?>)')
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


def picture_urls(item: Item) -> tuple[str, ...]:
    """The addresses of an item's pictures, in their order, each once."""
    shown = [_attributes(piece[3]).get("src", "") for piece in _PIECE.finditer(item.html or "") if piece[3] is not None]
    attached = [one.url for one in item.enclosures if one.type.startswith("image/")]
    return tuple(dict.fromkeys(filter(None, (*shown, *attached))))


def with_pictures(tx: Connection, item: Item, source: Source) -> Item:
    """The item as its article shall show it."""
    if source.pictures == "link" or not (urls := picture_urls(item)):
        return item
    if source.pictures == "drop":
        attached = tuple(one for one in item.enclosures if not one.type.startswith("image/"))
        return replace(item, html=_rewritten(item.html, None), enclosures=attached)
    known = find_addresses(tx, source.key, urls)
    attached = tuple(_attached(one, known.get(one.url)) for one in item.enclosures)
    return replace(item, html=_rewritten(item.html, known), enclosures=attached)


def _attached(enclosure: Enclosure, known: PictureAddress | None) -> Enclosure:
    if known is None or known.digest is None:
        return enclosure
    return Enclosure(media_path(known.digest), known.type or enclosure.type, known.length)


def _rewritten(html: SafeHtml | None, known: Mapping[str, PictureAddress] | None) -> SafeHtml | None:
    """The body with its pictures taken out (None), or each as our copy, nothing (a pixel), or a link."""
    if not html:
        return html
    out: list[str] = []
    place = links = 0
    for piece in _PIECE.finditer(html):
        links = max(0, links + (piece[1] is not None) - (piece[2] is not None))
        if piece[3] is None:
            continue
        out.append(html[place : piece.start()])
        place = piece.end()
        if known is not None:
            out.append(_shown(_attributes(piece[3]), known, within_link=links > 0))
    return make_safe("".join((*out, html[place:]))) or None


def _shown(said: Mapping[str, str], known: Mapping[str, PictureAddress], *, within_link: bool) -> str:
    address = said.get("src", "")
    found = known.get(address)
    if found is not None and found.state == "pixel":
        return ""
    words = escape(said.get("alt") or "")
    if found is not None and found.digest is not None:
        title = f' title="{escape(said["title"])}"' if said.get("title") else ""
        sizes = f'width="{found.width}" height="{found.height}"'
        return f'<img src="{media_path(found.digest)}" alt="{words}" {sizes}{title}>'
    label = f"Picture: {words}" if words else f"Picture at {escape(host_of(address))}"
    return label if within_link or not address else f'<a href="{escape(address)}">{label}</a>'


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(text)}
