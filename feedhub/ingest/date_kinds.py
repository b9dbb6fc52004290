"""How exactly a document's dates are written: with a zone, without one, as a day, or counted from now.

What kind a date is decides what is read into it: a time without a zone is in the source's (SEMANTICS 13), a day is its
midnight. So a feed that goes from one kind to another may mean other times by what looks like the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

# So many dates tell what the others are.
_ASKED = 12
_CLOCK = re.compile(r"\d\s?[:：时時点]\s?\d|\d[Tt]\d\d|\d{14}")
_ZONE = re.compile(
    r"[:：]\d\d(?:[.,]\d+)?\s*(?:[AP]\.?M\.?)?\s*"
    r"(?:(?:GMT|UTC|UT)?\s*[+-]\d{1,2}(?::?\d\d)?|Z|(?!(?:AM|PM)\b)[A-Z]{2,5})\s*(?:\([^()]*\))?$",
    re.I,
)
_EPOCH = re.compile(r"[1-9]\d{8,12}(?:\.\d+)?")
_AGO = re.compile(r"刚刚|前|昨天|今天|\bago\b|\b(?:yester|to)day\b", re.I)


def date_kinds(written: Iterable[object]) -> tuple[str, ...]:
    """The kinds of the first dates that say something, most frequent first: `zone`, `no zone`, `day`, `relative`."""
    kinds = (kind for one in written if isinstance(one, str) and (kind := _kind(one.strip())))
    return tuple(kind for kind, _ in Counter(islice(kinds, _ASKED)).most_common())


def _kind(text: str) -> str:
    if _AGO.search(text):
        return "relative"
    if _EPOCH.fullmatch(text):
        return "zone"
    if not _CLOCK.search(text):
        return "day" if any(map(str.isdigit, text)) else ""
    return "zone" if _ZONE.search(text) else "no zone"
