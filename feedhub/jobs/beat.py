"""APScheduler beats the time: one metronome per job, missed beats made up for once (DESIGN, decision 2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from feedhub.jobs.table import Job, guarded
from feedhub.ports.clock import Clock

# Seconds: a smaller step is no step, and so often it is looked whether there was one.
_STEP = 0.5
_LOOKS = 1.0


class _Steady(BackgroundScheduler):  # type: ignore[misc]  # it has no types
    """A scheduler that beats on when the clock is set: back, its own next beats would lie an hour or years ahead;
    ahead, it would count every beat that was missed, a thousand million for ten years."""

    def __init__(self, clock: Clock, **options: Any) -> None:
        super().__init__(**options)
        self._clock, self._offset = clock, clock.now().timestamp() - clock.monotonic()

    def _process_jobs(self) -> float:
        before, self._offset = self._offset, self._clock.now().timestamp() - self._clock.monotonic()
        if abs(before - self._offset) > _STEP:
            for job in self.get_jobs():
                job.modify(next_run_time=self._clock.now())
        waits: float | None = super()._process_jobs()
        return _LOOKS if waits is None else min(waits, _LOOKS)


def start_beat(jobs: Iterable[Job], clock: Clock) -> BackgroundScheduler:
    """Start a scheduler that runs every job now and then at its beat, each in a thread of its own."""
    table = list(jobs)
    scheduler = _Steady(
        clock,
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(table))},
        # The stock grace of 1 s ran a 1 s job 0 times in 9.5 s beside one busy thread.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in table:
        seconds = job.beat.total_seconds()
        scheduler.add_job(guarded(job), "interval", seconds=seconds, id=job.name, next_run_time=clock.now())
    scheduler.start()
    return scheduler
