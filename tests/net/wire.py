"""Servers for the tests of the outbound client: they say exactly the bytes they are told to, and remember everything.

`WireServer` answers by path, `Trap` must never be connected to; both are real sockets on loopback.
"""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Answer = bytes | Callable[[socket.socket], None]


def ok(body: bytes = b"fine", *fields: str, status: str = "200 OK") -> bytes:
    """A whole answer with its length."""
    return head(f"Content-Length: {len(body)}", *fields, status=status) + body


def head(*fields: str, status: str = "200 OK") -> bytes:
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *fields, "")).encode()


def to(location: str, status: str = "302 Found") -> bytes:
    """A redirect."""
    return ok(b"", f"Location: {location}", status=status)


class WireServer:
    """Answers a request line's path with the bytes for it; a callable is given the socket, and its end closes it."""

    def __init__(self, host: str = "127.0.0.2", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.connects = 0
        self.sent = 0
        self._tls = tls
        self._socket = socket.create_server((host, port), backlog=512, family=_family(host))
        self.host, self.port = self._socket.getsockname()[:2]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [text.split(" ")[1] for text in self.heads]

    def fields(self, at: int = -1) -> dict[str, str]:
        """The header fields of a request, by lower-case name."""
        lines = self.heads[at].split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connects += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
        self._open.add(connection)
        with contextlib.suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            while text := self._read(connection):
                self.heads.append(text)
                path = text.split(" ")[1].partition("?")[0]
                answer = self.answers.get(path, ok(b"nothing here", status="404 Not Found"))
                if callable(answer):
                    answer(connection)
                    break
                connection.sendall(answer)
        with contextlib.suppress(OSError):
            connection.close()
        self._open.discard(connection)

    def _read(self, connection: socket.socket) -> str:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)):
                return ""
            data += more
        text, _, body = data.partition(b"\r\n\r\n")
        decoded = text.decode("latin-1")
        lengths = [
            int(line.split(":")[1]) for line in decoded.lower().split("\r\n") if line.startswith("content-length:")
        ]
        while lengths and len(body) < lengths[0]:
            body += connection.recv(65536)
        self.bodies.append(body)
        return decoded


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Trap:
    """Listens on every address of this machine, IPv4 and IPv6; a test fails that connects to it.

    Its port is none that the system gives out by itself: tests beside it knock at such ports when their owner has gone.
    """

    def __init__(self) -> None:
        self._socket = self._listening()
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    @staticmethod
    def _listening() -> socket.socket:
        while True:
            with contextlib.suppress(OSError):
                port = random.randrange(10_000, 32_000)
                return socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)

    def caught(self) -> int:
        """How many connections came since it was last asked; they wait in the backlog until then."""
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        self._socket.close()
