"""Polls that brought nothing, settled together: at most hours every source is quiet.

    fetched, the same as before ─→ the next state of each ─→ fences looked at ─→ ONE write for all whose claim stands

A poll whose claim was lost meanwhile is left out of the write, as `settle.py` would refuse it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from feedhub.ingest.fetched import Fetched
from feedhub.ingest.further import reads_pages
from feedhub.ingest.means import Ingest
from feedhub.ingest.next_state import after_unchanged
from feedhub.ingest.push_or_poll import weigh_pushes
from feedhub.ingest.settle import unchanged_poll
from feedhub.model.poll import Poll
from feedhub.model.source import Source, SourceState
from feedhub.store.polls import record_polls
from feedhub.store.pushes import with_tallies
from feedhub.store.sources import settle_polls


@dataclass(frozen=True, slots=True)
class Quiet:
    """A claimed source whose fetch brought the same as before."""

    source: Source
    state: SourceState
    fetched: Fetched
    started: datetime


def is_quiet(source: Source, fetched: Fetched) -> bool:
    """Whether a fetch ends its poll: pictures that are stored, and items' own pages, may still be asked for."""
    return fetched.fresh != "new" and source.pictures != "store" and not reads_pages(source)


def settle_quiet(ingest: Ingest, quiet: Sequence[Quiet]) -> list[Poll]:
    """Settle them in one write; the polls of those whose claim still stood."""
    now = ingest.clock.now()
    with ingest.store.read() as tx:
        pushed = with_tallies(tx, [one.source.key for one in quiet]) if ingest.base_url else frozenset()
        settled = [_settled(ingest, tx, one, pushed, now) for one in quiet]

    def write(tx: Connection) -> list[Poll]:
        standing = settle_polls(tx, [(one.state, values) for one, (values, _) in zip(quiet, settled, strict=True)])
        polls = [poll for _, poll in settled if poll.source in standing]
        record_polls(tx, polls)
        return polls

    return ingest.store.write_together(write)


def _settled(
    ingest: Ingest, tx: Connection, one: Quiet, pushed: frozenset[str], now: datetime
) -> tuple[dict[str, Any], Poll]:
    """What changes in the source's state, and the poll."""
    after = after_unchanged(one.source, one.state, one.fetched, now=now, fraction=ingest.dice.fraction())
    if one.source.key in pushed:
        after = weigh_pushes(tx, one.source, after, (), now=now)
    # Most of it is as it was, and need not be written again.
    values = {name: value for name, value in after.values.items() if getattr(one.state, name, ...) != value}
    return values, unchanged_poll(one.source, one.fetched, after, one.started, now)
