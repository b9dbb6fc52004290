"""What the hub works with: a topic, a subscription to it as a cursor, a request for one, a delivery and its outcome.

Words as in WebSub (W3C Recommendation). `seq` numbers are those of the change log (SEMANTICS 1, 25).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Dialect = Literal["websub", "rsscloud"]
Mode = Literal["subscribe", "unsubscribe"]
Signature = Literal["sha1", "sha256", "sha384", "sha512"]
Approval = Literal["open", "key", "approve"]
SubscriptionState = Literal["active", "waiting", "expired", "unsubscribed", "gone", "denied"]
AttemptOutcome = Literal["delivered", "failed", "gave_up", "ended"]
SIGNATURES: tuple[Signature, ...] = ("sha256", "sha384", "sha512", "sha1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What can be subscribed to: the path of one of our documents, or a foreign address that an operator allows.

    `seq` is that of the newest content known to the hub.
    """

    id: str
    name: str
    foreign: bool
    seq: int
    moved_at: datetime | None = None
    fetch_due: datetime | None = None
    fetched_at: datetime | None = None
    fetch_error: str | None = None
    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a receiver stands on the change log, and what a delivery needs to reach it.

    `acked_seq` is the newest the receiver has; `stopped_seq` the one at which the tries were given up (a dead letter);
    `fence` that of the claim under which it was read; `answer_ms` how long the receiver took last;
    `procedure` what is called there by XML-RPC (rssCloud).
    """

    id: str
    topic_id: str
    topic: str
    foreign: bool
    callback: str
    host: str
    dialect: Dialect
    state: SubscriptionState
    secret: str | None = field(default=None, repr=False)
    signature: Signature = "sha256"
    acked_seq: int
    next_try: datetime
    tries: int = 0
    reason: str | None = None
    stopped_seq: int | None = None
    stopped_at: datetime | None = None
    last_status: int | None = None
    last_at: datetime | None = None
    answer_ms: int | None = None
    ended_at: datetime | None = None
    fence: int = 0
    procedure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Cursor):
    """One row per topic, callback and dialect: a cursor with its lease."""

    partner: str | None = None
    lease_until: datetime
    created_at: datetime
    verified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRequest:
    """A request that waits for its verification; nothing of it counts before that (WebSub §5.3).

    `asked_topic` is the topic as the subscriber wrote it; `baseline_seq` what the topic had when it was asked;
    `since_seq` what the subscriber says it has (`feedhub.since`).
    """

    id: str
    mode: Mode
    topic_id: str
    topic: str
    asked_topic: str
    callback: str
    host: str
    dialect: Dialect
    lease_seconds: int
    secret: str | None = field(default=None, repr=False)
    signature: Signature = "sha256"
    partner: str | None = None
    since_seq: int | None = None
    baseline_seq: int = 0
    exempt: bool = False
    asked_at: datetime
    next_try: datetime
    tries: int = 0
    ended_at: datetime | None = None
    outcome: str | None = None
    procedure: str | None = None
    by_test: bool = False
    to_approve: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is sent: the bytes of a document, byte-equal, up to `seq` of the change log.

    `address` is the topic's own; `catch_up` marks a document made of what a receiver has missed (SEMANTICS 25), and
    `newest` is then what the topic has beyond it.
    """

    address: str
    seq: int
    body: bytes
    content_type: str
    catch_up: bool = False
    newest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One try to bring content to a receiver; `id` is the same over all tries."""

    id: str
    subscription: Cursor
    content: Content


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A first try that succeeded: nothing is kept of it but that the cursor has moved to `seq`."""

    subscription: Cursor
    seq: int
    next_try: datetime
    status: int
    at: datetime
    answer_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one try ended, for the record."""

    id: str
    subscription_id: str
    delivery_id: str
    topic: str
    callback: str
    seq: int
    catch_up: bool
    at: datetime
    number: int
    outcome: AttemptOutcome
    status: int | None
    reason: str | None
    answer_ms: int | None
