"""What goes between us and a parser child: a request with its bytes there, a ParsedFeed or an error back.

A frame is two big-endian 32-bit lengths, then JSON of the first length, then raw bytes of the second. JSON is
checked strictly on the way in, so that whatever a document did to the child, only values of ours come back.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields
from datetime import datetime
from typing import BinaryIO, Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from feedhub.errors import HostileDocument, NotAFeed, ParseError, ParserDied
from feedhub.model.extract import Extract
from feedhub.model.item import ParsedFeed
from feedhub.model.mailbox import MailFilter
from feedhub.model.picture import Picture
from feedhub.model.recognised import Recognised

LONGEST_ANSWER = 64 * 1024 * 1024
_LENGTHS = struct.Struct(">II")
Reading = Literal["feed", "html", "json", "xml", "sitemap", "mail", "detail", "full_text", "recognise", "picture"]


@dataclass(frozen=True, slots=True)
class ParseRequest:
    """One document: its bytes, what came with them, and what the source's settings say.

    `url` is what relative addresses are resolved against; `time_zone` an IANA name; `encoding` overrides every
    declaration; `language` is the source's own; `now` an aware time. `kind` says how it is read: as that kind of
    source, as the `detail` page of an item (with its `full_text`), to `recognise` what it is, or as a
    `picture`.
    """

    body: bytes
    content_type: str | None
    url: str
    time_zone: str
    encoding: str | None
    language: str | None
    now: datetime
    kind: Reading = "feed"
    extract: Extract | None = None
    mail: MailFilter | None = None


@with_config(ConfigDict(strict=True, extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    content_type: str | None
    url: str
    time_zone: str
    encoding: str | None
    language: str | None
    now: datetime
    kind: Reading
    extract: Extract | None
    mail: MailFilter | None


@with_config(ConfigDict(strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A feed, what was recognised, a picture, or an error; `retires` when the child ends after this one."""

    feed: ParsedFeed | None = None
    recognised: Recognised | None = None
    picture: Picture | None = None
    error: Literal["not_a_feed", "hostile_document", "parser_died", "parse"] | None = None
    message: str = ""
    retires: bool = False

    def result(self) -> ParsedFeed:
        """The feed, or the error raised."""
        if self.feed is None:
            raise self._error()
        return self.feed

    def recognition(self) -> Recognised:
        """What was recognised, or the error raised."""
        if self.recognised is None:
            raise self._error()
        return self.recognised

    def decoded(self) -> Picture:
        """The picture, or the error raised."""
        if self.picture is None:
            raise self._error()
        return self.picture

    def _error(self) -> ParseError:
        kinds: dict[str, type[ParseError]] = {kind.code: kind for kind in (NotAFeed, HostileDocument, ParserDied)}
        return kinds.get(self.error or "", ParseError)(self.message)


_HEAD = TypeAdapter(_Head)
_ANSWER = TypeAdapter(Answer)


def send_request(stream: BinaryIO, request: ParseRequest) -> None:
    """Write one request."""
    head = _Head(
        content_type=request.content_type,
        url=request.url,
        time_zone=request.time_zone,
        encoding=request.encoding,
        language=request.language,
        now=request.now,
        kind=request.kind,
        extract=request.extract,
        mail=request.mail,
    )
    written = _HEAD.dump_json(head)
    stream.write(_LENGTHS.pack(len(written), len(request.body)))
    stream.write(written)
    stream.write(request.body)
    stream.flush()


def receive_request(stream: BinaryIO) -> ParseRequest | None:
    """The next request, or None when there will be no more."""
    frame = _receive(stream)
    if frame is None:
        return None
    head = _HEAD.validate_json(frame[0], strict=True)
    values = {field.name: getattr(head, field.name) for field in fields(head)}
    return ParseRequest(body=frame[1], **values)


def send_answer(stream: BinaryIO, answer: Answer) -> None:
    """Write one answer; one beyond LONGEST_ANSWER is sent as a HostileDocument."""
    written = _ANSWER.dump_json(answer)
    if len(written) > LONGEST_ANSWER:
        said = f"The document's items come to {len(written)} bytes, more than {LONGEST_ANSWER}."
        written = _ANSWER.dump_json(Answer(error="hostile_document", message=said, retires=True))
    stream.write(_LENGTHS.pack(len(written), 0))
    stream.write(written)
    stream.flush()


def receive_answer(stream: BinaryIO) -> Answer | None:
    """The answer, or None when the child ended without one; ValueError when it is no answer of ours."""
    frame = _receive(stream)
    return None if frame is None else _ANSWER.validate_json(frame[0], strict=True)


def _receive(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    first, second = _LENGTHS.unpack(lengths)
    if first > LONGEST_ANSWER:
        raise ValueError(f"a frame of {first} bytes is none of ours")
    text, raw = stream.read(first), stream.read(second)
    return (text, raw) if len(text) == first and len(raw) == second else None
