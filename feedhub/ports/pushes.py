"""Pushing one body to many receivers: what is asked of the outbound client, and what comes back.

Implemented by `net/fan_out.py`. The answer's body is ignored, redirects are answers like any other (WebSub §7).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Push:
    """A POST to a receiver; `key` comes back with its end. `fields` are whole header lines in printable ASCII."""

    key: Hashable
    url: str
    fields: Sequence[str]
    body: bytes


@dataclass(frozen=True, slots=True)
class PushEnded:
    """How a push ended: the status, or 0 with the code and words of what went wrong; Retry-After in seconds."""

    key: Hashable
    status: int
    code: str = ""
    error: str | None = None
    retry_after: int = 0
    seconds: float = 0.0


class Pusher(Protocol):
    """Carries pushes; used by one thread, which keeps it going by `wait`."""

    def begin(self, push: Push) -> None:
        """Start a push, or queue it behind its host's others."""
        ...

    def wait(self, seconds: float) -> list[PushEnded]:
        """Go on for at most so long; what has ended since, as soon as anything has."""
        ...
