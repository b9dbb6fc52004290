"""What is worked out of an item on its way to an entry, whoever asks: in the parser child, beside the other core.

Pure, over the item alone. Whoever needs a fact looks whether the child has said it of this very item, and works it
out where it has not: after a rule rewrote the item, or when it came another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from feedhub.ingest.garbled import why_garbled
from feedhub.ingest.identity import item_digest
from feedhub.ingest.likeness import marks_of, text_of
from feedhub.model.item import Facts, Item, ParsedFeed
from feedhub.model.keys import content_key


def facts_of(item: Item) -> Facts:
    """All of them."""
    return Facts(
        garbled=why_garbled(item),
        content=content_key(item.title, item.html or item.summary),
        digest=item_digest(item),
        marks=marks_of(text_of(item)),
    )


def facts_by_item(feeds: Iterable[ParsedFeed]) -> Mapping[Item, Facts]:
    """What a child said of the items of documents."""
    return {item: said for feed in feeds for item, said in zip(feed.items, feed.facts, strict=False)}
