"""The door on a real server: who is turned away, and that neither idlers nor slow bodies hold a document."""

from __future__ import annotations

import os
import resource
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask, request

from feedhub.web.door import Bounds
from feedhub.web.wsgi_bridge import Call, call_application, environ
from tests.kit import LOCAL
from tests.web.conftest import Running

RSS = f"/rss/{LOCAL}.xml"
QUICK = Bounds(body_seconds=1.0)


def head(line: bytes) -> bytes:
    return line.partition(b"\r\n\r\n")[0].lower()


@pytest.mark.parametrize(
    "fields",
    [
        b"",
        b"Host: a\r\nHost: b\r\n",
        b"Host: a\r\nHost: a\r\n",
        b"Host: \r\n",
        b"Host: a/b\r\n",
        b"Host: u@a\r\n",
        b"Host: a b\r\n",
        b"Host: a:x\r\n",
        b"Host: a:99999999\r\n",
        b"Host: <script>\r\n",
        b"Host: \xe4.example\r\n",
        b"Host: " + b"a" * 300 + b"\r\n",
        b"Host: [::1\r\n",
    ],
)
@pytest.mark.parametrize("path", [RSS.encode(), b"/", b"/healthz"])
def test_one_good_host(running: Running, fields: bytes, path: bytes) -> None:
    found = running.raw(b"GET " + path + b" HTTP/1.1\r\n" + fields + b"Connection: close\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 400")
    assert b"content-security-policy" in head(found)
    assert b"<script" not in found


@pytest.mark.parametrize(
    ("line", "host", "status"),
    [
        ("GET http://a.example{path}", "a.example", b"200"),
        ("GET http://evil.example{path}", "a.example", b"400"),
        ("GET https://A.example:99{path}", "a.example:99", b"200"),
        ("OPTIONS *", "a.example", b"400"),
        ("CONNECT a.example:80", "a.example", b"400"),
        ("TRACE {path}", "a.example", b"501"),
        ("BREW {path}", "a.example", b"501"),
    ],
)
def test_request_lines(running: Running, line: str, host: str, status: bytes) -> None:
    found = running.raw(f"{line.format(path=RSS)} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert found.split(b" ")[1] == status
    assert b"evil" not in found


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5c\r\nGPOST / HTTP",
        f"GET {RSS} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n X-A: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX A: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\x00c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rX-B: c\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_smuggling_is_refused_and_the_line_closed(running: Running, request_: bytes) -> None:
    found = running.raw(request_, 2)
    assert found.startswith(b"HTTP/1.1 400")
    assert found.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "path",
    ["/rss/a%0d%0aX-Evil:%201.xml", "/articles/%0d%0aX-Evil:1", "/style/%0aX-Evil:1", "/sections/x%0d%0aX-Evil:1",
     "/opml/%0d%0aX-Evil:1.xml", "/?next=//evil", "/rss?x=%0d%0aX-Evil:1", "/rss/%22%00%ff%e4.xml"],
)  # fmt: skip
def test_no_header_line_is_injected(running: Running, path: str) -> None:
    found = running.raw(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert b"x-evil" not in head(found)
    assert b"evil" not in head(found)


def test_an_etag_that_is_asked_for_is_not_said_back(running: Running) -> None:
    found = running.raw(
        f'GET {RSS} HTTP/1.1\r\nHost: a\r\nIf-None-Match: "x\tX-Evil: 1", *\r\nConnection: close\r\n\r\n'.encode()
    )
    assert b"x-evil" not in found.lower()


def test_bodies_are_bounded(start: Callable[..., Running]) -> None:
    running = start(QUICK)
    began = time.monotonic()
    assert running.get("/", "POST", body=b"x" * 10 * 1024 * 1024).status == 413
    never_sent = running.raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 65536)
    assert never_sent.startswith(b"HTTP/1.1 413")
    assert time.monotonic() - began < 1
    began = time.monotonic()
    slow = running.raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx", 4)
    assert slow.startswith(b"HTTP/1.1 408")
    assert 0.9 < time.monotonic() - began < 3
    assert running.get("/", "POST", body=b"x" * 1024 * 1024).status == 405
    assert running.get("/", "POST", body=b"x" * (1024 * 1024 + 1)).status == 413
    assert running.get("/rss/", "PUT", body=b"\xff" * 99, Content_Type="text/html; charset=no").status == 405


@contextmanager
def open_lines(port: int, number: int, first_bytes: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        lines = []
        for _ in range(number):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            line.sendall(first_bytes)
            lines.append(line)
        yield lines


def slowest(running: Running, paths: tuple[str, ...], rounds: int = 40) -> float:
    """The 99th percentile in seconds over `rounds` of each path."""
    spans = []
    for _ in range(rounds):
        for path in paths:
            began = time.monotonic()
            assert running.get(path).status == 200
            spans.append(time.monotonic() - began)
    return statistics.quantiles(spans, n=100)[98]


@pytest.mark.parametrize(
    ("number", "first_bytes"),
    [
        (1000, b""),  # connected, silent
        (1000, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),  # kept alive
        (300, b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "),  # slow headers
        (300, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx"),  # slow bodies
    ],
)
def test_idlers_hold_nobody(running: Running, number: int, first_bytes: bytes) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < 4096 and hard < 4096:
        pytest.skip("this system gives too few files")
    with open_lines(running.port, number, first_bytes):
        assert slowest(running, ("/healthz", RSS, "/")) < 1.0


def test_a_full_queue_says_so_and_documents_go_on(
    start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def wait(site: object) -> dict[str, str]:
        gate.wait(20)
        return {}

    monkeypatch.setattr("feedhub.web.health.ready", wait)
    running = start(Bounds(threads=2, waiting=2))
    with ThreadPoolExecutor(10) as pool:
        asked = [pool.submit(running.get, "/readyz") for _ in range(4)]
        time.sleep(0.5)
        refused = running.get("/readyz")
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert running.get(RSS).status == 200
        assert running.get("/healthz").status == 200
        gate.set()
        assert [found.result().status for found in asked] == [200] * 4
    assert running.get("/").status == 200


def test_a_page_that_never_ends_is_given_up(start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr("feedhub.web.health.ready", lambda site: gate.wait(20) and {})
    running = start(Bounds(page_seconds=0.3))
    assert running.get("/readyz").status == 503
    gate.set()


def test_ten_thousand_questions_leave_no_trace(running: Running) -> None:
    def memory() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def ask(first: int, last: int) -> None:
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as line:
            for number in range(first, last):
                path = (RSS, f"{RSS}?limit={number % 900}&x={number}", f"/rss/{number}.xml", f"/?q={number}")[
                    number % 4
                ]
                line.sendall(f"HEAD {path}{'&' if '?' in path else '?'}n={number} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                found = b""
                while not found.endswith(b"\r\n\r\n"):
                    found += line.recv(65536)

    ask(0, 800)
    before = memory()
    ask(800, 2400)
    assert memory() - before < 20 * 1024 * 1024


def test_the_bridge_says_who_asks_and_hides_who_pretends() -> None:
    call = Call(
        "POST", "/a b/城", "x=1", (("host", "evil"), ("x-forwarded-for", "127.0.0.1"), ("x_forwarded_for", "1.2.3.4"),
        ("content-type", "text/plain"), ("content-length", "99"), ("accept", "a"), ("accept", "b"), ("proxy", "p")),
        b"body", "192.0.2.7:4000", "feeds.example:8443", "https",
    )  # fmt: skip
    made = environ(call)
    assert made["PATH_INFO"].encode("latin-1").decode() == "/a b/城"
    assert (made["HTTP_HOST"], made["SERVER_NAME"], made["SERVER_PORT"]) == (
        "feeds.example:8443",
        "feeds.example",
        "8443",
    )
    assert made["REMOTE_ADDR"] == "192.0.2.7"
    assert (made["CONTENT_LENGTH"], made["CONTENT_TYPE"], made["HTTP_ACCEPT"]) == ("4", "text/plain", "a, b")
    assert not [name for name in made if "FORWARDED" in name or name == "HTTP_PROXY"]
    app = Flask("echo")

    @app.post("/<path:rest>")
    def echo(rest: str) -> str:
        return f"{request.url} {request.get_data(as_text=True)}"

    assert call_application(app.wsgi_app, call).body.decode() == "https://feeds.example:8443/a%20b/城?x=1 body"
