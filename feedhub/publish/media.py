"""What an article shows besides text: its files and pictures, as Media RSS and the podcast tags say them.

Nothing is fetched to find out: type, length and size are what we stored, else what the source said, else absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from feedhub.basics.text import one_line
from feedhub.basics.urls import web_url
from feedhub.model.article import Article
from feedhub.model.picture import media_path
from feedhub.model.section import Portal

MOST_PICTURES = 10
# Of what the cleaner writes: attributes are quoted, a `<` in text or attribute is escaped.
_IMG = re.compile(r'<img((?:\s[a-z]+="[^"]*")*)\s*/?>')
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A file or picture; `kind` as Media RSS names it, `length` in bytes, sizes in pixels, `words` those of `alt`."""

    url: str
    kind: str | None = None
    type: str | None = None
    length: int | None = None
    width: int | None = None
    height: int | None = None
    words: str = ""


def media_of(article: Article, portal: Portal) -> tuple[Medium, ...]:
    """The files, then the body's pictures that are no file already; `article` as `presentable` leaves it."""
    stored = {portal.base_url + media_path(one.digest): one for one in article.pictures}
    found: dict[str, Medium] = {}
    for file in article.enclosures:
        known = stored.get(file.url)
        found[file.url] = Medium(
            url=file.url,
            kind=_kind(file.type),
            type=file.type,
            length=file.length,
            width=known.width if known else None,
            height=known.height if known else None,
        )
    for said in list(_pictures(article.html or ""))[:MOST_PICTURES]:
        address = web_url(said.get("src"))
        if address is None or address in found:
            continue
        known = stored.get(address)
        found[address] = Medium(
            url=address,
            kind="image",
            type=known.type if known else None,
            length=known.length if known else None,
            width=known.width if known else _number(said.get("width")),
            height=known.height if known else _number(said.get("height")),
            words=one_line(said.get("alt", "")),
        )
    return tuple(found.values())


def thumbnail_of(article: Article, portal: Portal) -> Medium | None:
    """The small form of the first stored picture, else the first picture as it is."""
    if article.pictures:
        first = article.pictures[0]
        return Medium(url=portal.base_url + media_path(first.small), width=first.small_width, height=first.small_height)
    return next((one for one in media_of(article, portal) if one.kind == "image"), None)


def cover_of(article: Article, portal: Portal) -> str | None:
    """The address of the first stored picture that podcast directories take: square, 1400 to 3000 pixels."""
    fitting = (one for one in article.pictures if one.width == one.height and 1400 <= one.width <= 3000)
    first = next(fitting, None)
    return portal.base_url + media_path(first.digest) if first else None


def is_episode(article: Article) -> bool:
    """Whether podcast readers can play it: its enclosure is sound or film."""
    return bool(article.enclosures) and _kind(article.enclosures[0].type) in ("audio", "video")


def _kind(media_type: str) -> str | None:
    group, _, name = media_type.lower().partition("/")
    if group in ("audio", "video", "image"):
        return group
    return "document" if group == "text" or name in ("pdf", "msword", "epub+zip") else None


def _pictures(html: str) -> Iterator[dict[str, str]]:
    for found in _IMG.finditer(html):
        yield {name: unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and 0 < int(text) < 100_000 else None
