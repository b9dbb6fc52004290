"""Polling: claims what is due and polls it side by side.

claim ─→ ask (no thread waits) ─→ answers, as many as have come ─┬─→ the same as before: settled in ONE write
                                                                 └─→ new, or failed: a hand each, parse and settle

A beat also sees what comes due before the next one, and that is claimed at its moment.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from feedhub.errors import Conflict, StoreAway
from feedhub.ingest.fetched import Fetched
from feedhub.ingest.means import LEASE, Ingest
from feedhub.ingest.pipeline import begin_fetch, poll_fetched, poll_source, weigh_answer
from feedhub.ingest.pushed import walk_pushes
from feedhub.ingest.quiet import Quiet, is_quiet, settle_quiet
from feedhub.model.poll import Poll
from feedhub.model.source import Source, SourceState
from feedhub.ports.web import WebResponse
from feedhub.store.sources import claim_due, first_due

log = logging.getLogger(__name__)
# Sources asked at once for every hand: most answers bring nothing and need none.
ASKED_PER_HAND = 4
# Quiet polls in one write, so that none waits long for the others.
MOST_TOGETHER = 256
# Seconds that an answer waits for those that were asked with it: each write costs as much again as forty polls in it.
WAITS = 0.02
BEAT = timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A claimed source that is being fetched since `started`."""

    source: Source
    state: SourceState
    started: datetime


class Polls:
    """A bounded crew of pollers; `beat()` is called by the metronome and returns at once."""

    def __init__(self, ingest: Ingest, owner: str, concurrency: int, per_host: int) -> None:
        self._ingest, self._owner, self._per_host = ingest, owner, per_host
        self._crew = ThreadPoolExecutor(concurrency, thread_name_prefix="poll")
        self._hands, self._most = concurrency, concurrency * ASKED_PER_HAND
        self._under_way = self._with_hands = 0
        self._answers: deque[tuple[_Asked, Future[WebResponse]]] = deque()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._claiming = threading.Lock()
        self._closed = self._ended = False
        self._due_at: float | None = None
        self._settler = threading.Thread(target=self._settle_answers, name="settle", daemon=True)
        self._settler.start()

    def beat(self) -> None:
        """Claim and start polls for as many sources as may be under way; called every BEAT."""
        self._claim_for(1)

    def push_beat(self) -> None:
        """Walk on what hubs have pushed."""
        for poll in walk_pushes(self._ingest, self._owner):
            log.info("source %s was pushed to: %d items", poll.source, poll.fetched)

    def close(self) -> None:
        """Let polls that are under way end; no new ones start."""
        with self._claiming:
            self._closed = True
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way)
            self._ended = True
            self._changed.notify_all()
        self._settler.join()
        self._crew.shutdown(wait=True)

    # --- claims ---

    def _claim_for(self, fewest: int) -> None:
        """Claim when there is room for at least so many."""
        # Two claims at once would each claim for all the room there is; the second is not needed.
        if not self._claiming.acquire(blocking=False):
            return
        try:
            if (most := self._room()) >= fewest and not self._closed:
                self._claim(most)
        finally:
            self._claiming.release()

    def _room(self) -> int:
        """How many more may be claimed: none while more wait for a hand than there are hands."""
        with self._lock:
            return 0 if self._with_hands > 2 * self._hands else self._most - self._under_way

    def _claim(self, most: int) -> None:
        now = self._ingest.clock.now()
        with self._ingest.store.read() as tx:
            due = first_due(tx, now=now, before=now + BEAT)
        if due is not None and due > now:
            with self._changed:
                self._due_at = self._ingest.clock.monotonic() + (due - now).total_seconds()
                self._changed.notify_all()
        if due is None or due > now:
            return
        with self._ingest.store.write() as tx:
            claimed = claim_due(tx, owner=self._owner, now=now, lease=LEASE, most=most, per_host=self._per_host)
        with self._lock:
            self._under_way += len(claimed)
        for source, state in claimed:
            self._ask(_Asked(source, state, self._ingest.clock.now()))

    def _ask(self, asked: _Asked) -> None:
        try:
            answer = begin_fetch(self._ingest, asked.source, asked.state)
        except Exception:
            answer = None  # the hand meets it again, and says so
        if answer is None:
            self._hand_over(asked, partial(poll_source, self._ingest, asked.source, asked.state))
        else:
            answer.add_done_callback(partial(self._answered, asked))

    # --- answers ---

    def _answered(self, asked: _Asked, answer: Future[WebResponse]) -> None:
        """In the client's own thread: it must not wait."""
        with self._changed:
            self._answers.append((asked, answer))
            if len(self._answers) == 1 or self._all_there():
                self._changed.notify_all()

    def _all_there(self) -> bool:
        """Whether there is nothing to wait for before what has been answered is settled."""
        return len(self._answers) >= min(MOST_TOGETHER, self._under_way - self._with_hands)

    def _settle_answers(self) -> None:
        """Take what has been answered, and claim what comes due between two beats, until all has ended."""
        while True:
            with self._changed:
                if not self._answers and not self._ended:
                    self._changed.wait(self._until_due())
                if self._answers:
                    self._changed.wait_for(self._all_there, WAITS)
                elif self._ended:
                    return
                answers = [self._answers.popleft() for _ in range(min(MOST_TOGETHER, len(self._answers)))]
                if comes_due := self._until_due() == 0:
                    self._due_at = None
            try:
                if answers:
                    self._settle(answers)
                if comes_due:
                    self._go_for_more(1)
            except Exception:
                log.exception("answers were not settled; their leases run out and they are asked again")

    def _until_due(self) -> float | None:
        """Seconds until a source is due that the last look saw; None when it saw none."""
        return None if self._due_at is None else max(0.0, self._due_at - self._ingest.clock.monotonic())

    def _settle(self, answers: list[tuple[_Asked, Future[WebResponse]]]) -> None:
        quiet: list[tuple[_Asked, Fetched]] = []
        for asked, answer in answers:
            try:
                fetched = weigh_answer(self._ingest, asked.state, answer.result())
            except Exception as error:
                self._go_on(asked, partial(_raise, error))
                continue
            if is_quiet(asked.source, fetched):
                quiet.append((asked, fetched))
            else:
                self._go_on(asked, partial(_give, fetched))
        if quiet:
            self._settle_quiet(quiet)

    def _settle_quiet(self, quiet: list[tuple[_Asked, Fetched]]) -> None:
        try:
            polls = settle_quiet(self._ingest, [Quiet(one.source, one.state, it, one.started) for one, it in quiet])
        except StoreAway as error:
            log.warning("%d polls that brought nothing were not written: %s", len(quiet), error)
        except Exception:
            log.exception("%d polls could not be settled together; each is settled by itself", len(quiet))
            for asked, fetched in quiet:
                self._go_on(asked, partial(_give, fetched))
            return
        else:
            written = {poll.source for poll in polls}
            for asked, _ in quiet:
                if asked.source.key not in written:
                    log.warning("poll of %s: another worker took it over meanwhile", asked.source.key)
        self._done(len(quiet))

    # --- hands ---

    def _go_on(self, asked: _Asked, brought: Callable[[], Fetched]) -> None:
        self._hand_over(asked, partial(poll_fetched, self._ingest, asked.source, asked.state, brought, asked.started))

    def _hand_over(self, asked: _Asked, poll: Callable[[], Poll]) -> None:
        with self._lock:
            self._with_hands += 1
        self._crew.submit(self._poll, asked.source, poll)

    def _poll(self, source: Source, poll: Callable[[], Poll]) -> None:
        try:
            log_poll(poll(), source)
        except (Conflict, StoreAway) as error:
            log.warning("poll of %s: %s", source.key, error)
        except Exception:
            log.exception("the poll of %s broke; its lease runs out and it is tried again", source.key)
        with self._lock:
            self._with_hands -= 1
        self._done(1)

    def _done(self, count: int) -> None:
        """What has ended makes room for the next sources at once: between two beats much may be due.

        A claim looks at everything that is due, so it is made for half the room together rather than for each.
        """
        with self._changed:
            self._under_way -= count
            self._changed.notify_all()
        self._go_for_more((self._most + 1) // 2)

    def _go_for_more(self, fewest: int) -> None:
        try:
            self._claim_for(fewest)
        except StoreAway as error:
            log.warning("the next source waits for the beat: %s", error)


def _give(fetched: Fetched) -> Fetched:
    return fetched


def _raise(error: Exception) -> Fetched:
    raise error


def log_poll(poll: Poll, source: Source) -> None:
    """One line per poll, in plain words."""
    next_try = f"; next try {poll.next_due:%Y-%m-%d %H:%M:%S}Z" if poll.next_due else "; it is stopped"
    if poll.outcome == "failed":
        log.warning("source %s (%s) could not be read: %s%s", source.key, source.name, poll.message, next_try)
    elif poll.outcome == "ok":
        counts = ", ".join(
            f"{poll.count(outcome)} {outcome}"
            for outcome in ("published", "held", "merged", "filtered", "dropped", "unchanged")
            if poll.count(outcome)
        )
        log.info("source %s: %d items: %s", source.key, poll.fetched, counts or "nothing")
    else:
        log.debug("source %s: nothing new (%s)", source.key, poll.outcome)
