"""One poll of one source, whole:

    claim ─→ fetch ─→ (304? same bytes?) ─→ parse in the child ─→ go further ─→ guards ─→ decide per item ─→ ONE write
      │         └── FetchError ─┐                └── ParseError ─┐
      │                         └────────── failed: back off, keep validators and entries ──┘
      └── jobs claims due sources; `feedhub source fetch` claims one

A poll never raises for what a source does: the failure is its outcome, in plain words, with the next try.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from feedhub.basics.digests import sha256_hex
from feedhub.errors import FeedHubError, FetchError, ParseError
from feedhub.ingest.decide import Rules
from feedhub.ingest.drop_folder import folder_digest, read_folder
from feedhub.ingest.fetched import Fetched
from feedhub.ingest.further import ACCEPT, Gathered, Way, a_way, go_further, reading_of
from feedhub.ingest.guards import look
from feedhub.ingest.hints import feed_hints
from feedhub.ingest.identity import document_warnings, identity_notes
from feedhub.ingest.mending import Reader, face_failure
from feedhub.ingest.moves import address_of
from feedhub.ingest.next_state import after_failure, after_success, validators
from feedhub.ingest.pictures import Haul, correct_late, gather_pictures, store_pictures
from feedhub.ingest.promote import Identity
from feedhub.ingest.push_or_poll import follow_hub, weigh_pushes
from feedhub.ingest.reading import read_as
from feedhub.ingest.record import record_items
from feedhub.ingest.robots import obey_robots
from feedhub.ingest.schedule import retry_after, seconds_of
from feedhub.ingest.sight import Findings, Sight
from feedhub.ingest.withdrawals import take_back
from feedhub.model.item import ParsedFeed
from feedhub.model.learned import Learned
from feedhub.model.poll import Poll
from feedhub.model.section import Section
from feedhub.model.source import Source, SourceState
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.web import Web, WebRequest, WebResponse
from feedhub.store.engine import Store
from feedhub.store.polls import record_poll
from feedhub.store.raw_documents import keep_raw
from feedhub.store.sources import claim_one, hold_fence, settle_poll

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Ingest:
    """What polls need, joined by wiring."""

    store: Store
    web: Web
    parser: Reader
    clock: Clock
    dice: Dice
    sections: Mapping[str, Section]
    reprints: Literal["any", "listed_only"]
    identity: Identity
    feeds_directory: Path
    robot: str = "FeedHub"
    base_url: str = ""


def claim_and_poll(ingest: Ingest, key: str, owner: str) -> Poll | None:
    """Poll one source now, due or not; None while another holds its lease."""
    with ingest.store.write() as tx:
        claimed = claim_one(tx, key, owner=owner, now=ingest.clock.now(), lease=LEASE)
    return poll_source(ingest, *claimed) if claimed else None


def poll_source(ingest: Ingest, source: Source, state: SourceState) -> Poll:
    """Poll a claimed source and record the outcome; Conflict when the claim was lost meanwhile."""
    started = ingest.clock.now()
    response: WebResponse | None = None
    try:
        fetched = fetch(ingest, source, state)
        response = fetched.response
        if fetched.fresh != "new":
            return _settle_unchanged(ingest, source, state, fetched, started)
        feeds, notes = parse_fetched(ingest, source, fetched, started)
        gathered = go_further(source, feeds, way(ingest, source, state, started))
        found = guarded(ingest, source, state, response, gathered)
        haul = gather_pictures(ingest, source, gathered.items, started, LEASE * 2 / 3)
        return _settle(ingest, source, state, fetched, gathered, found, haul, notes, started)
    except FetchError as error:
        return _settle_failure(ingest, source, state, error, response, started)
    except ParseError as error:
        faced, learned = face_failure(error, source, state.learned, fetched.documents, ingest.parser, started)
        return _settle_failure(ingest, source, replace(state, learned=learned), faced, response, started)


def fetch(ingest: Ingest, source: Source, state: SourceState | None) -> Fetched:
    """Fetch a source; with a state, conditionally. FetchError also for an error status."""
    if source.kind == "files":
        files, notes = read_folder(ingest.feeds_directory / str(source.path))
        digest = folder_digest(files)
        if state is not None and digest == state.body_digest:
            return Fetched(fresh="same_bytes", body_digest=digest, notes=notes)
        documents = tuple((file.body, file.content_type, source.home or f"file:{file.name}") for file in files)
        return Fetched(documents=documents, body_digest=digest, notes=notes)
    response = ingest.web.send(_request(ingest, source, state))
    if response.status == 304 and state is not None:
        return Fetched(fresh="not_modified", response=response, body_digest=state.body_digest)
    if response.status != 200:
        raise FetchError(
            f"{response.url} answered {response.status}.",
            url=response.url,
            code=f"http_{response.status}",
            retry_after=seconds_of(retry_after(response.headers.get("retry-after"), ingest.clock.now())),
        )
    digest = sha256_hex(response.body)
    if state is not None and digest == state.body_digest:
        return Fetched(fresh="same_bytes", response=response, body_digest=digest)
    document = (response.body, response.headers.get("content-type"), response.url)
    return Fetched(documents=(document,), response=response, body_digest=digest)


def _request(ingest: Ingest, source: Source, state: SourceState | None) -> WebRequest:
    """The request of a poll; RobotsDisallowed where robots.txt does not let it be made."""
    url = str(address_of(source, state))
    obey_robots(source, url, robot=ingest.robot, store=ingest.store, web=ingest.web, clock=ingest.clock)
    headers = {"Accept": ACCEPT}
    if state is not None and state.body_digest:
        if state.etag:
            headers["If-None-Match"] = state.etag
        if state.last_modified:
            headers["If-Modified-Since"] = state.last_modified
    credentials = (source.username, source.password or "") if source.username else None
    return WebRequest(
        url,
        headers=headers,
        reach="source",
        allow_hosts=frozenset(source.allow_hosts),
        allow_tls_downgrade=source.allow_tls_downgrade,
        credentials=credentials,
    )


def parse_fetched(
    ingest: Ingest, source: Source, fetched: Fetched, now: datetime
) -> tuple[list[ParsedFeed], list[str]]:
    """Parse every document of a fetch. What cannot be read is noted and the others go on; raises when none can."""
    feeds: list[ParsedFeed] = []
    notes = list(fetched.notes)
    unread: ParseError | None = None
    for body, content_type, url in fetched.documents:
        try:
            feed = read_as(
                source,
                ingest.parser.parse,
                body=body,
                content_type=content_type,
                url=url,
                now=now,
                kind=reading_of(source),
                extract=source.extract,
            )
        except ParseError as error:
            unread = unread or error
            notes.append(f"{url}: {error}")
            continue
        feeds.append(feed)
        notes += feed.warnings
    if unread is not None and not feeds:
        raise unread
    return feeds, notes


def way(ingest: Ingest, source: Source, state: SourceState | None, started: datetime) -> Way:
    """How documents beyond the first are loaded: by the same client and rules, while half the lease lasts."""

    return a_way(
        source,
        started,
        store=ingest.store,
        web=ingest.web,
        parse=ingest.parser.parse,
        request=lambda url: _request(ingest, replace(source, url=url), None),
        in_time=lambda: ingest.clock.now() - started < LEASE / 2,
        caught_up=state is not None and state.body_digest is not None,
    )


def guarded(
    ingest: Ingest, source: Source, state: SourceState | None, response: WebResponse | None, gathered: Gathered
) -> Findings:
    """What the guards say of all that was gathered; ParseError when nothing of it may be taken."""
    learned = (state.learned if state else None) or Learned()
    now = ingest.clock.now()
    last_read = state.last_success if state else None
    return look(
        Sight(source=source, gathered=gathered, response=response, learned=learned, now=now, last_read=last_read)
    )


def _settle(
    ingest: Ingest,
    source: Source,
    state: SourceState,
    fetched: Fetched,
    gathered: Gathered,
    found: Findings,
    haul: Haul,
    notes: list[str],
    started: datetime,
) -> Poll:
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
            first_poll=state.last_success is None,
            now=now,
            holds=found.holds,
            raws=gathered.raws,
        )
        correct_late(tx, source, haul, ingest.identity, site_link, now)
        keep_raw(tx, source.key, [feed.raw for feed in (*gathered.feeds, *gathered.pages) if feed.raw], now)
        lines += take_back(tx, source, gathered.feeds, first_position=len(lines), now=now)
        after = after_success(
            source,
            state,
            fetched.response,
            feed_hints(gathered.feeds, source.kind),
            now=now,
            fraction=ingest.dice.fraction(),
            brought_news=any(line.outcome not in ("unchanged", "dropped") for line in lines),
        )
        after = weigh_pushes(tx, source, after, lines, now=now)
        after = follow_hub(tx, source, after, gathered.feeds, fetched.response, ingest.base_url, ingest.dice, now)
        headers = fetched.response.headers if fetched.response else {}
        # What is left over is to be looked for again, although the document may be the same.
        digest = None if gathered.left or gathered.led_on else fetched.body_digest
        values = (
            after.values
            | validators(headers)
            | {"body_digest": digest, "site_link": site_link, "learned": found.learned}
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
                *haul.notes,
                *document_warnings(gathered.items),
                *identity_notes(lines),
                *after.notes,
            ),
        )
        settle_poll(tx, source.key, values)
        return replace(poll, id=record_poll(tx, poll))

    return ingest.store.write_together(write)


def _settle_unchanged(ingest: Ingest, source: Source, state: SourceState, fetched: Fetched, started: datetime) -> Poll:
    haul = gather_pictures(ingest, source, (), started, LEASE * 2 / 3)
    now = ingest.clock.now()
    response = fetched.response
    fraction = ingest.dice.fraction()
    after = after_success(source, state, response, state.hints, now=now, fraction=fraction, brought_news=False)
    learned = replace(state.learned, drift=None) if state.learned else None
    if ingest.base_url:
        with ingest.store.read() as tx:
            after = weigh_pushes(tx, source, after, (), now=now)
    values = after.values | {"learned": learned}
    if fetched.fresh == "same_bytes" and response is not None:
        values |= validators(response.headers)
    poll = Poll(
        source=source.key,
        started_at=started,
        finished_at=now,
        outcome="not_modified" if fetched.fresh == "not_modified" else "same_bytes",
        status=response.status if response else None,
        url=response.url if response else None,
        next_due=after.due,
        notes=(*fetched.notes, *haul.notes, *after.notes),
    )
    return _write_quiet(ingest, source, state, values, poll, haul)


def _settle_failure(
    ingest: Ingest,
    source: Source,
    state: SourceState,
    error: FeedHubError,
    response: WebResponse | None,
    started: datetime,
) -> Poll:
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
    return _write_quiet(ingest, source, state, after.values | {"learned": state.learned}, poll, Haul())


def _write_quiet(
    ingest: Ingest, source: Source, state: SourceState, values: dict[str, Any], poll: Poll, haul: Haul
) -> Poll:
    """Write a poll that brought nothing, but pictures that were still to come."""

    def write(tx: Connection) -> Poll:
        hold_fence(tx, poll.source, state.fence)
        store_pictures(tx, source, haul, poll.finished_at)
        correct_late(tx, source, haul, ingest.identity, state.site_link, poll.finished_at)
        settle_poll(tx, poll.source, values)
        return replace(poll, id=record_poll(tx, poll))

    return ingest.store.write_together(write)


def _status(code: str) -> int | None:
    return int(code.removeprefix("http_")) if code.startswith("http_") else None
