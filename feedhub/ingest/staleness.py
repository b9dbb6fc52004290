"""After how long without news a source counts as stale although it answers: its `stale_after`, or its own rhythm.

    dates of its latest items ─→ usual gap, longest gap ─→ span (7 d to 180 d; none until ENOUGH dates are known)

Pure. The news of a first poll is as old as its newest item, so that an address that has answered with the same old
items for years is noticed at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from feedhub.basics.backoff import clamp
from feedhub.model.item import Item
from feedhub.model.source import Source, SourceState

SHORTEST, LONGEST = timedelta(days=7), timedelta(days=180)
ENOUGH, LATEST = 5, 20
# So many usual gaps, or twice the longest that there was, are no reason to worry.
_USUAL, _LONGEST = 4, 2


def stale_values(
    source: Source, state: SourceState, items: Sequence[Item], *, now: datetime, brought_news: bool
) -> dict[str, Any]:
    """What a poll that was read changes: when there was news last, the span by its own rhythm, when it is stale."""
    dates = [item.published for item in items if item.published is not None]
    news_at = state.news_at
    if news_at is None:
        news_at = max((date for date in dates if date <= now), default=now)
    elif brought_news:
        news_at = now
    own = own_span(dates, now)
    seconds = state.stale_seconds if own is None or source.kind == "files" else round(own.total_seconds())
    span = source.stale_after or (None if seconds is None else timedelta(seconds=seconds))
    return {"news_at": news_at, "stale_seconds": seconds, "stale_at": None if span is None else news_at + span}


def stale_span(source: Source, state: SourceState) -> timedelta | None:
    """After how long without news it is stale; None for a folder, and while too little is known."""
    own = None if state.stale_seconds is None else timedelta(seconds=state.stale_seconds)
    return source.stale_after or own


def own_span(dates: Iterable[datetime], now: datetime) -> timedelta | None:
    """The span that the dates of a document's items speak for; None when there are fewer than ENOUGH."""
    latest = sorted({date for date in dates if date <= now})[-LATEST:]
    if len(latest) < ENOUGH:
        return None
    usual = (latest[-1] - latest[0]) / (len(latest) - 1)
    longest = max(after - before for before, after in pairwise(latest))
    return clamp(max(_USUAL * usual, _LONGEST * longest), SHORTEST, LONGEST)
