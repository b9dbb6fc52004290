"""One poll of one source, whole:

    claim ─→ fetch ─→ (304? same bytes?) ─→ parse in the child ─→ go further ─→ guards ─→ decide per item ─→ ONE write
      │         └── FetchError ─┐                └── ParseError ─┐
      │                         └────────── failed: back off, keep validators and entries ──┘
      └── jobs claims due sources; `feedhub source fetch` claims one

A poll never raises for what a source does: the failure is its outcome, in plain words, with the next try.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from feedhub.basics.backoff import retry_after
from feedhub.basics.digests import sha256_hex
from feedhub.errors import FetchError, ParseError
from feedhub.ingest.drop_folder import fetch_folder
from feedhub.ingest.facts import facts_by_item
from feedhub.ingest.fetched import Fetched
from feedhub.ingest.further import ACCEPT, Gathered, Way, a_way, go_further, reading_of
from feedhub.ingest.guards import look
from feedhub.ingest.means import LEASE, Ingest
from feedhub.ingest.mending import face_failure
from feedhub.ingest.moves import address_of
from feedhub.ingest.newsletters import as_far_as, fetch_letters, password_of
from feedhub.ingest.pictures import gather_pictures
from feedhub.ingest.reading import read_as
from feedhub.ingest.robots import KINDS as ROBOTS_KINDS
from feedhub.ingest.robots import obey_robots
from feedhub.ingest.schedule import seconds_of
from feedhub.ingest.second_looks import Looked, look_again
from feedhub.ingest.settle import settle_failure, settle_items, settle_unchanged
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.item import ParsedFeed
from feedhub.model.learned import Learned
from feedhub.model.poll import Poll
from feedhub.model.source import Source, SourceState
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.sources import claim_one


def claim_and_poll(ingest: Ingest, key: str, owner: str) -> Poll | None:
    """Poll one source now, due or not; None while another holds its lease."""
    with ingest.store.write() as tx:
        claimed = claim_one(tx, key, owner=owner, now=ingest.clock.now(), lease=LEASE)
    return poll_source(ingest, *claimed) if claimed else None


def poll_source(ingest: Ingest, source: Source, state: SourceState) -> Poll:
    """Poll a claimed source and record the outcome; Conflict when the claim was lost meanwhile."""
    return poll_fetched(ingest, source, state, lambda: fetch(ingest, source, state), ingest.clock.now())


def begin_fetch(ingest: Ingest, source: Source, state: SourceState) -> Future[WebResponse] | None:
    """Ask a claimed source without waiting; None where that takes more than one request (robots.txt, mail)."""
    if source.kind in ("files", "mail") or source.kind in ROBOTS_KINDS:
        return None
    return ingest.web.submit(_request(ingest, source, state))


def poll_fetched(
    ingest: Ingest, source: Source, state: SourceState, brought: Callable[[], Fetched], started: datetime
) -> Poll:
    """The rest of a poll, whose fetch began at `started`: `brought` gives what came of it or raises."""
    response: WebResponse | None = None
    try:
        fetched = brought()
        response = fetched.response
        if fetched.fresh != "new":
            return settle_unchanged(
                ingest, source, state, fetched, _second_looks(ingest, source, state, started), started
            )
        feeds, notes, read = parse_fetched(ingest, source, fetched, started)
        fetched = as_far_as(fetched, read)
        gathered = go_further(source, feeds, way(ingest, source, state, started))
        gathered = replace(gathered, facts=facts_by_item(feeds))
        found = guarded(ingest, source, state, response, gathered)
        looked = _second_looks(ingest, source, replace(state, learned=found.learned), started)
        haul = gather_pictures(ingest, source, (*gathered.items, *looked.items), started, LEASE * 2 / 3)
        return settle_items(ingest, source, state, fetched, gathered, found, looked, haul, notes, started)
    except FetchError as error:
        return settle_failure(ingest, source, state, error, response, started)
    except ParseError as error:
        faced, learned = face_failure(error, source, state.learned, fetched.documents, ingest.parser, started)
        return settle_failure(ingest, source, replace(state, learned=learned), faced, response, started)


def fetch(ingest: Ingest, source: Source, state: SourceState | None) -> Fetched:
    """Fetch a source; with a state, conditionally. FetchError also for an error status."""
    if source.kind == "files":
        return fetch_folder(source, state, ingest.feeds_directory)
    if source.kind == "mail":
        return fetch_letters(ingest.web, source, state, _password(ingest, source))
    return weigh_answer(ingest, state, ingest.web.send(_request(ingest, source, state)))


def weigh_answer(ingest: Ingest, state: SourceState | None, response: WebResponse) -> Fetched:
    """Whether an answer is new (not 304, other bytes than last time); FetchError for an error status."""
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
    credentials = (source.username, _password(ingest, source)) if source.username else None
    return WebRequest(
        url,
        headers=headers,
        reach="source",
        allow_hosts=frozenset(source.allow_hosts),
        allow_tls_downgrade=source.allow_tls_downgrade,
        credentials=credentials,
    )


def _password(ingest: Ingest, source: Source) -> str:
    return password_of(source, ingest.feeds_directory, ingest.passwords)


def _second_looks(ingest: Ingest, source: Source, state: SourceState, started: datetime) -> Looked:
    return look_again(ingest, source, state, started, lambda url: _request(ingest, replace(source, url=url), None))


def parse_fetched(
    ingest: Ingest, source: Source, fetched: Fetched, now: datetime
) -> tuple[list[ParsedFeed], list[str], int]:
    """Parse every document of a fetch. What cannot be read is noted and the others go on; raises when none can.

    Letters are read while half the lease lasts; the number says how many documents were looked at.
    """
    feeds: list[ParsedFeed] = []
    notes = list(fetched.notes)
    unread: ParseError | None = None
    for position, (body, content_type, url) in enumerate(fetched.documents):
        if position and source.kind == "mail" and ingest.clock.now() - now > LEASE / 2:
            notes.append(
                f"{len(fetched.documents) - position} letters are left to the next poll, reading took too long"
            )
            return feeds, notes, position
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
    # A letter that nobody can read must not hold up those after it.
    if unread is not None and not feeds and source.kind != "mail":
        raise unread
    return feeds, notes, len(fetched.documents)


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
    sight = Sight(
        source=source,
        gathered=gathered,
        response=response,
        learned=learned,
        now=now,
        last_read=last_read,
        base_url=ingest.base_url,
    )
    return look(sight)
