"""What an import did: counts that add up to the records read, every error with its place, notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from feedhub.errors import RecordError

Outcome = Literal["new", "corrected", "unchanged", "scheduled", "withdrawn_kept", "expired"]
MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`withdrawn_kept` stayed withdrawn; `expired` were past their expiry before we ever had them.

    `superseded` records were followed by another of the same id. `errors` and `notes` list the first 1,000;
    `failed` counts all.
    """

    new: int = 0
    corrected: int = 0
    unchanged: int = 0
    scheduled: int = 0
    withdrawn_kept: int = 0
    expired: int = 0
    superseded: int = 0
    failed: int = 0
    errors: tuple[RecordError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the store is another than before."""
        return bool(self.new or self.corrected or self.scheduled)


@dataclass(slots=True)
class Tally:
    """The report while it is being made."""

    counts: dict[Outcome, int] = field(default_factory=dict)
    superseded: int = 0
    failed: int = 0
    errors: list[RecordError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """One article more with that outcome."""
        self.counts[outcome] = self.counts.get(outcome, 0) + 1

    def fail(self, error: RecordError) -> None:
        """One record more that could not be taken in."""
        self.failed += 1
        if len(self.errors) < MOST_LISTED:
            self.errors.append(error)

    def note(self, sentence: str) -> None:
        """Something worth saying that is no error."""
        if len(self.notes) < MOST_LISTED:
            self.notes.append(sentence)

    def report(self) -> ImportReport:
        """The finished report."""
        return ImportReport(
            **self.counts, superseded=self.superseded, failed=self.failed,
            errors=tuple(self.errors), notes=tuple(self.notes),
        )  # fmt: skip
