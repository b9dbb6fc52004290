"""Request fields we refuse, and answers whose length can be read in two ways (PROMISES B1 15, B3 46)."""

from __future__ import annotations

import pytest

from feedhub.errors import BadResponse, TooLarge, UsageError
from feedhub.net.head import MOST_BYTES, MOST_FIELDS, Head, check_request_fields


def read(*lines: bytes) -> Head:
    head = Head("http://h/")
    for line in lines:
        head.feed(line + b"\r\n")
    return head


@pytest.mark.parametrize(
    "name",
    "Host host Connection Proxy-Authorization Proxy-Connection X-Forwarded-For X-FORWARDED-HOST X-Forwarded-Proto "
    "Forwarded Remote-User Content-Length Transfer-Encoding TE Trailer Upgrade Expect Via X-Real-IP Keep-Alive".split(),
)
def test_a_field_that_is_not_the_callers_is_refused_by_name(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        check_request_fields({"Accept": "*/*", name: "x"})


@pytest.mark.parametrize("name", ["", "A B", "A:", "A\r\nB", "é", "x" * 101])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        check_request_fields({name: "x"})


@pytest.mark.parametrize("value", ["a\r\nHost: evil", "a\nb", "a\0", "衡阳", "\x1b", "\x7f"])
def test_a_value_that_could_end_the_line_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="X-Note"):
        check_request_fields({"X-Note": value})


def test_ordinary_fields_pass() -> None:
    check_request_fields({"Accept": "*/*", "If-None-Match": 'W/"a"', "Cookie": "a=b", "Authorization": "Bearer x"})


def test_a_head_is_read() -> None:
    head = read(
        b"HTTP/1.1 200 OK", b'ETag: "a"', b"Link: <a>", b"link: <b>", "X-N: 衡阳".encode(), b"X-L: caf\xe9", b""
    )
    assert head.complete and head.status == 200
    assert head.mapping() == {"etag": '"a"', "link": "<a>, <b>", "x-n": "衡阳", "x-l": "café"}
    assert head.content_length is None


def test_interim_answers_and_trailers_are_not_the_answer() -> None:
    head = read(b"HTTP/1.1 103 Early Hints", b"Link: <x>", b"", b"HTTP/1.1 200 OK", b"A: b", b"", b"A: trailer")
    assert head.status == 200 and head.mapping() == {"a": "b"}


def test_an_old_fold_is_one_line() -> None:
    assert read(b"HTTP/1.1 200 OK", b"A: b", b"  c", b"").mapping() == {"a": "b c"}


@pytest.mark.parametrize("lengths", [[b"5"], [b"5", b"5"], [b"5, 5"]])
def test_one_length_said_once_or_again_is_one_length(lengths: list[bytes]) -> None:
    assert read(b"HTTP/1.1 200 OK", *[b"Content-Length: " + value for value in lengths], b"").content_length == 5


@pytest.mark.parametrize(
    "fields",
    [
        [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Content-Length: 5, 6"],
        [b"Content-Length: -5"],
        [b"Content-Length: +5"],
        [b"Content-Length: 5x"],
        [b"Content-Length:"],
        ["Content-Length: ５".encode()],
        [b"Content-Length: " + b"9" * 30],
        [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        [b"Transfer-Encoding: gzip, chunked"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
        [b"no colon"],
        [b"bad name: x"],
        [b"Content-Length : 5"],
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(fields: list[bytes]) -> None:
    with pytest.raises(BadResponse):
        read(b"HTTP/1.1 200 OK", *fields, b"")


@pytest.mark.parametrize("line", [b"ICY 200 OK", b"HTTP/1.1 OK", b"<rss>", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK"])
def test_what_is_no_status_line_is_refused(line: bytes) -> None:
    with pytest.raises(BadResponse):
        read(line)


def test_a_head_is_bounded() -> None:
    lines = [b"HTTP/1.1 200 OK", *[b"X-%d: y" % n for n in range(MOST_FIELDS)]]
    assert len(read(*lines, b"").mapping()) == MOST_FIELDS
    with pytest.raises(TooLarge):
        read(*lines, b"One-More: y", b"")
    with pytest.raises(TooLarge):
        read(b"HTTP/1.1 200 OK", b"A: " + b"x" * MOST_BYTES)
