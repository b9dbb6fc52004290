"""226 IM Used: what changed in a document since an edition that the reader holds (RFC 3229, `A-IM: feed`).

Cut from the document in memory; the last ones are kept, within a bound of bytes. Whoever cannot be given a part gets
the whole: the caller answers as ever when this gives None.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from feedhub.model.feed import FeedDocument
from feedhub.publish.delta import base_among, delta_since
from feedhub.publish.shelf import Shelf
from feedhub.web.conditional import (
    Answer,
    Headers,
    Representation,
    Request,
    answer,
    entity_tags,
    packed,
    represent,
    unchanged,
)

_MEMORY = 8 * 1024 * 1024
# It takes a 226 for an error.
_NEVER = "rss2email"
_ASKED = re.compile(r"\s*feed\s*(?:;\s*q\s*=\s*(?P<weight>[0-9.]{1,5})\s*)?", re.I)


class Deltas:
    """Answers from parts of documents. Safe to share by threads."""

    def __init__(self, memory: int = _MEMORY) -> None:
        self._made: Shelf[tuple[str, str, int], Representation] = Shelf(memory, lambda made: made.size)

    def answer(self, held: Representation, request: Request, stale_since: datetime | None) -> Answer | None:
        """The part that the request asks for, None where the whole document, or 304, is the answer."""
        document = held.document
        if document is None or request.if_none_match is None or not wants_delta(request) or unchanged(held, request):
            return None
        base = base_among(document, entity_tags(request.if_none_match))
        if base is None:
            return None
        key = (document.path, document.etag, base.generation)
        made = self._made.get(key)
        if made is None:
            body = delta_since(document, base)
            if body is None:
                return None
            made = self._made.keep(key, _represent(held.tag, document, body, base.etag))
        plain = Request(accept_encoding=request.accept_encoding)
        return replace(answer(made, plain, stale_since), status=226)


def wants_delta(request: Request) -> bool:
    """Whether `A-IM` names `feed` with any weight above 0 (RFC 3229 §10.5.3)."""
    if request.manipulations is None or _NEVER in (request.user_agent or "").lower():
        return False
    for part in request.manipulations[:1024].split(","):
        found = _ASKED.fullmatch(part)
        if found:
            return found["weight"] is None or found["weight"].strip("0.") != ""
    return False


def _represent(tag: str, document: FeedDocument, body: bytes, base: str) -> Representation:
    said: Headers = (
        ("im", "feed"),
        ("delta-base", base),
        ("link", document.link),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "ETag, Last-Modified, Link, IM, Delta-Base, FeedHub-Stale"),
    )
    return represent(
        body,
        packed(body),
        tag=tag,
        content_type=document.content_type,
        modified=document.last_modified,
        cache_control="no-store, im",
        extra=said,
    )
