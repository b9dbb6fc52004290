"""Polling: claims what is due, as much as there are free hands, and polls it side by side."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from feedhub.errors import Conflict, StoreAway
from feedhub.ingest.means import LEASE, Ingest
from feedhub.ingest.pipeline import poll_source
from feedhub.ingest.pushed import walk_pushes
from feedhub.model.poll import Poll
from feedhub.model.source import Source, SourceState
from feedhub.store.sources import claim_due, due_exists

log = logging.getLogger(__name__)


class Polls:
    """A bounded crew of pollers; `beat()` is called by the metronome and returns at once."""

    def __init__(self, ingest: Ingest, owner: str, concurrency: int, per_host: int) -> None:
        self._ingest, self._owner, self._per_host = ingest, owner, per_host
        self._crew = ThreadPoolExecutor(concurrency, thread_name_prefix="poll")
        self._hands = self._free = concurrency
        self._lock = threading.Lock()
        self._claiming = threading.Lock()
        self._closed = False

    def beat(self) -> None:
        """Claim and start polls for every free hand."""
        self._claim_for(1)

    def _claim_for(self, fewest: int) -> None:
        """Claim when at least so many hands are free."""
        # Two claims at once would each claim for all free hands; the second is not needed.
        if not self._claiming.acquire(blocking=False):
            return
        try:
            if self._free >= fewest:
                self._claim()
        finally:
            self._claiming.release()

    def _claim(self) -> None:
        with self._lock:
            free = self._free
        if not free or self._closed:
            return
        now = self._ingest.clock.now()
        with self._ingest.store.read() as tx:
            if not due_exists(tx, now):
                return
        with self._ingest.store.write() as tx:
            claimed = claim_due(tx, owner=self._owner, now=now, lease=LEASE, most=free, per_host=self._per_host)
        for source, state in claimed:
            with self._lock:
                self._free -= 1
            self._crew.submit(self._poll, source, state).add_done_callback(self._done)

    def push_beat(self) -> None:
        """Walk on what hubs have pushed."""
        for poll in walk_pushes(self._ingest, self._owner):
            log.info("source %s was pushed to: %d items", poll.source, len(poll.lines))

    def close(self) -> None:
        """Let polls that are under way end; no new ones start."""
        with self._claiming:
            self._closed = True
        self._crew.shutdown(wait=True, cancel_futures=True)

    def _done(self, _poll: Future[None]) -> None:
        """Hands that are done take the next sources at once: between two beats much may be due.

        A claim looks at everything that is due, so it is made for half the hands together rather than for each.
        """
        with self._lock:
            self._free += 1
        try:
            self._claim_for((self._hands + 1) // 2)
        except StoreAway as error:
            log.warning("the next source waits for the beat: %s", error)

    def _poll(self, source: Source, state: SourceState) -> None:
        try:
            log_poll(poll_source(self._ingest, source, state), source)
        except (Conflict, StoreAway) as error:
            log.warning("poll of %s: %s", source.key, error)
        except Exception:
            log.exception("the poll of %s broke; its lease runs out and it is tried again", source.key)


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
        log.info("source %s: %d items: %s", source.key, len(poll.lines), counts or "nothing")
    else:
        log.debug("source %s: nothing new (%s)", source.key, poll.outcome)
