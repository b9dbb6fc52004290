"""Verification of intent: the callback is asked whether it means what was asked in its name (WebSub §5.3).

    claimed ─→ GET with a challenge made for this try ─┬─→ 2xx, the challenge and nothing else: it stands from now on
                                                       ├─→ another answer: it is over, what stood stays as it stood
                                                       └─→ no answer, or 5xx: once more

The challenge is in memory only: one that was lost with its process is never good again.
"""

from __future__ import annotations

import hmac
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from feedhub.errors import FetchError
from feedhub.hub.asking import with_query
from feedhub.hub.rsscloud import verification_of
from feedhub.hub.rules import Rules
from feedhub.model.hub import SubscriptionRequest
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.web import Bounds, Web, WebRequest, WebResponse
from feedhub.store.engine import Store
from feedhub.store.subscription_requests import anything_asked, claim_requests, end_request, put_off
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

    def __init__(self, store: Store, web: Web, clock: Clock, dice: Dice, rules: Rules) -> None:
        self._store, self._web, self._clock, self._dice, self._rules = store, web, clock, dice, rules
        self._settlers = ThreadPoolExecutor(4, thread_name_prefix="verify")
        self._under_way = 0
        self._lock = threading.Lock()
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
                self._ask(one)

    def close(self) -> None:
        """Ask no more; what is under way ends with the outbound client, and its claim runs out."""
        with self._lock:
            self._closed = True
        self._settlers.shutdown(wait=True, cancel_futures=True)

    def _ask(self, asked: SubscriptionRequest) -> None:
        challenge = self._dice.token()
        if asked.dialect == "rsscloud":
            request = verification_of(asked, challenge, ANSWER)
        else:
            url = with_query(asked.callback, verification(asked, challenge))
            request = WebRequest(url, reach="callback", follow_redirects=False, bounds=ANSWER)
        with self._lock:
            self._under_way += 1
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
