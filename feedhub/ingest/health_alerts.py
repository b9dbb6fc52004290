"""Which alerts the health of the sources raises and clears: pure, given the healths and the alerts that stand.

A source has at most one alert of its health. From failing to late and back it is the same trouble by another name,
told once; into stopped, drifting, suspect or frozen it is another state, and told as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedhub.ingest.condition import Health, source_health
from feedhub.model.alert import Alert
from feedhub.model.source import Source, SourceState

# What may pass by itself is told when it has lasted; what has come to a decision, or was one, at once.
PASSING = frozenset({"failing", "late"})
LASTING = frozenset({"drifting", "suspect", "stopped", "frozen"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is to be said of a source in an alert's words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What to do with an alert. `supersede` ends one whose end is not told, since another takes its place."""

    act: Literal["raise", "reword", "rename", "clear", "supersede"]
    source: str
    code: str
    text: str = ""
    alert: Alert | None = None


def troubles(sources: Iterable[tuple[Source, SourceState]], now: datetime) -> dict[str, Trouble | None]:
    """By source its trouble, None for one that is well, new or paused."""
    return {source.key: _trouble(source, state, source_health(source, state, now)) for source, state in sources}


def health_changes(found: Mapping[str, Trouble | None], alerts: Sequence[Alert]) -> list[Change]:
    """What brings the alerts in step with the sources; alerts of other codes are left alone."""
    standing = {
        alert.source: alert
        for alert in alerts
        if alert.source is not None and alert.cleared_at is None and alert.code in PASSING | LASTING
    }
    changes: list[Change] = []
    for source, alert in standing.items():
        if source not in found:  # removed
            changes.append(Change("supersede", source, alert.code, alert=alert))
        elif found[source] is None:
            changes.append(Change("clear", source, alert.code, alert=alert))
    for source, trouble in found.items():
        if trouble is not None:
            changes += _change(source, trouble, standing.get(source))
    return changes


def _change(source: str, trouble: Trouble, alert: Alert | None) -> list[Change]:
    raised = Change("raise", source, trouble.code, trouble.text)
    if alert is None:
        return [raised]
    if alert.code == trouble.code:
        same = alert.text == trouble.text
        return [] if same else [Change("reword", source, trouble.code, trouble.text, alert)]
    if {alert.code, trouble.code} <= PASSING:
        return [Change("rename", source, trouble.code, trouble.text, alert)]
    return [Change("supersede", source, alert.code, alert=alert), raised]


def _trouble(source: Source, state: SourceState, health: Health) -> Trouble | None:
    if health.name not in PASSING | LASTING:
        return None
    text = f"Source {source.key} ({source.name}) is {health.name}: {health.cause}"
    if state.condition == "active" and health.name != "late":
        text = f"{text.rstrip('.')}. Next try {state.next_due:%Y-%m-%d %H:%M}Z."
    return Trouble(health.name, text)
