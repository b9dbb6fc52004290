"""Spans of time as people write them: 15m, 4h, 30d."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"([1-9]\d{0,7})\s*([smhd])")
SHORTEST = timedelta(seconds=5)
LONGEST = timedelta(days=30)


def parse_span(text: str) -> timedelta:
    """`15m` as a timedelta; ValueError unless it is 5 s to 30 d (SEMANTICS 15)."""
    match = _SPAN.fullmatch(text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is not a span such as 30s, 15m, 4h or 2d")
    span = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if not SHORTEST <= span <= LONGEST:
        raise ValueError(f"{text!r} is outside 5s to 30d")
    return span


def format_span(span: timedelta) -> str:
    """The span in its largest whole unit: 900 s is `15m`."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
