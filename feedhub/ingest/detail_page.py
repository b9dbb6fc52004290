"""An item's own page: its title, text, date, author and origin, from meta elements first, then by selector.

The names are those of Chinese government pages (ArticleTitle, PubDate, ContentSource, ColumnName, Author), then
those of everybody (Open Graph). What a selector is given for is taken from there when it finds something.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from feedhub.basics.dates import zone
from feedhub.errors import NotAFeed
from feedhub.ingest import bounds
from feedhub.ingest.article_parts import candidates
from feedhub.ingest.decode import decode_document
from feedhub.ingest.full_text import text_of_page
from feedhub.ingest.item_dates import read_written
from feedhub.ingest.not_a_feed import binary_kind
from feedhub.ingest.select import Node, base_of, html_page
from feedhub.ingest.wire import ParseRequest
from feedhub.model.extract import Detail, Extract
from feedhub.model.item import Item, ParsedFeed

_TITLES = ("articletitle", "og:title", "twitter:title")
_DATES = ("pubdate", "firstpublishedtime", "article:published_time", "publishdate", "publish_time")
_ORIGINS = ("contentsource", "source")
_AUTHORS = ("author", "article:author")
_COLUMNS = ("columnname", "article:section")
_SUMMARIES = ("description", "og:description")
# What a page calls itself: not the name of anybody it reprints.
_OURS = re.compile("本站|本网|本报讯")


def read_full_text(request: ParseRequest) -> ParsedFeed:
    """As `read_detail`, with the page's text also where no selector names it; NotAFeed when the page is none."""
    return _read(request, by_itself=text_of_page)


def read_detail(request: ParseRequest) -> ParsedFeed:
    """A feed of the one item that the page tells; NotAFeed when the page is none."""
    return _read(request, by_itself=None)


def _read(request: ParseRequest, *, by_itself: Callable[[Any, str], str] | None) -> ParsedFeed:
    if kind := binary_kind(request.body):
        raise NotAFeed(kind)
    decoded = decode_document(request.body, request.content_type, request.encoding)
    detail = (request.extract or Extract()).detail or Detail()
    page = html_page(decoded.text)
    said = _meta(page)
    base = base_of(page, request.url)
    written = _first(said, _DATES) or (page.text(detail.date, between=" ") if detail.date else "")
    read = read_written(written, zone(request.time_zone), request.now) if written else None
    title = _first(said, _TITLES[:1]) or (page.text(detail.title) if detail.title else "")
    title = bounds.line(title or _first(said, _TITLES) or page.text("h1") or page.text("title"), bounds.TITLE)
    markup = page.markup(detail.body) if detail.body else ""
    if not markup.strip() and by_itself is not None:
        markup = by_itself(page.root, title)
    html = bounds.clean_html(markup, base) if markup.strip() else None
    origin = _first(said, _ORIGINS) or (page.text(detail.origin) if detail.origin else "")
    author = (page.text(detail.author) if detail.author else "") or _first(said, _AUTHORS)
    item = Item(
        link=request.url,
        title=title,
        html=html,
        summary=bounds.summary_of(html) if html else bounds.line(_first(said, _SUMMARIES), bounds.SUMMARY),
        author=bounds.line(author, bounds.AUTHOR) or None,
        published=read[0] if read else None,
        precision=read[1] if read else "second",
        categories=bounds.categories_of([_first(said, _COLUMNS)]),
        language=request.language,
        origin_title=None if _OURS.search(origin) else bounds.line(origin, bounds.AUTHOR) or None,
    )
    more = candidates(page, base, detail.next_page) if html else ()
    return ParsedFeed(version="detail", items=(item,), total=1, encoding=decoded.encoding, more=more)


def _meta(page: Node) -> dict[str, str]:
    """The page's meta elements by name, lower case; the first of a name that says anything."""
    found: dict[str, str] = {}
    for one in page.all("meta[content]"):
        name = (one.root.get("name") or one.root.get("property") or "").strip().lower()
        if name and one.root.get("content", "").strip():
            found.setdefault(name, one.root.get("content"))
    return found


def _first(said: dict[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if name in said), "")
