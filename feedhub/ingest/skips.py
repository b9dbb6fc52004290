"""skipHours and skipDays of a document: when it asks not to be asked (RSS 2.0 §skipHours, in GMT).

Read from the text, since feedparser keeps the last `<hour>` only.
"""

from __future__ import annotations

import re

_HEAD_ENDS = re.compile(r"<(?:item|entry)[\s>]", re.I)
_LONGEST = 4000
_HOURS = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.I)
_DAYS = re.compile(r"<day>\s*([A-Za-z]{6,9})\s*</day>", re.I)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def skipped_hours(text: str) -> tuple[int, ...]:
    """The hours 0 to 23 (24 is midnight, as RSS 0.91 counted), in order."""
    return tuple(sorted({int(hour) % 24 for hour in _HOURS.findall(_within(text, "skipHours")) if int(hour) <= 24}))


def skipped_days(text: str) -> tuple[int, ...]:
    """The days of the week from Monday 0, in order."""
    named = (day.lower() for day in _DAYS.findall(_within(text, "skipDays")))
    return tuple(sorted({_NAMES.index(day) for day in named if day in _NAMES}))


def _within(text: str, name: str) -> str:
    """What stands in the element of that name in the document's head, wherever in the channel it is."""
    opened = text.find(f"<{name}>")
    if opened < 0:
        return ""
    item = _HEAD_ENDS.search(text)
    if item and item.start() < opened and text.rfind("</item>", 0, opened) < text.rfind("<item", 0, opened):
        return ""
    closed = text.find(f"</{name}>", opened, opened + _LONGEST)
    return text[opened:closed] if closed > 0 else ""
