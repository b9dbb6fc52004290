"""Push proof: which canaries are late, and how long deliveries take. Pure, given `now`.

A canary is a subscriber like any other, over the same rows, claims, signatures and tries; only its callback is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedhub.model.canary import Canary

# A change that has not arrived after so long is late, or lost; with the beats around it, it is told within a minute.
LATE = timedelta(seconds=30)
KEPT = 100
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Spans:
    """Milliseconds that half, 95 and 99 of a hundred deliveries took at most."""

    p50: int
    p95: int
    p99: int


def spans_of(latencies: Sequence[int]) -> Spans | None:
    """The percentiles of what was measured (nearest rank); None before the first."""
    if not latencies:
        return None
    ranked = sorted(latencies)

    def rank(percent: int) -> int:
        return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]

    return Spans(rank(50), rank(95), rank(99))


def late_ones(canaries: Iterable[Canary], now: datetime) -> list[Canary]:
    """Those that wait for a change since too long, the longest first."""
    late = [one for one in canaries if one.waits_since is not None and now - _since(one, one.waits_since) > LATE]
    return sorted(late, key=lambda one: (one.waits_since or now, one.topic))


def said_of(late: Sequence[Canary], now: datetime) -> str:
    """The alarm, in words."""
    first = late[0]
    waits = int((now - (first.waits_since or now)).total_seconds())
    names = ", ".join(one.topic for one in late[:_NAMED])
    more = f" and {len(late) - _NAMED} more" if len(late) > _NAMED else ""
    return f"Pushes are late or lost: what was published {waits} s ago has not arrived at {names}{more}."


def _since(one: Canary, published: datetime) -> datetime:
    return max(published, one.mounted_at)
