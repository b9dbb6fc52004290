"""Under which keys an item is known: guid within its source, the guid's path, canonical link, content (SEMANTICS 9).

A guid or a link that stands in one document for different items tells nothing apart, so a link is no key there, and a
guid only together with what the item says. Where neither guid nor link nor enough text tells an item, all that it says
and its date do: it must not be new at every poll. The path is a guid
without scheme and host: a source that moved to https or to another name is not read as all new. An empty body
never matches by content. The digest says whether an item says something else than before: white space does
not count, nor does a date that was merely moved.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from feedhub.basics.digests import digest
from feedhub.basics.text import fold
from feedhub.basics.urls import canonical_url
from feedhub.model.item import Facts, Item
from feedhub.model.keys import content_key, link_key
from feedhub.model.poll import LedgerLine

_NONE: Mapping[Item, Facts] = MappingProxyType({})
_BETWEEN_TAGS = re.compile(r">\s+<")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one item in its document; None where that key tells nothing. `digest` is of what it says,
    `raw` that of the document it stood in."""

    guid: str | None
    path: str | None
    link: str | None
    content: str | None
    digest: str
    raw: str | None = None


def document_keys(
    items: Sequence[Item], source: str, facts: Mapping[Item, Facts] = _NONE, raws: Sequence[str | None] = ()
) -> list[Keys]:
    """The keys of every item of one document, in its order; `facts` are what is known of items already, `raws` the
    digests of the documents that they stood in."""
    known = [facts.get(item) for item in items]
    said = [fact.digest if fact else item_digest(item) for item, fact in zip(items, known, strict=True)]
    leads = [canonical_url(item.link) if item.link else None for item in items]
    different = set(zip((item.guid for item in items), leads, said, strict=True))
    guids = Counter(guid for guid, _, _ in different if guid)
    paths = Counter(path for guid, _, _ in different if (path := guid_path(guid)))
    links = Counter(lead for _, lead, _ in different if lead)
    keys: list[Keys] = []
    stood_in = raws or [None] * len(items)
    for item, fact, lead, words, raw in zip(items, known, leads, said, stood_in, strict=True):
        link = link_key(item.link) if item.link and lead and links[lead] == 1 else None
        content = fact.content if fact else content_key(item.title, item.html or item.summary)
        guid: str | None = None
        if item.guid:
            guid = digest("guid", source, item.guid, *(() if guids[item.guid] == 1 else (words,)))
        elif link is None and content is None:
            guid = digest("says", source, words, item.published.isoformat() if item.published else None)
        alone = paths[guid_path(item.guid)] == 1
        by_path = path_key(item.guid, source) if alone else None
        keys.append(Keys(guid=guid, path=by_path, link=link, content=content, digest=words, raw=raw))
    return keys


def path_key(guid: str | None, source: str) -> str | None:
    """The key of a guid's path within its source; None when the guid is no address with a path or a query."""
    path = guid_path(guid)
    return digest("path", source, path) if path else None


def guid_path(guid: str | None) -> str:
    """A guid that is an address, without scheme, host, tracking parameters and trailing slash; else empty."""
    if not guid or not guid.lower().startswith(("http://", "https://")):
        return ""
    try:
        canonical = canonical_url(guid)
    except ValueError:
        return ""
    return "/".join(canonical.split("/")[1:])


def same_words(one: Item, other: Item) -> bool:
    """Whether the titles of two items agree, or their texts."""
    titles = [fold(item.title).casefold() for item in (one, other)]
    texts = [fold(item.html or item.summary) for item in (one, other)]
    return bool(titles[0] and titles[0] == titles[1]) or bool(texts[0] and texts[0] == texts[1])


def document_warnings(items: Sequence[Item]) -> tuple[str, ...]:
    """What is wrong with a document's guids, in sentences for the poll."""
    again = {guid: times for guid, times in Counter(item.guid for item in items if item.guid).items() if times > 1}
    if not again:
        return ()
    first, times = next(iter(again.items()))
    more = f", and {len(again) - 1} more guids stand there again" if len(again) > 1 else ""
    return (f"{times} items have the guid {first[:200]}{more}; they are told apart by link and content",)


def identity_notes(lines: Sequence[LedgerLine]) -> tuple[str, ...]:
    """A word to the operator when half of a document came back under other guids."""
    changed = sum(line.reason == "guid_changed" for line in lines)
    if not changed or changed * 2 < len(lines):
        return ()
    return (f"identity changed: {changed} of {len(lines)} items came back under another guid and were recognised",)


def item_digest(item: Item) -> str:
    """What an item says, white space folded away."""
    markup = fold(_BETWEEN_TAGS.sub("><", item.html or ""))
    return digest(
        "item",
        fold(item.title),
        markup,
        fold(item.summary),
        item.author,
        canonical_url(item.link) if item.link else None,
        *(enclosure.url for enclosure in item.enclosures),
    )
