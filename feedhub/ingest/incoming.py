"""Incoming WebSub, the decisions: what a source advertises, whether a hub may call us, whether a push is genuine.

Pure. Discovery, duties and signature are those of the W3C Recommendation (§4, §5, §7.1): Link headers count before
the document, the subscription is told by its callback alone and never by what a delivery says of itself.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from feedhub.basics.backoff import LONGEST
from feedhub.basics.urls import web_url
from feedhub.ingest.next_state import NextState
from feedhub.model.incoming import PushTally
from feedhub.model.item import ParsedFeed
from feedhub.model.source import Schedule, Source
from feedhub.net.address import why_not_public

LEASE_ASKED = timedelta(days=10)
SHORTEST_LEASE, LONGEST_LEASE = timedelta(hours=1), timedelta(days=30)
# So many genuine pushes in a row, without a poll that found more, and polls become fewer.
TRUSTED = 3
FEWER = 3
Genuine = Literal["good", "missing", "wrong"]
_METHODS = ("sha256", "sha384", "sha512")
_LINK = re.compile(r"<([^<>]{1,2048})>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s\",;]+))*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))", re.I)
_HOME_NAMES = ("localhost", "local", "internal", "test", "invalid", "home.arpa")


@dataclass(frozen=True, slots=True)
class Advertised:
    """A hub and the topic that it knows the source by."""

    hub: str
    topic: str


def advertised(headers: Mapping[str, str], feed: ParsedFeed, url: str) -> Advertised | None:
    """What a source's answer advertises: Link headers (RFC 8288) where they name a hub or a self, else the document.

    An https hub is preferred. None without a hub, or without a self.
    """
    links = _links(headers.get("link", ""), url)
    hubs = links.get("hub") or feed.hubs
    topics = links.get("self") or ((feed.self_url,) if feed.self_url else ())
    if not hubs or not topics:
        return None
    return Advertised(next((hub for hub in hubs if hub.startswith("https:")), hubs[0]), topics[0])


def may_call_us(base_url: str, hub: str) -> bool:
    """Whether a hub could reach our callback: at a public address any, at a private one only a hub at one, too."""
    return not _at_home(base_url) or _at_home(hub)


def genuine(header: str | None, secret: str, body: bytes, *, sha1: bool) -> Genuine:
    """Whether X-Hub-Signature is the body's HMAC under the secret, by the method that it states (WebSub §7.1).

    sha1 counts as wrong unless the source takes it. Compared in constant time.
    """
    if not header:
        return "missing"
    method, _, said = header.strip().partition("=")
    method = method.lower()
    if method not in _METHODS and not (sha1 and method == "sha1"):
        return "wrong"
    expected = hmac.new(secret.encode(), body, method).hexdigest()
    return "good" if hmac.compare_digest(expected.encode(), said.strip().lower().encode()) else "wrong"


def lease_of(seconds: str | None) -> timedelta:
    """The lease that a hub has granted, within SHORTEST_LEASE and LONGEST_LEASE; what we asked for when it does not
    say."""
    if not seconds or not seconds.isascii() or not seconds.isdigit() or len(seconds) > 12:
        return LEASE_ASKED
    return min(max(timedelta(seconds=int(seconds)), SHORTEST_LEASE), LONGEST_LEASE)


def renew_after(lease: timedelta) -> timedelta:
    """When a lease is renewed: with a fifth of it left."""
    return lease * 0.8


def poll_less(after: NextState, schedule: Schedule, tally: PushTally, *, now: datetime) -> NextState:
    """A poll's next state while pushes prove true: under `adaptive` FEWER times its longest interval, a day at most.

    `every` and `cron` are kept to the letter: only Retry-After lengthens them (SEMANTICS 15).
    """
    if tally.trust < TRUSTED or schedule.adaptive is None or after.due is None:
        return after
    due = max(after.due, now + min(schedule.adaptive[1] * FEWER, LONGEST))
    return replace(after, values=after.values | {"next_due": due}, due=due)


def takes_sha1(source: Source) -> bool:
    """Whether a person allowed the weak signature for this source."""
    return source.push == "sha1"


def _links(field: str, base: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for target, parameters in _LINK.findall(field[:16384]):
        address = web_url(target, base)
        rels = _REL.search(parameters)
        for rel in (rels[1] or rels[2]).lower().split() if rels and address else ():
            found[rel] = (*found.get(rel, ()), str(address))
    return found


def _at_home(address: str) -> bool:
    host = (urlsplit(address).hostname or "").lower().rstrip(".")
    if host in _HOME_NAMES or host.endswith(tuple(f".{name}" for name in _HOME_NAMES)):
        return True
    try:
        return why_not_public(host) is not None
    except ValueError:
        return "." not in host
