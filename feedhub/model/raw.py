"""A source's document as its bytes came, and how they were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LARGEST = 5 * 1024 * 1024  # of these bytes; a larger one is not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """The bytes with what came with them. `asked` is the address asked for, `url` the one that answered; `reading`
    how they were read (`feed`, `html`, `detail`…), `encoding` the source's own setting then, and `decision` the
    phrase that says which charset was used and why."""

    digest: str
    asked: str
    url: str
    content_type: str | None
    reading: str
    encoding: str | None
    decision: str
    read_at: datetime
    body: bytes
