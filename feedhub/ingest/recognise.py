"""What an address could be a source of: a feed, a page that names feeds, a sitemap, data with a list, a list page.

    feed? ─→ sitemap? ─→ data? ─→ XML? ─→ links to feeds + the list itself ─→ proposals, best first ─→ a person's yes

Pure, and run in the parser child: it fetches nothing and saves nothing. What it proposes for a list page is tried
on that page before it is shown, so the samples are what the source would bring.
"""

from __future__ import annotations

import re
from dataclasses import replace

from feedhub.basics.dates import zone
from feedhub.errors import NotAFeed
from feedhub.ingest import bounds
from feedhub.ingest.data_lists import data_proposals, script_proposals
from feedhub.ingest.decode import decode_document
from feedhub.ingest.extract import markup_item
from feedhub.ingest.list_block import Block, address_of, find_blocks
from feedhub.ingest.list_fields import date_field, guess, item_selector, summary_field, title_field
from feedhub.ingest.list_pages import next_page
from feedhub.ingest.parse import parse_document
from feedhub.ingest.select import Node, base_of, html_page, refresh_of
from feedhub.ingest.sitemap import read_sitemap
from feedhub.ingest.wire import ParseRequest
from feedhub.ingest.xml_lists import xml_proposals
from feedhub.ingest.zone_of_page import zone_of_page
from feedhub.model.extract import Extract
from feedhub.model.item import ParsedFeed
from feedhub.model.recognised import MOST_SAMPLES, Guess, Proposal, Recognised

_SITEMAP = re.compile(r"^\s*(?:<\?[^>]*>\s*|<!--.{0,2000}?-->\s*)*<(?:\w+:)?(?:urlset|sitemapindex)\b", re.S)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
MOST_FEEDS = 20
MOST_BLOCKS = 3


def recognise(request: ParseRequest) -> Recognised:
    """All that the document could be; NotAFeed when nothing in it looks like a source."""
    try:
        feed = parse_document(request)
    except NotAFeed as refusal:
        why = refusal
    else:
        return _one(f"a feed ({feed.version})", _of_feed(feed, "feed", request.url), feed)
    decoded = decode_document(request.body, request.content_type, request.encoding)
    if _SITEMAP.match(decoded.text.lstrip("\ufeff")):
        feed = read_sitemap(decoded.text, request, decoded.encoding)
        return _one("a sitemap", _of_feed(feed, "sitemap", request.url), feed)
    data = data_proposals(decoded.text, request, decoded.encoding, list_proposals)
    if data:
        return Recognised(page="data with a list", encoding=decoded.encoding, proposals=data)
    if elements := xml_proposals(decoded.text, request, decoded.encoding):
        return Recognised(page="XML with a list", encoding=decoded.encoding, proposals=elements)
    page = html_page(decoded.text)
    base = base_of(page, request.url)
    feeds = _named_feeds(page, base)
    lists = list_proposals(page, base, request, decoded.encoding)
    scripts = script_proposals(decoded.text, request, decoded.encoding)
    # What stands in the page itself comes first, unless the data of a script are more surely the list.
    surer = bool(scripts) and scripts[0].confidence > max((one.confidence for one in lists[:1]), default=0.0) + 0.1
    lists = (*scripts, *lists) if surer else (*lists, *scripts)
    if not feeds and not lists:
        onward = refresh_of(page, request.url)
        if onward is None or onward == request.url:
            raise why
        return Recognised(page="a page that sends its readers on", encoding=decoded.encoding, onward=onward)
    said = " and ".join(
        filter(None, ("a page with links to feeds" if feeds else "", "a list page" if lists else ""))
    ).replace("and a list page", "and a list")
    title = bounds.line(page.text("title"), bounds.TITLE)
    return Recognised(page=said, title=title, encoding=decoded.encoding, proposals=(*feeds, *lists))


def list_proposals(page: Node, base: str, request: ParseRequest, encoding: str) -> tuple[Proposal, ...]:
    """Complete sources for the lists of a page, likeliest first; at most MOST_BLOCKS."""
    blocks = find_blocks(page.root, base)
    found: list[Proposal] = []
    for position, block in enumerate(blocks[:MOST_BLOCKS]):
        rival = blocks[position + 1].score if position + 1 < len(blocks) else 0.0
        sure = block.score / (block.score + rival / 2)
        own_zone = zone_of_page(page.text("body"), request.url, encoding)
        proposal = _of_block(page, base, request, block, sure, own_zone)
        if proposal is not None and (position == 0 or block.score * 2 > blocks[0].score):
            found.append(proposal)
    return tuple(found)


def _of_block(
    page: Node, base: str, request: ParseRequest, block: Block, sure: float, own_zone: str | None
) -> Proposal | None:
    home = zone(own_zone or request.time_zone)
    item = item_selector(page, block)
    title, link, holders = title_field(block, base)
    if item is None or item.share < 0.5 or title is None or link is None:
        return None
    addresses = [address_of(one, base) for one in block.anchors]
    date, forms = date_field(block, holders, addresses, home, request.now)
    summary = summary_field(block, holders, date)
    following, sure_of_next = next_page(page, base, request.url)
    extract = Extract(
        item=item.selector,
        title=title.selector,
        link=link.selector,
        date=date.selector if date and date.selector else None,
        date_in="address" if date and not date.selector else "text",
        date_forms=forms,
        summary=summary.selector if summary else None,
        next_page=following,
    )
    guesses: list[Guess] = [guess("item", item.selector, item.share * sure)]
    guesses += [guess("title", title.selector, title.share), guess("link", link.selector, link.share)]
    if date:
        guesses.append(guess("date", date.selector or "in the address", date.share))
    if summary:
        guesses.append(guess("summary", summary.selector, summary.share))
    if following:
        guesses.append(guess("next_page", following, sure_of_next))
    read = [markup_item(node, extract, base, home, request.now, request.language) for node in page.all(item.selector)]
    items = [one for one in read if one is not None]
    weakest = min(one.confidence for one in guesses if one.field in ("item", "title", "link"))
    return Proposal(
        kind="html",
        url=request.url,
        title=bounds.line(page.text("title"), bounds.TITLE),
        extract=extract,
        guesses=tuple(guesses),
        samples=tuple(items[:MOST_SAMPLES]),
        total=len(items),
        time_zone=own_zone,
        language="zh" if own_zone else bounds.language_of(page.text("html::attr(lang)")),
        confidence=weakest if date else round(weakest / 2, 2),
    )


def _named_feeds(page: Node, base: str) -> tuple[Proposal, ...]:
    """The feeds a page names in its head (RFC 4287 §4.2.7.2, `alternate`), in its order."""
    found: dict[str, Proposal] = {}
    for one in page.all("link[rel~=alternate][href], link[rel~=ALTERNATE][href]"):
        kind = (one.root.get("type") or "").partition(";")[0].strip().lower()
        address = bounds.address(one.root.get("href"), base)
        if kind in _FEED_TYPES and address and address not in found:
            title = bounds.line(one.root.get("title") or "", bounds.TITLE)
            found[address] = Proposal(kind="feed", url=address, title=title)
    return tuple(found.values())[:MOST_FEEDS]


def _of_feed(feed: ParsedFeed, kind: str, url: str) -> Proposal:
    proposal = Proposal(kind="feed", url=url, title=feed.title, samples=feed.items[:MOST_SAMPLES], total=feed.total)
    return proposal if kind == "feed" else replace(proposal, kind="sitemap", extract=Extract())


def _one(page: str, proposal: Proposal, feed: ParsedFeed) -> Recognised:
    return Recognised(page=page, title=feed.title, encoding=feed.encoding, proposals=(proposal,))
