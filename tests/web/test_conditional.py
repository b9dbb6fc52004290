"""What HTTP says of a representation, as a table (RFC 9110 §8.8, §12.5.3, §13)."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from feedhub.basics.codings import SUFFIXES, coded
from feedhub.model.feed import FeedDocument
from feedhub.web.conditional import Request, answer, matches, packed, represent, represent_document

BODY = b"<rss>" + b"item " * 200 + b"</rss>"
MODIFIED = datetime(2026, 11, 24, 4, 0, 30, tzinfo=UTC)
MADE = represent(BODY, coded(BODY), tag="abc", content_type="application/xml", modified=MODIFIED)


@pytest.mark.parametrize(
    ("field", "hit"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"abc-gz"', True),
        ('"abc-br"', True),
        ('W/"abc-zst"', True),
        ('"x", "abc"', True),
        ('"x","y" , W/"abc-gz"', True),
        ('"a,b", "abc"', True),
        (', ,"abc",', True),
        ("*", True),
        (" * ", True),
        ('"abcd"', False),
        ('"ab"', False),
        ('"abc-xz"', False),
        ('"abc-gz-gz"', False),
        ("abc", False),
        ('"x abc"', False),
        ('w/"abc"', False),
        ('""', False),
        ("", False),
        ('"abc', False),
        ('"x", ' * 2000 + '"abc"', False),  # longer than any honest client's
    ],
)
def test_if_none_match(field: str, hit: bool) -> None:
    assert matches(field, "abc") is hit
    assert answer(MADE, Request(if_none_match=field)).status == (304 if hit else 200)


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("Tue, 24 Nov 2026 04:00:30 GMT", 304),
        ("Tue, 24 Nov 2026 05:00:00 GMT", 304),
        ("Tue, 24 Nov 2026 12:00:30 +0800", 304),
        ("Tue, 24 Nov 2026 04:00:29 GMT", 200),
        ("Tuesday, 24-Nov-26 04:00:30 GMT", 304),
        ("yesterday", 200),
        ("", 200),
        ("Tue, 99 Nov 2026 04:00:29 GMT", 200),
    ],
)
def test_if_modified_since(field: str, status: int) -> None:
    assert answer(MADE, Request(if_modified_since=field)).status == status


def test_if_none_match_silences_if_modified_since() -> None:
    later = "Tue, 24 Nov 2026 23:00:00 GMT"
    assert answer(MADE, Request('"other"', later)).status == 200
    assert answer(MADE, Request('"abc"', "Mon, 01 Jan 2001 00:00:00 GMT")).status == 304


UNPACK: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstandard.decompress,
}


def test_the_coding_that_is_asked_for_is_sent() -> None:
    for field, coding in (("gzip", "gzip"), ("br;q=0.1", "br"), ("gzip;q=0.3, zstd", "zstd"), ("deflate", None)):
        found = answer(MADE, Request(accept_encoding=field))
        assert dict(found.headers).get("content-encoding") == coding
        assert UNPACK[coding](found.body) == BODY
    assert dict(answer(MADE, Request(accept_encoding="gzip, br, zstd")).headers)["content-length"] == str(
        min(len(answer(MADE, Request(accept_encoding=name)).body) for name in SUFFIXES)
    )


@pytest.mark.parametrize("coding", UNPACK)
def test_304_carries_what_200_carries(coding: str | None) -> None:
    full = answer(MADE, Request(accept_encoding=coding))
    none = answer(MADE, Request(if_none_match="*", accept_encoding=coding))
    assert (full.status, none.status, none.body) == (200, 304, b"")
    for name in ("etag", "vary", "cache-control", "last-modified"):
        assert dict(full.headers)[name] == dict(none.headers)[name]
    assert dict(full.headers)["content-length"] == str(len(full.body))
    assert "content-length" not in dict(none.headers)


def test_each_coding_has_an_etag_of_its_own() -> None:
    assert dict(answer(MADE, Request()).headers)["etag"] == '"abc"'
    for coding, suffix in (("gzip", "-gz"), ("br", "-br"), ("zstd", "-zst")):
        for tag in ('"abc"', '"abc-gz"', '"abc-br"', '"abc-zst"'):
            for asked in (Request(accept_encoding=coding), Request(if_none_match=tag, accept_encoding=coding)):
                assert dict(answer(MADE, asked).headers)["etag"] == f'"abc{suffix}"'


def test_stale_is_said_on_both_answers() -> None:
    for request in (Request(), Request(if_none_match='"abc"')):
        assert dict(answer(MADE, request, MODIFIED).headers)["feedhub-stale"] == "2026-11-24T04:00:30Z"
        assert "feedhub-stale" not in dict(answer(MADE, request).headers)


@pytest.mark.parametrize("etag", ['"abc"', "abc", 'W/"abc"', '"abc-gz"'])
def test_a_document_whatever_the_form_of_its_stored_etag(etag: str) -> None:
    document = FeedDocument(
        path="/rss/life.xml", name="life", format="rss", generation=1, etag=etag, last_modified=MODIFIED,
        content_type="application/xml", link="<http://h/rss/life.xml>; rel=self", body=BODY,
    )  # fmt: skip
    headers = dict(answer(represent_document(document), Request(accept_encoding="gzip")).headers)
    assert headers["etag"] == '"abc"'
    assert headers["access-control-allow-origin"] == "*"
    assert headers["link"] == document.link


def test_nothing_stored_begins_a_header_line_of_its_own() -> None:
    made = represent(
        b"x",
        {},
        tag='a"\r\nX-Evil: 1',
        content_type="text/plain\r\nX-Evil: 2",
        extra=(("link", "<a>\r\nSet-Cookie: x=é"),),
    )
    values = [value for _, value in (*made.full[None].headers, *made.unchanged[None].headers)]
    assert not [value for value in values if set(value) & set("\r\n\0é")]


def test_packing_the_same_bytes_gives_the_same_bytes() -> None:
    assert packed(BODY) == packed(BODY)
    assert packed(b"short") == {}
