"""What a request to the hub says: its form read into values, every fault in plain words (WebSub §5.1).

Pure. What is unknown is ignored; what is known stands there once. A topic is told by its normal form, and repeated to
the subscriber as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from feedhub.basics.dates import aware
from feedhub.errors import HubRefused
from feedhub.model.hub import SIGNATURES, Signature

SHORTEST_LEASE, LONGEST_LEASE = timedelta(hours=1), timedelta(days=10)
USUAL_LEASE = LONGEST_LEASE
MOST_LAST = 500
SECRET_BYTES = 200  # fewer than these (WebSub §5.1)
LONGEST_ADDRESS = 2000
FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to subscribe or unsubscribe, as written; `since` is the sequence that the subscriber says it has, or an
    instant; `last` how many articles it wants that came before."""

    mode: Literal["subscribe", "unsubscribe"]
    topic: str
    callback: str
    lease: timedelta
    secret: str | None = field(default=None, repr=False)
    signature: Signature = "sha256"
    since: int | datetime | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """A publisher says that topics have news."""

    topics: tuple[str, ...]


def read_request(body: bytes, content_type: str) -> Asked | Ping:
    """The form that was posted; HubRefused `bad_request` or `secret_refused`."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise HubRefused("Send a form: Content-Type: application/x-www-form-urlencoded, in UTF-8 (WebSub §5.1).")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HubRefused(
            f"The form cannot be read: it has more than {_MOST_FIELDS} fields, or is not UTF-8."
        ) from error
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        said.setdefault(name, []).append(value)
    mode = _one(said, "hub.mode")
    if mode == "publish":
        topics = [*said.get("hub.url", ()), *said.get("hub.topic", ())]
        if not any(topics):
            raise HubRefused("A publish ping names the topic that has news: hub.url is missing.")
        return Ping(tuple(dict.fromkeys(topic for topic in topics if topic)))
    if mode not in ("subscribe", "unsubscribe"):
        raise HubRefused(f"hub.mode is {mode[:40]!r}; it has to be subscribe, unsubscribe or publish.")
    return Asked(
        mode=cast(Literal["subscribe", "unsubscribe"], mode),
        topic=_address(_one(said, "hub.topic"), "hub.topic"),
        callback=_address(_one(said, "hub.callback"), "hub.callback"),
        lease=lease_of((said.get("hub.lease_seconds") or [""])[0]),
        secret=_secret((said.get("hub.secret") or [""])[0]),
        signature=_signature((said.get("feedhub.signature") or [""])[0]),
        since=_since((said.get("feedhub.since") or [""])[0]),
        last=_last((said.get("feedhub.last") or [""])[0]),
    )


def lease_of(asked: str) -> timedelta:
    """The lease that is granted: what was asked for within an hour and ten days, ten days where nobody says."""
    text = asked.strip()
    if not re.fullmatch(r"-?[0-9]{1,40}", text):
        return USUAL_LEASE
    seconds = max(min(int(text), int(LONGEST_LEASE.total_seconds())), int(SHORTEST_LEASE.total_seconds()))
    return timedelta(seconds=seconds)


def normal_address(address: str) -> str:
    """An address in the form in which two that mean the same are the same (RFC 3986 §6.2.2, §6.2.3).

    Scheme and host in lower case, no default port, unreserved characters unescaped. HubRefused when it is none.
    """
    if not address.isprintable():
        raise HubRefused(f"{address[:200]!r} has control characters in it and is not an address.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise HubRefused(f"{address[:200]!r} is not an address.") from error
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in _PORTS or not host or "@" in parts.netloc:
        raise HubRefused(f"{address[:200]!r} is not an http or https address.")
    name = f"[{host}]" if ":" in host else host
    netloc = name if port is None or port == _PORTS[scheme] else f"{name}:{port}"
    return urlunsplit((scheme, netloc, _plain(parts.path) or "/", _plain(parts.query), ""))


def with_query(callback: str, parameters: Mapping[str, str]) -> str:
    """The callback with parameters after its own, which stay as they are even where names are equal (WebSub §5.3)."""
    joint = "" if callback.endswith(("?", "&")) else "&" if "?" in callback else "?"
    return f"{callback}{joint}{urlencode(parameters)}"


def _one(said: Mapping[str, list[str]], name: str) -> str:
    values = said.get(name, [])
    if len(values) > 1:
        raise HubRefused(f"{name} stands there {len(values)} times; once is right.")
    if not values or not values[0]:
        raise HubRefused(f"{name} is missing.")
    return values[0]


def _address(value: str, name: str) -> str:
    if len(value) > LONGEST_ADDRESS:
        raise HubRefused(f"{name} is longer than {LONGEST_ADDRESS} characters.")
    if "#" in value:
        raise HubRefused(f"{name} has a fragment (#…) in it, which is never sent; leave it out.")
    if not value.isprintable() or value != value.strip() or " " in value:
        raise HubRefused(f"{name} has spaces or control characters in it.")
    return value


def _secret(value: str) -> str | None:
    if len(value.encode()) >= SECRET_BYTES:
        raise HubRefused(f"hub.secret has to be less than {SECRET_BYTES} bytes (WebSub §5.1).", code="secret_refused")
    if "\0" in value:
        raise HubRefused("hub.secret has a NUL in it, which cannot be kept: choose another.", code="secret_refused")
    return value or None


def _signature(value: str) -> Signature:
    if not value:
        return "sha256"
    for method in SIGNATURES:
        if value == method:
            return method
    raise HubRefused(f"feedhub.signature is {value[:20]!r}; there are {', '.join(SIGNATURES)}.")


def _last(value: str) -> int | None:
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 9 or not 1 <= int(value) <= MOST_LAST:
        raise HubRefused(f"feedhub.last is how many articles you want that came before: 1 to {MOST_LAST}.")
    return int(value)


def _since(value: str) -> int | datetime | None:
    if not value:
        return None
    if "T" in value:
        try:
            return aware(datetime.fromisoformat(value))
        except ValueError as error:
            raise HubRefused("feedhub.since is no instant such as 2026-11-24T04:00:00Z, with its zone.") from error
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise HubRefused("feedhub.since is the number of the FeedHub-Sequence that you received last.")
    return int(value)


def _plain(text: str) -> str:
    def unescaped(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else f"%{found[1].upper()}"

    return _ESCAPE.sub(unescaped, text)
