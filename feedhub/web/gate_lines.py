"""One connection at the gate, and its way inside where it has one: bytes in order, none kept that nobody takes.

A client that takes nothing more holds up its own line alone: what answers it is read no further until it does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedhub.web.gate import Gate

log = logging.getLogger(__name__)

_IDLE_SECONDS = 60.0


class Line(asyncio.Protocol):
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

    def __init__(self, line: Line, clients: dict[str, str], pending: bytes) -> None:
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
