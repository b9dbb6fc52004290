"""An external origin we poll: what it declares, and the state we keep of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from feedhub.model.extract import Extract

Kind = Literal["feed", "html", "json", "xml", "sitemap", "files"]
Policy = Literal["review", "auto"]
Condition = Literal["active", "paused", "frozen", "stopped"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a source is polled: every so often, by a cron line in its zone, or between bounds of its own rhythm."""

    every: timedelta | None = None
    cron: str | None = None
    adaptive: tuple[timedelta, timedelta] | None = None


DEFAULT_SCHEDULE = Schedule(adaptive=(timedelta(minutes=15), timedelta(hours=4)))


@dataclass(frozen=True, slots=True)
class Reprint:
    """What the official list of sources says of this one (SEMANTICS 12)."""

    listed: bool = False
    number: str | None = None
    checked_on: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source as declared in a file or added by an operator; `declared_at` is file:line, None for operators'."""

    key: str
    name: str
    kind: Kind = "feed"
    extract: Extract | None = None
    url: str | None = None
    path: str | None = None
    home: str | None = None
    sections: tuple[str, ...] = ()
    schedule: Schedule = DEFAULT_SCHEDULE
    time_zone: str = "Asia/Shanghai"
    language: str | None = None
    policy: Policy = "review"
    link: Literal["ours", "original"] = "ours"
    allow_hosts: tuple[str, ...] = ()
    allow_tls_downgrade: bool = False
    username: str | None = None
    password: str | None = None
    reprint: Reprint = Reprint()
    licence: str = "unknown"
    declared_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What we keep of a source between polls. `fence` rises with every claim: a late writer is refused.

    `site_link` is the home page its last document named; `rhythm_seconds` the interval that adaptive polling
    has come to.
    """

    key: str
    condition: Condition = "active"
    next_due: datetime
    lease_owner: str | None = None
    lease_until: datetime | None = None
    fence: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    last_poll: datetime | None = None
    last_success: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    last_error_code: str | None = None
    site_link: str | None = None
    rhythm_seconds: int | None = None
