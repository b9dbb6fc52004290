"""Pushes that come in: a subscription of ours at a source's hub, a push that it brought, and how pushes prove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

IncomingState = Literal["wanted", "asked", "active", "leaving", "publisher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A subscription of ours; `token` is the unguessable part of its callback, renewed with each lease.

    It is wanted, asked for at the hub, active once the hub has verified it, and leaving when another took its place.
    In state `publisher` there is no hub: whoever publishes the source pushes its content here itself (a fat ping).
    """

    token: str
    source: str
    hub: str
    topic: str
    secret: str
    state: IncomingState
    next_try: datetime
    lease_until: datetime | None = None
    tries: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A body that a hub delivered and that was found genuine; it waits to be walked on."""

    id: str
    source: str
    hub: str
    topic: str
    received_at: datetime
    content_type: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTally:
    """Push against poll for one source: genuine pushes, refused ones and repeats; new items that came by each way.

    `trust` counts genuine pushes since a poll last found what no push had brought.
    """

    pushes: int = 0
    refused: int = 0
    repeated: int = 0
    push_news: int = 0
    poll_news: int = 0
    trust: int = 0
    last_push: datetime | None = None
