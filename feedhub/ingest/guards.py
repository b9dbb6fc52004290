"""The guards: what a document, seen as a whole, says against publishing from it. They stand before the decisions.

    gathered ─→ guard ─→ guard ─→ … ─→ findings: items held (and why), notes, what was learned ─→ decide per item

A guard is a pure function of one `Sight`. It may hold items, add sentences to the poll, and learn; it may raise a
ParseError when nothing of the document may be taken (the poll then fails, and entries and validators stay).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from feedhub.ingest.drift import guard_drift
from feedhub.ingest.garbled_guard import hold_garbled
from feedhub.ingest.own_return import guard_own
from feedhub.ingest.sight import Findings, Sight
from feedhub.ingest.skew import learn_skew
from feedhub.ingest.tripwire import guard_standing
from feedhub.model.entry import Decision

Guard = Callable[[Sight], Findings]
GUARDS: tuple[Guard, ...] = (guard_own, hold_garbled, guard_drift, guard_standing, learn_skew)


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
