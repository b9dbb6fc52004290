"""Content codings, undone as the bytes arrive and bounded: gzip and deflate, the ones we ask for (RFC 9110 §8.4).

Unpacking stops at the bound, so 50 MB in a small gzip never exist. An unknown, nested, broken or cut-off coding is an
answer that cannot be read.
"""

from __future__ import annotations

import zlib

from feedhub.errors import BadResponse, TooLarge

ACCEPT_ENCODING = "gzip, deflate"
_GZIP_MAGIC = b"\x1f\x8b"
_MOST_MEMBERS = 64


def body_decoder(codings: str, *, limit: int, url: str) -> Plain:
    """A decoder for the value of Content-Encoding that unpacks at most `limit` bytes; BadResponse if it is not ours."""
    names = [name for name in (part.strip().lower() for part in codings.split(",")) if name not in ("", "identity")]
    if not names:
        return Plain(limit, url)
    if len(names) > 1:
        raise BadResponse(f"{url} packed its answer {len(names)} times ({', '.join(names)[:100]}).", url=url)
    if names[0] in ("gzip", "x-gzip"):
        return Deflate(limit, url, zlib.MAX_WBITS | 16)
    if names[0] == "deflate":
        return Deflate(limit, url, None)
    raise BadResponse(
        f"{url} answered in the coding {names[0][:40]!r}, which was not asked for ({ACCEPT_ENCODING}).", url=url
    )


class Plain:
    """Bytes that are what they are."""

    def __init__(self, limit: int, url: str) -> None:
        self._limit, self._url = limit, url
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Take more bytes; TooLarge beyond the limit."""
        self._size += len(data)
        if self._size > self._limit:
            raise TooLarge(f"{self._url} unpacks to more than {self._limit:,} bytes; stopped.", url=self._url)
        self._parts.append(data)

    def finish(self) -> bytes:
        """The whole."""
        return b"".join(self._parts)


class Deflate(Plain):
    """gzip (RFC 1952), or what is called deflate: zlib (RFC 1950), or raw from servers that misread it (RFC 1951)."""

    def __init__(self, limit: int, url: str, window: int | None) -> None:
        super().__init__(limit, url)
        self._window = window
        self._unpack = zlib.decompressobj(window) if window is not None else None
        self._head = b""
        self._started = False
        self._members = 1

    def feed(self, data: bytes) -> None:
        """Take more packed bytes; BadResponse when they are broken, TooLarge beyond the limit."""
        self._started = self._started or bool(data)
        if self._unpack is None:
            self._head += data
            if len(self._head) < 2:
                return
            data = self._head
            self._unpack = zlib.decompressobj(zlib.MAX_WBITS if _is_zlib(data) else -zlib.MAX_WBITS)
        while data:
            if self._unpack.eof:
                data = data.lstrip(b"\0")  # padding to a block is common
                if data:
                    self._unpack = self._next_member(data)
                continue
            try:
                plain = self._unpack.decompress(data, self._limit - self._size + 1)
            except zlib.error as error:
                raise self._broken(f"cannot be unpacked ({error})") from error
            super().feed(plain)
            data = self._unpack.unused_data

    def finish(self) -> bytes:
        """The whole, unpacked; BadResponse when it was cut off or is packed once more."""
        if not self._started:
            return b""  # a server that names a coding for an empty answer means an empty answer
        if self._unpack is None or not self._unpack.eof:
            raise self._broken("ends in the middle")
        plain = super().finish()
        if plain.startswith(_GZIP_MAGIC):
            raise self._broken("is packed twice")
        return plain

    def _next_member(self, data: bytes) -> zlib._Decompress:
        """What follows the end may be another gzip member (RFC 1952 §2.2), and nothing else."""
        self._members += 1
        if self._window is None or self._members > _MOST_MEMBERS or data[0] != _GZIP_MAGIC[0]:
            raise self._broken("has other bytes behind its end")
        return zlib.decompressobj(self._window)

    def _broken(self, how: str) -> BadResponse:
        return BadResponse(f"{self._url} says that its answer is packed, but it {how}.", url=self._url)


def _is_zlib(data: bytes) -> bool:
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
