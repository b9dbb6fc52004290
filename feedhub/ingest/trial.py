"""Try a source: fetch, parse and decide as a poll would, or recognise what an address is; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace

from feedhub.errors import NotAFeed
from feedhub.ingest.decide import BLANK, Rules, decide_new, settle_date
from feedhub.ingest.fetched import Fetched
from feedhub.ingest.further import MOST_REFRESHES, go_further, may_load
from feedhub.ingest.means import Ingest
from feedhub.ingest.pipeline import fetch, guarded, parse_fetched, way
from feedhub.ingest.reading import request_of
from feedhub.ingest.rules import apply_rules, guard_held
from feedhub.model.entry import Decision
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.recognised import Proposal, Recognised
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
    feeds, notes, _ = parse_fetched(ingest, source, fetched, now)
    gathered = go_further(source, feeds, replace(way(ingest, source, None, now), known=lambda items: {}))
    rules = Rules(ingest.sections, ingest.reprints)
    judged: list[tuple[Item, Decision]] = []
    found = guarded(ingest, source, None, fetched.response, gathered)
    for position, item in enumerate(gathered.items):
        ruled = guard_held(apply_rules(item, source), found.holds.get(position))
        decision, dated = decide_new(ruled, source, rules), settle_date(ruled.item, now)
        note = "; ".join(filter(None, (decision.note, dated.note)))
        judged.append((replace(ruled.item, published=dated.published), replace(decision, note=note)))
    judged += [(Item(), BLANK)] * sum(feed.blank for feed in gathered.feeds)
    return Trial(source, fetched.response, gathered.feeds, (*notes, *gathered.notes, *found.notes), tuple(judged))


def recognise_address(ingest: Ingest, source: Source) -> Recognised:
    """Fetch the address of a source and say what it could be; FetchError or ParseError when it is nothing for us.

    A page that only sends its readers on is recognised by what stands behind it; its own address stays the source's.
    """
    fetched = fetch(ingest, source, None)
    recognised = _recognise(ingest, source, fetched)
    for _ in range(MOST_REFRESHES):
        if recognised.onward is None:
            break
        if not may_load(source, recognised.onward):
            raise NotAFeed(f"The page sends its readers on to {recognised.onward}; add that address itself.")
        behind = _recognise(ingest, source, fetch(ingest, replace(source, url=recognised.onward), None))
        own = tuple(replace(one, url=str(source.url)) if one.kind == "html" else one for one in behind.proposals)
        recognised = replace(behind, page=f"{recognised.page}, to {behind.page}", proposals=own)
    if not recognised.proposals:
        raise NotAFeed("The page sends its readers on and on.")
    return recognised


def _recognise(ingest: Ingest, source: Source, fetched: Fetched) -> Recognised:
    """What the document could be; what stands at the address that was asked for keeps that, wherever it redirected:
    only polls over days tell whether a redirect is for good (PROMISES 117)."""
    document = fetched.documents[0]
    found = ingest.parser.recognise(request_of(source, document, "recognise", now=ingest.clock.now()))
    asked = tuple(replace(one, url=str(source.url)) if one.url == document[2] else one for one in found.proposals)
    return replace(found, proposals=asked)


def needs_recognising(kind: str | None, selectors: tuple[str, ...]) -> bool:
    """Whether nobody said how an address is read: no kind, or that of a list page without its selectors."""
    return not selectors and kind in (None, "html")


def as_proposed(source: Source, proposal: Proposal) -> Source:
    """The source as a proposal has it."""
    return replace(
        source,
        kind=proposal.kind,
        url=proposal.url,
        extract=proposal.extract,
        time_zone=proposal.time_zone or source.time_zone,
        language=proposal.language or source.language,
    )
