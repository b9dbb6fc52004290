"""A mailbox reached like any source: its name looked up once, the whole answer judged, connected to what was judged.

wait for the host's turn ─→ look up ─→ judge ─→ connect ─→ TLS ─→ IMAP (`imap.py`), all but the turn in one deadline
"""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable
from dataclasses import replace

from feedhub.errors import AddressRefused, Deadline, Unreachable
from feedhub.net.address import IMAP_PORTS, Reach
from feedhub.net.bounded_socket import BoundedSocket
from feedhub.net.imap import read_letters
from feedhub.net.lookups import Answer, Lookups
from feedhub.net.url import OutboundUrl
from feedhub.ports.mailbox import MailboxAnswer, MailboxRequest

_MOST_ADDRESSES = 4
_CONNECT_SECONDS = 5.0
# Beside the letters: the numbers of a mailbox with a million of them.
_TALK = 16 * 1024 * 1024


def read_mailbox(
    request: MailboxRequest,
    url: OutboundUrl,
    reach: Reach,
    *,
    lookups: Lookups,
    now: Callable[[], float],
    ca_bundle: str | None,
) -> MailboxAnswer:
    """Read a mailbox in the caller's thread; FetchError."""
    ends_at = now() + request.seconds
    reach = replace(reach, ports=reach.ports | IMAP_PORTS)
    addresses = [url.address] if url.address else _looked_up(url, lookups, ends_at - now())
    for address in addresses:
        if refusal := reach.refusal(address, url.port):
            whose = "" if url.address or refusal.code == "port_not_allowed" else f", an address of {url.host}"
            said = f"{url.text} is refused: {refusal.reason}{whose}.{refusal.remedy}"
            raise AddressRefused(said, url=url.text, code=refusal.code)
    opened, address = _connected(url, addresses[:_MOST_ADDRESSES], ends_at, now)
    most = request.most_bytes + request.largest + _TALK
    wire = BoundedSocket(opened, url=url.text, ends_at=ends_at, now=now, most=most)
    try:
        if url.scheme == "imaps":
            wire.start_tls(url.host, ca_bundle)
        return read_letters(wire, url, request, plain_allowed=reach.lists(address), ca_bundle=ca_bundle)
    finally:
        wire.close()


def _looked_up(url: OutboundUrl, lookups: Lookups, seconds: float) -> list[str]:
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    lookups.find(url.host, url.port, answers.put)
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except queue.Empty:
        raise Deadline(f"{url.text} was not done: looking up {url.host} took too long.", url=url.text) from None
    if isinstance(answer, Exception) or not answer:
        why = f" ({answer})" if isinstance(answer, Exception) else ""
        said = f"{url.text} cannot be reached: there is no address for {url.host}{why}. Check the spelling."
        raise Unreachable(said, url=url.text)
    return list(answer)


def _connected(
    url: OutboundUrl, addresses: list[str], ends_at: float, now: Callable[[], float]
) -> tuple[socket.socket, str]:
    """A connection to the first of the addresses that answers, and which that is."""
    failed = "no time was left"
    for position, address in enumerate(addresses, 1):
        left = ends_at - now()
        if left <= 0:
            break
        # An address of several that does not answer must leave time for the next.
        patience = left if position == len(addresses) else min(left, _CONNECT_SECONDS)
        try:
            return socket.create_connection((address, url.port), timeout=patience), address
        except OSError as error:
            failed = f"{address}: {error}"
    raise Unreachable(f"No connection to {url.text} ({failed}).", url=url.text)
