"""The gate before the door: what it answers is what the door would, and what it does not answer goes inside whole."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.web import door, gate_lines
from feedhub.web.gate import read_head
from tests.kit import LOCAL
from tests.web.conftest import Running

FEED = f"/rss/{LOCAL}.xml"
# A field that the gate takes for unusual and that means nothing: the same request, answered by the door.
INSIDE = "TE: trailers\r\n"


def ask(path: str = FEED, method: str = "GET", more: str = "", close: bool = False) -> bytes:
    last = "Connection: close\r\n" if close else ""
    return f"{method} {path} HTTP/1.1\r\nHost: a\r\n{more}{last}\r\n".encode()


def parts(answer: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Status line, fields in lower case, body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    assert len(dict(fields)) == len(fields)
    return first, dict(fields), body


def one_answer(running: Running, request: bytes) -> bytes:
    """What comes back to one request on a line that stays open."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as line:
        line.sendall(request)
        found = b""
        while b"\r\n\r\n" not in found:
            found += line.recv(65536)
        first, fields, body = parts(found)
        empty = request.startswith(b"HEAD") or b" 304 " in first
        while not empty and len(body) < int(fields[b"content-length"]):
            body += line.recv(65536)
        return found.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body


def split(found: bytes) -> list[bytes]:
    return [b"HTTP/1.1 " + one for one in found.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "more",
    [
        "",
        "Accept-Encoding: gzip\r\n",
        "Accept-Encoding: br;q=0.5\r\nAccept-Encoding: zstd\r\n",
        "If-None-Match: {tag}\r\n",
        'If-None-Match: "x", W/{tag}\r\nAccept-Encoding: gzip, br\r\n',
        'If-None-Match: "x"\r\nIf-Modified-Since: Sat, 29 Oct 2094 19:43:31 GMT\r\n',
        "If-Modified-Since: Sat, 29 Oct 2094 19:43:31 GMT\r\n",
        "Range: bytes=0-9\r\nUser-Agent: x (y; z)\r\nConnection: Keep-Alive\r\n",
    ],
)
@pytest.mark.parametrize("path", [FEED, f"{FEED}?utm_source=x", f"/json/{LOCAL}/archive/1.json", "/healthz"])
def test_it_answers_as_the_door_does(running: Running, path: str, more: str, method: str) -> None:
    tag = running.get(path).headers.get("etag", '"none"')
    more = more.replace("{tag}", tag)
    assert read_head(ask(path, method, more)) is not None, "this is a question for the gate"
    assert read_head(ask(path, method, more + INSIDE)) is None, "and this is not"
    here = parts(one_answer(running, ask(path, method, more)))
    there = parts(one_answer(running, ask(path, method, more + INSIDE)))
    for found in (here, there):
        assert re.fullmatch(rb"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", found[1].pop(b"date"))
    assert here == there


def test_requests_that_come_together_are_answered_in_their_order(running: Running) -> None:
    together = ask() + ask("/healthz") + ask(method="HEAD") + ask("/") + ask(f"/atom/{LOCAL}.xml", close=True)
    answers = split(running.raw(together, 3))
    kinds = [parts(answer)[1][b"content-type"].partition(b";")[0] for answer in answers]
    assert kinds == [b"application/xml", b"text/plain", b"application/xml", b"text/html", b"application/xml"]
    assert not parts(answers[2])[2]


def test_a_head_in_two_pieces_and_a_client_that_has_said_all(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as line:
        line.sendall(ask()[:20])
        time.sleep(0.05)
        line.sendall(ask()[20:-4] + b"\r\nConnection: close\r\n\r\n")
        assert line.recv(15) == b"HTTP/1.1 200 OK"
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as line:
        line.sendall(ask())
        line.shutdown(socket.SHUT_WR)
        found = b""
        while piece := line.recv(65536):
            found += piece
        assert len(parts(found)[2]) == int(parts(found)[1][b"content-length"])


def test_the_application_knows_who_asks(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    whole = door.call_application

    def noting(application: Any, call: Any) -> Any:
        seen.append(call.client)
        return whole(application, call)

    monkeypatch.setattr(door, "call_application", noting)
    with socket.create_connection(("127.0.0.1", running.port), 5, source_address=("127.0.0.77", 0)) as line:
        line.sendall(ask("/", close=True))
        while line.recv(65536):
            pass
        name = line.getsockname()
    assert seen == [f"127.0.0.77:{name[1]}"]


@pytest.mark.long
def test_who_takes_nothing_is_let_go(start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_lines, "_IDLE_SECONDS", 0.5)
    running = start()
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(20)
        line.connect(("127.0.0.1", running.port))
        line.sendall(ask() * 400)
        time.sleep(7)
        with pytest.raises(ConnectionError):
            for _ in range(100_000):
                if not line.recv(65536):
                    raise ConnectionResetError
        assert running.get("/healthz").status == 200


def test_a_fault_of_the_gate_is_not_the_readers(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("feedhub.web.gate.Gate.answer", fail)
    assert running.get(FEED).status == 200


TOKENS = st.sampled_from(
    ["Host: a", "Host: b", "host:a", "Accept-Encoding: gzip", "X: y", "Transfer-Encoding: chunked", "Content-Length: 3",
     " folded", "Host : a", "Host: a\r", "Host: a\n", "X\x00: y", "Connection: upgrade", "", ": x",
     "Expect: 100-continue", "Host: ", "Host: [::1]", "Host: a b", "É: x"]
)  # fmt: skip


@given(
    st.sampled_from(["GET", "HEAD", "POST", "get"]),
    st.sampled_from(["/a", "/%2e", "a", "http://h/a", "/a b", "/a#b", "/a?b=c", "*", "//a", "/a\t"]),
    st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/1.1 ", "http/1.1"]),
    st.lists(TOKENS, max_size=5),
)
def test_only_what_is_plain_in_every_way_is_read(method: str, path: str, version: str, lines: list[str]) -> None:
    text = "\r\n".join([f"{method} {path} {version}", *lines]) + "\r\n\r\n"
    found = read_head(text.encode("utf-8"))
    if found is None:
        return
    assert method in ("GET", "HEAD")
    assert version == "HTTP/1.1"
    assert path in ("/a", "/a?b=c", "//a")
    assert [line for line in lines if line.lower().startswith("host")] in (["Host: a"], ["Host: b"], ["host:a"])
    assert set(lines) <= {"Host: a", "Host: b", "host:a", "Accept-Encoding: gzip", "X: y"}
