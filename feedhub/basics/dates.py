"""Instants in and out: RFC 3339, RFC 822 and HTTP dates; a naive time gets its zone here or is refused.

Output keeps the offset an instant came with (SEMANTICS 13). The forms of foreign dates are the business
of `ingest/when.py`; here are only the forms our own records and commands use.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal
from zoneinfo import ZoneInfo

Precision = Literal["second", "day"]

_RECORD = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
    r"(?:[T ](?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d+)?)?\s*(?P<zone>Z|z|[+-]\d{2}:?\d{2})?)?"
)


def aware(moment: datetime) -> datetime:
    """The moment itself; ValueError when it has no zone (naive time never enters)."""
    if moment.tzinfo is not UTC and moment.utcoffset() is None:
        raise ValueError(f"a time without a zone cannot be used: {moment.isoformat()}")
    return moment


def fixed_offset(moment: datetime) -> datetime:
    """The same instant with its zone reduced to a plain offset, at whole seconds."""
    offset = aware(moment).utcoffset()
    assert offset is not None
    minutes = round(offset.total_seconds() / 60)
    return moment.astimezone(timezone(timedelta(minutes=minutes))).replace(microsecond=0)


def zone(name: str) -> tzinfo:
    """The time zone of that IANA name; ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}") from error


def parse_record_time(text: str, home: tzinfo) -> tuple[datetime, Precision]:
    """Read `2023-12-06 11:33:20`, its RFC 3339 forms or a bare date; a time without a zone is in `home`.

    A bare date is 00:00:00 there, precision "day". ValueError says what is wrong.
    """
    match = _RECORD.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a date such as 2023-12-06 11:33:20 or 2023-12-06T11:33:20+08:00")
    try:
        moment = datetime(
            int(match["y"]),
            int(match["m"]),
            int(match["d"]),
            int(match["H"] or 0),
            int(match["M"] or 0),
            min(int(match["S"] or 0), 59) if match["S"] == "60" else int(match["S"] or 0),
            tzinfo=_named_offset(match["zone"]) or home,
        )
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date: {error}") from error
    return fixed_offset(moment), "second" if match["H"] else "day"


def _named_offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def rfc3339(moment: datetime) -> str:
    """`2023-12-06T11:33:20+08:00`; UTC as `Z` (RFC 3339 §5.6)."""
    text = aware(moment).isoformat(timespec="seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def rfc822(moment: datetime) -> str:
    """`Wed, 06 Dec 2023 11:33:20 +0800` (RFC 5322 §3.3, as RSS 2.0 wants it)."""
    return format_datetime(aware(moment))


def http_date(moment: datetime) -> str:
    """`Wed, 06 Dec 2023 03:33:20 GMT` (RFC 9110 §5.6.7)."""
    return format_datetime(aware(moment).astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """The instant of an HTTP date, or None when it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
