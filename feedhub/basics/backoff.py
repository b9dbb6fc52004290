"""Back-off arithmetic: how long to wait after the n-th failure."""

from __future__ import annotations

from datetime import timedelta

FIRST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)


def backoff(failures: int, fraction: float) -> timedelta:
    """5 min doubling to 24 h with ± 10 % jitter; `fraction` in [0, 1) is the dice (PROMISES B8 119)."""
    doublings = min(max(failures - 1, 0), 16)
    exact = min(FIRST * (1 << doublings), LONGEST)
    return exact * (0.9 + 0.2 * fraction)


def clamp(span: timedelta, least: timedelta = FIRST, most: timedelta = LONGEST) -> timedelta:
    """The span within bounds."""
    return max(least, min(span, most))
