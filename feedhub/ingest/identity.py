"""Under which keys an item is known: guid within its source, the guid's path, canonical link, content (SEMANTICS 9).

A guid or a link that stands twice in one document tells nothing apart, so it is no key there. The path is a guid
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


def document_keys(items: Sequence[Item], source: str, facts: Mapping[Item, Facts] = _NONE) -> list[Keys]:
    """The keys of every item of one document, in its order; `facts` are what is known of items already."""
    said = [facts.get(item) for item in items]
    guids = Counter(item.guid for item in items if item.guid)
    paths = Counter(path for item in items if (path := guid_path(item.guid)))
    links = Counter(canonical_url(item.link) for item in items if item.link)
    return [
        Keys(
            guid=digest("guid", source, item.guid) if item.guid and guids[item.guid] == 1 else None,
            path=path_key(item.guid, source) if paths[guid_path(item.guid)] == 1 else None,
            link=link_key(item.link) if item.link and links[canonical_url(item.link)] == 1 else None,
            content=known.content if known else content_key(item.title, item.html or item.summary),
            digest=known.digest if known else item_digest(item),
        )
        for item, known in zip(items, said, strict=True)
    ]


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
