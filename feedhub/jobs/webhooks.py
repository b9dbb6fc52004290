"""The job `webhooks`: events that are due are signed and sent, in order per webhook, webhooks beside each other.

claim ─→ body (made once) ─→ sign, send ─→ settle        a dead webhook holds up no other

An event that has to be tried again is let go where there is nothing to tell any more, and where a later one of the same
article tells more: nobody is sent what was withdrawn, or an older text after a newer one (SEMANTICS 25).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from feedhub.errors import FetchError, UsageError
from feedhub.hub.deliver import Answered
from feedhub.hub.webhooks import after_message, message_fields
from feedhub.jobs.table import Job
from feedhub.model.webhook import Event, Webhook
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.web import Bounds, Web, WebRequest
from feedhub.store.engine import Store
from feedhub.store.webhooks import (
    claim_events,
    forget_events,
    settle_events,
    settle_webhook,
    told_later,
    webhooks_due,
)

log = logging.getLogger(__name__)
KEPT = timedelta(days=90)
ANSWER = Bounds(seconds=15.0, wire_bytes=1024, plain_bytes=1024, redirects=0)
# A worker that is killed holds up a webhook no longer than its lease; one that lives stops in time before that.
_LEASE = timedelta(minutes=2)
_BEGINS = _LEASE - timedelta(seconds=2 * ANSWER.seconds)
_BATCH = 20
_AT_ONCE = 16


class Webhooks:
    """The job; `make` gives the body of an event, None when there is nothing to tell any more."""

    def __init__(
        self, store: Store, web: Web, clock: Clock, dice: Dice, make: Callable[[Connection, Event], bytes | None]
    ) -> None:
        self._store, self._web, self._clock, self._dice, self._make = store, web, clock, dice, make
        self._hands = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhook")
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    def jobs(self) -> tuple[Job, ...]:
        """For the table of jobs."""
        return (
            Job("webhooks", timedelta(milliseconds=250), self.beat),
            Job("forget-webhooks", timedelta(hours=1), self.forget),
        )

    def beat(self) -> None:
        """Begin with every webhook that is due and not being told already; returns at once."""
        with self._store.read() as tx:
            due = webhooks_due(tx, self._clock.now())
        for one in due:
            with self._lock:
                if self._closed or one.id in self._busy:
                    continue
                self._busy.add(one.id)
                self._hands.submit(self._tell_all, one)

    def forget(self) -> None:
        """Drop events that were over long ago."""
        with self._store.write() as tx:
            forget_events(tx, self._clock.now() - KEPT)

    def wait(self) -> None:
        """Until nobody is being told any more."""
        while self._busy:
            threading.Event().wait(0.01)

    def close(self) -> None:
        """Begin nothing more; what is under way ends first, bounded by its deadline."""
        with self._lock:
            self._closed = True
        self._hands.shutdown(wait=True, cancel_futures=True)

    def _tell_all(self, one: Webhook) -> None:
        try:
            while not self._closed and (batch := self._claim(one)):
                one, settled = self._tell(one, batch)
                with self._store.write() as tx:
                    # A webhook before its events, as a replay locks them: else the two could block each other.
                    settle_webhook(tx, one)
                    settle_events(tx, settled, self._clock.now())
                if one.state == "gone" or (one.held_until is not None and one.held_until > self._clock.now()):
                    break
        except Exception:
            log.exception("the webhook %s was not told; the next beat goes on", one.name)
        finally:
            with self._lock:
                self._busy.discard(one.id)

    def _claim(self, one: Webhook) -> list[Event]:
        with self._store.write() as tx:
            now = self._clock.now()
            batch = claim_events(tx, one.id, now=now, lease=_LEASE, most=_BATCH)
            later = told_later(tx, one.id, [it for it in batch if it.tries])
            return [replace(it, body=None if it.id in later else self._body(tx, it)) for it in batch]

    def _body(self, tx: Connection, event: Event) -> bytes | None:
        """The body of all its tries; None when there is nothing to tell any more."""
        made = self._make(tx, event)
        return made if made is None or event.body is None else event.body

    def _tell(self, one: Webhook, batch: list[Event]) -> tuple[Webhook, list[Event]]:
        settled: list[Event] = []
        until = self._clock.now() + _BEGINS
        for event in batch:
            now = self._clock.now()
            held = one.held_until is not None and one.held_until > now
            if event.body is None:
                settled.append(replace(event, next_try=None, outcome="overtaken", done_at=now))
            elif self._closed or one.state == "gone" or held or now >= until:
                settled.append(event)
            else:
                answered = self._send(one, event, event.body)
                now = self._clock.now()
                one, after = after_message(one, event, answered, now=now, fraction=self._dice.fraction())
                if after.outcome != "taken":
                    log.warning("webhook %s, %s: %s", one.name, event.message_id, answered.error or answered.status)
                settled.append(after)
        return one, settled

    def _send(self, one: Webhook, event: Event, body: bytes) -> Answered:
        fields = message_fields(one, event, body, self._clock.now())
        request = WebRequest(one.url, "POST", fields, body, reach="callback", follow_redirects=False, bounds=ANSWER)
        try:
            answer = self._web.send(request)
        except (FetchError, UsageError) as error:
            # Its answer is nobody's business: one that is long is an answer all the same, but not a good one.
            return Answered(0, error.message)
        return Answered(answer.status, None, answer.headers.get("retry-after"))
