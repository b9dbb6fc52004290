"""A poll and its ledger: fetched = published + held + merged + filtered + dropped + unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedhub.model.entry import Outcome

PollOutcome = Literal["ok", "not_modified", "same_bytes", "failed"]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What became of one item of one poll, by which rule, and why."""

    position: int
    title: str
    guid: str | None
    outcome: Outcome
    reason: str
    rule: str
    note: str = ""
    entry_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One poll of one source; `status` and `url` are those of the last answer, `code` and `message` of a failure.

    `beyond` counts the items that were not read, since their document has more than it may have: they are dropped,
    without a line each. `read_by` says of each XML feed that was read whether feedparser or a quick way (`plain_rss`,
    `plain_atom`) read it.
    """

    id: str | None = None
    source: str
    started_at: datetime
    finished_at: datetime
    outcome: PollOutcome
    status: int | None = None
    url: str | None = None
    code: str | None = None
    message: str | None = None
    next_due: datetime | None = None
    lines: tuple[LedgerLine, ...] = ()
    notes: tuple[str, ...] = ()
    read_by: tuple[str, ...] = ()
    beyond: int = 0

    @property
    def fetched(self) -> int:
        """How many items there were, of whatever outcome."""
        return len(self.lines) + self.beyond

    def count(self, outcome: Outcome) -> int:
        """How many items had that outcome."""
        return sum(line.outcome == outcome for line in self.lines) + (self.beyond if outcome == "dropped" else 0)
