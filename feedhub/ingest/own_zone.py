"""`trust_zone: false`: what a source's times say of their zone is ignored, and its own `time_zone` is put in its place.

For sources that write Beijing time and mark it `GMT` or `Z`. Readers of dates keep the offset that was written
(SEMANTICS 13), so the time on the clock is known; times without a zone are in the source's zone already.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from feedhub.basics.dates import fixed_offset, zone
from feedhub.model.item import ParsedFeed
from feedhub.model.source import Source


def in_own_zone(feed: ParsedFeed, source: Source) -> ParsedFeed:
    """The document with its times as the source's settings say they are meant."""
    if source.trust_zone:
        return feed
    home = zone(source.time_zone)

    def meant(moment: datetime | None) -> datetime | None:
        return moment and fixed_offset(moment.replace(tzinfo=home))

    items = tuple(replace(item, published=meant(item.published), updated=meant(item.updated)) for item in feed.items)
    return replace(feed, items=items, updated=meant(feed.updated))
