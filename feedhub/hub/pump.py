"""The pump: cursors that are behind are claimed, signed and sent, many at once; outcomes are written in batches.

    settle what ended ─→ claim what is due ─→ contents in one view ─→ sign, submit ─→ outcomes come in ─┐
           └────────────────────────────── one write ───────────────────────────────────────────────────┘

A receiver that failed last time, or is slow, is claimed in a lane of its own with a share of the hands, and no host
has more than its share: whoever is dead delays nobody else (PROMISES B10 139).
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from feedhub.errors import FeedHubError, FetchError, UsageError
from feedhub.hub.breaker import Breakers
from feedhub.hub.contents import Contents
from feedhub.hub.deliver import Answered, after_try, put_off
from feedhub.hub.rules import Rules
from feedhub.hub.signing import delivery_fields, delivery_of
from feedhub.model.hub import Attempt, Delivery, Subscription
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.web import Bounds, Web, WebRequest, WebResponse
from feedhub.store.attempts import record_attempts
from feedhub.store.engine import Store
from feedhub.store.subscriptions import claim_behind, settle
from feedhub.store.topics import anything_moved, count_outcomes, follow_documents, get_topics, topics_behind

log = logging.getLogger(__name__)
SECONDS = 15.0
ANSWER = Bounds(seconds=SECONDS, wire_bytes=1024, plain_bytes=1024)
# A claim outlives its delivery by far, and a killed worker's receivers wait no longer than this.
CLAIM = timedelta(seconds=45)
ENDING = 2.0
NOTHING_THERE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hands:
    """How many deliveries are under way at most: in all, of slow receivers, at one host; and per claim."""

    all: int = 1024
    slow: int = 256
    host: int = 256
    claim: int = 256


class Pump:
    """Drains what is due; `beat` returns when nothing is due or under way any more, or after `close`."""

    def __init__(
        self,
        store: Store,
        web: Web,
        clock: Clock,
        dice: Dice,
        rules: Rules,
        owner: str,
        contents: Callable[[Connection], Contents],
        hands: Hands | None = None,
    ) -> None:
        self._store, self._web, self._clock, self._dice, self._rules = store, web, clock, dice, rules
        self._owner, self._contents, self._hands = owner, contents, hands or Hands()
        self._breakers = Breakers()
        self._ended: list[tuple[Delivery, Answered]] = []
        self._put_off: list[Subscription] = []
        self._news = threading.Condition()
        self._under_way: Counter[str] = Counter()
        self._slow_under_way = 0
        self._closing = False

    def beat(self) -> None:
        """Deliver until nothing is left."""
        while self._turn():
            pass

    def close(self) -> None:
        """Claim no more; what ends within the beat that runs is still written."""
        with self._news:
            self._closing = True
            self._news.notify()

    def _turn(self) -> bool:
        with self._news:
            if self._closing:  # what is under way may still end
                self._news.wait_for(lambda: not self._under_way, ENDING)
            ended, self._ended = self._ended, []
            closing = self._closing
        if ended or self._put_off or (not closing and self._anything_due()):
            claimed = self._store_turn(ended, closing)
            self._send(claimed)
        with self._news:
            total = self._under_way.total()
            if closing:
                return False
            if total and len(self._ended) < min(self._hands.claim, (total + 1) // 2):
                self._news.wait(0.02 if self._ended else 0.25)
            return bool(total or self._ended or self._put_off)

    def _anything_due(self) -> bool:
        room = self._hands.all - self._under_way.total()
        if room < self._hands.claim // 4:
            return False
        with self._store.read() as tx:
            return anything_moved(tx) or bool(topics_behind(tx, self._clock.now()))

    def _store_turn(self, ended: list[tuple[Delivery, Answered]], closing: bool) -> list[Subscription]:
        """One write: what ended, and the claims of what is next."""
        now = self._clock.now()
        settled, attempts, counts = self._put_off, list[Attempt](), defaultdict[str, list[int]](lambda: [0, 0])
        self._put_off = []
        for delivery, answered in ended:
            after, attempt = after_try(delivery, answered, now=now, fraction=self._dice.fraction())
            settled.append(after)
            host, good = after.host, 200 <= answered.status < 300
            counts[after.topic_id][0 if good else 1] += 1
            if attempt is not None:
                attempts.append(attempt)
            if good or answered.status == 410:
                self._breakers.answered(host)
            else:
                self._breakers.failed(host, now)
        with self._store.write() as tx:
            settle(tx, settled)
            record_attempts(tx, attempts)
            count_outcomes(tx, {topic: (good, bad) for topic, (good, bad) in counts.items()})
            if closing:
                return []
            follow_documents(tx, now)
            return self._claim(tx)

    def _claim(self, tx: Connection) -> list[Subscription]:
        now, hands = self._clock.now(), self._hands
        with self._news:
            room = min(hands.all - self._under_way.total(), hands.claim)
            slow_room = min(hands.slow - self._slow_under_way, room)
            busy = [host for host, count in self._under_way.items() if count >= hands.host]
        claimed: list[Subscription] = []
        behind = topics_behind(tx, now) if room > 0 else []
        for place, (topic_id, _) in enumerate(behind):
            topic = get_topics(tx, [topic_id]).get(topic_id)
            if topic is None:
                continue
            share = max((room - len(claimed)) // (len(behind) - place), 1)
            found: list[Subscription] = []
            for slow, most in ((False, share), (True, min(share, slow_room))):
                if most - len(found) > 0:
                    found += claim_behind(
                        tx,
                        _Place(topic_id, topic.seq),
                        slow=slow,
                        owner=self._owner,
                        now=now,
                        lease=CLAIM,
                        most=most - len(found),
                        but_hosts=busy,
                    )
            slow_room -= sum(is_slow(one) for one in found)
            claimed += found
            if len(claimed) >= room:
                break
        return claimed

    def _send(self, claimed: list[Subscription]) -> None:
        if not claimed:
            return
        now = self._clock.now()
        with self._store.read() as tx:
            contents = self._contents(tx)
            found = [(one, contents.for_receiver(one)) for one in claimed]
        for one, content in found:
            open_until = self._breakers.open_until(one.host, now)
            if content is None:
                self._put_off.append(put_off(one, now + NOTHING_THERE, "there is no document of this topic"))
            elif content.seq <= one.acked_seq:
                # The document is older than its topic for a moment, while it is made anew.
                self._put_off.append(put_off(one, now + timedelta(seconds=1)))
            elif open_until is not None:
                why = f"{one.host} fails: it is left alone for a minute"
                self._put_off.append(put_off(one, open_until + timedelta(seconds=self._dice.fraction() * 5), why))
            else:
                self._submit(delivery_of(one, content))

    def _submit(self, delivery: Delivery) -> None:
        one = delivery.subscription
        request = WebRequest(
            one.callback,
            method="POST",
            headers=delivery_fields(delivery, self._rules.hub_url),
            body=delivery.content.body,
            reach="callback",
            follow_redirects=False,
            cuts_body=True,
            bounds=ANSWER,
        )
        with self._news:
            self._under_way[one.host] += 1
            self._slow_under_way += is_slow(one)
        try:
            answer = self._web.submit(request)
        except UsageError as error:  # the client is closed, or a field cannot be sent
            answer = Future()
            answer.set_exception(error)
        answer.add_done_callback(lambda ended: self._answered(delivery, ended))

    def _answered(self, delivery: Delivery, answer: Future[WebResponse]) -> None:
        """In the client's thread, which must not wait for the store."""
        one = delivery.subscription
        answered = answered_by(answer)
        with self._news:
            self._under_way[one.host] -= 1
            if not self._under_way[one.host]:
                del self._under_way[one.host]
            self._slow_under_way -= is_slow(one)
            if not (self._closing and answered.error):
                self._ended.append((delivery, answered))
            if len(self._ended) >= min(self._hands.claim, self._under_way.total()):
                self._news.notify()


@dataclass(frozen=True, slots=True)
class _Place:
    id: int
    seq: int


def is_slow(one: Subscription) -> bool:
    """Whether a receiver goes in the slow lane: it failed last time, or takes long."""
    return one.tries > 0 or (one.answer_ms or 0) > 2000


def answered_by(answer: Future[WebResponse]) -> Answered:
    """The outcome of a request in the words of a try."""
    failure = answer.exception()
    if failure is None:
        response = answer.result()
        after = response.headers.get("retry-after")
        return Answered(response.status, None, after, int(response.seconds * 1000))
    words = failure.message if isinstance(failure, FeedHubError) else f"it was broken off: {failure}"
    # A receiver that takes all its time is slow the next time, too.
    spent = int(SECONDS * 1000) if isinstance(failure, FetchError) and failure.code == "deadline" else None
    return Answered(0, words, None, spent)
