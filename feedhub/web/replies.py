"""From a representation, a page or a refusal to Flask's response; the request's conditions are read here."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from flask import Response, render_template, request
from werkzeug.datastructures import Headers as FieldList

from feedhub.basics.digests import sha256_hex
from feedhub.web.conditional import Answer, Headers, Representation, Request, answer, packed, represent

T = TypeVar("T")

_PAGE = "public, max-age=60"
_REFUSED = "public, max-age=60"


def reply(representation: Representation, stale_since: datetime | None = None) -> Response:
    """The representation under the conditions of the present request."""
    fields = request.headers
    asked = Request(
        fields.get("If-None-Match"),
        fields.get("If-Modified-Since"),
        fields.get("Accept-Encoding"),
    )
    return _response(answer(representation, asked, stale_since))


def page(template: str, **values: object) -> Representation:
    """A rendered page, ready to be kept or sent."""
    return represent_text(render_template(template, **values), "text/html; charset=utf-8")


def represent_text(text: str, content_type: str, *, cache_control: str = _PAGE, extra: Headers = ()) -> Representation:
    """A text made here; its ETag is the digest of its bytes."""
    body = text.encode()
    return represent(
        body,
        packed(body),
        tag=sha256_hex(body)[:32],
        content_type=content_type,
        cache_control=cache_control,
        extra=extra,
    )


def refusal_page(status: int, template: str, **values: object) -> Response:
    """An error for people; 404 and 410 may be kept for a minute, the rest not at all."""
    body = render_template(template, status=status, **values)
    return _refusal(status, "text/html; charset=utf-8", body)


def refusal_text(status: int, words: str, extra: Headers = ()) -> Response:
    """An error on the address of a feed: plain text, never HTML (DESIGN decision 8)."""
    return _refusal(status, "text/plain; charset=utf-8", f"{words}\n", extra)


def moved(location: str) -> Response:
    """301 to an address on this site."""
    return _response(
        Answer(
            301,
            (("location", location), ("cache-control", "public, max-age=3600"), ("content-length", "0")),
            b"",
        )
    )


def preflight() -> Response:
    """What a script of another origin asks before a conditional GET (Fetch standard, CORS preflight)."""
    return Response(
        status=204,
        headers={
            "Allow": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": "A-IM, If-None-Match, If-Modified-Since",
            "Access-Control-Max-Age": "86400",
        },
    )


def _refusal(status: int, content_type: str, text: str, extra: Headers = ()) -> Response:
    body = text.encode("utf-8", "replace")
    fields: Headers = (
        ("content-type", content_type),
        ("content-length", str(len(body))),
        ("cache-control", _REFUSED if status in (404, 410) else "no-store"),
    )
    return _response(Answer(status, (*fields, *extra), body))


def _response(found: Answer) -> Response:
    response = Response(found.body, status=found.status)
    response.headers = FieldList(list(found.headers))
    return response


class Kept(Generic[T]):
    """Values that cost much and change with the change log only: kept until its number moves, few of them."""

    def __init__(self, most: int = 16) -> None:
        self._most, self._lock = most, Lock()
        self._kept: dict[str, tuple[int, T]] = {}

    def get(self, name: str, seq: int) -> T | None:
        """The value as made at that number, or None."""
        with self._lock:
            kept = self._kept.get(name)
        return kept[1] if kept and kept[0] == seq else None

    def keep(self, name: str, seq: int, made: T) -> T:
        """Keep a value; returns it."""
        with self._lock:
            if name not in self._kept and len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[name] = (seq, made)
        return made
