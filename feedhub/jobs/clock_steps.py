"""When the machine's clock is set back, what was planned by it moves along (PROMISES B9 132).

Due times are wall time, so that they survive a restart. Set back by an hour, the clock would have every source wait an
hour longer; set ten years ahead and back again, for ten years. Set ahead, what became due is polled, each source once:
a machine that starts with a wrong clock must not put off what it had planned with a right one. Alerts that wait to be
told, and the next tries of their notices, move along too: no step of the clock silences them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from feedhub.ingest.schedule import next_due
from feedhub.model.source import Source, SourceState
from feedhub.ports.clock import Clock
from feedhub.store.alerts import anything_ahead, turn_back
from feedhub.store.engine import Store
from feedhub.store.leases import plan_anew
from feedhub.store.settings import get_setting, set_setting
from feedhub.store.sources import list_sources

log = logging.getLogger(__name__)
STEP = timedelta(seconds=2)
DAY = timedelta(hours=24)
_NONE = timedelta(0)
_OFFSET = "clock_offset"
# The longest that `alerts.py` lets a notice wait for its next try.
LONGEST_RETRY = timedelta(hours=6)


class ClockSteps:
    """Sees, beat by beat, whether wall time still runs along with monotonic time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._offset: float | None = None
        self._ahead = _NONE  # how far it was set ahead, and not back again, since we began

    def beat(self) -> None:
        """Plan anew where the clock was set back since the last beat, or before the first one."""
        now = self._clock.now()
        before, self._offset = self._offset, now.timestamp() - self._clock.monotonic()
        if before is None:
            self._plan(now, None)
        elif before - self._offset >= STEP.total_seconds():
            back = timedelta(seconds=before - self._offset)
            log.warning("the clock was set back by %s: what is due is planned anew", back)
            self._plan(now, back)
            self._ahead = max(self._ahead - back, _NONE)
        elif self._offset - before >= STEP.total_seconds():
            ahead = timedelta(seconds=self._offset - before)
            log.warning("the clock was set ahead by %s: what became due is polled, each source once", ahead)
            self._ahead += ahead
            with self._store.write() as tx:
                set_setting(tx, _OFFSET, self._mark())

    def _mark(self) -> str:
        """What all workers of this machine see alike: wall time less monotonic time."""
        return f"{self._offset:.0f}"

    def _plan(self, now: datetime, back: timedelta | None) -> None:
        with self._store.read() as tx:
            moved = planned(list_sources(tx), back, self._ahead, now)
            if not moved and not anything_ahead(tx, now):
                return
        with self._store.write() as tx:
            # Another worker of this machine sees the same step; the mark says that it was dealt with.
            if back is not None and get_setting(tx, _OFFSET) == self._mark():
                return
            set_setting(tx, _OFFSET, self._mark())
            plan_anew(tx, planned(list_sources(tx), back, self._ahead, now), now)
            turn_back(tx, back, now, longest_wait=LONGEST_RETRY)


def planned(
    sources: Sequence[tuple[Source, SourceState]], back: timedelta | None, ahead: timedelta, now: datetime
) -> dict[str, datetime]:
    """The new due time of each source that would wait too long; `back` is None when the step is not known.

    What was planned before the clock was set `ahead` is right again once it is back.
    """
    moved: dict[str, datetime] = {}
    for source, state in sources:
        if state.next_due <= now:
            continue
        from_the_future = state.last_poll is not None and state.last_poll > now + STEP
        if back is None:
            if from_the_future:
                moved[source.key] = now
        elif source.schedule.cron is None:
            moved[source.key] = max(state.next_due - (back if from_the_future else max(back - ahead, _NONE)), now)
        elif back >= DAY:
            # A line's instants are the clock's own: after a small step the next one stands, none comes twice.
            moved[source.key] = next_due(source.schedule, source.time_zone, now=now)
    return moved
