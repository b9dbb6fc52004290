"""A push walked on as a poll would be: the same child, guards, decisions and ONE write under the source's lease.

    claim the source ─→ parse ─→ own pages ─→ guards ─→ decide per item ─→ entries, ledger, tally, the push is done

Validators and the next poll's time stay as they are: a push is no answer to a request of ours. One that cannot be
read costs the trust in pushes, and the source is polled at once.
"""

from __future__ import annotations

from dataclasses import replace

from feedhub.errors import ParseError
from feedhub.ingest.decide import Rules
from feedhub.ingest.fetched import Fetched
from feedhub.ingest.further import Gathered, go_further
from feedhub.ingest.identity import document_warnings, identity_notes
from feedhub.ingest.means import LEASE, Ingest
from feedhub.ingest.pictures import Haul, correct_late, gather_pictures, store_pictures
from feedhub.ingest.pipeline import guarded, parse_fetched, way
from feedhub.ingest.push_or_poll import NEWS
from feedhub.ingest.reading import ways_read
from feedhub.ingest.record import record_items
from feedhub.ingest.second_looks import begin_looks
from feedhub.ingest.settle import beyond_bound, blank_lines
from feedhub.ingest.sight import Findings
from feedhub.ingest.staleness import stale_values
from feedhub.ingest.withdrawals import take_back
from feedhub.model.incoming import Push
from feedhub.model.poll import Poll
from feedhub.model.source import Source, SourceState
from feedhub.store.polls import record_poll
from feedhub.store.pushes import count_pushed, distrust, due_pushes, end_push
from feedhub.store.raw_documents import add_raw
from feedhub.store.sources import claim_one, hold_fence, settle_poll

MOST = 20


def walk_pushes(ingest: Ingest, owner: str) -> list[Poll]:
    """Walk on what waits; a source that is being polled just now is left to the next beat."""
    with ingest.store.read() as tx:
        due = due_pushes(tx, most=MOST)
    return [poll for push in due if (poll := _walk(ingest, push, owner)) is not None]


def _walk(ingest: Ingest, push: Push, owner: str) -> Poll | None:
    with ingest.store.write() as tx:
        claimed = claim_one(tx, push.source, owner=owner, now=ingest.clock.now(), lease=LEASE)
    if claimed is None:
        return None
    source, state = claimed
    started = ingest.clock.now()
    fetched = Fetched(documents=((push.body, push.content_type, push.topic),))
    # A push may carry the new items only, so that it shares none with the last says nothing.
    onward = replace(way(ingest, source, state, started), caught_up=False)
    try:
        feeds, notes, _ = parse_fetched(ingest, source, fetched, started)
        gathered = go_further(source, feeds, onward)
        found = guarded(ingest, source, state, None, gathered)
        haul = gather_pictures(ingest, source, gathered.items, started, LEASE * 2 / 3)
        return _settle(ingest, source, state, push, gathered, found, haul, notes)
    except ParseError as error:
        return _settle_unread(ingest, source, state, push, error)


def _settle(
    ingest: Ingest,
    source: Source,
    state: SourceState,
    push: Push,
    gathered: Gathered,
    found: Findings,
    haul: Haul,
    notes: list[str],
) -> Poll | None:
    now = ingest.clock.now()
    with ingest.store.write() as tx:
        hold_fence(tx, source.key, state.fence)
        if not end_push(tx, push.id, now=now):
            settle_poll(tx, source.key, {})
            return None
        store_pictures(tx, source, haul, now)
        lines = record_items(
            tx,
            source,
            gathered.items,
            rules=Rules(ingest.sections, ingest.reprints),
            identity=ingest.identity,
            site_link=state.site_link,
            first_poll=state.last_success is None,
            now=now,
            holds=found.holds,
            raws=gathered.raws,
            facts=gathered.facts,
        )
        begin_looks(tx, source.key, gathered, lines, now)
        # Beside what the last poll brought: the next one lets go of what nothing needs.
        add_raw(tx, source.key, [feed.raw for feed in (*gathered.feeds, *gathered.pages) if feed.raw], now)
        lines += blank_lines(gathered.feeds, first_position=len(lines))
        correct_late(tx, source, haul, ingest.identity, state.site_link, now)
        lines += take_back(tx, source, gathered.feeds, first_position=len(lines), now=now)
        news = sum(line.outcome in NEWS for line in lines)
        count_pushed(tx, source.key, news)
        values = {"learned": found.learned}
        if news and state.news_at is not None:
            values |= stale_values(source, state, (), now=now, brought_news=True)
        poll = Poll(
            source=source.key,
            started_at=push.received_at,
            finished_at=now,
            outcome="ok",
            url=push.topic,
            next_due=state.next_due,
            lines=lines,
            notes=(
                f"pushed by the hub {push.hub}",
                *notes,
                *gathered.notes,
                *found.notes,
                *document_warnings(gathered.items),
                *identity_notes(lines),
            ),
            read_by=ways_read(source, gathered.feeds),
            beyond=beyond_bound(gathered.feeds),
        )
        settle_poll(tx, source.key, values)
        return replace(poll, id=record_poll(tx, poll))


def _settle_unread(ingest: Ingest, source: Source, state: SourceState, push: Push, error: ParseError) -> Poll | None:
    now = ingest.clock.now()
    poll = Poll(
        source=source.key,
        started_at=push.received_at,
        finished_at=now,
        outcome="failed",
        url=push.topic,
        code=error.code,
        message=str(error),
        next_due=now,
        notes=(f"pushed by the hub {push.hub}", "the source is polled instead"),
    )
    with ingest.store.write() as tx:
        hold_fence(tx, source.key, state.fence)
        end_push(tx, push.id, now=now)
        distrust(tx, source.key)
        settle_poll(tx, source.key, {"next_due": now})
        return replace(poll, id=record_poll(tx, poll))
