"""What a document says its source took back: `at:deleted-entry` in Atom (RFC 6721), `_feedhub.deleted` in JSON Feed.

The elements are cut out before the rest is read: what stands in them (a person, a comment, a link) is nobody's item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from html import unescape
from typing import Any

from feedhub.ingest import bounds
from feedhub.ingest.when import read_date
from feedhub.model.item import Deleted

MOST_DELETED = 200
MOST_WRITTEN = 2000  # a document with more of them is not looked through
_REASON = 300
_ELEMENT = re.compile(
    r"<(?P<name>(?:[A-Za-z_][\w.-]{0,30}:)?deleted-entry)(?P<attributes>(?:\s[^<>]{0,4000})?)"
    r"(?:/>|>(?P<inside>(?:(?!</?(?P=name)[\s>]).){0,8000})</(?P=name)\s*>)",
    re.S,
)
_ATTRIBUTE = re.compile(r"\s(ref|when)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_COMMENT = re.compile(r"<((?:[\w.-]{1,31}:)?comment)(?:\s[^<>]*)?>(.*?)</\1\s*>", re.S)


def take_out_deleted(text: str, zone: tzinfo, now: datetime) -> tuple[str, tuple[Deleted, ...]]:
    """Mended XML without its deleted entries, and what they say; the newest MOST_DELETED."""
    if "deleted-entry" not in text or text.count("deleted-entry") > MOST_WRITTEN:
        return text, ()
    found = [one for element in _ELEMENT.finditer(text) if (one := _element(element, zone, now))]
    return _ELEMENT.sub("", text), _bounded(found)


def deleted_in_json(document: Mapping[str, Any], zone: tzinfo, now: datetime) -> tuple[Deleted, ...]:
    """The tombstones at the top of a JSON Feed that another FeedHub made."""
    part = document.get("_feedhub")
    listed = part.get("deleted") if isinstance(part, dict) else None
    found = []
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and (guid := bounds.guid_of(one.get("id"))):
            when, reason = one.get("when"), one.get("reason")
            found.append(
                Deleted(guid, _date(when, zone, now), bounds.words(reason, _REASON) if isinstance(reason, str) else "")
            )
    return _bounded(found)


def _element(element: re.Match[str], zone: tzinfo, now: datetime) -> Deleted | None:
    said = {name: unescape(one or other) for name, one, other in _ATTRIBUTE.findall(element["attributes"])}
    guid = bounds.guid_of(said.get("ref"))
    comment = _COMMENT.search(element["inside"] or "")
    reason = bounds.words(unescape(comment[2]), _REASON) if comment else ""
    return Deleted(guid, _date(said.get("when"), zone, now), reason) if guid else None


def _date(written: object, zone: tzinfo, now: datetime) -> datetime | None:
    read = read_date(written, zone, now) if isinstance(written, str) and written.strip() else None
    return read[0] if read else None


def _bounded(found: list[Deleted]) -> tuple[Deleted, ...]:
    newest = sorted(found, key=lambda one: -one.when.timestamp() if one.when else float("inf"))
    return tuple({one.guid: one for one in reversed(newest[:MOST_DELETED])}.values())[::-1]
