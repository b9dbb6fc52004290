"""Documents that are no feeds, read by a source's selectors into the same values as a feed.

    decode ─→ html ─────── Node ──┐
          ├─→ xml ──────── Node ──┼─→ items: title, link, date … within bounds ─→ ParsedFeed
          ├─→ json ── JMESPath ───┤
          └─→ sitemap ────────────┘

Runs in the parser child. A selector that finds nothing at all is an error and no empty list: a page that was
redesigned must not look like a quiet day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from urllib.parse import urljoin

from feedhub.basics.dates import zone
from feedhub.basics.urls import web_url
from feedhub.errors import NotAFeed, ParseError
from feedhub.ingest import bounds
from feedhub.ingest.decode import decode_document
from feedhub.ingest.item_dates import date_of_item
from feedhub.ingest.json_items import JsonItem, json_items, json_within
from feedhub.ingest.mend import MOST_ITEMS
from feedhub.ingest.not_a_feed import binary_kind
from feedhub.ingest.select import Node, base_of, html_page, refresh_of, xml_document
from feedhub.ingest.shape import date_form
from feedhub.ingest.sitemap import read_sitemap
from feedhub.ingest.wire import ParseRequest
from feedhub.model.extract import Extract
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.safehtml import SafeHtml
from feedhub.model.shape import Look

# The version of a page that only sends its readers on.
SENDS_ON = "refresh"
MOST_LINKED = 5
_LINK_ELEMENT = "//*[local-name() = 'link'][@rel and @href]"
_PAGES_CALL = re.compile(
    r"createPageHTML\(\s*([\"'][\w-]*[\"']\s*,)?\s*(\d+)\s*,\s*(\d+)\s*,\s*[\"']([\w-]+)[\"']\s*,\s*[\"'](\w+)[\"']"
)


def extract_document(request: ParseRequest) -> ParsedFeed:
    """The items of a document of the kind html, json, xml or sitemap; ParseError when none are where they should be."""
    if kind := binary_kind(request.body):
        raise NotAFeed(kind)
    decoded = decode_document(request.body, request.content_type, request.encoding)
    extract = request.extract or Extract()
    if request.kind == "sitemap":
        return read_sitemap(decoded.text, request, decoded.encoding)
    if request.kind == "json":
        return _from_json(decoded.text, extract, request, decoded.encoding)
    if request.kind == "xml":
        return _from_markup(xml_document(decoded.text, extract.namespaces), extract, request, decoded.encoding)
    return _from_markup(html_page(decoded.text), extract, request, decoded.encoding)


def _from_markup(page: Node, extract: Extract, request: ParseRequest, encoding: str) -> ParsedFeed:
    base = base_of(page, request.url) if request.kind != "xml" else request.url
    found = page.all(extract.item or "")
    if not found and request.kind == "html" and (onward := refresh_of(page, request.url)) not in (None, request.url):
        return _sends_on(str(onward), encoding)
    if not found:
        raise ParseError(f"The item selector {extract.item!r} finds nothing in this document; was it redesigned?")
    home = zone(request.time_zone)
    items = [markup_item(node, extract, base, home, request.now, request.language) for node in found[:MOST_ITEMS]]
    looks = [_look(node, extract) for node in found[:MOST_ITEMS]]
    title = page.text("title") or page.text("h1") if request.kind != "xml" else ""
    language = bounds.language_of(page.text("html::attr(lang)")) if request.kind != "xml" else None
    more = _next_page(page, extract, base, request.url)
    feed = _feed(items, looks, len(found), title, request.language or language, request, encoding, more)
    return replace(feed, hubs=_linked(page, "hub", base), self_url=next(iter(_linked(page, "self", base)), None))


def _linked(page: Node, rel: str, base: str) -> tuple[str, ...]:
    """Where the `link` elements of that relation lead: a page or document names its hub as a feed does (WebSub §4)."""
    found = (bounds.address(one.root.get("href"), base) for one in page.all(_LINK_ELEMENT) if _rels(one, rel))
    return tuple(dict.fromkeys(filter(None, found)))[:MOST_LINKED]


def _rels(link: Node, rel: str) -> bool:
    return rel in (link.root.get("rel") or "").lower().split()


def _from_json(text: str, extract: Extract, request: ParseRequest, encoding: str) -> ParsedFeed:
    document = json_within(text, extract.script)
    home = zone(request.time_zone)
    more: tuple[str, ...] = ()
    if extract.inside is not None:
        inside = JsonItem(document).text(extract.inside)
        return _from_markup(html_page(inside), extract, request, encoding)
    found = json_items(document, extract.item or "@")
    items = [_json_item(one, extract, request, home) for one in found[:MOST_ITEMS]]
    if extract.next_page and (address := bounds.address(JsonItem(document).text(extract.next_page), request.url)):
        more = (address,)
    looks = [Look(date_form(one.text(extract.date)) if extract.date else "") for one in found[:MOST_ITEMS]]
    return _feed(items, looks, len(found), "", request.language, request, encoding, more)


def _feed(
    items: Sequence[Item | None],
    looks: Sequence[Look],
    total: int,
    title: str,
    language: str | None,
    request: ParseRequest,
    encoding: str,
    more: tuple[str, ...],
) -> ParsedFeed:
    whole = tuple(item for item in items if item is not None)
    if not whole:
        raise ParseError(f"Of {total} items found none has a title or an address; look at the selectors.")
    warnings = []
    if total > len(items):
        warnings.append(f"only the first {len(items)} items were read, {total - len(items)} more were left out")
    return ParsedFeed(
        version=request.kind,
        title=bounds.line(title, bounds.TITLE),
        link=bounds.address(request.url) if request.kind == "html" else None,
        language=language,
        items=whole,
        total=total,
        encoding=encoding,
        warnings=tuple(warnings),
        more=more,
        looks=tuple(look for item, look in zip(items, looks, strict=True) if item is not None),
        blank=len(items) - len(whole),
    )


def _sends_on(address: str, encoding: str) -> ParsedFeed:
    """A page that is no list itself and sends its readers on: what there is stands behind it."""
    return ParsedFeed(version=SENDS_ON, title="", link=None, items=(), total=0, encoding=encoding, more=(address,))


def markup_item(
    node: Node, extract: Extract, base: str, home: tzinfo, now: datetime, language: str | None
) -> Item | None:
    """One item of a page or XML document; None for a line without title and address, such as a rule between items."""
    link = node.address(extract.link, base)
    title = node.title(extract.title or ("./descendant-or-self::a[@href]" if extract.link is None else None))
    if not title and link is None:
        return None
    body = bounds.clean_html(node.markup(extract.html), link or base) if extract.html else None
    return _item(
        guid=node.text(extract.id) if extract.id else None,
        link=link,
        title=bounds.line(title, bounds.TITLE),
        html=body,
        summary=bounds.line(node.text(extract.summary), bounds.SUMMARY) if extract.summary else "",
        author=node.text(extract.author) if extract.author else "",
        written=node.text(extract.date, between=" ") if extract.date else "",
        extract=extract,
        home=home,
        now=now,
        language=language,
    )


def _look(node: Node, extract: Extract) -> Look:
    """How an item stands in its page: what `shape.py` learns beside the items themselves."""
    written = node.text(extract.date, between=" ") if extract.date else ""
    links = {one.root.get("href") for one in node.all("./descendant-or-self::a[@href]")}
    return Look(date_form(written), len(links))


def _json_item(found: JsonItem, extract: Extract, request: ParseRequest, home: tzinfo) -> Item | None:
    link = bounds.address(found.text(extract.link or "url || link"), request.url)
    title = bounds.words(found.text(extract.title or "title"), bounds.TITLE)
    if not title and link is None:
        return None
    return _item(
        guid=found.text(extract.id) if extract.id else None,
        link=link,
        title=title,
        html=bounds.clean_html(found.text(extract.html), link or request.url) if extract.html else None,
        summary=bounds.words(found.text(extract.summary), bounds.SUMMARY) if extract.summary else "",
        author=found.text(extract.author) if extract.author else "",
        written=found.text(extract.date) if extract.date else "",
        extract=extract,
        home=home,
        now=request.now,
        language=request.language,
    )


def _item(
    *,
    guid: str | None,
    link: str | None,
    title: str,
    html: SafeHtml | None,
    summary: str,
    author: str,
    written: str,
    extract: Extract,
    home: tzinfo,
    now: datetime,
    language: str | None,
) -> Item:
    read = date_of_item(written, link, extract, home, now)
    notes = (f"unreadable_date: {bounds.line(written, 60)}",) if written and read is None else ()
    return Item(
        guid=bounds.guid_of(guid),
        link=link,
        title=title,
        html=html,
        summary=summary or (bounds.summary_of(html) if html else ""),
        author=bounds.line(author, bounds.AUTHOR) or None,
        published=read[0] if read else None,
        precision=read[1] if read else "second",
        language=language,
        notes=notes,
    )


def _next_page(page: Node, extract: Extract, base: str, url: str) -> tuple[str, ...]:
    """The address of the next list page, if there is one that is not this page."""
    if extract.next_page is None:
        return ()
    if extract.next_page == "createPageHTML":
        return next_of_pages_call(page, url)
    found = page.address(extract.next_page, base)
    return (found,) if found and found != url else ()


def next_of_pages_call(page: Node, url: str) -> tuple[str, ...]:
    """TRS writes its pages by a call in a script: `createPageHTML(5, 0, "index", "html")` leads to `index_1.html`.

    Where an element's name comes first, as in `createPageHTML("pages", 5, 1, "index", "html", 90)`, pages count from 1.
    """
    call = _PAGES_CALL.search(" ".join(str(script.root) for script in page.all("./descendant::script/text()")))
    if call is None:
        return ()
    total, following = int(call[2]), int(call[3]) + 1
    if following >= total + bool(call[1]):
        return ()
    address = web_url(urljoin(url, f"{call[4]}_{following}.{call[5]}"))
    return (address,) if address else ()
