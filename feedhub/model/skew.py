"""How far the times of a source are ahead of the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Bound:
    """How far the time of a new item is ahead of the truth: at least, at most (None: unknown), and the offset that
    it was read with; all in minutes."""

    least: int
    most: int | None
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """What is known of a source's times under its `settings`: the newest of them, the bounds of the last few new
    items, and by how many minutes they are all ahead (negative: behind), if they agree on it."""

    settings: str
    newest: datetime
    bounds: tuple[Bound, ...] = ()
    minutes: int | None = None
