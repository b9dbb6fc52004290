"""Under which keys an item is known: guid within its source, then canonical link, then content (SEMANTICS 9).

A guid or a link that stands twice in one document tells nothing apart, so it is no key there; an empty body
never matches by content. The digest says whether an item says something else than before: white space does
not count, nor does a date that was merely moved.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from feedhub.basics.digests import digest
from feedhub.basics.urls import canonical_url
from feedhub.model.item import Item
from feedhub.store.article_rows import content_key, link_key

_BETWEEN_TAGS = re.compile(r">\s+<")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one item in its document; None where that key tells nothing. `digest` is of what it says."""

    guid: str | None
    link: str | None
    content: str | None
    digest: str


def document_keys(items: Sequence[Item], source: str) -> list[Keys]:
    """The keys of every item of one document, in its order."""
    guids = Counter(item.guid for item in items if item.guid)
    links = Counter(canonical_url(item.link) for item in items if item.link)
    return [
        Keys(
            guid=digest("guid", source, item.guid) if item.guid and guids[item.guid] == 1 else None,
            link=link_key(item.link) if item.link and links[canonical_url(item.link)] == 1 else None,
            content=content_key(item.title, item.html or item.summary),
            digest=item_digest(item),
        )
        for item in items
    ]


def item_digest(item: Item) -> str:
    """What an item says, white space folded away."""
    markup = _SPACE.sub(" ", _BETWEEN_TAGS.sub("><", item.html or "")).strip()
    return digest(
        "item",
        _SPACE.sub(" ", item.title).strip(),
        markup,
        _SPACE.sub(" ", item.summary).strip(),
        item.author,
        canonical_url(item.link) if item.link else None,
        *(enclosure.url for enclosure in item.enclosures),
    )
