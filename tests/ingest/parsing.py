"""How the tests of reading documents ask: one body in, a feed out, with a source in Hengyang's zone."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from feedhub.ingest.parse import parse_document
from feedhub.ingest.wire import ParseRequest
from feedhub.model.item import Item, ParsedFeed

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
URL = "http://feeds.example/feed.xml"


def a_request(body: bytes, **values: Any) -> ParseRequest:
    """A request for a body; the source says nothing but its zone."""
    plain: dict[str, Any] = {"content_type": None, "url": URL, "time_zone": "Asia/Shanghai", "now": NOW}
    return ParseRequest(body, **({"encoding": None, "language": None} | plain | values))


def parsed(body: bytes | str, **values: Any) -> ParsedFeed:
    """The feed in a body."""
    return parse_document(a_request(body.encode() if isinstance(body, str) else body, **values))


def rss(inside: str) -> str:
    """An RSS 2.0 document around some items."""
    head = "<title>T</title><link>http://site.example/</link><description>d</description>"
    return f'<rss version="2.0"><channel>{head}{inside}</channel></rss>'


def as_expected(value: Any) -> Any:
    """A feed or item as the JSON of the fixtures: without what is empty and the way it was read, times with offsets."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [as_expected(one) for one in value]
    if isinstance(value, ParsedFeed | Item) or hasattr(value, "__dataclass_fields__"):
        plain = {
            field.name: as_expected(getattr(value, field.name))
            for field in fields(value)
            if field.name not in ("read_by", "blank")
        }
        return {name: one for name, one in plain.items() if one not in (None, "", [], "second")}
    return value
