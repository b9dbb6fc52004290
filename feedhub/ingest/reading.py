"""A source's document read as its settings say, with the bytes it was read from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from feedhub.basics.digests import sha256_hex
from feedhub.ingest.own_zone import in_own_zone
from feedhub.ingest.wire import ParseRequest, Reading
from feedhub.model.extract import Extract
from feedhub.model.item import ParsedFeed
from feedhub.model.raw import LARGEST, RawDocument
from feedhub.model.source import Source

Parse = Callable[[ParseRequest], ParsedFeed]


def read_as(
    source: Source,
    parse: Parse,
    *,
    body: bytes,
    content_type: str | None,
    url: str,
    now: datetime,
    kind: Reading,
    extract: Extract | None,
    asked: str | None = None,
) -> ParsedFeed:
    """The document; ParseError when it cannot be read. `url` answered, when `asked` was asked if that is another."""
    feed = parse(request_of(source, (body, content_type, url), kind, now=now, extract=extract))
    if len(body) > LARGEST:
        return in_own_zone(feed, source)
    raw = RawDocument(
        digest=sha256_hex(body),
        asked=asked or url,
        url=url,
        content_type=content_type,
        reading=kind,
        encoding=source.encoding,
        decision=feed.encoding,
        read_at=now,
        body=body,
    )
    return replace(in_own_zone(feed, source), raw=raw)


def request_of(
    source: Source,
    document: tuple[bytes, str | None, str],
    kind: Reading,
    *,
    now: datetime,
    extract: Extract | None = None,
) -> ParseRequest:
    """A document (its bytes, content type and address) to be read or recognised as the source's settings say."""
    body, content_type, url = document
    return ParseRequest(
        body=body,
        content_type=content_type,
        url=url,
        time_zone=source.time_zone,
        encoding=source.encoding,
        language=source.language,
        now=now,
        kind=kind,
        extract=extract,
        mail=source.mail,
    )


def ways_read(source: Source, feeds: Iterable[ParsedFeed]) -> tuple[str, ...]:
    """Which way each XML feed among a source's documents was read."""
    if source.kind not in ("feed", "files"):
        return ()
    return tuple(feed.read_by for feed in feeds if not feed.version.startswith("json"))
