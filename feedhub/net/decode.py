"""Content codings undone as the bytes come in, with a bound on what may come out (PROMISES B3 45 to 47)."""

from __future__ import annotations

import zlib

from feedhub.errors import BadResponse, TooLarge

_STEP = 64 * 1024


class Decoder:
    """Undoes one coding of one body; more than one, or one we did not ask for, is refused."""

    def __init__(self, coding: str, most: int, url: str) -> None:
        names = [name.strip().lower() for name in coding.split(",") if name.strip() and name.strip() != "identity"]
        if len(names) > 1 or (names and names[0] not in ("gzip", "x-gzip", "deflate")):
            raise BadResponse(f"{url} answered in the coding {coding!r}, which was not asked for.", url=url)
        self._url, self._most, self._size = url, most, 0
        self._deflate = names == ["deflate"]
        self._engine = zlib.decompressobj(zlib.MAX_WBITS | 32) if names else None
        self._parts: list[bytes] = []
        self._started = False

    def feed(self, data: bytes) -> None:
        """Take bytes from the wire; TooLarge or BadResponse as soon as it is known."""
        if self._engine is None:
            self._keep(data)
            return
        if self._deflate and not self._started and data:
            # RFC 9110 §8.4.1.2 means zlib by "deflate"; some servers send the raw stream.
            if (data[0] & 0x0F) != 8 or (len(data) > 1 and (data[0] * 256 + data[1]) % 31):
                self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
        self._started = self._started or bool(data)
        try:
            while data:
                self._keep(self._engine.decompress(data, _STEP))
                data = self._engine.unconsumed_tail
        except zlib.error as error:
            raise BadResponse(f"The compressed answer of {self._url} is broken: {error}.", url=self._url) from error
        if self._engine.unused_data:
            raise BadResponse(f"The compressed answer of {self._url} goes on after its end.", url=self._url)

    def finish(self) -> bytes:
        """The whole body; BadResponse when it broke off."""
        if self._engine is not None and self._started and not self._engine.eof:
            raise BadResponse(f"The compressed answer of {self._url} breaks off.", url=self._url)
        return b"".join(self._parts)

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._most:
            raise TooLarge(
                f"{self._url} unpacks to more than {self._most // 1024} KiB; the download was stopped.", url=self._url
            )
        if data:
            self._parts.append(data)
