"""The gate before the door: a plain GET or HEAD of a document is answered from the socket, all else goes on inside.

    client ─→ gate ─┬─ a whole, plain request head for a document in memory ─→ its bytes, made before
                    └─ anything else: a tunnel, byte for byte, to the server inside, for the rest of the connection

The gate judges nothing: what is in the least unusual (an odd line, a body, a fold, a second Host, a head in two pieces)
is not its business and is read by the server inside from its first byte. Nor does it wait: it holds no thread, and a
reader that takes nothing is let go after a minute.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from functools import lru_cache

from feedhub.basics.dates import http_date
from feedhub.ports.clock import Clock
from feedhub.web.conditional import Answer, Request
from feedhub.web.door import Door, conditions
from feedhub.web.gate_lines import Line

_LONGEST_HEAD = 4096
_HEAD = re.compile(
    rb"(GET|HEAD) (/[!-$&->@-~]*)(?:\?([!-~]*))? HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)+)\r\n"
)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})(?::\d{1,5})?")
# Whoever sends one of these wants more than a document.
_UNUSUAL = frozenset(
    "transfer-encoding content-length expect upgrade te trailer keep-alive proxy-connection http2-settings".split()
)
_REASONS = {200: "OK", 226: "IM Used", 304: "Not Modified"}
_SWEEP_EVERY = 5
_KEPT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plain:
    """A request that the gate may answer."""

    with_body: bool
    path: str
    query: str
    asked: Request


class Gate:
    """Listens where the public does; `open` and `close` on the event loop. `inside` is where the door's server does."""

    def __init__(self, door: Door, clock: Clock, inside: tuple[str, int], *, most_lines: int) -> None:
        self.door, self.inside, self.most_lines = door, inside, most_lines
        self._clock = clock
        self.lines: set[Line] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._kept: dict[int, tuple[Answer, bytes, bytes]] = {}
        self._kept_bytes = 0
        self._date = b""

    async def open(self, host: str, port: int) -> None:
        """Take connections; OSError when the address is not to be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Line(self), host, port, backlog=1024)
        self._forget()
        self.tasks.add(loop.create_task(self._tick()))

    def close(self) -> None:
        """Take no more; lines that are not the door's end now."""
        if self._server is not None:
            self._server.close()
        for line in tuple(self.lines):
            line.end(everything=False)

    def abort(self) -> None:
        """Let go of every line."""
        for task in self.tasks:
            task.cancel()
        for line in tuple(self.lines):
            line.end(everything=True)

    def answer(self, head: bytes) -> bytes | None:
        """The bytes to be sent for a request head; None when it is the door's."""
        plain = read_head(head) if len(head) <= _LONGEST_HEAD else None
        if plain is None:
            return None
        found = self.door.known(plain.path, plain.query, plain.asked)
        return None if found is None else self._bytes(found, with_body=plain.with_body)

    def _bytes(self, answer: Answer, *, with_body: bool) -> bytes:
        """An answer as it stands on the wire: its head is made once, the whole of it once a second."""
        kept = self._kept.get(id(answer))
        if kept is None or kept[0] is not answer:
            head = self._head(answer)
            whole = head + answer.body if answer.status not in (204, 304) else head
            self._kept[id(answer)] = kept = (answer, head, whole)
            self._kept_bytes += len(whole)
            if self._kept_bytes > _KEPT_BYTES:
                self._forget()
        return kept[2] if with_body else kept[1]

    def _head(self, answer: Answer) -> bytes:
        fields = self.door.with_safety(answer.headers)
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        return f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'OK')}\r\n{lines}".encode("ascii") + self._date

    def _forget(self) -> None:
        self._date = f"date: {http_date(self._clock.now())}\r\n\r\n".encode("ascii")
        self._kept.clear()
        self._kept_bytes = 0

    async def _tick(self) -> None:
        """Every second another date; and lines on which nothing has moved for a while end (those that lead inside have
        the server's own bounds)."""
        beats = 0
        while True:
            self._forget()
            await asyncio.sleep(1)
            beats += 1
            if beats % _SWEEP_EVERY == 0:
                now = asyncio.get_running_loop().time()
                for line in tuple(self.lines):
                    line.end_if_idle(now)


@lru_cache(maxsize=1024)  # a reader asks the same way each time, and all readers of a kind do
def read_head(head: bytes) -> Plain | None:
    """The request of a head that is plain in every way; None for any other, well-formed or not."""
    match = _HEAD.fullmatch(head)
    if match is None:
        return None
    method, path, query, lines = match.groups()
    fields = [
        (name.lower(), value.strip(" \t"))
        for name, _, value in (line.partition(":") for line in lines.decode("ascii").split("\r\n"))
        if name
    ]
    hosts = [value for name, value in fields if name == "host"]
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return None
    if any(name in _UNUSUAL or (name == "connection" and value.lower() != "keep-alive") for name, value in fields):
        return None
    said = query.decode("ascii") if query else ""
    return Plain(method == b"GET", path.decode("ascii"), said, conditions(fields))
