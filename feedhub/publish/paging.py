"""Where a page stands in the feed of a question: the links of RFC 5005 §3, which no section's feed needs.

A page begins below a place in the index, so that what comes in meanwhile moves nothing from one page to another.
"""

from __future__ import annotations

from dataclasses import dataclass

from feedhub.model.feed import EXACT_TYPES, Format
from feedhub.model.section import SEARCH, Portal
from feedhub.publish.addresses import feed_url
from feedhub.publish.feedgen_ext import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Which pages there are beside this one: `newer` and `older` are the places below which they begin.

    `limit` is how many items a page has, where somebody said so. The first page has no newer one and is `first`; the
    second one's newer page is the first, whose place is None.
    """

    first: bool = True
    newer: int | None = None
    older: int | None = None
    limit: int | None = None


def page_links(portal: Portal, format_: Format, query: str, pages: Pages) -> list[Link]:
    """`next` to what is older, `previous` and `first` back; none for a feed of one page."""
    found: list[tuple[str, int | None]] = []
    if not pages.first:
        found += [("first", None), ("previous", pages.newer)]
    if pages.older is not None:
        found.append(("next", pages.older))
    return [
        Link(rel=rel, href=_address(portal, format_, query, pages.limit, place), type=EXACT_TYPES[format_])
        for rel, place in found
    ]


def _address(portal: Portal, format_: Format, query: str, limit: int | None, place: int | None) -> str:
    more = [query] + ([] if limit is None else [f"limit={limit}"]) + ([] if place is None else [f"before={place}"])
    return feed_url(portal, SEARCH, format_, "&".join(more))
