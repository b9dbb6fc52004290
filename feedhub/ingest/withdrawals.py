"""A source takes an item back: a tombstone in its document, or a page that is gone (SEMANTICS 10).

    tombstone ─┬─ published here ─→ back to review with an alarm; the article stands until an editor says so
    page gone ─┘  held here      ─→ rejected; it is held again when the item comes back

`entry accept` follows the source and withdraws the article; `entry reject` keeps it. Either is asked once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.digests import digest
from feedhub.model.entry import Entry, Gone
from feedhub.model.item import Deleted, ParsedFeed
from feedhub.model.poll import LedgerLine
from feedhub.model.source import Source
from feedhub.store.alerts import clear_alert, raise_alert
from feedhub.store.entries import find_by_guid, update_entry, waiting_withdrawals

REASON = "withdrawn_upstream"
RULE = "source.withdrawal"
_REVIEW = "accept withdraws the article, reject keeps it"


def take_back(
    tx: Connection, source: Source, feeds: Sequence[ParsedFeed], *, first_position: int, now: datetime
) -> tuple[LedgerLine, ...]:
    """Apply what a source's documents take back; a ledger line for each entry that this changed."""
    present = {item.guid for feed in feeds for item in feed.items}
    said = {one.guid: one for feed in feeds for one in feed.deleted if one.guid not in present}
    if not said:
        return ()
    keys = {digest("guid", source.key, guid): one for guid, one in said.items()}
    lines: list[LedgerLine] = []
    for key, entry in find_by_guid(tx, source.key, list(keys)).items():
        one = keys[key]
        later = one.when is not None and entry.item.updated is not None and entry.item.updated > one.when
        if entry.gone is None and not later and (line := _taken_back(tx, entry, one, now)) is not None:
            lines.append(replace(line, position=first_position + len(lines)))
    return tuple(lines)


def bring_to_review(tx: Connection, entry: Entry, gone: Gone) -> LedgerLine:
    """Mark a published entry as taken back by its source; its article stands until an editor decides."""
    update_entry(tx, replace(entry, gone=gone, changed_at=gone.at))
    tell_waiting(tx, entry.source, gone.at)
    note = "; ".join(filter(None, (gone.how, gone.reason, _REVIEW)))
    return LedgerLine(0, entry.item.title, entry.item.guid, "held", REASON, RULE, note, entry.id)


def tell_waiting(tx: Connection, source: str, now: datetime) -> None:
    """One alarm per source says how many of its withdrawals wait for an editor; it ends with the last of them."""
    waiting = waiting_withdrawals(tx, source)
    if not waiting:
        clear_alert(tx, source=source, code=REASON, now=now)
        return
    named = ", ".join(waiting[:10]) + ("…" if len(waiting) > 10 else "")
    text = f"The source took back what is published here, and an editor has to decide: entry {named}."
    raise_alert(tx, source=source, code=REASON, text=text, now=now)


def came_back(entry: Entry) -> Entry:
    """The entry of an item that stands in its source's document again, as if no tombstone had been there."""
    if entry.gone is None or entry.gone.how != "tombstone":
        return entry
    again = replace(entry, gone=None)
    return replace(again, state="held", decided_by=None, decided_at=None) if entry.reason == REASON else again


def _taken_back(tx: Connection, entry: Entry, one: Deleted, now: datetime) -> LedgerLine | None:
    gone = Gone(now, "tombstone", one.reason)
    if entry.state in ("published", "accepted"):
        return bring_to_review(tx, entry, gone)
    if entry.state != "held":
        return None
    rejected = replace(entry, state="rejected", reason=REASON, gone=replace(gone, verdict="followed"), changed_at=now)
    update_entry(tx, replace(rejected, decided_by=f"rule:{RULE}", decided_at=now))
    note = "; ".join(filter(None, ("its source took it back while it waited for review", one.reason)))
    return LedgerLine(0, entry.item.title, entry.item.guid, "filtered", REASON, RULE, note, entry.id)
