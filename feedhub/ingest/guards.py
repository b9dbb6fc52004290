"""The guards: what a document, seen as a whole, says against publishing from it. They stand before the decisions.

    gathered ─→ guard ─→ guard ─→ … ─→ findings: items held (and why), notes, what was learned ─→ decide per item

A guard is a pure function of one `Sight`. It may hold items, add sentences to the poll, and learn; it may raise a
ParseError when nothing of the document may be taken (the poll then fails, and entries and validators stay).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from feedhub.ingest.further import Gathered
from feedhub.model.entry import Decision
from feedhub.model.learned import Learned
from feedhub.model.source import Source
from feedhub.ports.web import WebResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a guard sees: the source, all that was gathered, how it was answered, and what was learned before."""

    source: Source
    gathered: Gathered
    response: WebResponse | None
    learned: Learned
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Items to hold by their position in `gathered.items` (the first guard to hold one gives the reason), sentences
    for the poll, and what is known from now on."""

    learned: Learned
    holds: Mapping[int, Decision] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Guard = Callable[[Sight], Findings]
GUARDS: tuple[Guard, ...] = ()


def look(sight: Sight, guards: tuple[Guard, ...] = GUARDS) -> Findings:
    """What all guards find, each knowing what those before it learned."""
    holds: dict[int, Decision] = {}
    notes: list[str] = []
    for guard in guards:
        found = guard(sight)
        sight = replace(sight, learned=found.learned)
        holds = {**found.holds, **holds}
        notes += found.notes
    return Findings(learned=sight.learned, holds=holds, notes=tuple(notes))
