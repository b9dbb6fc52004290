"""What a source's first document leads to: the next list pages, the sitemaps of an index, a feed's earlier documents
where there is a gap (`gaps.py`), the items' own pages.

    feeds ─→ more? load, until known items appear ─→ new items' pages, MOST_DETAILS a poll ─→ items to record

Everything is loaded as the source itself is, and only from its own host or one of `allow_hosts`. An item whose page
is not loaded in this poll is left to the next one; an item that is known keeps what its page said when it was new.
The text of a page is read only where it may be shown (SEMANTICS 12).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.text import plain_text
from feedhub.basics.urls import host_of, same_origin
from feedhub.errors import FetchError, ParseError
from feedhub.ingest.article_parts import Whole, may_come, read_whole
from feedhub.ingest.extract import SENDS_ON
from feedhub.ingest.gaps import shares_an_item, walk_back, without_repeats
from feedhub.ingest.identity import document_keys
from feedhub.ingest.licence import may_show_fetched_text
from feedhub.ingest.reading import read_as
from feedhub.ingest.sitemap import MOST_SITEMAPS
from feedhub.ingest.wire import ParseRequest, Reading
from feedhub.model.extract import Extract
from feedhub.model.item import Facts, Item, ParsedFeed
from feedhub.model.safehtml import SafeHtml
from feedhub.model.source import Source
from feedhub.ports.web import Web, WebRequest
from feedhub.store.engine import Store
from feedhub.store.entries import find_by_guid, find_by_link

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
MOST_DETAILS = 20
_CLEARLY_LESS = 0.8
MOST_REFRESHES = 3
_CUT = re.compile(r"(?:\.{2,}|…+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to go further: loading a document, the stored items of those that are known by their position, whether
    any of them was brought before, whether there is time for one more document, and whether the last poll took in
    everything there was."""

    load: Callable[[str, Reading], ParsedFeed]
    known: Callable[[Sequence[Item]], dict[int, Item]]
    shares: Callable[[Sequence[Item]], bool]
    in_time: Callable[[], bool]
    caught_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All documents, the items to record with the digest of the document that each stood in, the items' own pages (and
    which is whose), sentences, how many items are left to the next poll, whether the source's own address only sends
    its readers on, and what was worked out of items already."""

    feeds: tuple[ParsedFeed, ...]
    items: tuple[Item, ...]
    notes: tuple[str, ...]
    left: int = 0
    led_on: bool = False
    raws: tuple[str | None, ...] = ()
    pages: tuple[ParsedFeed, ...] = ()
    page_of: tuple[ParsedFeed | None, ...] = ()
    facts: Mapping[Item, Facts] = field(default_factory=dict)


def go_further(source: Source, first: Sequence[ParsedFeed], way: Way) -> Gathered:
    """Load what a source's documents lead to; a document that cannot be loaded is noted and the others go on."""
    led_on = [feed for feed in first if feed.version == SENDS_ON]
    first = [*(feed for feed in first if feed.version != SENDS_ON), *(_sent_on(source, feed, way) for feed in led_on)]
    feeds, notes = _earlier(source, first, way) if source.kind == "feed" else _more(source, first, way)
    feeds = without_repeats(feeds, len(first))
    items = [item for feed in feeds for item in feed.items]
    raws = tuple(feed.raw.digest if feed.raw else None for feed in feeds for _ in feed.items)
    notes += _untaken(source, items)
    if not any(wants_detail(source, item) for item in items):
        return Gathered(feeds=tuple(feeds), items=tuple(items), notes=tuple(notes), led_on=bool(led_on), raws=raws)
    known = way.known(items)
    whole: dict[int, Item] = {}
    pages: dict[int, ParsedFeed] = {}
    parts: list[ParsedFeed] = []
    loaded = left = 0
    for position, item in enumerate(items):
        if not wants_detail(source, item) or not may_load(source, item.link):
            whole[position] = item
        elif position in known:
            whole[position] = known[position]
        elif loaded == MOST_DETAILS or not way.in_time():
            left += 1
        else:
            loaded += 1
            try:
                first_page = way.load(str(item.link), page_reading(source))
                article = whole_article(source, first_page, str(item.link), way.load, way.in_time)
                notes += [article.note] if article.note else []
                if article.later:
                    left += 1
                    continue
                parts += article.parts
                pages[position] = article.page
                whole[position] = with_detail(item, article.page.items[0])
            except (FetchError, ParseError) as error:
                notes.append(f"{item.link}: {error}")
                if may_come(error):
                    left += 1
                else:
                    whole[position] = item
    if left:
        notes.append(f"{left} new items are left to the next poll, their own pages were not loaded in this one")
    return Gathered(
        feeds=tuple(feeds),
        items=tuple(whole.values()),
        notes=tuple(notes),
        left=left,
        led_on=bool(led_on),
        raws=tuple(raws[position] for position in whole),
        pages=(*pages.values(), *parts),
        page_of=tuple(pages.get(position) for position in whole),
    )


def whole_article(
    source: Source,
    first: ParsedFeed,
    address: str,
    load: Callable[[str, Reading], ParsedFeed],
    in_time: Callable[[], bool],
) -> Whole:
    """An item's own page with those that its article goes on in; to be left for later when time is up."""

    def onward(url: str) -> ParsedFeed:
        if not may_load(source, url):
            raise ParseError("the article goes on at another host; `allow_hosts` can name that")
        if not in_time():
            raise FetchError("the article goes on, and time was up", url=url, code="deadline")
        return load(url, page_reading(source))

    return read_whole(first, address, onward, believed=names_next(source))


def names_next(source: Source) -> bool:
    """Whether a selector says where an article goes on."""
    detail = source.extract.detail if source.extract is not None else None
    return detail is not None and detail.next_page is not None


def a_way(
    source: Source,
    started: datetime,
    *,
    store: Store,
    web: Web,
    parse: Callable[[ParseRequest], ParsedFeed],
    request: Callable[[str], WebRequest],
    in_time: Callable[[], bool],
    caught_up: bool,
) -> Way:
    """The way of one poll; what is asked of another origin than the source's own goes without its password."""

    def load(url: str, kind: Reading) -> ParsedFeed:
        asked = request(url)
        response = web.send(asked if same_origin(url, source.url or "") else replace(asked, credentials=None))
        if response.status != 200:
            said = f"{response.url} answered {response.status}."
            raise FetchError(said, url=response.url, code=f"http_{response.status}")
        return read_as(
            source,
            parse,
            body=response.body,
            content_type=response.headers.get("content-type"),
            asked=url,
            url=response.url,
            now=started,
            kind=kind,
            extract=shown_extract(source),
        )

    def known(items: Sequence[Item]) -> dict[int, Item]:
        with store.read() as tx:
            return known_items(tx, source, items)

    def shares(items: Sequence[Item]) -> bool:
        with store.read() as tx:
            return shares_an_item(tx, source.key, items)

    return Way(load=load, known=known, shares=shares, in_time=in_time, caught_up=caught_up)


def known_items(tx: Connection, source: Source, items: Sequence[Item]) -> dict[int, Item]:
    """What is stored of the items that this source has brought before, by position."""
    keys = document_keys(items, source.key)
    by_guid = find_by_guid(tx, source.key, [key.guid for key in keys if key.guid])
    by_link = find_by_link(tx, [key.link for key in keys if key.link])
    found: dict[int, Item] = {}
    for position, key in enumerate(keys):
        own = [entry for entry in by_link.get(key.link or "", ()) if entry.source == source.key]
        entry = by_guid.get(key.guid or "") or (own[0] if own else None)
        if entry is not None:
            found[position] = entry.item
    return found


def reading_of(source: Source) -> Reading:
    """How a source's documents are read."""
    return "feed" if source.kind == "files" else source.kind


def page_reading(source: Source) -> Reading:
    """How items' own pages are read."""
    return "full_text" if source.full_text and may_show_fetched_text(source) else "detail"


def shown_extract(source: Source) -> Extract | None:
    """The source's selectors without that of a text which may not be shown."""
    extract = source.extract
    if extract is None or extract.detail is None or may_show_fetched_text(source):
        return extract
    return replace(extract, detail=replace(extract.detail, body=None))


def wants_detail(source: Source, item: Item) -> bool:
    """Whether the item's own page is to be loaded: the source says so, or a sitemap gave no title."""
    asked = page_reading(source) == "full_text" or (source.extract is not None and source.extract.detail is not None)
    return item.link is not None and (asked or (source.kind == "sitemap" and not item.title))


def reads_pages(source: Source) -> bool:
    """Whether any item's own page is loaded."""
    return source.full_text or source.extract is not None or source.kind == "sitemap"


def may_load(source: Source, address: str | None) -> bool:
    """Whether an address is on the source's own host, give or take `www.`, or on one it allows."""
    host = host_of(address or "")
    return host.removeprefix("www.") == host_of(source.url or "").removeprefix("www.") or host in source.allow_hosts


def with_detail(item: Item, page: Item) -> Item:
    """The item of a list with what its own page adds; a title that the list cut short is taken whole."""
    stem = _CUT.sub("", item.title)
    cut_short = stem != item.title and page.title.startswith(stem)
    better_date = page.published is not None and (item.published is None or item.precision == "day")
    return replace(
        item,
        title=page.title if not item.title or cut_short else item.title,
        html=_fuller(page.html, item.html),
        summary=item.summary or page.summary,
        author=page.author or item.author,
        published=page.published if better_date else item.published,
        precision=page.precision if better_date else item.precision,
        categories=page.categories or item.categories,
        origin_title=page.origin_title or item.origin_title,
    )


def _fuller(page: SafeHtml | None, listed: SafeHtml | None) -> SafeHtml | None:
    """The page's text, unless the document itself carried clearly more of it."""
    if not page or not listed:
        return page or listed
    return listed if len(plain_text(page)) < _CLEARLY_LESS * len(plain_text(listed)) else page


def _untaken(source: Source, items: Sequence[Item]) -> list[str]:
    """Why full text that was asked for is not taken, in sentences for the poll."""
    said = source.extract is not None and source.extract.detail is not None and source.extract.detail.body is not None
    if (source.full_text or said) and not may_show_fetched_text(source):
        return ["full text is not taken from items' pages while the source's `licence` is unknown"]
    away = {host_of(item.link) for item in items if item.link and not may_load(source, item.link)}
    if source.full_text and away:
        named = ", ".join(sorted(away)[:3])
        return [f"pages on other hosts ({named}) are not read for their text; `allow_hosts` can name them"]
    return []


def _sent_on(source: Source, page: ParsedFeed, way: Way) -> ParsedFeed:
    """The list that a page sends its readers on to, MOST_REFRESHES pages on at most; ParseError when there is none."""
    seen = {source.url}
    for _ in range(MOST_REFRESHES):
        address = page.more[0]
        if address in seen or not may_load(source, address):
            raise ParseError(f"The page sends its readers on to {address}, which is not followed.")
        seen.add(address)
        page = way.load(address, reading_of(source))
        if page.version != SENDS_ON:
            return page
    raise ParseError("The page sends its readers on and on.")


def _earlier(source: Source, first: Sequence[ParsedFeed], way: Way) -> tuple[list[ParsedFeed], list[str]]:
    if not way.caught_up:
        return list(first), []
    return walk_back(
        first,
        load=lambda address: way.load(address, "feed"),
        shares=way.shares,
        may_load=lambda address: may_load(source, address),
        in_time=way.in_time,
    )


def _more(source: Source, first: Sequence[ParsedFeed], way: Way) -> tuple[list[ParsedFeed], list[str]]:
    feeds = list(first)
    notes: list[str] = []
    most = MOST_SITEMAPS if source.kind == "sitemap" else (source.extract or Extract()).pages - 1
    waiting = [address for feed in first for address in feed.more]
    seen = {source.url}
    while waiting and most > 0 and way.in_time():
        address = waiting.pop(0)
        if address in seen:
            continue
        if not may_load(source, address):
            notes.append(f"{address}: not followed, it is on another host; `allow_hosts` can name that")
            continue
        if source.kind != "sitemap" and way.caught_up and way.known(feeds[-1].items):
            break
        seen.add(address)
        most -= 1
        try:
            feed = way.load(address, reading_of(source))
        except (FetchError, ParseError) as error:
            notes.append(f"{address}: {error}")
            continue
        feeds.append(feed)
        notes += feed.warnings
        waiting += feed.more
    return feeds, notes
