"""The fields of a request and of an answer: which we send, how many we take, and what they say of the body's length.

Where an answer's length can be read in two ways (RFC 9112 §6.3) it is refused and its connection dropped: what
follows on it would belong to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedhub.errors import BadResponse, TooLarge, UsageError

MOST_BYTES = 64 * 1024
MOST_FIELDS = 200
SECRETS = frozenset({"authorization", "cookie"})
_OURS = frozenset(
    "connection content-length expect forwarded host http2-settings keep-alive remote-user te trailer "
    "transfer-encoding upgrade via x-real-ip".split()
)
_OUR_PREFIXES = ("proxy-", "x-forwarded-")
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e\t]*")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: |\r?\n|$)")


def check_request_fields(fields: Mapping[str, str]) -> None:
    """UsageError for a field that the client sets itself, that means something to a proxy, or that is none."""
    for name, value in fields.items():
        if not _NAME.fullmatch(name):
            raise UsageError(f"The header name {name!r} is none (RFC 9110 §5.1).")
        lower = name.lower()
        if lower in _OURS or lower.startswith(_OUR_PREFIXES):
            raise UsageError(f"The header {name} cannot be set: the client sends it itself, or it is a proxy's.")
        if not _VALUE.fullmatch(value):
            raise UsageError(f"The value of the header {name} has characters other than printable ASCII.")


class Head:
    """The head of one answer, taken line by line; an interim answer (1xx) is forgotten when the next begins."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.status = 0
        self.complete = False
        self._fields: list[tuple[str, str]] = []
        self._size = 0
        self._lines = 0

    def feed(self, line: bytes) -> None:
        """Take a line; TooLarge beyond 64 KiB or 200 fields, BadResponse when the head is none."""
        self._size += len(line)
        self._lines += 1
        if self._size > MOST_BYTES or self._lines > MOST_FIELDS + 2:
            raise TooLarge(
                f"{self._url} sent more than {MOST_FIELDS} header fields or {MOST_BYTES // 1024} KiB of them; stopped.",
                url=self._url,
            )
        if self.complete and self.status >= 200:
            return  # a trailer: counted, and no part of the answer
        if line in (b"\r\n", b"\n"):
            self.complete = True
            if self.status >= 200:
                self._check_length()
        elif self.status == 0 or self.complete:
            found = _STATUS.match(line)
            if not found:
                raise BadResponse(f"{self._url} answered something that is not HTTP.", url=self._url)
            self.status, self.complete, self._fields = int(found[1]), False, []
        else:
            self._field(line)

    def has(self, name: str) -> bool:
        """Whether there is a field of this lower-case name."""
        return any(known == name for known, _ in self._fields)

    def value(self, name: str) -> str | None:
        """The value of a field by its lower-case name, repeated ones joined by a comma."""
        values = [value for known, value in self._fields if known == name]
        return ", ".join(values) if values else None

    def mapping(self) -> dict[str, str]:
        """All fields by lower-case name, repeated ones joined by a comma."""
        joined: dict[str, str] = {}
        for name, value in self._fields:
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return joined

    @property
    def content_length(self) -> int | None:
        """What Content-Length says; None without it."""
        value = self.value("content-length")
        return int(value.partition(",")[0]) if value is not None else None

    def _field(self, line: bytes) -> None:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("latin-1")
        text = text.rstrip("\r\n")
        if text[:1] in (" ", "\t") and self._fields:  # an old fold of a long line (RFC 9112 §5.2)
            name, value = self._fields[-1]
            self._fields[-1] = (name, f"{value} {text.strip()}")
            return
        name, colon, value = text.partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise BadResponse(f"{self._url} sent a header line that is none: {text[:60]!r}.", url=self._url)
        self._fields.append((name.lower(), value.strip(" \t")))

    def _check_length(self) -> None:
        lengths = self.value("content-length")
        coding = self.value("transfer-encoding")
        if coding is not None and coding.lower() not in ("chunked", "identity"):
            raise self._unclear(f"a transfer coding we did not ask for, {coding[:40]!r}")
        if lengths is None:
            return
        if coding is not None:
            raise self._unclear("both a Content-Length and a Transfer-Encoding")
        values = {value.strip() for value in lengths.split(",")}
        if len(values) > 1:
            raise self._unclear("two Content-Lengths that differ")
        if not re.fullmatch(r"[0-9]{1,15}", values.pop()):
            raise self._unclear(f"the Content-Length {lengths[:40]!r}, which is no length")

    def _unclear(self, what: str) -> BadResponse:
        return BadResponse(f"{self._url} answered with {what}.", url=self._url)
