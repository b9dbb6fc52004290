"""Where a document stands in its section's history: the marks and links of RFC 5005 §2 and §4, and its addresses.

The current document links to the newest archive, each archive to the one before it. Walking so, current document
first, yields every article; one that stands in both is the same article by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedhub.model.feed import ARCHIVE_SIZE, EXACT_TYPES, Format, Slot
from feedhub.model.section import Portal
from feedhub.publish.addresses import archive_path, archive_url, feed_path, feed_url
from feedhub.publish.feedgen_ext import Link


@dataclass(frozen=True, slots=True)
class History:
    """`number` is that of an archive, None for the current document; `last` the newest slot of the section."""

    number: int | None
    last: Slot | None

    @property
    def mark(self) -> str | None:
        """`archive`; `complete` for a current document beside which there is no archive; else None."""
        if self.number is not None:
            return "archive"
        return "complete" if self.last is None else None


def next_slots(last: Slot | None, ids: Sequence[str]) -> dict[str, Slot]:
    """Slots for articles in the order in which they come, after `last`: 50 to an archive, none left out."""
    first = 0 if last is None else (last.number - 1) * ARCHIVE_SIZE + last.position
    places = (divmod(first + place, ARCHIVE_SIZE) for place in range(len(ids)))
    return {
        article_id: Slot(number + 1, position + 1) for article_id, (number, position) in zip(ids, places, strict=True)
    }


def path_of(section: str, format_: Format, history: History | None, query: str = "") -> str:
    """The path of the document, its key everywhere; `query` is a question's normal form."""
    if history is None or history.number is None:
        return feed_path(section, format_, query)
    return archive_path(section, format_, history.number)


def history_links(portal: Portal, section: str, format_: Format, history: History | None) -> list[Link]:
    """`prev-archive`, `next-archive` and `current`, as far as they lead anywhere (RFC 5005 §4); `next` for readers that
    know pages alone (§3), in JSON Feed `next_url`."""
    if history is None or history.last is None:
        return []
    found = []
    before = history.last if history.number is None else Slot(history.number - 1, ARCHIVE_SIZE)
    if before.number > 0:
        found.append(("prev-archive", archive_url(portal, section, format_, before)))
        if format_ != "json":
            found.append(("next", archive_url(portal, section, format_, before)))
    if history.number is not None:
        if history.number < history.last.number:
            # Added once: the plain address, whether the next one is still open or not.
            after = Slot(history.number + 1, ARCHIVE_SIZE)
            found.append(("next-archive", archive_url(portal, section, format_, after)))
        found.append(("current", feed_url(portal, section, format_)))
    return [Link(rel=rel, href=href, type=EXACT_TYPES[format_]) for rel, href in found]
