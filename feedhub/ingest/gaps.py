"""A poll that shares no item with what the source brought before is a possible gap: walk back until one is known.

    no item known ─→ prev-archive (RFC 5005 §4), else next (§3), or next_url (JSON Feed) ─→ … ─→ a known item

At most MOST_BACK documents, from the source's own host or one of `allow_hosts`, and while there is time. Whatever
comes of it stands in the poll's notes. A first poll has no gap: what lies before it is history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from feedhub.errors import FetchError, ParseError
from feedhub.ingest.identity import document_keys
from feedhub.model.item import Item, ParsedFeed
from feedhub.store.entries import any_entry, find_by_content, find_by_guid, find_by_link, find_by_path

MOST_BACK = 20


def walk_back(
    first: Sequence[ParsedFeed],
    *,
    load: Callable[[str], ParsedFeed],
    shares: Callable[[Sequence[Item]], bool],
    may_load: Callable[[str], bool],
    in_time: Callable[[], bool],
) -> tuple[list[ParsedFeed], list[str]]:
    """The documents with those before them, as far as there was a gap, and sentences about it."""
    feeds = list(first)
    items = [item for feed in first for item in feed.items]
    if not items or shares(items):
        return feeds, []
    back = next((feed.more[0] for feed in first if feed.more), None)
    if back is None:
        return feeds, ["possible gap: no item of it was known, and it names no earlier document"]
    seen: set[str] = set()
    notes: list[str] = []
    end = f"after {MOST_BACK} of them nothing was known yet; what lies before is not here"
    while len(seen) < MOST_BACK:
        if why := _no_further(back, seen, may_load, in_time):
            end = why
            break
        assert back is not None
        seen.add(back)
        try:
            feed = load(back)
        except (FetchError, ParseError) as error:
            end = f"{back} could not be read: {error}"
            break
        feeds.append(feed)
        notes += feed.warnings
        if shares(feed.items):
            end = "then known items appeared"
            break
        back = next(iter(feed.more), None)
    read = len(feeds) - len(first)
    return feeds, [f"possible gap: no item of it was known, {read} earlier documents were read; {end}", *notes]


def _no_further(
    back: str | None, seen: set[str], may_load: Callable[[str], bool], in_time: Callable[[], bool]
) -> str | None:
    if back is None or back in seen:
        return "the oldest of them was reached without a known item"
    if not may_load(back):
        return f"{back} was not followed, it is on another host; `allow_hosts` can name that"
    return None if in_time() else "time was up before a known item appeared; what lies before is not here"


def shares_an_item(tx: Connection, source: str, items: Sequence[Item]) -> bool:
    """Whether the source has brought one of the items before, under whichever key; True when it never brought any."""
    keys = document_keys(items, source)
    if find_by_guid(tx, source, [key.guid for key in keys if key.guid]):
        return True
    if find_by_path(tx, source, [key.path for key in keys if key.path]):
        return True
    by_link = find_by_link(tx, [key.link for key in keys if key.link])
    by_content = find_by_content(tx, [key.content for key in keys if key.content])
    groups = (*by_link.values(), *by_content.values())
    return any(entry.source == source for group in groups for entry in group) or not any_entry(tx, source)


def without_repeats(feeds: Sequence[ParsedFeed], first: int) -> list[ParsedFeed]:
    """The documents from number `first` on without the items that one before them had: pages and archives overlap,
    and an item that stood twice in one poll could not be told apart any more."""
    seen: set[object] = set()
    whole: list[ParsedFeed] = []
    for number, feed in enumerate(feeds):
        kept = [place for place, item in enumerate(feed.items) if number < first or _name(item) not in seen]
        seen |= {_name(item) for item in feed.items} | {one.guid for one in feed.deleted}
        if len(kept) < len(feed.items):
            looks = tuple(feed.looks[place] for place in kept) if feed.looks else ()
            feed = replace(feed, items=tuple(feed.items[place] for place in kept), looks=looks)
        whole.append(feed)
    return whole


def _name(item: Item) -> object:
    return item.guid or item.link or item
