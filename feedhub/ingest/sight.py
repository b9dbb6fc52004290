"""What a guard sees of a poll, and what it finds (`guards.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feedhub.ingest.further import Gathered
from feedhub.model.entry import Decision
from feedhub.model.learned import Learned
from feedhub.model.source import Source
from feedhub.ports.web import WebResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a guard sees: the source, all that was gathered, how it was answered, and what was learned before.

    `last_read` is when the source was last found as it was then: newer items came later than that. `base_url` is our
    own public address, where that is known.
    """

    source: Source
    gathered: Gathered
    response: WebResponse | None
    learned: Learned
    now: datetime
    last_read: datetime | None = None
    base_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Items to hold by their position in `gathered.items` (the first guard to hold one gives the reason), sentences
    for the poll, and what is known from now on."""

    learned: Learned
    holds: Mapping[int, Decision] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
