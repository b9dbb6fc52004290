"""The gate before the door: a plain GET or HEAD of a document is answered from the socket, all else goes on inside.

    client ─→ gate ─┬─ a whole, plain request head for a document in memory ─→ its bytes, made before
                    └─ anything else: a tunnel, byte for byte, to the server inside, for the rest of the connection

The gate judges nothing: what is in the least unusual (an odd line, a body, a fold, a second Host, a head in two pieces)
is not its business and is read by the server inside from its first byte. Nor does it wait: it holds no thread, and a
reader that takes nothing is let go after a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from datetime import UTC, datetime

from feedhub.basics.dates import http_date
from feedhub.ports.clock import Clock
from feedhub.web.conditional import Answer
from feedhub.web.door import Door

log = logging.getLogger(__name__)

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
_IDLE_SECONDS = 60.0
_SWEEP_SECONDS = 5.0
_KEPT_BYTES = 32 * 1024 * 1024
_PENDING_BYTES = 1024 * 1024


class Gate:
    """Listens where the public does; `open` and `close` on the event loop. `inside` is where the door's server does."""

    def __init__(self, door: Door, clock: Clock, inside: tuple[str, int], *, most_lines: int) -> None:
        self.door, self.inside, self.most_lines = door, inside, most_lines
        self._clock = clock
        self.lines: set[_Line] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._kept: dict[int, tuple[Answer, bytes, bytes]] = {}
        self._kept_bytes = 0
        self._second, self._date = datetime.min.replace(tzinfo=UTC), b""

    async def open(self, host: str, port: int) -> None:
        """Take connections; OSError when the address is not to be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Line(self), host, port, backlog=1024)
        sweeping = loop.create_task(self._sweep())
        self.tasks.add(sweeping)

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
        plain = _HEAD.fullmatch(head) if len(head) <= _LONGEST_HEAD else None
        if plain is None:
            return None
        method, path, query, lines = plain.groups()
        fields = [
            (name.lower(), value.strip(" \t"))
            for name, _, value in (line.partition(":") for line in lines.decode("ascii").split("\r\n"))
            if name
        ]
        hosts = 0
        for name, value in fields:
            if name == "host":
                hosts += 1
                if not _HOST.fullmatch(value):
                    return None
            elif name in _UNUSUAL or (name == "connection" and value.lower() != "keep-alive"):
                return None
        if hosts != 1:
            return None
        found = self.door.known(path.decode("ascii"), query.decode("ascii") if query else "", fields)
        return None if found is None else self._bytes(found, with_body=method == b"GET")

    def _bytes(self, answer: Answer, *, with_body: bool) -> bytes:
        """An answer as it stands on the wire: its head is made once, the whole of it once a second."""
        second = self._clock.now().replace(microsecond=0)
        if second != self._second or self._kept_bytes > _KEPT_BYTES:
            self._second, self._date = second, f"date: {http_date(second)}\r\n\r\n".encode("ascii")
            self._kept.clear()
            self._kept_bytes = 0
        kept = self._kept.get(id(answer))
        if kept is None or kept[0] is not answer:
            head = self._head(answer)
            whole = head + answer.body if answer.status not in (204, 304) else head
            self._kept[id(answer)] = kept = (answer, head, whole)
            self._kept_bytes += len(whole)
        return kept[2] if with_body else kept[1]

    def _head(self, answer: Answer) -> bytes:
        fields = self.door.with_safety(answer.headers)
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        return f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'OK')}\r\n{lines}".encode("ascii") + self._date

    async def _sweep(self) -> None:
        """End lines on which nothing has moved for a while: those inside have the server's own bounds."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = asyncio.get_running_loop().time()
            for line in tuple(self.lines):
                line.end_if_idle(now)


class _Line(asyncio.Protocol):
    """One client's connection."""

    __slots__ = ("_gate", "_heard", "_inner", "_paused", "_rest", "_unsent", "eof", "transport")

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._inner: _Inner | None = None
        self._rest = b""
        self._paused = self.eof = False
        self._heard = self._unsent = 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._heard = asyncio.get_running_loop().time()
        if len(self._gate.lines) >= self._gate.most_lines:
            transport.abort()
            return
        self._gate.lines.add(self)

    def data_received(self, data: bytes) -> None:
        if self._inner is not None:
            self._inner.send(data)
            return
        self._heard = asyncio.get_running_loop().time()
        self._answer(self._rest + data if self._rest else data)

    def _answer(self, data: bytes) -> None:
        """Answer the requests in order, until one of them is the door's or the client takes no more."""
        while data and not self._paused:
            end = data.find(b"\r\n\r\n") + 4
            reply = None
            if end > 3:
                try:
                    reply = self._gate.answer(data[:end] if end < len(data) else data)
                except Exception:  # whatever is wrong with the gate, the door still stands
                    log.exception("the gate failed")
            if reply is None:
                self._rest = b""
                self._go_inside(data)
                return
            self.transport.write(reply)
            data = data[end:]
        self._rest = data
        if data:
            self.transport.pause_reading()

    def _go_inside(self, data: bytes) -> None:
        self._inner = inner = _Inner(self, self._gate.door.clients, data)
        self.transport.pause_reading()
        loop = asyncio.get_running_loop()
        opening = loop.create_task(self._open(inner))
        self._gate.tasks.add(opening)
        opening.add_done_callback(self._gate.tasks.discard)

    async def _open(self, inner: _Inner) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: inner, *self._gate.inside)
        except OSError as error:
            log.error("the server inside cannot be reached: %s", error)
            self.transport.abort()

    def pause_writing(self) -> None:
        self._paused = True
        if self._inner is not None:
            self._inner.pause()

    def resume_writing(self) -> None:
        self._paused = False
        self._heard = asyncio.get_running_loop().time()
        if self._inner is not None:
            self._inner.resume()
        elif self._rest:
            self.transport.resume_reading()
            rest, self._rest = self._rest, b""
            self._answer(rest)

    def eof_received(self) -> bool:
        """A client that sends no more may still be answered: by us it was, by the door it will be."""
        self.eof = True
        if self._inner is None:
            return bool(self._rest)
        self._inner.end_of_input()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._gate.lines.discard(self)
        if self._inner is not None:
            self._inner.close()

    def end(self, *, everything: bool) -> None:
        """Close the line; one that leads inside only if `everything` goes."""
        if everything:
            self.transport.abort()
        elif self._inner is None:
            self.transport.close()

    def end_if_idle(self, now: float) -> None:
        unsent = self.transport.get_write_buffer_size()
        if self._inner is not None or unsent < self._unsent:
            self._heard = now
        self._unsent = unsent
        if now - self._heard > _IDLE_SECONDS:
            self.transport.abort()


class _Inner(asyncio.Protocol):
    """A line's way to the server inside, and back; `clients` tells the door who is at its other end."""

    __slots__ = ("_clients", "_line", "_name", "_pending", "_transport")

    def __init__(self, line: _Line, clients: dict[str, str], pending: bytes) -> None:
        self._line, self._clients, self._pending = line, clients, pending
        self._transport: asyncio.Transport | None = None
        self._name = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._line.transport.is_closing():
            transport.close()
            return
        self._name = _named(transport.get_extra_info("sockname"))
        self._clients[self._name] = _named(self._line.transport.get_extra_info("peername"))
        transport.write(self._pending)
        self._pending = b""
        if self._line.eof:
            transport.write_eof()
        else:
            self._line.transport.resume_reading()

    def send(self, data: bytes) -> None:
        """Bytes of the client."""
        if self._transport is None:
            self._pending += data  # reading is paused: no more than one piece
        else:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._line.transport.write(data)

    def pause(self) -> None:
        """The client takes no more for the moment."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """It does again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        if not self._line.transport.is_closing():
            self._line.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self._line.transport.is_closing():
            self._line.transport.resume_reading()

    def end_of_input(self) -> None:
        """The client sends no more."""
        if self._transport is not None and self._transport.can_write_eof():
            with contextlib.suppress(OSError):
                self._transport.write_eof()

    def close(self) -> None:
        """The client is gone."""
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._clients.pop(self._name, None)
        self._line.transport.close()


def _named(address: tuple[str, int]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
