"""What a poll leaves behind, in ONE write under its claim's fence: entries, state, validators, next due and ledger.

    news · nothing new · failure ─→ the next state (`next_state.py`) ─→ fence held ─→ all of it, or none

A poll whose claim was lost meanwhile raises Conflict and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from feedhub.errors import FeedHubError
from feedhub.ingest.decide import BLANK, Rules
from feedhub.ingest.fetched import Fetched
from feedhub.ingest.further import Gathered
from feedhub.ingest.hints import feed_hints
from feedhub.ingest.identity import document_warnings, identity_notes
from feedhub.ingest.means import LEASE, Ingest
from feedhub.ingest.mend import MOST_ITEMS
from feedhub.ingest.newsletters import is_history, remember
from feedhub.ingest.next_state import NextState, after_failure, after_success, after_unchanged, validators
from feedhub.ingest.pictures import Haul, correct_late, gather_pictures, store_pictures
from feedhub.ingest.push_or_poll import follow_hub, weigh_pushes
from feedhub.ingest.reading import ways_read
from feedhub.ingest.record import record_items
from feedhub.ingest.second_looks import Looked, begin_looks, record_looks
from feedhub.ingest.sight import Findings
from feedhub.ingest.withdrawals import take_back
from feedhub.model.item import ParsedFeed
from feedhub.model.poll import LedgerLine, Poll
from feedhub.model.source import Source, SourceState
from feedhub.ports.web import WebResponse
from feedhub.store.polls import record_poll
from feedhub.store.raw_documents import add_raw, keep_raw
from feedhub.store.sources import hold_fence, settle_poll


def settle_items(
    ingest: Ingest,
    source: Source,
    state: SourceState,
    fetched: Fetched,
    gathered: Gathered,
    found: Findings,
    looked: Looked,
    haul: Haul,
    notes: list[str],
    started: datetime,
) -> Poll:
    """Write what was read: the items with their decisions, pictures, raw bytes, and the state after it."""
    now = ingest.clock.now()
    site_link = source.home or next((feed.link for feed in gathered.feeds if feed.link), None) or state.site_link

    def write(tx: Connection) -> Poll:
        hold_fence(tx, source.key, state.fence)
        store_pictures(tx, source, haul, now)
        lines = record_items(
            tx,
            source,
            gathered.items,
            rules=Rules(ingest.sections, ingest.reprints),
            identity=ingest.identity,
            site_link=site_link,
            first_poll=state.last_success is None or is_history(fetched),
            now=now,
            holds=found.holds,
            raws=gathered.raws,
            facts=gathered.facts,
        )
        begin_looks(tx, source.key, gathered, lines, now)
        lines += record_looks(tx, ingest, source, looked, site_link, first_position=len(lines), now=now)
        correct_late(tx, source, haul, ingest.identity, site_link, now)
        raws = [feed.raw for feed in (*gathered.feeds, *gathered.pages) if feed.raw]
        keep_raw(tx, source.key, [*raws, *looked.raws], now)
        lines += blank_lines(gathered.feeds, first_position=len(lines))
        lines += take_back(tx, source, gathered.feeds, first_position=len(lines), now=now)
        after = after_success(
            source,
            state,
            fetched.response,
            feed_hints(gathered.feeds, source.kind),
            now=now,
            fraction=ingest.dice.fraction(),
            brought_news=any(line.outcome not in ("unchanged", "dropped") for line in lines),
            items=gathered.items,
        )
        after = weigh_pushes(tx, source, after, lines, now=now)
        after = follow_hub(tx, source, after, gathered.feeds, fetched.response, ingest.base_url, ingest.dice, now)
        headers = fetched.response.headers if fetched.response else {}
        # What is left over is to be looked for again, although the document may be the same.
        digest = None if gathered.left or gathered.led_on else fetched.body_digest
        values = (
            after.values
            | validators(headers)
            | {"body_digest": digest, "site_link": site_link, "learned": remember(found.learned, fetched)}
        )
        poll = Poll(
            source=source.key,
            started_at=started,
            finished_at=now,
            outcome="ok",
            status=fetched.response.status if fetched.response else None,
            url=fetched.response.url if fetched.response else None,
            next_due=after.due,
            lines=lines,
            notes=(
                *notes,
                *gathered.notes,
                *found.notes,
                *looked.notes,
                *haul.notes,
                *document_warnings(gathered.items),
                *identity_notes(lines),
                *after.notes,
            ),
            read_by=ways_read(source, gathered.feeds),
            beyond=beyond_bound(gathered.feeds),
        )
        settle_poll(tx, source.key, values)
        return replace(poll, id=record_poll(tx, poll))

    return ingest.store.write_together(write)


def blank_lines(feeds: Sequence[ParsedFeed], *, first_position: int) -> tuple[LedgerLine, ...]:
    """A ledger line for each thing that a selector found and that had neither title nor address."""
    number = sum(feed.blank for feed in feeds)
    said = (BLANK.outcome, BLANK.reason, BLANK.rule, BLANK.note)
    return tuple(LedgerLine(first_position + place, "", None, *said) for place in range(number))


def beyond_bound(feeds: Sequence[ParsedFeed]) -> int:
    """How many items were not read, since a document has at most MOST_ITEMS of them."""
    return sum(max(feed.total - MOST_ITEMS, 0) for feed in feeds)


def settle_unchanged(
    ingest: Ingest, source: Source, state: SourceState, fetched: Fetched, looked: Looked, started: datetime
) -> Poll:
    """Write a poll that brought the same as before; what was still to come of pictures and pages may come now."""
    haul = gather_pictures(ingest, source, looked.items, started, LEASE * 2 / 3)
    now = ingest.clock.now()
    after = after_unchanged(source, state, fetched, now=now, fraction=ingest.dice.fraction())
    if ingest.base_url:
        with ingest.store.read() as tx:
            after = weigh_pushes(tx, source, after, (), now=now)
    poll = unchanged_poll(source, fetched, after, started, now)
    poll = replace(poll, notes=(*poll.notes, *looked.notes, *haul.notes))
    return _write_quiet(ingest, source, state, after.values, poll, haul, looked)


def unchanged_poll(source: Source, fetched: Fetched, after: NextState, started: datetime, now: datetime) -> Poll:
    """The ledger's row of a poll that brought the same as before."""
    response = fetched.response
    return Poll(
        source=source.key,
        started_at=started,
        finished_at=now,
        outcome="not_modified" if fetched.fresh == "not_modified" else "same_bytes",
        status=response.status if response else None,
        url=response.url if response else None,
        next_due=after.due,
        notes=(*fetched.notes, *after.notes),
    )


def settle_failure(
    ingest: Ingest,
    source: Source,
    state: SourceState,
    error: FeedHubError,
    response: WebResponse | None,
    started: datetime,
) -> Poll:
    """Write a poll that failed: the reason in plain words and the next try; all else stays as it was."""
    now = ingest.clock.now()
    after = after_failure(source, state, error, now=now, fraction=ingest.dice.fraction())
    poll = Poll(
        source=source.key,
        started_at=started,
        finished_at=now,
        outcome="failed",
        status=response.status if response else _status(error.code),
        url=getattr(error, "url", None) or (response.url if response else source.url),
        code=error.code,
        message=after.message,
        next_due=after.due,
        notes=after.notes,
    )
    return _write_quiet(ingest, source, state, after.values | {"learned": state.learned}, poll, Haul(), Looked())


def _write_quiet(
    ingest: Ingest, source: Source, state: SourceState, values: dict[str, Any], poll: Poll, haul: Haul, looked: Looked
) -> Poll:
    """Write a poll that brought nothing, but pictures that were still to come and what its items' pages say now."""

    def write(tx: Connection) -> Poll:
        hold_fence(tx, poll.source, state.fence)
        store_pictures(tx, source, haul, poll.finished_at)
        site_link = source.home or state.site_link
        lines = record_looks(tx, ingest, source, looked, site_link, first_position=0, now=poll.finished_at)
        correct_late(tx, source, haul, ingest.identity, site_link, poll.finished_at)
        add_raw(tx, source.key, looked.raws, poll.finished_at)
        settle_poll(tx, poll.source, values)
        done = replace(poll, lines=lines)
        return replace(done, id=record_poll(tx, done))

    return ingest.store.write_together(write)


def _status(code: str) -> int | None:
    return int(code.removeprefix("http_")) if code.startswith("http_") else None
