"""What a source wishes about being asked again, and how far `adaptive` polling obeys (SEMANTICS 15).

Hints say "not before": ttl, sy:update*, Cache-Control and Expires each lengthen the wait, clamped to 5 min to 24 h;
skipHours and skipDays move the instant out of the hours that are to be skipped, a day at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from feedhub.basics.backoff import LONGEST, clamp
from feedhub.basics.dates import parse_http_date
from feedhub.model.item import ParsedFeed
from feedhub.model.source import PollHints

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,18})\"?\s*(?=,|$)", re.I)
_ALWAYS_STALE = re.compile(r"(?:^|,)\s*(?:no-cache|no-store)\s*(?=,|$)", re.I)
_MOST_SECONDS = 366 * 86400


def feed_hints(feeds: Sequence[ParsedFeed], kind: str) -> PollHints | None:
    """The hints of a source's document, None when it has none; where it goes on in others, those of the first.

    A folder of several documents (kinds files and mail) has none.
    """
    if not feeds or (kind in ("files", "mail") and len(feeds) != 1):
        return None
    feed = feeds[0]
    hints = PollHints(
        ttl_minutes=feed.ttl_minutes,
        update_minutes=feed.update_minutes,
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
    )
    return hints if hints != PollHints() else None


def obey(due: datetime, hints: PollHints | None, headers: Mapping[str, str], *, now: datetime) -> datetime:
    """The instant `due` put off as the document's hints and the answer's headers wish."""
    spans = [freshness(headers, now)]
    if hints is not None:
        spans += [None if n is None else timedelta(minutes=n) for n in (hints.ttl_minutes, hints.update_minutes)]
    later = max([due, *(now + clamp(span) for span in spans if span is not None)])
    return later if hints is None else _out_of_skips(later, hints, at_latest=max(later, now + LONGEST))


def freshness(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the answer stays fresh (RFC 9111 §4.2.1): max-age less Age, else Expires less Date; None if unsaid."""
    control = headers.get("cache-control", "")
    if _ALWAYS_STALE.search(control):
        return None
    if found := _MAX_AGE.search(control):
        age = headers.get("age", "").strip()
        spent = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0
        return timedelta(seconds=max(min(int(found[1]), _MOST_SECONDS) - spent, 0))
    if "expires" not in headers:
        return None
    expires, sent = parse_http_date(headers["expires"]), parse_http_date(headers.get("date", ""))
    # Anything but a date, most often "0", means that it is stale already (RFC 9111 §5.3).
    return max(expires - (sent or now), timedelta(0)) if expires else timedelta(0)


def _out_of_skips(due: datetime, hints: PollHints, *, at_latest: datetime) -> datetime:
    """The first instant from `due` on that is in no skipped hour or day; `at_latest` when all are skipped."""
    instant = due.astimezone(UTC)
    while instant < at_latest and (instant.hour in hints.skip_hours or instant.weekday() in hints.skip_days):
        instant = instant.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(instant, at_latest)
