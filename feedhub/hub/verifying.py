"""Verification of intent: the callback is asked whether it means what was asked in its name (WebSub §5.3).

    claimed ─→ looked up: is that address bothered enough already?
            ─→ GET with a challenge made for this try ─┬─→ 2xx, the challenge and nothing else: it stands from now on
                                                       ├─→ another answer: it is over, what stood stays as it stood
                                                       └─→ no answer, or 5xx: once more

The challenge is in memory only: one that was lost with its process is never good again. A callback's host is looked up
here and nowhere else: it is asked at the address that was counted.
"""

from __future__ import annotations

import hmac
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import Connection

from feedhub.errors import FetchError
from feedhub.hub.asking import with_query
from feedhub.hub.rsscloud import verification_of
from feedhub.hub.rules import Rules
from feedhub.model.hub import SubscriptionRequest
from feedhub.net.url import parse_outbound
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.resolver import Resolver
from feedhub.ports.web import Bounds, Web, WebRequest, WebResponse
from feedhub.store.engine import Store
from feedhub.store.subscription_requests import (
    anything_asked,
    claim_requests,
    end_request,
    put_off,
    take_address,
)
from feedhub.store.subscriptions import confirm

log = logging.getLogger(__name__)
TRIES = 2
TTL = timedelta(minutes=10)
AGAIN = timedelta(seconds=5)
MOST_AT_ONCE = 200
SECONDS = 10.0
ANSWER = Bounds(seconds=SECONDS, wire_bytes=1024, plain_bytes=1024)
_CLAIM = timedelta(seconds=60)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer to a verification means; `again` when it is tried once more."""

    meant: bool
    words: str
    again: bool = False


class Verifier:
    """Verifies what is due; `beat` starts it and returns at once, so that a slow callback holds up no other."""

    def __init__(self, store: Store, web: Web, clock: Clock, dice: Dice, resolver: Resolver, rules: Rules) -> None:
        self._store, self._web, self._clock, self._dice, self._rules = store, web, clock, dice, rules
        self._resolver = resolver
        self._lookups = ThreadPoolExecutor(16, thread_name_prefix="verify-lookup")
        self._settlers = ThreadPoolExecutor(4, thread_name_prefix="verify")
        self._under_way = 0
        self._lock, self._counting = threading.Lock(), threading.Lock()
        self._closed = False

    def beat(self) -> None:
        """Claim requests that are due and ask their callbacks."""
        now = self._clock.now()
        with self._lock:
            room = 0 if self._closed else MOST_AT_ONCE - self._under_way
        if room <= 0:
            return
        with self._store.read() as tx:
            if not anything_asked(tx, now):
                return
        with self._store.write() as tx:
            claimed = claim_requests(
                tx,
                now=now,
                until=now + _CLAIM,
                most=room,
                at_a_host=self._rules.failures_a_minute,
                minute_ago=now - _MINUTE,
            )
            over = [one for one in claimed if one.tries > TRIES or one.asked_at + TTL <= now]
            for one in over:
                end_request(tx, one.id, "no answer within its time", now=now, failed=False)
        for one in claimed:
            if one not in over:
                with self._lock:
                    self._under_way += 1
                if one.exempt:
                    self._ask(one, ())
                else:
                    self._lookups.submit(self._look_up, one)

    def close(self) -> None:
        """Ask no more; what is under way ends with the outbound client, and its claim runs out."""
        with self._lock:
            self._closed = True
        self._lookups.shutdown(wait=False, cancel_futures=True)
        self._settlers.shutdown(wait=True, cancel_futures=True)

    def _look_up(self, asked: SubscriptionRequest) -> None:
        """Ask the callback unless its address is bothered enough; in a thread that may wait for a name server."""
        try:
            url = parse_outbound(asked.callback)
            found = (url.address,) if url.address else self._resolver.resolve(url.host, url.port)
        except (OSError, FetchError):
            self._ask(asked, ())  # the client says what is wrong with it
            return
        try:
            # One address for a try, the next for the next one: each that is asked is counted.
            chosen = found[(asked.tries - 1) % len(found)]
            refused = any(self._rules.reach.refusal(it, url.port) for it in found)
            if refused or self._take(asked, chosen):
                self._ask(asked, found if refused else (chosen,))
                return
        except Exception:
            log.exception("the callback of request %s was not asked; its claim runs out", asked.id)
        self._one_less()

    def _take(self, asked: SubscriptionRequest, address: str) -> bool:
        now, most = self._clock.now(), self._rules.failures_a_minute
        with self._counting, self._store.write() as tx:  # PostgreSQL would count several at once
            return take_address(tx, asked.id, counted_as(address), most=most, now=now, minute_ago=now - _MINUTE)

    def _ask(self, asked: SubscriptionRequest, addresses: tuple[str, ...]) -> None:
        challenge = self._dice.token()
        if asked.dialect == "rsscloud":
            request = verification_of(asked, challenge, ANSWER)
        else:
            url = with_query(asked.callback, verification(asked, challenge))
            request = WebRequest(url, reach="callback", follow_redirects=False, bounds=ANSWER)
        request = replace(request, addresses=addresses)
        self._web.submit(request).add_done_callback(lambda answer: self._answered(asked, challenge, answer))

    def _answered(self, asked: SubscriptionRequest, challenge: str, answer: Future[WebResponse]) -> None:
        """In the client's thread, which must not wait for the store."""
        with self._lock:
            if not self._closed:
                self._settlers.submit(self._settle, asked, challenge, answer)

    def _settle(self, asked: SubscriptionRequest, challenge: str, answer: Future[WebResponse]) -> None:
        try:
            failure = answer.exception()
            verdict = judge(failure if failure is not None else answer.result(), None if asked.by_test else challenge)
            seconds = 0.0 if failure is not None else answer.result().seconds
            self._store.write_together(lambda tx: self._apply(tx, asked, verdict, int(seconds * 1000)))
            log.info("%s of %s to %s: %s", asked.mode, asked.host, asked.topic, verdict.words)
        except Exception:
            log.exception("the verification of request %s was not settled; its claim runs out", asked.id)
        finally:
            self._one_less()

    def _one_less(self) -> None:
        with self._lock:
            self._under_way -= 1

    def _apply(self, tx: Connection, asked: SubscriptionRequest, verdict: Verdict, answer_ms: int) -> None:
        now = self._clock.now()
        if not verdict.meant and verdict.again and asked.tries < TRIES:
            put_off(tx, asked.id, verdict.words, now=now, again=now + AGAIN)
        elif end_request(tx, asked.id, verdict.words, now=now, failed=not verdict.meant) and verdict.meant:
            confirm(tx, asked, lease=timedelta(seconds=asked.lease_seconds), answer_ms=answer_ms, now=now)


def verification(asked: SubscriptionRequest, challenge: str) -> dict[str, str]:
    """The parameters of a verification; the lease is the one that is granted (WebSub §5.3)."""
    fields = {"hub.mode": asked.mode, "hub.topic": asked.asked_topic, "hub.challenge": challenge}
    if asked.mode == "subscribe":
        fields["hub.lease_seconds"] = str(asked.lease_seconds)
    return fields


def counted_as(address: str) -> str:
    """Under what an address is counted: one host has a whole IPv6 network to itself, of 64 bits."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((int(found) >> 64 << 64, 64)))
    return str(found.ipv4_mapped or found) if isinstance(found, IPv6Address) else str(found)


def judge(answer: WebResponse | BaseException, challenge: str | None) -> Verdict:
    """Whether an answer confirms: 2xx with exactly the challenge; a redirect, as every other, does not.

    A test ping (`challenge` None) is confirmed by any 2xx.
    """
    if isinstance(answer, FetchError):
        passing = answer.code in ("unreachable", "deadline")
        # The query has the challenge in it, and perhaps what only the subscriber knows: neither is logged.
        words = answer.message.replace(answer.url, answer.url.partition("?")[0]) if answer.url else answer.message
        return Verdict(False, f"not verified: {words[:300]}", again=passing)
    if isinstance(answer, BaseException):
        return Verdict(False, "not verified: it was broken off", again=True)
    if not 200 <= answer.status < 300:
        return Verdict(False, f"not verified: the callback answered {answer.status}", again=answer.status >= 500)
    if challenge is not None and not hmac.compare_digest(answer.body, challenge.encode()):
        return Verdict(False, "not verified: the callback answered something other than the challenge")
    return Verdict(True, "verified")


def denial(topic: str, callback: str, reason: str) -> WebRequest:
    """The request that tells a subscriber that its subscription is denied, or has been ended (WebSub §5.2)."""
    fields = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason}
    return WebRequest(with_query(callback, fields), reach="callback", follow_redirects=False, bounds=ANSWER)
