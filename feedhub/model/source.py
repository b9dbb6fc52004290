"""An external origin we poll: what it declares, and the state we keep of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from feedhub.model.extract import Extract
from feedhub.model.learned import Learned
from feedhub.model.mailbox import MailFilter
from feedhub.model.rule import Rule

Kind = Literal["feed", "html", "json", "xml", "sitemap", "files", "mail"]
# Whether to subscribe where a source names a hub; sha1: deliveries may be signed with that.
Push = Literal["auto", "sha1", "off"]
Policy = Literal["review", "auto"]
Pictures = Literal["drop", "link", "store"]
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
    trust_zone: bool = True
    encoding: str | None = None
    language: str | None = None
    policy: Policy = "review"
    link: Literal["ours", "original"] = "ours"
    allow_hosts: tuple[str, ...] = ()
    allow_tls_downgrade: bool = False
    username: str | None = None
    password: str | None = None
    password_file: str | None = None
    mail: MailFilter | None = None
    reprint: Reprint = Reprint()
    licence: str = "unknown"
    robots: Literal["obey", "ignore"] = "obey"
    robots_by: str | None = None
    robots_why: str | None = None
    full_text: bool = False
    pictures: Pictures = "link"
    push: Push = "auto"
    rules: tuple[Rule, ...] = ()
    stale_after: timedelta | None = None
    declared_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollHints:
    """When its last document wished to be asked again; hours 0 to 23, days from Monday 0, both in UTC."""

    ttl_minutes: int | None = None
    update_minutes: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenMove:
    """A permanent redirect on every fetch since `first_at`: where it leads, and on how many fetches."""

    to: str
    times: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class FormerAddress:
    """An address that a source was polled at until it moved."""

    url: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What we keep of a source between polls. `fence` rises with every claim: a late writer is refused.

    `site_link` is the home page its last document named; `rhythm_seconds` the interval that adaptive polling
    has come to; `moved_to` the address it is polled at since it moved, `proposed_url` one that only a person may
    choose; `missing_since` the first of the 404s in a row; `news_at` when it last brought anything new;
    `stale_seconds` after how long without news it counts as stale by its own rhythm, `stale_at` when it does;
    `learned` what the guards know of it.
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
    hints: PollHints | None = None
    moved_to: str | None = None
    former_urls: tuple[FormerAddress, ...] = ()
    move_seen: SeenMove | None = None
    proposed_url: str | None = None
    missing_since: datetime | None = None
    news_at: datetime | None = None
    stale_seconds: int | None = None
    stale_at: datetime | None = None
    learned: Learned | None = None
