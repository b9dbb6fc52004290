"""How a source fares, in one word and in a sentence: pure, given what it declares, its state and `now`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from feedhub.basics.spans import format_span
from feedhub.errors import Drifted
from feedhub.ingest.staleness import stale_span
from feedhub.model.source import Source, SourceState

HealthName = Literal["new", "healthy", "late", "failing", "drifting", "suspect", "stopped", "paused", "frozen"]

# A poll may take its whole lease, and all hands may be busy for a while.
GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Health:
    """The word, and why; the sentence is empty where the word says it all."""

    name: HealthName
    cause: str = ""


def source_health(source: Source, state: SourceState, now: datetime) -> Health:
    """The health of a source; the gravest that holds."""
    if state.condition == "stopped":
        return Health("stopped", state.last_error or "it was stopped by hand")
    if state.condition == "paused":
        return Health("paused", "it is not polled until `source resume`")
    if state.condition == "frozen":
        return Health("frozen", "an operator froze it; it is not polled until `source resume`")
    if state.failures and state.last_error_code == Drifted.code:
        return Health("drifting", f"{state.last_error} `source mend` shows old against new")
    if state.failures:
        times = "the last poll" if state.failures == 1 else f"the last {state.failures} polls"
        return Health("failing", f"{times} failed: {state.last_error}")
    if state.learned is not None and state.learned.suspicion is not None:
        suspicion = state.learned.suspicion
        said = f"since {suspicion.since:%Y-%m-%d %H:%M}Z all it brings is held: {'; '.join(suspicion.why)}"
        return Health("suspect", f"{said}; `source trust` lifts it")
    if source.kind == "feed" and state.learned is not None and state.learned.drift is not None:
        drift = state.learned.drift
        said = f"since {drift.since:%Y-%m-%d %H:%M}Z all it brings is held: {'; '.join(drift.signs)}"
        return Health("drifting", f"{said}; `source trust` takes it as it is now")
    span = stale_span(source, state)
    if span is not None and state.news_at is not None and now - state.news_at > span:
        said = f"it answers, but has brought nothing new since {state.news_at:%Y-%m-%d %H:%M}Z"
        whose = "stale_after is" if source.stale_after else "by its own rhythm it is stale after"
        return Health("failing", f"{said}; {whose} {format_span(span)}")
    if now - state.next_due > GRACE and (state.lease_until is None or state.lease_until <= now):
        return Health("late", f"it was due at {state.next_due:%Y-%m-%d %H:%M}Z and no worker has polled it")
    return Health("healthy" if state.last_success else "new")
