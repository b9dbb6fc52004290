"""The one guarded outbound client: what may be asked of it and what it answers.

Implemented by `net/client.py` (pycurl multi in a thread of its own). Redirects are followed by the
client itself, each hop checked anew (SEMANTICS 29, 30).
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from feedhub.ports.mailbox import MailboxAnswer, MailboxRequest


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one request, all hops together: seconds on the wall clock, bytes, redirects."""

    seconds: float = 20.0
    wire_bytes: int = 5 * 1024 * 1024
    plain_bytes: int = 15 * 1024 * 1024
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a mail is from and for, as bare addresses (RFC 5321 §4.1.1.2, §4.1.1.3)."""

    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One request. `reach` names whose rules of address apply: `source` or `callback`.

    `allow_hosts` are further hosts that a redirect may lead to, beyond the same host give or take
    `www.`; `credentials` are sent to the first origin only. With an `envelope` the body is a mail and the
    URL that of a server, `smtps://host` or `smtp://host` (STARTTLS, and never credentials without it). `addresses` are
    those of the URL's host where somebody has looked them up already: judged like an answer to our own question.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    reach: str = "source"
    allow_hosts: frozenset[str] = frozenset()
    allow_tls_downgrade: bool = False
    follow_redirects: bool = True
    credentials: tuple[str, str] | None = None
    bounds: Bounds = Bounds()
    envelope: Envelope | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class WebResponse:
    """The last answer. `headers` has lower-case names, repeated fields joined by `, `; `body` is unpacked."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[Hop, ...] = ()
    address: str = ""
    seconds: float = 0.0
    wire_bytes: int = 0


class Web(Protocol):
    """Sends requests. Errors are the FetchError branch of `errors`; an HTTP error status is an answer."""

    def send(self, request: WebRequest) -> WebResponse:
        """Send one request and wait for its answer."""
        ...

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        """Queue one request; the future carries the answer or the FetchError."""
        ...

    def read_mail(self, request: MailboxRequest) -> MailboxAnswer:
        """Read a mailbox and wait for what is in it."""
        ...
