"""Try a source: fetch, parse and decide as a poll would, and store nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from feedhub.ingest.decide import Rules, decide_new, settle_date
from feedhub.ingest.pipeline import Ingest, fetch, parse_fetched
from feedhub.model.entry import Decision
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.source import Source
from feedhub.ports.web import WebResponse


@dataclass(frozen=True, slots=True)
class Trial:
    """What an address answered, and what would be decided on each item if none were known already."""

    source: Source
    response: WebResponse | None
    feeds: tuple[ParsedFeed, ...]
    notes: tuple[str, ...]
    items: tuple[tuple[Item, Decision], ...]


def try_source(ingest: Ingest, source: Source) -> Trial:
    """Fetch and judge; FetchError or ParseError when it cannot be read."""
    now = ingest.clock.now()
    fetched = fetch(ingest, source, None)
    feeds, notes = parse_fetched(ingest, source, fetched, now)
    rules = Rules(ingest.sections, ingest.reprints)
    judged: list[tuple[Item, Decision]] = []
    for feed in feeds:
        for item in feed.items:
            decision, dated = decide_new(item, source, rules), settle_date(item, now)
            note = "; ".join(filter(None, (decision.note, dated.note)))
            judged.append((replace(item, published=dated.published), replace(decision, note=note)))
    return Trial(source, fetched.response, tuple(feeds), tuple(notes), tuple(judged))
