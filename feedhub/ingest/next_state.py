"""What a poll changes in the state kept of its source: pure decisions, given `now` and the dice.

When it is due next, whether it has moved or is gone, which validators are worth keeping; `settle.py` writes it in
the poll's one write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from feedhub.basics.backoff import retry_after
from feedhub.errors import FeedHubError, RedirectRefused
from feedhub.ingest.fetched import Fetched
from feedhub.ingest.hints import obey
from feedhub.ingest.moves import permanent_target, stops, weigh_move
from feedhub.ingest.schedule import next_due, next_rhythm, next_try
from feedhub.ingest.staleness import stale_values
from feedhub.model.item import Item
from feedhub.model.source import PollHints, Source, SourceState
from feedhub.ports.web import WebResponse

LONGEST_VALIDATOR = 1024


@dataclass(frozen=True, slots=True)
class NextState:
    """The values that change, when it is due (None: it is stopped), notes for the poll, and why it failed."""

    values: dict[str, Any]
    due: datetime | None
    notes: tuple[str, ...] = ()
    message: str = ""


def after_success(
    source: Source,
    state: SourceState,
    response: WebResponse | None,
    hints: PollHints | None,
    *,
    now: datetime,
    fraction: float,
    brought_news: bool,
    items: Sequence[Item] = (),
) -> NextState:
    """After a poll that was read, or that had nothing new; `response` None for a folder."""
    headers = response.headers if response else {}
    known = None if state.rhythm_seconds is None else timedelta(seconds=state.rhythm_seconds)
    rhythm = next_rhythm(source.schedule, known, brought_news=brought_news)
    due = next_due(source.schedule, source.time_zone, now=now, rhythm=rhythm, fraction=fraction)
    if source.schedule.adaptive is not None:
        due = obey(due, hints, headers, now=now)
    if (asked := retry_after(headers.get("retry-after"), now)) is not None:
        due = max(due, now + asked)
    moved, notes = weigh_move(source, state, permanent_target(response.hops), now=now) if response else ({}, ())
    values = {
        "next_due": due,
        "rhythm_seconds": None if rhythm is None else round(rhythm.total_seconds()),
        "hints": hints,
        "failures": 0,
        "missing_since": None,
        "last_error": None,
        "last_error_code": None,
        "last_poll": now,
        "last_success": now,
    }
    stale = stale_values(source, state, items, now=now, brought_news=brought_news)
    return NextState(values | stale | moved, due, notes)


def after_unchanged(
    source: Source, state: SourceState, fetched: Fetched, *, now: datetime, fraction: float
) -> NextState:
    """After a poll that brought the same as before: a page that looked otherwise was not taken, so it is over.

    A feed's drift stays: its document was taken, and all of it held.
    """
    response = fetched.response
    after = after_success(source, state, response, state.hints, now=now, fraction=fraction, brought_news=False)
    learned = replace(state.learned, drift=None) if state.learned and source.kind != "feed" else state.learned
    kept = validators(response.headers) if fetched.fresh == "same_bytes" and response is not None else {}
    return replace(after, values=after.values | {"learned": learned} | kept)


def after_failure(
    source: Source, state: SourceState, error: FeedHubError, *, now: datetime, fraction: float
) -> NextState:
    """After a poll that failed: back off, keep everything else."""
    failures = state.failures + 1
    asked = getattr(error, "retry_after", None)
    span = timedelta(seconds=asked) if asked is not None else None
    due = next_try(failures, now=now, retry_after=span, fraction=fraction)
    reason = stops(error.code, state, now=now)
    message = f"{error} It is stopped: {reason}." if reason else str(error)
    target = error.url if isinstance(error, RedirectRefused) and error.permanent else None
    moved, notes = weigh_move(source, state, target, now=now) if target else ({}, ())
    values = {
        "failures": failures,
        "next_due": due,
        "last_poll": now,
        "last_error": message,
        "last_error_code": error.code,
        "missing_since": (state.missing_since or now) if error.code == "http_404" else None,
    }
    stopped = {"condition": "stopped"} if reason else {}
    return NextState(values | stopped | moved, None if reason else due, notes, message)


def validators(headers: Mapping[str, str]) -> dict[str, str | None]:
    """ETag and Last-Modified as they are sent back (RFC 9110 §8.8); an absurdly long one is not kept."""
    return {"etag": _validator(headers.get("etag")), "last_modified": _validator(headers.get("last-modified"))}


def _validator(value: str | None) -> str | None:
    return value if value and len(value) <= LONGEST_VALIDATOR else None
