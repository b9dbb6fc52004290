"""An item recorded with its decision, and what a decision is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedhub.model.item import Item

EntryState = Literal["held", "accepted", "published", "rejected", "merged", "filtered"]
Outcome = Literal["published", "held", "merged", "filtered", "dropped", "unchanged"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an item, why (a stable code), by which rule, and a sentence for the ledger."""

    outcome: Outcome
    reason: str
    rule: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """That its source took an item back: when we saw it, how it was said (`tombstone`, `http_404`, `http_410`), the
    reason given, and what an editor made of it: it waits, the article was withdrawn too (followed), or kept."""

    at: datetime
    how: str
    reason: str = ""
    verdict: Literal["waits", "followed", "kept"] = "waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry. `pending` is a newer revision from the source that waits for review while `item` stands;
    `gone` that the source took it back; `page_due` when its own page is looked at next.

    `decided_by` is `rule:<name>` or the person who decided.
    """

    id: str
    source: str
    state: EntryState
    item: Item
    reason: str
    rule: str
    sections: tuple[str, ...]
    first_seen: datetime
    changed_at: datetime
    revision: int = 1
    pending: Item | None = None
    article_id: str | None = None
    merged_into: str | None = None
    release_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    gone: Gone | None = None
    page_due: datetime | None = None
