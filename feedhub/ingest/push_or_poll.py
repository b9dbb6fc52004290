"""What a poll means for pushes, and pushes for polls; in the poll's one write.

advertises a hub ─→ wanted · no longer ─→ left · news that no push had brought ─→ trust lost · trusted ─→ due later
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from feedhub.ingest.incoming import advertised, may_call_us, poll_less
from feedhub.ingest.next_state import NextState
from feedhub.model.item import ParsedFeed
from feedhub.model.poll import LedgerLine
from feedhub.model.source import Source
from feedhub.ports.dice import Dice
from feedhub.ports.web import WebResponse
from feedhub.store import incoming
from feedhub.store.pushes import count_polled, tally_of, waiting

NEWS = frozenset({"published", "held", "merged", "filtered"})
# What a hub may deliver: one document at one address, read as the source is.
KINDS = frozenset({"feed", "html", "json", "xml"})


def follow_hub(
    tx: Connection,
    source: Source,
    after: NextState,
    feeds: Sequence[ParsedFeed],
    response: WebResponse | None,
    base_url: str,
    dice: Dice,
    now: datetime,
) -> NextState:
    """Want a subscription at the hub that a document advertises, which a note says, or leave one that it no longer
    does."""
    if source.kind not in KINDS or response is None or not base_url:
        return after
    hub = None if source.push == "off" else advertised(response.headers, feeds[0], response.url)
    if hub is not None and not may_call_us(base_url, hub.hub):
        hub = None
    if hub is None:
        if incoming.subscriptions(tx, source.key):
            incoming.leave(tx, source.key, now)
        return after
    wanted = incoming.want(tx, source.key, hub.hub, hub.topic, token=dice.token(), secret=dice.token(), now=now)
    note = f"it names the hub {hub.hub}; a subscription is asked for"
    return replace(after, notes=(*after.notes, note)) if wanted else after


def weigh_pushes(
    tx: Connection, source: Source, after: NextState, lines: Sequence[LedgerLine], *, now: datetime
) -> NextState:
    """A poll's next state, as pushes have proved: fewer polls while they do, as many as before when they do not."""
    tally = tally_of(tx, source.key) if source.kind in KINDS and source.push != "off" else None
    if tally is None:
        return after
    standing = [one for one in incoming.subscriptions(tx, source.key) if one.lease_until and one.lease_until > now]
    if not standing:
        return after
    news = sum(line.outcome in NEWS for line in lines)
    if not news:
        return poll_less(after, source.schedule, tally, now=now)
    if waiting(tx, source.key):
        return after  # the push that brings them is here already
    count_polled(tx, source.key, news)
    return replace(after, notes=(*after.notes, f"{news} of its items came by no push, though a hub is subscribed to"))
