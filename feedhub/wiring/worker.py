"""The worker process: the beat of all jobs until it is told to stop."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import resource
import threading

from feedhub.jobs.beat import start_beat
from feedhub.jobs.polls import Polls
from feedhub.jobs.table import all_jobs
from feedhub.store.settings import set_last_tick
from feedhub.wiring.house import House

log = logging.getLogger(__name__)
PARSERS = 2
# Polls make many small values and hardly a cycle: looking for cycles after every 700 of them costs a tenth of the time.
_NEW_VALUES = 20_000
# mallopt(3): what glibc may be told, and what it is told: as much is given back to the system as soon as it is free.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_GIVEN_BACK = ((_TRIM_THRESHOLD, 4 * 1024 * 1024), (_MMAP_THRESHOLD, 256 * 1024))


def run_worker(house: House, stop: threading.Event) -> None:
    """Poll, render and release until `stop` is set; polls under way end first, bounded by their own deadline."""
    _raise_file_limit()
    share_one_heap()
    _look_seldom_for_cycles()
    house.free_dead_leases()
    settings = house.config.settings
    concurrency = settings.worker.concurrency
    with (
        house.ingest(min(PARSERS, concurrency)) as ingest,
        house.pushing() as pushing,
        house.canary() as canary,
        house.fan_out(canary.port) as fan,
    ):
        hub = house.hub(pushing, ingest.web, fan)
        polls = Polls(ingest, house.owner, concurrency, settings.net.per_host.connections)
        webhooks = house.webhooks(pushing)
        further = (*webhooks.jobs(), *canary.jobs())
        jobs = all_jobs(ingest, house.style(), polls, house.alerting(ingest.web), hub, further)
        scheduler = start_beat(jobs, house.clock)
        log.info("worker started: %d polls at a time", concurrency)
        stop.wait()
        log.info("worker stops: polls under way may end")
        hub.close()
        webhooks.close()
        scheduler.shutdown(wait=True)
        polls.close()
    with house.store.write() as tx:
        set_last_tick(tx, None)


def share_one_heap() -> None:
    """Let all threads have their memory from one heap; where the C library is not glibc nothing happens.

    glibc gives every thread a heap, eight for each core at most, and what was freed in one serves no other: with 64
    hands that was 100 MB. They wait for Python's lock in any case, and hardly ever for the heap's.
    """
    with contextlib.suppress(AttributeError, OSError):
        tell = ctypes.CDLL(None).mallopt
        for option, value in ((_ARENA_MAX, 1), *_GIVEN_BACK):
            tell(option, value)


def _raise_file_limit() -> None:
    """A delivery under way is an open file; the usual limit is the number of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 65_536
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _look_seldom_for_cycles() -> None:
    """What is there at the start stays, and is looked at no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_VALUES, 20, 50)
