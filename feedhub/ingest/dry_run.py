"""A source's rules tried on the items that are stored already; nothing is changed.

A stored item has been through the rules of its day: what they rewrote or tagged is what the present rules see.
"""

from __future__ import annotations

from sqlalchemy import Connection

from feedhub.ingest.decide import Rules, decide_new
from feedhub.ingest.rules import apply_rules
from feedhub.model.entry import Decision, Entry
from feedhub.model.source import Source
from feedhub.store.entries import list_entries


def judge_stored(tx: Connection, source: Source, rules: Rules, *, limit: int) -> list[tuple[Entry, Decision]]:
    """The newest entries of a source, each with what would be decided if it came in now."""
    entries = list_entries(tx, source=source.key, limit=limit)
    return [(entry, decide_new(apply_rules(entry.item, source), source, rules)) for entry in entries]
