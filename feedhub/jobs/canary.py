"""The job `canary`: our own subscriber on every topic; what arrives is measured, what does not is an alarm.

listener ─→ (topic, seq, when) ─→ rows        rows behind for too long ─→ alert `push_late`, /readyz, /metrics
"""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from feedhub.hub.canary import KEPT, late_ones, said_of
from feedhub.jobs.table import Job
from feedhub.ports.clock import Clock
from feedhub.store.alerts import clear_alert, raise_alert
from feedhub.store.canaries import any_mounted, dismount, holder, mount, note_arrivals, unmounted, waiting_canaries
from feedhub.store.engine import Store
from feedhub.store.settings import canary_beat, set_canary_beat
from feedhub.store.subscriptions import CANARY, canary_host

log = logging.getLogger(__name__)
ALERT = "push_late"
BEAT = timedelta(seconds=2)
# The worker that has the canaries says so this often; one that was silent for so long has them no more.
_SAID = timedelta(seconds=5)
_SILENT = timedelta(seconds=15)


class CanaryJob:
    """`arrived` is given to the listener, in whatever thread; without a listener (`port` 0) canaries are taken away."""

    def __init__(self, store: Store, clock: Clock, token: str, owner: str, is_gone: Callable[[str], bool]) -> None:
        self._store, self._clock, self._token, self._is_gone = store, clock, token, is_gone
        self._news: list[tuple[str, int, datetime]] = []
        self._lock = threading.Lock()
        self._host = canary_host(owner)
        self._late = False
        self._begun = self._looked = False
        self.port = 0

    def arrived(self, path: str, fields: Mapping[str, str]) -> None:
        """A delivery arrived at the listener; one that does not know the token is nobody's."""
        token, _, topic_id = path.strip("/").partition("/")
        seq = fields.get("feedhub-sequence", "")
        if hmac.compare_digest(token.encode(), self._token.encode()) and seq.isdigit():
            with self._lock:
                self._news.append((topic_id, int(seq), self._clock.now()))

    def jobs(self) -> tuple[Job, ...]:
        """For the table of jobs."""
        return (Job("canary", BEAT, self.beat),)

    def beat(self) -> None:
        """Mount what is new, write what arrived, and raise or clear the alarm."""
        now = self._clock.now()
        with self._lock:
            arrived, self._news = self._news, []
        with self._store.read() as tx:
            held_by, said = holder(tx, CANARY), canary_beat(tx)
            if self.port:
                to_do = not self._begun or held_by != self._host or unmounted(tx, CANARY)
            else:
                to_do = any_mounted(tx)
        # One worker at a time has them; when it is gone, the next one that looks. Of another machine, or of another
        # process with its number, only silence tells.
        quiet = None if said is None else abs(now - said)
        mine = held_by in (None, self._host)
        free = mine or quiet is None or quiet > _SILENT or self._is_gone(str(held_by).removeprefix(f"{CANARY}@"))
        to_do = free and to_do
        to_say = self.port and (to_do or (mine and (quiet is None or quiet >= _SAID)))
        if to_do or to_say or arrived:
            with self._store.write() as tx:
                if to_say:
                    set_canary_beat(tx, now)
                if to_do and self.port:
                    base = f"http://127.0.0.1:{self.port}/{self._token}/"
                    # Nobody pushed while nobody was there. A worker that dies again and again has no such excuse.
                    excused = now if quiet is None or quiet > _SILENT else None
                    mount(tx, base, host=self._host, partner=CANARY, now=now, excused=excused)
                    self._begun = True
                elif to_do:
                    dismount(tx, CANARY)
                note_arrivals(tx, arrived, KEPT)
        self._alarm(now)

    def _alarm(self, now: datetime) -> None:
        with self._store.read() as tx:
            late = late_ones(waiting_canaries(tx), now)
        if not late and not self._late and self._looked:
            return
        self._looked = True
        with self._store.write() as tx:
            if late:
                raise_alert(tx, source=None, code=ALERT, text=said_of(late, now), now=now)
            else:
                clear_alert(tx, source=None, code=ALERT, now=now)
        if bool(late) != self._late:
            log.log(
                logging.ERROR if late else logging.INFO, "%s", said_of(late, now) if late else "pushes arrive again"
            )
        self._late = bool(late)
