"""Text that looks garbled is held for a person, whatever the policy; the page or feed it came from gives it away.

An item is held when one of its texts looks garbled. Where most texts of a document do, all are held that are not
plain ASCII: two characters are too few to tell by themselves, but not in such company.
"""

from __future__ import annotations

from collections.abc import Iterator

from feedhub.basics.text import cut, plain_text
from feedhub.ingest.garbled import garbled
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.entry import Decision
from feedhub.model.item import Item

REASON = "garbled"
RULE = "guard.garbled"


def hold_garbled(sight: Sight) -> Findings:
    """Hold what looks garbled, and say how the documents were decoded."""
    items = sight.gathered.items
    holds = {place: Decision("held", REASON, RULE, why) for place, item in enumerate(items) if (why := _why(item))}
    if not holds:
        return Findings(learned=sight.learned)
    foreign = [place for place, item in enumerate(items) if not all(text.isascii() for _, text in _texts(item))]
    if len(holds) >= 3 and len(holds) * 2 > len(foreign):
        why = f"{len(holds)} of {len(items)} items of its document look garbled"
        holds |= {place: Decision("held", REASON, RULE, why) for place in foreign if place not in holds}
    used = ", ".join(dict.fromkeys(feed.encoding for feed in sight.gathered.feeds))
    note = (
        f"{len(holds)} of {len(items)} items look garbled and are held; the text was read as {used}. "
        "If that is wrong: feedhub source redecode KEY --encoding CHARSET --dry-run."
    )
    return Findings(learned=sight.learned, holds=holds, notes=(note,))


def _why(item: Item) -> str:
    """What is garbled about an item; empty for nothing."""
    for name, text in _texts(item):
        if found := garbled(text):
            return f"the {name} looks garbled: {found}: {cut(text, 60)}"
    return ""


def _texts(item: Item) -> Iterator[tuple[str, str]]:
    yield "title", item.title
    yield "summary", item.summary
    if item.html:
        yield "text", plain_text(item.html)
    yield "author", item.author or ""
    for category in item.categories:
        yield "category", category
