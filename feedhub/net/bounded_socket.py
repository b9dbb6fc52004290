"""A connection for protocols that curl does not speak for us: every read has the deadline and the bound on bytes."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

from feedhub.errors import BadResponse, Deadline, TooLarge, Unreachable
from feedhub.net.transfer import system_bundle

_CHUNK = 64 * 1024


class BoundedSocket:
    """A connected socket until `ends_at` of the clock `now`, for at most `most` bytes in all."""

    def __init__(self, opened: socket.socket, *, url: str, ends_at: float, now: Callable[[], float], most: int) -> None:
        self._socket, self._url, self._ends_at, self._now, self._left = opened, url, ends_at, now, most
        self._buffer = bytearray()

    def start_tls(self, host: str, ca_bundle: str | None) -> None:
        """Go on within TLS 1.2 or later, the certificate checked for `host`; Unreachable when it does not hold."""
        if self._buffer:
            # What was said before TLS would be taken for what was said within it (RFC 9051 §11.1).
            raise BadResponse(f"{self._url} went on talking before TLS began.", url=self._url)
        context = ssl.create_default_context(cafile=ca_bundle or system_bundle())
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._patient()
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        except TimeoutError as error:
            raise self._too_late() from error
        except OSError as error:
            why = getattr(error, "verify_message", "") or getattr(error, "reason", "") or error
            said = f"No secure connection to {self._url}: {why}. Check its certificate."
            raise Unreachable(said, url=self._url) from error

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes; fewer when the other side ends."""
        if size > self._left + len(self._buffer):
            raise self._too_large()
        while len(self._buffer) < size and self._receive():
            pass
        return self._take(min(size, len(self._buffer)))

    def readline(self) -> bytes:
        """A line with its end; what there is when the other side ends."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if not self._receive():
                return self._take(len(self._buffer))
        return self._take(end + 1)

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self._patient()
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            raise self._too_late() from error

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _receive(self) -> bool:
        self._patient()
        try:
            data = self._socket.recv(_CHUNK)
        except TimeoutError as error:
            raise self._too_late() from error
        except OSError as error:
            raise Unreachable(f"{self._url} broke off: {error}.", url=self._url) from error
        self._left -= len(data)
        if self._left < 0:
            raise self._too_large()
        self._buffer += data
        return bool(data)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _patient(self) -> None:
        left = self._ends_at - self._now()
        if left <= 0:
            raise self._too_late()
        self._socket.settimeout(left)

    def _too_late(self) -> Deadline:
        return Deadline(f"{self._url} was not done in the time it has.", url=self._url)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"{self._url} sent more bytes than it may; the reading was stopped.", url=self._url)
