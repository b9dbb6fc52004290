"""Cron lines as crontab(5) means them: 0 and 7 are Sunday, day-of-month OR weekday when both are restricted.

Pure syntax here; `ingest/schedule.py` turns the fields into APScheduler triggers, whose own reading of a cron
line counts weekdays from Monday and joins the two day fields with AND.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = {
    name: str(number) for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
_DAYS = {name: str(number) for number, name in enumerate("sun mon tue wed thu fri sat".split())}
_BOUNDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 7),
)
_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_RANGE = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class CronLine:
    """The values each field allows; `days` and `weekdays` are None when the field is `*`. Sunday is 0."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...] | None
    months: tuple[int, ...]
    weekdays: tuple[int, ...] | None


def parse_cron(line: str) -> CronLine:
    """Read a cron line; ValueError names the field that is wrong."""
    fields = _NAMED.get(line.strip().lower(), line).split()
    if len(fields) != 5:
        raise ValueError(f"{line!r} has {len(fields)} fields; a cron line has five: minute hour day month weekday")
    minutes, hours, days, months, weekdays = (
        _values(text, name, least, most) for text, (name, least, most) in zip(fields, _BOUNDS, strict=True)
    )
    sundays_folded = tuple(sorted({value % 7 for value in weekdays}))
    return CronLine(
        minutes,
        hours,
        None if fields[2] == "*" else days,
        months,
        None if fields[4] == "*" else sundays_folded,
    )


def _values(text: str, name: str, least: int, most: int) -> tuple[int, ...]:
    names = _MONTHS if name == "month" else _DAYS if name == "day of week" else {}
    found: set[int] = set()
    for part in text.lower().split(","):
        body, slash, step_text = part.partition("/")
        if slash and not (step_text.isdigit() and int(step_text) > 0):
            raise ValueError(f"{text!r}: the step in the field {name!r} is no whole number above 0")
        step = int(step_text) if slash else 1
        if body == "*":
            first, last = least, most
        else:
            match = _RANGE.fullmatch("-".join(names.get(word, word) for word in body.split("-")))
            if not match:
                raise ValueError(f"{text!r} is no value for the field {name!r}")
            first = int(match[1])
            last = int(match[2]) if match[2] is not None else (most if slash else first)
        if not least <= first <= last <= most:
            raise ValueError(f"{text!r}: the field {name!r} takes {least} to {most}")
        found.update(range(first, last + 1, step))
    return tuple(sorted(found))
