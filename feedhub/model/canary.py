"""A canary: our own subscriber on a topic, which measures how long a change takes from publication to delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """`seq` is the newest that arrived, `latencies` the last hundred spans in milliseconds, oldest first.

    `mounted_at` is when its worker last began to listen: what was published before is not held against it.
    `waits_since` is when the oldest change was published that has not arrived; None when all has.
    """

    topic: str
    seq: int
    mounted_at: datetime
    received: int = 0
    received_at: datetime | None = None
    latencies: tuple[int, ...] = ()
    waits_since: datetime | None = None
