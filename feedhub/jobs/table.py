"""Every periodic job in one table: name, beat, what it does.

Each job finds its work as rows in the store, so a beat that was missed loses nothing and two workers do not
step on each other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from feedhub.errors import StoreAway
from feedhub.ingest.means import Ingest
from feedhub.ingest.page_checks import check_pages
from feedhub.ingest.reprints import SEEN_WITHIN
from feedhub.ingest.subscribing import walk_subscriptions
from feedhub.jobs.alerts import Alerting
from feedhub.jobs.clock_steps import ClockSteps
from feedhub.jobs.hub import HubJobs
from feedhub.jobs.polls import BEAT, Polls
from feedhub.publish.render import render_due
from feedhub.publish.style import Style
from feedhub.publish.trying_again import try_left_out
from feedhub.store.articles import anything_due, release_due
from feedhub.store.entries import mark_released
from feedhub.store.pictures import forget_pictures
from feedhub.store.polls import forget_polls
from feedhub.store.pushes import forget_pushes
from feedhub.store.raw_documents import bound_raw
from feedhub.store.settings import set_last_tick
from feedhub.store.text_marks import forget_marks

log = logging.getLogger(__name__)
LEDGER_KEPT = timedelta(days=30)
PICTURES_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Job:
    """A job: it runs every `beat`, never beside itself, and a missed beat is made up for once."""

    name: str
    beat: timedelta
    run: Callable[[], object]


def all_jobs(
    ingest: Ingest, style: Style, polls: Polls, alerting: Alerting, hub: HubJobs, further: Iterable[Job] = ()
) -> tuple[Job, ...]:
    """The table, with `further` jobs before those that clear up. The order is that in which they are first run."""
    store, clock = ingest.store, ingest.clock

    def release() -> None:
        with store.read() as tx:
            nothing_due = not anything_due(tx, now=clock.now())
        if nothing_due:
            return
        with store.write() as tx:
            now = clock.now()
            moved = release_due(tx, now=now)
            mark_released(tx, moved, now)
        log.info("released or expired: %s", ", ".join(moved))

    def render() -> None:
        render_due(store, style, clock)

    def left_out() -> None:
        for article_id in try_left_out(store, style, clock):
            log.info("article %s can be written again: its feeds are made anew", article_id)

    def tick() -> None:
        with store.write() as tx:
            set_last_tick(tx, clock.now())

    def subscriptions() -> None:
        for said in walk_subscriptions(ingest):
            log.info("%s", said)

    def pages() -> None:
        for entry_id in check_pages(ingest):
            log.warning("the page of entry %s is gone: it is back in review", entry_id)

    def forget() -> None:
        with store.write() as tx:
            dropped = forget_polls(tx, clock.now() - LEDGER_KEPT)
            forget_marks(tx, clock.now() - SEEN_WITHIN)
            pictures = forget_pictures(tx, clock.now() - PICTURES_KEPT)
            forget_pushes(tx, clock.now() - LEDGER_KEPT)
            gone, freed = bound_raw(tx)
        if dropped:
            log.info("forgot %d polls that brought nothing", dropped)
        if pictures:
            log.info("forgot %d pictures that no article shows", pictures)
        if gone:
            log.warning("let go of the %d oldest kept documents of sources, %d bytes, to stay in bounds", gone, freed)

    steps = ClockSteps(store, clock)

    return (
        Job("clock", timedelta(seconds=1), steps.beat),
        Job("release", timedelta(seconds=1), release),
        Job("render", timedelta(milliseconds=250), render),
        Job("left-out", timedelta(seconds=60), left_out),
        Job("poll", BEAT, polls.beat),
        Job("alerts", timedelta(seconds=5), alerting.beat),
        Job("pushes", timedelta(seconds=1), polls.push_beat),
        Job("subscriptions", timedelta(seconds=5), subscriptions),
        Job("verifications", timedelta(milliseconds=250), hub.verify),
        Job("deliveries", timedelta(milliseconds=250), hub.deliver),
        Job("foreign-topics", timedelta(seconds=1), hub.fetch),
        Job("hub-upkeep", timedelta(seconds=10), hub.upkeep),
        *further,
        Job("pages", timedelta(seconds=60), pages),
        Job("tick", timedelta(seconds=10), tick),
        Job("forget", timedelta(hours=1), forget),
        Job("forget-hub", timedelta(hours=1), hub.forget),
        Job("forget-alerts", timedelta(hours=1), alerting.forget),
    )


def guarded(job: Job) -> Callable[[], None]:
    """The job with its failures written down: one bad beat is never the last."""
    away = False

    def run() -> None:
        nonlocal away
        try:
            job.run()
            if away:
                log.warning("%s: the database is back", job.name)
            away = False
        except StoreAway as error:
            if not away:
                log.error("%s: %s It is tried again every %s.", job.name, error, job.beat)
            away = True
        except Exception:
            log.exception("the job %s failed; its next beat tries again", job.name)

    return run
