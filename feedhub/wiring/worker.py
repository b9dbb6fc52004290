"""The worker process: the beat of all jobs until it is told to stop."""

from __future__ import annotations

import logging
import threading

from feedhub.jobs.beat import start_beat
from feedhub.jobs.polls import Polls
from feedhub.jobs.table import all_jobs
from feedhub.store.settings import set_last_tick
from feedhub.wiring.house import House

log = logging.getLogger(__name__)
PARSERS = 2


def run_worker(house: House, stop: threading.Event) -> None:
    """Poll, render and release until `stop` is set; polls under way end first, bounded by their own deadline."""
    house.free_dead_leases()
    settings = house.config.settings
    concurrency = settings.worker.concurrency
    with house.ingest(min(PARSERS, concurrency)) as ingest:
        polls = Polls(ingest, house.owner, concurrency, settings.net.per_host.connections)
        scheduler = start_beat(all_jobs(ingest, house.style(), polls, house.alerting(ingest.web)), house.clock)
        log.info("worker started: %d polls at a time", concurrency)
        stop.wait()
        log.info("worker stops: polls under way may end")
        scheduler.shutdown(wait=True)
        polls.close()
    with house.store.write() as tx:
        set_last_tick(tx, None)
