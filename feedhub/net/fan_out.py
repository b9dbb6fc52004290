"""Fan-out: one body to thousands of receivers, carried by the thread that signs it.

The rules are those of the one client: an address is resolved once, the whole answer judged, the address pinned, the
socket judged again; nothing from the environment; redirects are not followed. curl itself ends what takes too long, and
an answer's body is dropped after its first kilobyte.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pycurl

from feedhub.errors import FetchError
from feedhub.net.address import Reach
from feedhub.net.lookups import Answer, Lookups
from feedhub.net.loop import SteppedLoop
from feedhub.net.transfer import STANDING_OPTIONS, opened_for, system_bundle
from feedhub.net.url import OutboundUrl, parse_outbound
from feedhub.ports.clock import Clock
from feedhub.ports.pushes import Push, PushEnded
from feedhub.ports.resolver import Resolver

SECONDS = 15
BODY_BYTES = 1024
_MOST_ADDRESSES = 4
_CONNECT_SECONDS = 5
_TIMED_OUT = 28
_NO_TLS = frozenset({35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98})
_KNOWN = 16_384
_parsed = lru_cache(maxsize=_KNOWN)(parse_outbound)


@dataclass(slots=True)
class _Host:
    active: int = 0
    waiting: deque[tuple[Push, OutboundUrl]] = field(default_factory=deque)


class FanOut:
    """Carries pushes under one reach, `at_a_host` of one host at a time. For one thread; `close` at the end."""

    def __init__(
        self,
        resolver: Resolver,
        clock: Clock,
        reach: Reach,
        *,
        user_agent: str = "FeedHub",
        at_a_host: int = 16,
        ca_bundle: str | None = None,
    ) -> None:
        self._at_a_host = at_a_host
        # The rules stay as they are, so what was said of an address is said of it again.
        self._refuses = lru_cache(maxsize=_KNOWN)(reach.refusal)
        self._loop = SteppedLoop(clock)
        self._lookups = Lookups(resolver)
        self._standing_fields = (f"User-Agent: {user_agent}", "Expect:", "Accept-Encoding: identity")
        self._ca_bundle = ca_bundle
        self._hosts: dict[str, _Host] = {}
        self._free: list[_Carrier] = []
        self._busy: set[_Carrier] = set()
        self._ended: list[PushEnded] = []

    def begin(self, push: Push) -> None:
        """Start a push, or queue it behind its host's others."""
        try:
            url = _parsed(push.url)
        except FetchError as error:
            self._ended.append(_failed(push, error))
            return
        host = self._hosts.get(url.host) or self._hosts.setdefault(url.host, _Host())
        if host.active >= self._at_a_host:
            host.waiting.append((push, url))
        else:
            host.active += 1
            self._start(push, url)

    def wait(self, seconds: float) -> list[PushEnded]:
        """Go on for at most so long; what has ended since."""
        if not self._ended:
            self._loop.step(seconds)
        ended, self._ended = self._ended, []
        return ended

    def wait_for_all(self) -> list[PushEnded]:
        """Go on until nothing is under way; everything that ended."""
        ended: list[PushEnded] = []
        while self._hosts or self._ended:
            ended += self.wait(1.0)
        return ended

    def close(self) -> None:
        """Break off what is under way."""
        for carrier in tuple(self._busy):
            self._loop.stop(carrier.curl)
        for carrier in (*self._busy, *self._free):
            carrier.curl.close()
        self._lookups.close()
        self._loop.close()

    def _start(self, push: Push, url: OutboundUrl) -> None:
        if url.address is not None:
            self._found(push, url, (url.address,))
        else:
            self._lookups.find(
                url.host, url.port, lambda answer: self._loop.post(lambda: self._found(push, url, answer))
            )

    def _found(self, push: Push, url: OutboundUrl, answer: Answer) -> None:
        if isinstance(answer, Exception) or not answer:
            self._end(url, PushEnded(push.key, 0, "unreachable", f"there is no address for {url.host}"))
            return
        for address in answer:
            refusal = self._refuses(address, url.port)
            if refusal is not None:
                why = f"{url.text} is refused: {refusal.reason}"
                self._end(url, PushEnded(push.key, 0, refusal.code, why))
                return
        carrier = self._free.pop() if self._free else _Carrier(self)
        self._busy.add(carrier)
        carrier.start(push, url, answer[:_MOST_ADDRESSES], (*self._standing_fields, *push.fields))
        self._loop.start(carrier.curl)

    def _end(self, url: OutboundUrl, ended: PushEnded) -> None:
        self._ended.append(ended)
        host = self._hosts[url.host]
        if host.waiting:
            self._start(*host.waiting.popleft())
            return
        host.active -= 1
        if not host.active:
            del self._hosts[url.host]


class _Carrier:
    """A curl handle that carries one push after another."""

    def __init__(self, fan: FanOut) -> None:
        self._fan = fan
        self._push: Push
        self._url: OutboundUrl
        self._address, self._others = "", tuple[str, ...]()
        self._left = 0
        self._fault: FetchError | None = None
        self.curl = curl = pycurl.Curl()
        curl.ended = self._ended
        for option, value in STANDING_OPTIONS:
            curl.setopt(option, value)
        curl.setopt(pycurl.VERBOSE, 0)
        if bundle := fan._ca_bundle or system_bundle():
            curl.setopt(pycurl.CAINFO, bundle)
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        curl.setopt(pycurl.WRITEFUNCTION, self._take_body)
        curl.setopt(pycurl.TIMEOUT_MS, SECONDS * 1000)
        curl.setopt(pycurl.POST, 1)
        # Most receivers are alone at their host: a connection to them would only be watched, and thrown away.
        curl.setopt(pycurl.FORBID_REUSE, 1)

    def start(self, push: Push, url: OutboundUrl, addresses: tuple[str, ...], fields: tuple[str, ...]) -> None:
        """Set the handle up for a push to the first of the addresses, which were judged."""
        self._push, self._url, self._left, self._fault = push, url, BODY_BYTES, None
        curl = self.curl
        curl.setopt(pycurl.URL, url.text)
        self._aim(addresses)
        curl.setopt(pycurl.HTTPHEADER, fields)
        curl.setopt(pycurl.POSTFIELDS, push.body)

    def _aim(self, addresses: tuple[str, ...]) -> None:
        self._address, *others = addresses
        self._others = tuple(others)
        pinned = f"[{self._address}]" if ":" in self._address else self._address
        self.curl.setopt(pycurl.CONNECT_TO, [f"::{pinned}:"])
        # An address of several that does not answer must leave time for the next.
        self.curl.setopt(pycurl.CONNECTTIMEOUT, _CONNECT_SECONDS if others else SECONDS + 1)

    # --- what curl calls ---

    def _open_socket(self, _purpose: int, asked: Any) -> Any:
        opened = opened_for(asked, self._url, self._address, self._fan._refuses)
        if isinstance(opened, FetchError):
            self._fault = opened
            return pycurl.SOCKET_BAD
        return opened

    def _take_body(self, data: bytes) -> int:
        self._left -= len(data)
        return len(data) if self._left >= 0 else -1

    def _ended(self, code: int, message: str) -> None:
        fan, curl, url = self._fan, self.curl, self._url
        if code in (pycurl.E_COULDNT_CONNECT, _TIMED_OUT) and self._others and not curl.getinfo(pycurl.CONNECT_TIME):
            self._aim(self._others)
            fan._loop.start(curl)
            return
        status = curl.getinfo(pycurl.RESPONSE_CODE)
        if self._fault is not None:
            ended = _failed(self._push, self._fault)
        elif code and not (status and self._left < 0):
            ended = PushEnded(self._push.key, 0, *_words(code, message, url), 0, curl.getinfo(pycurl.TOTAL_TIME))
        else:
            after = 0 if status < 300 else int(curl.getinfo(pycurl.RETRY_AFTER) or 0)
            ended = PushEnded(self._push.key, status, "", None, after, curl.getinfo(pycurl.TOTAL_TIME))
        fan._busy.discard(self)
        fan._free.append(self)
        fan._end(url, ended)


def _failed(push: Push, error: FetchError) -> PushEnded:
    return PushEnded(push.key, 0, error.code, error.message)


def _words(code: int, message: str, url: OutboundUrl) -> tuple[str, str]:
    said = message or f"curl {code}"
    if code == _TIMED_OUT:
        return "deadline", f"{url.text} did not answer within {SECONDS} s"
    if code in _NO_TLS:
        return "unreachable", f"no secure connection to {url.text}: {said}"
    return "unreachable", f"{url.text} cannot be reached: {said}"
