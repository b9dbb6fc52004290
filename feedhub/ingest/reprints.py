"""Which stored entries the new items of a document are reprints of: marks find the candidates, likeness judges them.

Items of one document are never reprints of each other, nor of what the same source still lists beside them: who
lists two pieces means two. What was published more than a week apart is not compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import Connection

from feedhub.ingest.likeness import Likeness, Text, likeness, marks_of, text_of
from feedhub.model.entry import Entry
from feedhub.model.item import Item
from feedhub.store.entries import entries_by_id, merged_entries
from feedhub.store.text_marks import find_by_marks, marked

APART = timedelta(days=7)
SEEN_WITHIN = timedelta(days=30)
_WORTH_A_WORD = 0.6

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Reprint:
    """The entry that tells a new item's story, or comes near (`how.same` tells)."""

    entry: Entry
    how: Likeness

    @property
    def words(self) -> str:
        """For the note of a decision."""
        share = f"{self.how.share:.0%} the same text"
        if self.how.same:
            return share
        return f"much like entry {self.entry.id} of {self.entry.source} ({share}), but {self.how.why}"


@dataclass(slots=True)
class Reprints(Generic[K]):
    """What was found for each new item, and the marks to be kept when it has become an entry."""

    found: dict[K, Reprint] = field(default_factory=dict)
    marks: dict[K, tuple[int, ...]] = field(default_factory=dict)
    entries: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def of(self, key: K) -> Reprint | None:
        """The reprint, or near one, that an item is."""
        return self.found.get(key)

    def became(self, key: K, entry_id: str) -> None:
        """The item is this entry now."""
        if marks := self.marks.get(key):
            self.entries[entry_id] = marks


def find_reprints(
    tx: Connection, source: str, newcomers: Mapping[K, Item], listed: frozenset[str | None], now: datetime
) -> Reprints[K]:
    """Look the newcomers up; `listed` are the guids of the document they stand in."""
    texts = {key: text_of(item) for key, item in newcomers.items()}
    reprints = Reprints[K](marks={key: marks for key, text in texts.items() if (marks := marks_of(text))})
    every = sorted({mark for marks in reprints.marks.values() for mark in marks})
    since = now - SEEN_WITHIN
    known = marked(tx, every, since) if every else frozenset()
    for key, marks in reprints.marks.items():
        if known.isdisjoint(marks):
            continue
        candidates = [
            entry
            for entry in find_by_marks(tx, marks, since=since)
            if entry.state != "filtered"
            and not (entry.source == source and entry.item.guid in listed)
            and _near(newcomers[key], entry, now)
        ]
        if best := judge(texts[key], candidates):
            reprints.found[key] = Reprint(_head(tx, best.entry), best.how) if best.how.same else best
    return reprints


def judge(text: Text, candidates: Sequence[Entry]) -> Reprint | None:
    """The first candidate that tells the same, else the one that comes nearest and is worth a word."""
    judged = [Reprint(entry, likeness(text, text_of(entry.item))) for entry in candidates]
    same = [one for one in judged if one.how.same]
    near = [one for one in judged if one.how.share >= _WORTH_A_WORD]
    return max(same or near, key=lambda one: one.how.share, default=None)


def reprint_chain(tx: Connection, entry: Entry) -> list[tuple[Entry, float]]:
    """All entries that tell the same as this one, first seen first, each with how much it shares with the first."""
    head = _head(tx, entry)
    everyone = sorted([head, *merged_entries(tx, head.id)], key=lambda one: (one.first_seen, int(one.id)))
    first = text_of(everyone[0].item)
    return [(one, likeness(text_of(one.item), first).share) for one in everyone] if len(everyone) > 1 else []


def _near(item: Item, entry: Entry, now: datetime) -> bool:
    return abs((item.published or now) - (entry.item.published or entry.first_seen)) <= APART


def _head(tx: Connection, entry: Entry) -> Entry:
    """The entry that another was merged into, itself where it was not."""
    if entry.state != "merged" or entry.merged_into is None:
        return entry
    return entries_by_id(tx, [entry.merged_into]).get(entry.merged_into, entry)
