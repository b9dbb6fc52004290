"""The pump: cursors that are behind are claimed, signed and sent, many at once; outcomes are written in batches.

    ┌─→ settle what ended, claim what is due (one write) ─→ contents in one view ─→ ready ─→ sign, begin ─┐
    └──────────────────────────────────────── outcomes come in ◄──────────────────────────────────────────┘

One thread does it all. A receiver that failed last time, or is slow, is claimed in a lane of its own with a share of
the hands, and no host has more than its share; one that takes long gives its hand to the next. So whoever is dead
delays nobody else (PROMISES B10 139).
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from feedhub.errors import StoreError
from feedhub.hub.breaker import Breakers
from feedhub.hub.contents import Contents
from feedhub.hub.deliver import Answered, after_try, put_off, taken_at_once
from feedhub.hub.rules import Rules
from feedhub.hub.signing import delivery_fields, delivery_of
from feedhub.model.hub import Acknowledged, Attempt, Content, Cursor, Delivery
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.pushes import Push, PushEnded, Pusher
from feedhub.store.attempts import record_attempts
from feedhub.store.engine import Store
from feedhub.store.subscriptions import SLOW_MS, Place, acknowledge, claim_behind, settle
from feedhub.store.topics import anything_moved, count_outcomes, follow_documents, get_topics, topics_behind

log = logging.getLogger(__name__)
# A claim outlives its delivery by far, and a killed worker's receivers wait no longer than this.
CLAIM = timedelta(seconds=45)
# What could still be under way when its claim runs out is not begun: whoever claims it next would be overtaken.
LATE = CLAIM - timedelta(seconds=20)
NOTHING_THERE = timedelta(minutes=1)
# Seconds: a push that takes longer is no quick one; so often the store is looked at; what is under way may still end.
QUICK, LOOKS, ENDING = 0.5, 0.2, 2.0


@dataclass(frozen=True, slots=True)
class Hands:
    """How many deliveries are under way at most: quick ones, all, of slow receivers, at one host; and per claim."""

    quick: int = 96
    all: int = 1024
    slow: int = 256
    host: int = 256
    claim: int = 512


class Pump:
    """Drains what is due; `beat` returns when nothing is due or under way any more, or after `close`."""

    def __init__(
        self,
        store: Store,
        pusher: Pusher,
        clock: Clock,
        dice: Dice,
        rules: Rules,
        owner: str,
        contents: Callable[[Connection], Contents],
        hands: Hands | None = None,
    ) -> None:
        self._store, self._pusher, self._clock, self._dice, self._rules = store, pusher, clock, dice, rules
        self._owner, self._contents, self._hands = owner, contents, hands or Hands()
        self._breakers = Breakers()
        self._ready: deque[tuple[datetime, Delivery]] = deque()
        self._under_way: dict[str, Delivery] = {}
        self._begun: deque[tuple[float, str]] = deque()
        self._hosts: Counter[str] = Counter()
        self._slow = 0
        self._ended: list[tuple[Delivery, Answered]] = []
        self._put_off: list[Cursor] = []
        self._looked = self._slow_looked = float("-inf")
        self._closing = False

    def beat(self) -> None:
        """Deliver until nothing is left."""
        self._looked = float("-inf")
        while not self._closing and self._turn():
            pass
        if self._closing:
            self._end()

    def close(self) -> None:
        """Claim and begin no more; what ends within the beat that runs is still written. For any thread."""
        self._closing = True

    def _turn(self) -> bool:
        self._begin()
        if self._time_for_the_store():
            self._store_turn()
            self._begin()
        if self._under_way:
            self._take(self._pusher.wait(LOOKS / 4))
        return bool(self._under_way or self._ready or self._ended or self._put_off)

    def _time_for_the_store(self) -> bool:
        """When a claim has ended, or little is left to begin; else now and then."""
        waited = self._clock.monotonic() - self._looked
        if len(self._ended) >= self._hands.claim or not self._under_way:
            return True
        if waited < LOOKS / 8 or (self._ready and waited < LOOKS):
            return False
        return bool(self._ended) or waited >= LOOKS

    def _begin(self) -> None:
        """Begin what is ready, as far as there are hands."""
        if not self._ready:
            return
        now, late, quick = self._clock.monotonic(), self._clock.now() - LATE, self._hands.quick
        while self._begun and (self._begun[0][0] < now - QUICK or self._begun[0][1] not in self._under_way):
            self._begun.popleft()
        while self._ready and len(self._under_way) < self._hands.all and self._fresh() < quick:
            claimed_at, delivery = self._ready.popleft()
            if claimed_at < late:
                self._let_go(delivery.subscription)
                self._put_off.append(delivery.subscription)
                continue
            self._under_way[delivery.id] = delivery
            self._begun.append((now, delivery.id))
            fields = [f"{name}: {value}" for name, value in delivery_fields(delivery, self._rules.hub_url).items()]
            self._pusher.begin(Push(delivery.id, delivery.subscription.callback, fields, delivery.content.body))

    def _fresh(self) -> int:
        """How many that are under way were begun a moment ago."""
        return min(len(self._begun), len(self._under_way))

    def _take(self, ended: list[PushEnded]) -> None:
        for one in ended:
            delivery = self._under_way.pop(str(one.key))
            self._let_go(delivery.subscription)
            self._ended.append((delivery, answered_by(one)))

    def _let_go(self, one: Cursor) -> None:
        self._hosts[one.host] -= 1
        if self._hosts[one.host] <= 0:
            del self._hosts[one.host]
        self._slow -= is_slow(one)

    def _store_turn(self) -> None:
        """One write: what ended, and the claims of what is next."""
        self._looked = self._clock.monotonic()
        with self._store.read() as tx:
            moved = anything_moved(tx)
            due = moved or self._ended or self._put_off or topics_behind(tx, self._clock.now())
        if moved:
            with self._store.write() as tx:
                follow_documents(tx, self._clock.now())
        if not due:
            return
        with self._store.write() as tx:
            self._settle(tx)
            claimed = self._claim(tx)
        self._ended, self._put_off = [], []
        claimed = self._without_ours(claimed)
        for one in claimed:
            self._hosts[one.host] += 1
            self._slow += is_slow(one)
        if claimed:
            self._prepare(claimed)

    def _without_ours(self, claimed: list[Cursor]) -> list[Cursor]:
        """Those that are not in our hands already. A claim of ours can run out before the answer comes (the clock was
        set, the machine slept): what is under way goes on under the new one, and is not begun twice."""
        anew = {one.id: one for one in claimed}
        for key, delivery in self._under_way.items():
            if (one := anew.pop(delivery.subscription.id, None)) is not None:
                self._under_way[key] = self._renewed(delivery, one)
        for place, (_, delivery) in enumerate(self._ready):
            if (one := anew.pop(delivery.subscription.id, None)) is not None:
                self._ready[place] = self._clock.now(), self._renewed(delivery, one)
        return list(anew.values())

    def _renewed(self, delivery: Delivery, one: Cursor) -> Delivery:
        self._slow += is_slow(one) - is_slow(delivery.subscription)
        return replace(delivery, subscription=one)

    def _settle(self, tx: Connection) -> None:
        now = self._clock.now()
        taken, settled, attempts = list[Acknowledged](), list(self._put_off), list[Attempt]()
        counts = defaultdict[str, list[int]](lambda: [0, 0])
        for delivery, answered in self._ended:
            before = delivery.subscription
            good = 200 <= answered.status < 300
            counts[before.topic_id][0 if good else 1] += 1
            if good or answered.status == 410:
                self._breakers.answered(before.host)
            else:
                self._breakers.failed(before.host, now)
            at_once = taken_at_once(delivery, answered, now=now)
            if at_once is not None:
                taken.append(at_once)
                continue
            fraction = 0.0 if good else self._dice.fraction()
            after, attempt = after_try(delivery, answered, now=now, fraction=fraction)
            settled.append(after)
            attempts.append(attempt)
        # Topics before subscriptions, as a verification locks them: else two workers could block each other.
        count_outcomes(tx, {topic: (good, bad) for topic, (good, bad) in counts.items()})
        acknowledge(tx, taken)
        settle(tx, settled)
        record_attempts(tx, attempts)

    def _claim(self, tx: Connection) -> list[Cursor]:
        now, hands = self._clock.now(), self._hands
        room = min(hands.claim, hands.all - len(self._under_way) - len(self._ready))
        slow_room = hands.slow - self._slow
        # To find slow ones takes a look at all that are behind: now and then, and where there is nobody else.
        for_slow = self._looked - self._slow_looked >= LOOKS
        self._slow_looked = self._looked if for_slow else self._slow_looked
        busy = [host for host, count in self._hosts.items() if count >= hands.host]
        behind = topics_behind(tx, now) if room > 0 else []
        topics = get_topics(tx, [topic_id for topic_id, _ in behind])
        claimed: list[Cursor] = []
        for number, (topic_id, seq) in enumerate(behind):
            share = max((room - len(claimed)) // (len(behind) - number), 1)
            place = Place(topic_id, seq, topics[topic_id])
            for slow, most in ((False, share), (True, min(share, slow_room))):
                if most > 0 and (not slow or for_slow or not claimed):
                    found = claim_behind(
                        tx, place, slow=slow, owner=self._owner, now=now, lease=CLAIM, most=most, but_hosts=busy
                    )
                    share -= len(found)
                    slow_room -= len(found) if slow else 0
                    claimed += found
        return claimed

    def _prepare(self, claimed: list[Cursor]) -> None:
        now = self._clock.now()
        try:
            found = self._gather(claimed)
        except BaseException:  # their claims run out; their hands are free at once
            for one in claimed:
                self._let_go(one)
            raise
        for one, content in found:
            open_until = self._breakers.open_until(one.host, now)
            if content is not None and content.seq > one.acked_seq and open_until is None:
                self._ready.append((now, delivery_of(one, content)))
                continue
            self._let_go(one)
            if content is None:
                self._put_off.append(put_off(one, now + NOTHING_THERE, "there is no document of this topic"))
            elif open_until is not None:
                why = f"{one.host} fails: it is left alone for a minute"
                self._put_off.append(put_off(one, open_until + timedelta(seconds=self._dice.fraction() * 5), why))
            else:
                # The document is older than its topic for a moment, while it is made anew.
                self._put_off.append(put_off(one, now + timedelta(seconds=1)))

    def _gather(self, claimed: list[Cursor]) -> list[tuple[Cursor, Content | None]]:
        """What each is to be sent. A topic whose content cannot be made keeps nobody else waiting."""
        found: list[tuple[Cursor, Content | None]] = []
        broken: set[str] = set()
        with self._store.read() as tx:
            contents = self._contents(tx)
            for one in claimed:
                content = None
                if one.topic not in broken:
                    try:
                        content = contents.for_receiver(one)
                    except StoreError:
                        raise
                    except Exception:
                        log.exception("what %s has to say cannot be made; its receivers wait a minute", one.topic)
                        broken.add(one.topic)
                found.append((one, content))
        return found

    def _end(self) -> None:
        """Write what still ends; what was not begun is given back untouched."""
        until = self._clock.monotonic() + ENDING
        while self._under_way and self._clock.monotonic() < until:
            self._take(self._pusher.wait(LOOKS))
        self._put_off += [delivery.subscription for _, delivery in self._ready]
        self._ready.clear()
        with self._store.write() as tx:
            self._settle(tx)
        self._ended, self._put_off = [], []


def is_slow(one: Cursor) -> bool:
    """Whether a receiver goes in the slow lane: it failed last time, or takes long."""
    return one.tries > 0 or (one.answer_ms or 0) > SLOW_MS


def answered_by(ended: PushEnded) -> Answered:
    """The outcome of a push in the words of a try."""
    after = str(ended.retry_after) if ended.retry_after else None
    # A receiver that takes all its time is slow the next time, too; one that is not there says nothing of that.
    spent = int(ended.seconds * 1000) if ended.status or ended.code == "deadline" else None
    return Answered(ended.status, ended.error, after, spent)
