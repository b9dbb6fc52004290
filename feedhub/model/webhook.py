"""A webhook: a partner's address that is told of events (Standard Webhooks 1.0); and an event on its way there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

EventType = Literal["article.published", "article.corrected", "article.withdrawn", "source.state_changed"]
WebhookState = Literal["active", "gone"]
EVENT_TYPES: tuple[EventType, ...] = (
    "article.published", "article.corrected", "article.withdrawn", "source.state_changed",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """`secret` signs; `old_secret` signs too until `old_until`, while a partner changes over.

    `events` and `sections` are what it is told of, all where empty; `partner` sees it under its key. `held_until`: it
    failed often of late and is left alone; `gone` once it answered 410.
    """

    id: str
    name: str
    url: str
    secret: str = field(repr=False)
    old_secret: str | None = field(default=None, repr=False)
    old_until: datetime | None = None
    events: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    partner: str | None = None
    state: WebhookState = "active"
    created_at: datetime
    failures: int = 0
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event for one webhook: written with the change, `message_id` the same over all tries.

    `body` is made with the first try. `next_try` is None when it is over: `outcome` says how.
    """

    id: str
    webhook_id: str
    message_id: str
    type: EventType
    at: datetime
    seq: int | None = None
    article_id: str | None = None
    data: dict[str, Any] | None = None
    body: bytes | None = field(default=None, repr=False)
    next_try: datetime | None = None
    tries: int = 0
    outcome: str | None = None
    status: int | None = None
    done_at: datetime | None = None
