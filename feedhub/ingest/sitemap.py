"""Sitemaps (sitemaps.org 0.9), with Google's news part where there is one: every address is an item.

The index of several sitemaps goes on in the newest of them. An address without a title is an item all the same:
its own page has one.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from feedhub.basics.dates import Precision, zone
from feedhub.errors import NotAFeed, ParseError
from feedhub.ingest import bounds
from feedhub.ingest.mend import MOST_ITEMS
from feedhub.ingest.select import xml_document
from feedhub.ingest.when import read_date
from feedhub.ingest.wire import ParseRequest
from feedhub.model.item import Item, ParsedFeed

MOST_SITEMAPS = 5
Dated = tuple[datetime, Precision] | None


def read_sitemap(text: str, request: ParseRequest, encoding: str) -> ParsedFeed:
    """The addresses of a sitemap, newest first; NotAFeed when it is none."""
    root = xml_document(text)
    name = _name(root.root)
    home = zone(request.time_zone)
    if name == "sitemapindex":
        inner = _newest([one for one in root.root if _name(one) == "sitemap"], home, request.now)
        more = tuple(filter(None, (bounds.address(_text(one, "loc"), request.url) for one, _ in inner)))
        if not more:
            raise ParseError("This is an index of sitemaps that names none.")
        return ParsedFeed(version="sitemapindex", encoding=encoding, more=more[:MOST_SITEMAPS])
    if name != "urlset":
        raise NotAFeed(f"This is an XML document of <{bounds.line(name, 40)}>, not a sitemap.")
    found = _newest([one for one in root.root if _name(one) == "url"], home, request.now)
    items = tuple(item for one, dated in found[:MOST_ITEMS] if (item := _item(one, dated, request)) is not None)
    if not items:
        raise ParseError("This sitemap names no address.")
    left = len(found) - MOST_ITEMS
    warnings = (f"only the newest {MOST_ITEMS} addresses were read, {left} more were left out",) if left > 0 else ()
    return ParsedFeed(
        version="sitemap",
        language=request.language,
        items=items,
        total=len(found),
        encoding=encoding,
        warnings=warnings,
    )


def _newest(elements: list[Any], home: tzinfo, now: datetime) -> list[tuple[Any, Dated]]:
    """Elements with their dates, newest first; those without one last, in the document's order."""
    dated = [(one, _date(one, home, now)) for one in elements]
    return sorted(dated, key=lambda pair: -(pair[1][0].timestamp() if pair[1] else float("-inf")))


def _date(element: Any, home: tzinfo, now: datetime) -> Dated:
    for name in ("publication_date", "lastmod"):
        if written := _text(element, name):
            return read_date(written, home, now)
    return None


def _item(element: Any, dated: Dated, request: ParseRequest) -> Item | None:
    link = bounds.address(_text(element, "loc"), request.url)
    if link is None:
        return None
    tags = _text(element, "keywords")
    return Item(
        link=link,
        title=bounds.line(_text(element, "title"), bounds.TITLE),
        published=dated[0] if dated else None,
        precision=dated[1] if dated else "second",
        categories=bounds.categories_of(tags.split(",")),
        language=bounds.language_of(_text(element, "language"), request.language),
    )


def _text(element: Any, name: str) -> str:
    """The words of the first element of a local name, of the sitemap's own vocabulary or the news part."""
    for one in element.iter():
        if _name(one) == name:
            return " ".join("".join(one.itertext()).split())
    return ""


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""
