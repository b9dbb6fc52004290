"""What HTTP says of a representation: validators, conditions, codings (RFC 9110 §8.8, §12.5.3, §13; SEMANTICS 19).

One place for feeds, pages and files, without I/O. The ETag is strong: the digest of the identity bytes, with `-gz`,
`-br` or `-zst` for a coding; If-None-Match with the suffix of any coding means the same bytes unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from feedhub.basics.codings import SUFFIXES, Coding, coded
from feedhub.basics.dates import http_date, parse_http_date, rfc3339
from feedhub.model.feed import CURRENT, FeedDocument
from feedhub.web.negotiate import choose

Headers = tuple[tuple[str, str], ...]

_FIELD = re.compile(r"[^\x20-\x7e]")
_TAG = re.compile(r'\s*(?:(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"|([^",]+))?\s*(?:,|$)')
_CODING_SUFFIX = re.compile(r"-(?:gz|br|zst)$")
_LONGEST_CONDITION = 8192


@dataclass(frozen=True, slots=True)
class Request:
    """The part of a request that decides how a representation is answered; absent header fields are None.

    `manipulations` is A-IM (RFC 3229).
    """

    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None
    manipulations: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header fields, bytes. HEAD is the same answer without its bytes."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Representation:
    """Bytes ready to be sent, plain and in `codings`, with the header fields of each answer they can give.

    `offered` names the codings, smallest first; `full` and `unchanged` are by coding, None for the plain bytes.
    `document` is what it was made of, where parts of it may be sent.
    """

    tag: str
    modified: datetime | None
    offered: tuple[Coding, ...]
    full: Mapping[str | None, Answer]
    unchanged: Mapping[str | None, Answer]
    document: FeedDocument | None = None

    @property
    def size(self) -> int:
        """Bytes held in memory, give or take the header fields."""
        return sum(len(found.body) for found in self.full.values()) + 2048


def represent(
    body: bytes,
    codings: Mapping[Coding, bytes],
    *,
    tag: str,
    content_type: str,
    modified: datetime | None = None,
    cache_control: str = CURRENT,
    extra: Headers = (),
) -> Representation:
    """Prepare bytes and their coded forms. `extra` goes on the 304 as well."""
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

    made: dict[str | None, tuple[Answer, Answer]] = {None: answers(body, "", ())}
    for coding, data in codings.items():
        made[coding] = answers(data, SUFFIXES[coding], (("content-encoding", coding),))
    return Representation(
        tag,
        modified,
        tuple(sorted(codings, key=lambda coding: len(codings[coding]))),
        {coding: full for coding, (full, _) in made.items()},
        {coding: unchanged for coding, (_, unchanged) in made.items()},
    )


def represent_document(document: FeedDocument, extra: Headers = ()) -> Representation:
    """A feed document as it is served: its Link field, and open to scripts of any origin.

    The answer to a question has no Last-Modified: no render job keeps its versions a second apart.
    """
    made = represent(
        document.body,
        document.codings,
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
    return replace(made, document=document) if document.layout else made


def answer(representation: Representation, request: Request, stale_since: datetime | None = None) -> Answer:
    """The answer to GET or HEAD; `stale_since` is when the database last answered, if it does not now."""
    coding = choose(request.accept_encoding, representation.offered)
    chosen = (representation.unchanged if unchanged(representation, request) else representation.full)[coding]
    if stale_since is None:
        return chosen
    return Answer(chosen.status, (*chosen.headers, ("feedhub-stale", rfc3339(stale_since))), chosen.body)


def unchanged(representation: Representation, request: Request) -> bool:
    """Whether the request's conditions say that the client holds these bytes."""
    if request.if_none_match is not None:
        return matches(request.if_none_match, representation.tag)
    if request.if_modified_since is not None and representation.modified is not None:
        since = parse_http_date(request.if_modified_since)
        return since is not None and representation.modified.replace(microsecond=0) <= since
    return False


def matches(condition: str, tag: str) -> bool:
    """Whether an If-None-Match field names this tag, by weak comparison, in whatever coding (RFC 9110 §13.1.2)."""
    return condition.strip() == "*" or tag in entity_tags(condition)


def entity_tags(condition: str) -> list[str]:
    """The tags of a field up to what is none, without quotes, `W/` and the suffix of a coding."""
    found: list[str] = []
    place = 0
    while place < len(condition) <= _LONGEST_CONDITION:
        tag = _TAG.match(condition, place)
        if not tag or tag.end() == place:
            break
        if tag[1] is not None:
            found.append(_CODING_SUFFIX.sub("", tag[1]))
        place = tag.end()
    return found


def packed(body: bytes) -> Mapping[Coding, bytes]:
    """The coded form of what is made at a request: gzip, which everybody takes, where it is shorter."""
    return coded(body, "gzip")


def _bare(etag: str) -> str:
    return _CODING_SUFFIX.sub("", etag.removeprefix("W/").strip('"'))


def _field(value: str) -> str:
    # Nothing stored can begin a header line of its own (PROMISES B6 80).
    return _FIELD.sub("", value)


def _clean(headers: Headers) -> Headers:
    return tuple((name, _field(value)) for name, value in headers if value)
