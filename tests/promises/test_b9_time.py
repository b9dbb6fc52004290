"""Clocks that step, stand and change, and who leads meanwhile (PROMISES B9)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import apscheduler.schedulers.base
import pytest

from feedhub.errors import Conflict
from feedhub.ingest.means import Ingest
from feedhub.ingest.pipeline import poll_source
from feedhub.ingest.schedule import next_due
from feedhub.jobs.alerts import Alerting
from feedhub.jobs.beat import start_beat
from feedhub.jobs.clock_steps import ClockSteps
from feedhub.jobs.hub import HubJobs
from feedhub.jobs.notices import Patience
from feedhub.jobs.polls import Polls
from feedhub.jobs.table import Job, all_jobs
from feedhub.model.source import Schedule
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.publish.style import Style
from feedhub.store.articles import put_article
from feedhub.store.engine import Store
from feedhub.store.sources import add_source, claim_due, get_state, list_sources
from tests.ingest.polling import FEED, Watched, answered_beside
from tests.kit import NOW, StillClock, a_source, an_article, open_store

HOUR, YEARS = timedelta(hours=1), timedelta(days=3652)


class SteppingClock(StillClock):
    """Wall time that can be set; monotonic time that goes on regardless."""

    def __init__(self) -> None:
        super().__init__()
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return self.instant + self.offset

    def set_by(self, span: timedelta) -> None:
        self.offset += span


class Counting:
    """A Web that counts who was asked and always has the same document."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def send(self, request: WebRequest) -> WebResponse:
        self.asked[request.url] += 1
        return WebResponse(request.url, 200, {}, FEED.encode())

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        return answered_beside(self, request)


class Hub:
    """Sources of 15 and 30 minutes, a cron line and an adaptive one, beaten by hand: a second a beat."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.web = store, SteppingClock(), Counting()
        watched = Watched(store, a_source("every0", url="http://a0.example/", schedule=Schedule(every=15 * minute(1))))
        self.ingest: Ingest = replace(watched.ingest, clock=self.clock, web=self.web)
        with store.write() as tx:
            for number in range(1, 8):
                schedule = Schedule(every=minute(15 if number % 2 else 30))
                add_source(tx, a_source(f"every{number}", url=f"http://a{number}.example/", schedule=schedule), NOW)
            add_source(tx, a_source("cron", url="http://c.example/", schedule=Schedule(cron="*/20 * * * *")), NOW)
        self.steps = ClockSteps(store, self.clock)
        self.polls = Polls(self.ingest, "me", 4, 8)

    def pass_(self, minutes: float, beat: float = 1.0) -> Counter[str]:
        """Let time pass; who was asked meanwhile."""
        before = self.web.asked.copy()
        for _ in range(int(minutes * 60 / beat)):
            self.clock.pass_(seconds=beat)
            self.steps.beat()
            with self.store.read() as tx:
                due = any(state.next_due <= self.clock.now() for _, state in list_sources(tx))
            if due:
                self.polls.beat()
                self._settle()
        return self.web.asked - before

    def _settle(self) -> None:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with self.store.read() as tx:
                if all(
                    state.lease_until is None and state.next_due > self.clock.now() for _, state in list_sources(tx)
                ):
                    return
            time.sleep(0.002)
        pytest.fail("the polls did not end")

    def dues(self) -> dict[str, float]:
        with self.store.read() as tx:
            return {s.key: (state.next_due - self.clock.now()).total_seconds() for s, state in list_sources(tx)}


def minute(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    store = open_store(f"sqlite:///{tmp_path / 'hub.db'}")
    made = Hub(store)
    made.pass_(0.1)
    assert len(made.web.asked) == 9
    yield made
    made.polls.close()
    store.close()


def test_set_back_by_an_hour_everything_is_due_as_it_would_have_been(hub: Hub) -> None:
    hub.pass_(5, beat=30)
    before = hub.dues()
    hub.clock.set_by(-HOUR)
    asked = hub.pass_(1 / 60)
    after = hub.dues()
    assert not asked
    for key in before.keys() - {"cron"}:
        assert abs(after[key] - before[key] + 1) <= 5, key
    asked = hub.pass_(12, beat=5)
    assert {url: n for url, n in asked.items() if ".example" in url} == {
        f"http://a{n}.example/": 1 for n in (0, 1, 3, 5, 7)
    }


@pytest.mark.parametrize("step", [HOUR, YEARS], ids=["an hour", "ten years"])
def test_set_ahead_each_source_is_polled_once_and_back_again_nothing_waits(hub: Hub, step: timedelta) -> None:
    hub.pass_(1, beat=30)
    hub.clock.set_by(step)
    asked = hub.pass_(5 / 60)
    assert asked and set(asked.values()) == {1}, "no storm"
    assert len(asked) == 9
    hub.clock.set_by(-step)
    assert hub.pass_(5 / 60).total() == 0
    assert all(0 < seconds <= 31 * 60 for key, seconds in hub.dues().items() if key != "cron" or step is YEARS)
    asked = hub.pass_(16, beat=5)
    assert {"http://a1.example/", "http://a3.example/"} <= set(asked) and max(asked.values()) == 1


def test_a_step_while_no_worker_ran_is_seen_at_the_start(hub: Hub) -> None:
    hub.clock.set_by(YEARS)
    hub.pass_(5 / 60)
    hub.clock.set_by(-YEARS)
    hub.steps = ClockSteps(hub.store, hub.clock)
    asked = hub.pass_(5 / 60)
    assert (len(asked), set(asked.values())) == (9, {1})
    assert all(seconds <= 31 * 60 for seconds in hub.dues().values())


def test_two_workers_move_what_is_due_once(hub: Hub) -> None:
    other = ClockSteps(hub.store, hub.clock)
    other.beat()
    hub.pass_(3, beat=30)
    before = hub.dues()
    hub.clock.set_by(-HOUR)
    for one in (hub.steps, other, hub.steps, other):
        one.beat()
    after = hub.dues()
    assert all(abs(after[key] - before[key]) <= 1 for key in before if key.startswith("every"))


def test_ahead_for_a_moment_what_was_planned_for_later_stays_planned(hub: Hub) -> None:
    with hub.store.write() as tx:
        add_source(tx, a_source("six", url="http://six.example/", schedule=Schedule(every=6 * HOUR)), hub.clock.now())
    hub.pass_(5 / 60)
    before = hub.dues()["six"]
    for step in (HOUR, -HOUR):
        hub.clock.set_by(step)
        hub.pass_(5 / 60)
    assert abs(before - hub.dues()["six"] - 10) <= 5


def test_the_beat_goes_on_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """APScheduler itself would wait until its next beats come round again: an hour, or ten years."""
    offset = [timedelta(0)]

    class Stepped(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def]
            return datetime.now(tz) + offset[0]

    class Clock:
        def now(self) -> datetime:
            return datetime.now(UTC) + offset[0]

        def monotonic(self) -> float:
            return time.monotonic()

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Stepped)
    beaten = threading.Semaphore(0)
    scheduler = start_beat([Job("test", timedelta(milliseconds=50), beaten.release)], Clock())
    try:
        assert beaten.acquire(timeout=5)
        for step in (-HOUR, HOUR, YEARS, -YEARS):
            offset[0] += step
            time.sleep(0.1)
            while beaten.acquire(blocking=False):
                pass
            assert beaten.acquire(timeout=5), f"after a step of {step} nothing beats"
    finally:
        scheduler.shutdown()


# --- clocks that change by the calendar -----------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"])
@pytest.mark.parametrize("line", ["30 2 * * *", "0 0 * * *", "30 1 * * *", "0 8 * * *", "59 23 * * *"])
def test_a_daily_job_comes_once_a_day_all_year(zone: str, line: str) -> None:
    days: Counter[date] = Counter()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    while now < datetime(2027, 1, 1, tzinfo=UTC):
        due = next_due(Schedule(cron=line), zone, now=now)
        assert due > now
        days[due.date()] += 1
        now = due.astimezone(UTC)
    assert set(days.values()) == {1} and len(days) >= 365


def test_a_line_of_every_hour_goes_on_through_the_hour_that_comes_twice() -> None:
    now, found = datetime(2026, 10, 24, 23, 30, tzinfo=UTC), []
    for _ in range(4):
        now = next_due(Schedule(cron="0 * * * *"), "Europe/Berlin", now=now).astimezone(UTC)
        found.append(now.hour)
    assert found == [0, 1, 2, 3]


# --- who leads ------------------------------------------------------------------------------------------------------


def test_a_worker_that_stood_still_is_refused_by_its_fence_and_nothing_is_done_twice(store_url: str) -> None:
    """Stopped for ten minutes with a poll in hand: another takes over, the late result is thrown away (133, 135)."""
    store = open_store(store_url)
    watched = Watched(store, a_source("s", url="http://a.example/", schedule=Schedule(every=minute(30))))
    with store.write() as tx:
        mine = claim_due(tx, owner="stopped", now=watched.clock.now(), lease=minute(1), most=9, per_host=9)
    assert len(mine) == 1
    watched.clock.pass_(minutes=10)
    asked = Counting()
    ingest = replace(watched.ingest, web=asked)
    takes_over, wakes = Polls(ingest, "other", 2, 2), Polls(ingest, "stopped", 2, 2)
    takes_over.beat()
    takes_over.close()
    with pytest.raises(Conflict):
        poll_source(ingest, *mine[0])  # it goes on where it stood
    wakes.beat()
    wakes.close()
    with store.read() as tx:
        state = get_state(tx, "s")
        polls = tx.exec_driver_sql("SELECT count(*) FROM polls").scalar()
        entries = tx.exec_driver_sql("SELECT count(*) FROM entries").scalar()
    assert (polls, entries, state.fence) == (1, 1, 2)
    store.close()


def test_published_tomorrow_at_eight_in_shanghai_also_after_a_restart(store_url: str, tmp_path: Path) -> None:
    """Within a minute of 08:00 +0800, never before, by a worker that started meanwhile (136)."""
    eight = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai; NOW is noon there, the day before
    store = open_store(store_url)
    with store.write() as tx:
        put_article(tx, an_article("later", published=eight, embargo_until=eight), now=NOW, late=False, by="test")
    store.close()

    def state_at(moment: datetime) -> str:
        again = Store(store_url)
        clock = StillClock(moment)
        ingest = replace(Watched(again, a_source(f"s{moment:%H%M%S}")).ingest, clock=clock)
        polls = Polls(ingest, "me", 1, 1)
        table = all_jobs(ingest, _no_style(), polls, _no_alerts(ingest), cast(HubJobs, _NoHub()))
        jobs = {job.name: job for job in table}
        jobs["release"].run()
        polls.close()
        with again.read() as tx:
            found = tx.exec_driver_sql("SELECT state FROM articles WHERE id = 'later'").scalar()
        again.close()
        return str(found)

    assert state_at(eight - timedelta(seconds=1)) == "scheduled"
    assert state_at(eight + timedelta(seconds=59)) == "published"


class _NoHub:
    """Nobody subscribes."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        return lambda: None


def _no_alerts(ingest: Ingest) -> Alerting:
    """Nobody to tell."""
    parts = {"store": ingest.store, "web": ingest.web, "clock": ingest.clock, "dice": ingest.dice}
    return Alerting(**parts, channels=(), patience=Patience(HOUR, HOUR), portal="Hengyang")


def _no_style() -> Style:
    """The release job looks at no style."""
    return None  # type: ignore[return-value]
