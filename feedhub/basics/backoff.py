"""Back-off arithmetic: how long to wait after the n-th failure, and what Retry-After asks for."""

from __future__ import annotations

from datetime import datetime, timedelta

from feedhub.basics.dates import parse_http_date

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


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """A Retry-After field as a span (RFC 9110 §10.2.3), clamped to 24 h; None when it says nothing usable."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST)
    moment = parse_http_date(text)
    if moment is None or moment <= now:
        return None
    return min(moment - now, LONGEST)
