"""What HTTP says of a representation: validators, conditions, codings (RFC 9110 §8.8, §12.5.3, §13; SEMANTICS 19).

One place for feeds, pages and files, without I/O. The ETag is strong: the digest of the identity bytes, with
`-gz` for gzip; If-None-Match with the suffix of any coding means the same bytes unpacked.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import datetime

from feedhub.basics.dates import http_date, parse_http_date, rfc3339
from feedhub.model.feed import CURRENT, FeedDocument

Headers = tuple[tuple[str, str], ...]

_FIELD = re.compile(r"[^\x20-\x7e]")
_TAG = re.compile(r'\s*(?:(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"|([^",]+))?\s*(?:,|$)')
_CODING_SUFFIX = re.compile(r"-(?:gz|br|zst)$")
_QUALITY = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$", re.I)
_LONGEST_CONDITION = 8192


@dataclass(frozen=True, slots=True)
class Request:
    """The part of a request that decides how a representation is answered; absent header fields are None."""

    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header fields, bytes. HEAD is the same answer without its bytes."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Representation:
    """Bytes ready to be sent, with the header fields of each of the four answers they can give."""

    tag: str
    modified: datetime | None
    identity: Answer
    gzip: Answer | None
    identity_unchanged: Answer
    gzip_unchanged: Answer | None

    @property
    def size(self) -> int:
        """Bytes held in memory, give or take the header fields."""
        return len(self.identity.body) + (len(self.gzip.body) if self.gzip else 0) + 2048


def represent(
    body: bytes,
    gzip: bytes | None,
    *,
    tag: str,
    content_type: str,
    modified: datetime | None = None,
    cache_control: str = CURRENT,
    extra: Headers = (),
) -> Representation:
    """Prepare bytes and their gzip form (None: identity only). `extra` goes on the 304 as well."""
    lasting: Headers = (
        ("cache-control", cache_control),
        ("vary", "Accept-Encoding"),
        *((("last-modified", http_date(modified)),) if modified is not None else ()),
        *extra,
    )
    described = (("content-type", _field(content_type)), ("accept-ranges", "none"))

    def answers(data: bytes, suffix: str, coding: Headers) -> tuple[Answer, Answer]:
        etag = (("etag", f'"{_field(tag)}{suffix}"'),)
        length = (("content-length", str(len(data))),)
        return (
            Answer(200, _clean((*described, *coding, *length, *etag, *lasting)), data),
            Answer(304, _clean((*etag, *lasting)), b""),
        )

    identity, identity_unchanged = answers(body, "", ())
    packed, packed_unchanged = answers(gzip, "-gz", (("content-encoding", "gzip"),)) if gzip else (None, None)
    return Representation(tag, modified, identity, packed, identity_unchanged, packed_unchanged)


def represent_document(document: FeedDocument, extra: Headers = ()) -> Representation:
    """A feed document as it is served: its Link field, and open to scripts of any origin.

    The answer to a question has no Last-Modified: no render job keeps its versions a second apart.
    """
    return represent(
        document.body,
        document.gzip or None,
        tag=_bare(document.etag),
        content_type=document.content_type,
        modified=None if document.kind == "search" else document.last_modified,
        cache_control=document.cache_control,
        extra=(
            ("link", document.link),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "ETag, Last-Modified, Link, FeedHub-Stale"),
            *extra,
        ),
    )


def answer(representation: Representation, request: Request, stale_since: datetime | None = None) -> Answer:
    """The answer to GET or HEAD; `stale_since` is when the database last answered, if it does not now."""
    packed = representation.gzip is not None and accepts_gzip(request.accept_encoding)
    if _unchanged(representation, request):
        chosen = representation.gzip_unchanged if packed else representation.identity_unchanged
    else:
        chosen = representation.gzip if packed else representation.identity
    assert chosen is not None
    if stale_since is None:
        return chosen
    return Answer(chosen.status, (*chosen.headers, ("feedhub-stale", rfc3339(stale_since))), chosen.body)


def _unchanged(representation: Representation, request: Request) -> bool:
    if request.if_none_match is not None:
        return matches(request.if_none_match, representation.tag)
    if request.if_modified_since is not None and representation.modified is not None:
        since = parse_http_date(request.if_modified_since)
        return since is not None and representation.modified.replace(microsecond=0) <= since
    return False


def matches(condition: str, tag: str) -> bool:
    """Whether an If-None-Match field names this tag, by weak comparison, in whatever coding (RFC 9110 §13.1.2)."""
    if len(condition) > _LONGEST_CONDITION:
        return False
    if condition.strip() == "*":
        return True
    place = 0
    while place < len(condition):
        found = _TAG.match(condition, place)
        if not found or found.end() == place:
            return False
        if found[1] is not None and found[1] in (tag, f"{tag}-gz", f"{tag}-br", f"{tag}-zst"):
            return True
        place = found.end()
    return False


def accepts_gzip(field: str | None) -> bool:
    """Whether gzip is welcome and not less so than plain bytes (RFC 9110 §12.5.3)."""
    if not field or len(field) > _LONGEST_CONDITION:
        return False
    if field == "gzip":
        return True
    weights: dict[str, float] = {}
    for part in field.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            quality = _QUALITY.match(parameter)
            weight = float(quality[1]) if quality else 0.0
        if name:
            weights[name] = weight
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def packed(body: bytes) -> bytes | None:
    """The gzip form, the same bytes for the same input; None where it would not be shorter."""
    state = zlib.compressobj(6, zlib.DEFLATED, 31)
    data = state.compress(body) + state.flush()
    return data if len(data) < len(body) else None


def _bare(etag: str) -> str:
    return _CODING_SUFFIX.sub("", etag.removeprefix("W/").strip('"'))


def _field(value: str) -> str:
    # Nothing stored can begin a header line of its own (PROMISES B6 80).
    return _FIELD.sub("", value)


def _clean(headers: Headers) -> Headers:
    return tuple((name, _field(value)) for name, value in headers if value)
