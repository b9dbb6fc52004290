"""When a source has moved for good, and what it takes for it to be gone (SEMANTICS 29, PROMISES 117, 118).

A permanent redirect (301, 308) to the same address on three fetches over at least a day moves the address, when it
stays on the same host give or take `www.` and https, or on one that `allow_hosts` names. Anything else is only
proposed. 302, 303 and 307 never move anything. 410 stops a source at once, 404 after a week of nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from feedhub.basics.urls import host_of
from feedhub.model.source import FormerAddress, SeenMove, Source, SourceState
from feedhub.ports.web import Hop

PERMANENT = frozenset({301, 308})
TIMES = 3
OVER = timedelta(days=1)
MISSING_FOR = timedelta(days=7)
MOST_FORMER = 20


def address_of(source: Source, state: SourceState | None) -> str | None:
    """The address a source is polled at: where it moved to, else what was declared."""
    return state.moved_to if state is not None and state.moved_to else source.url


def permanent_target(hops: Sequence[Hop]) -> str | None:
    """Where a fetch was led by permanent redirects, before the first that was not; None when it was not led."""
    target = None
    for hop in hops:
        if hop.status not in PERMANENT:
            break
        target = hop.url
    return target


def weigh_move(
    source: Source, state: SourceState, target: str | None, *, now: datetime
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What a fetch that was led to `target` (None: nowhere) changes in the source's state, and a note for the poll."""
    present = address_of(source, state)
    if target is None or present is None or target == present:
        return ({"move_seen": None} if state.move_seen else {}), ()
    before = state.move_seen if state.move_seen and state.move_seen.to == target else SeenMove(target, 0, now)
    seen = SeenMove(target, before.times + 1, before.first_at)
    if seen.times < TIMES or now - seen.first_at < OVER:
        return {"move_seen": seen}, ()
    if not _may_follow(present, target, source):
        note = f"it says it has moved for good to {target}; a person must choose that, since it is not the same host"
        return {"move_seen": seen, "proposed_url": target}, (() if state.proposed_url == target else (note,))
    former = (*state.former_urls, FormerAddress(present, now))[-MOST_FORMER:]
    values = {"moved_to": target, "host": host_of(target), "former_urls": former, "move_seen": None}
    return values | {"proposed_url": None}, (f"moved for good from {present} to {target}",)


def stops(code: str, state: SourceState, *, now: datetime) -> str | None:
    """Why a failure ends polling until a person resumes it; None for nearly all of them."""
    if code == "http_410":
        return "the host says it is gone for good (410)"
    missing = state.missing_since
    # More than three: a host that was asked thrice in a week was hardly asked.
    if code == "http_404" and missing is not None and now - missing >= MISSING_FOR and state.failures >= TIMES:
        return f"it has been missing (404) since {missing:%Y-%m-%d}"
    return None


def _may_follow(present: str, target: str, source: Source) -> bool:
    here, there = urlsplit(present), urlsplit(target)
    if (here.scheme, there.scheme) == ("https", "http"):
        return False
    host = _bare(target)
    return host == _bare(present) or any(host == name.lower().removeprefix("www.") for name in source.allow_hosts)


def _bare(address: str) -> str:
    return host_of(address).removeprefix("www.")
