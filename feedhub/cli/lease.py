"""Commands that need a source's lease wait a while for whoever holds it (SEMANTICS 32)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from feedhub.errors import Conflict

LEASE_WAIT = 30.0
T = TypeVar("T")


def in_turn(key: str, attempt: Callable[[], T | None]) -> T:
    """What `attempt` gives once the source's lease is free; Conflict when another holds it for LEASE_WAIT seconds."""
    deadline = time.monotonic() + LEASE_WAIT
    while (done := attempt()) is None:
        if time.monotonic() >= deadline:
            raise Conflict(f"Another process has been polling {key!r} for {LEASE_WAIT:.0f} s; try again later.")
        time.sleep(0.25)
    return done
