"""When a source is due next: interval, crontab(5) line in its zone, or its own rhythm (SEMANTICS 15).

APScheduler's triggers compute the instants. Its own reading of cron lines counts weekdays from Monday and
joins the two day fields with AND, so the fields are handed over one by one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from feedhub.basics.backoff import FIRST, LONGEST, backoff, clamp
from feedhub.basics.cron import CronLine, parse_cron
from feedhub.basics.dates import zone
from feedhub.model.source import Schedule


def next_due(
    schedule: Schedule, time_zone: str, *, now: datetime, rhythm: timedelta | None = None, fraction: float = 0.0
) -> datetime:
    """The next instant after `now`; `rhythm` is what adaptive polling has come to, `fraction` the dice for jitter.

    A cron line that never comes true (30 February) gives the longest back-off instead of never.
    """
    if schedule.cron is not None:
        return _next_of_cron(parse_cron(schedule.cron), time_zone, now)
    if schedule.every is not None:
        span = schedule.every
    else:
        span = rhythm or (schedule.adaptive[0] if schedule.adaptive else FIRST)
    found = IntervalTrigger(
        seconds=span.total_seconds(), start_date=now + span, timezone=now.tzinfo
    ).get_next_fire_time(None, now)
    assert isinstance(found, datetime)
    # A tenth of jitter, 30 s at most, so that a thousand sources added together do not stay in step.
    jitter = min(span * 0.1, timedelta(seconds=30)) if span >= timedelta(minutes=1) else timedelta(0)
    return found + jitter * fraction


def _next_of_cron(line: CronLine, time_zone: str, now: datetime) -> datetime:
    """The line's next instant. In the hour that a clock put back brings twice, a line that names hours comes once."""
    trigger = cron_trigger(line, time_zone)
    # In UTC: instants of one zone are compared by what the clock shows, and 02:30 would not come after 02:30.
    after = now.astimezone(UTC)
    names_hours = len(line.hours) < 24
    while True:
        found: datetime | None = trigger.get_next_fire_time(None, after + timedelta(seconds=1))
        if found is None:
            return now + LONGEST
        if not (names_hours and found.fold):
            return found
        after = found.astimezone(UTC)


def next_rhythm(schedule: Schedule, rhythm: timedelta | None, *, brought_news: bool) -> timedelta | None:
    """Adaptive polling: half the interval after news, half as long again without, within its bounds."""
    if schedule.adaptive is None:
        return None
    shortest, longest = schedule.adaptive
    present = rhythm or shortest
    return clamp(present / 2 if brought_news else present * 1.5, shortest, longest)


def next_try(failures: int, *, now: datetime, retry_after: timedelta | None, fraction: float) -> datetime:
    """When to try again after the n-th failure in a row; Retry-After only lengthens."""
    wait = backoff(failures, fraction)
    return now + (max(wait, clamp(retry_after)) if retry_after is not None else wait)


def seconds_of(span: timedelta | None) -> float | None:
    """A span in seconds, None for none."""
    return None if span is None else span.total_seconds()


def cron_trigger(line: CronLine, time_zone: str) -> BaseTrigger:
    """The line as APScheduler triggers: one, or two joined by OR when both day fields are restricted."""
    common = {
        "minute": _list(line.minutes),
        "hour": _list(line.hours),
        "month": _list(line.months),
        "timezone": zone(time_zone),
    }
    by_day = None if line.days is None else CronTrigger(**common, day=_list(line.days))
    # crontab counts weekdays from Sunday 0, APScheduler from Monday 0.
    by_weekday = (
        None
        if line.weekdays is None
        else CronTrigger(**common, day_of_week=_list(tuple(sorted((day - 1) % 7 for day in line.weekdays))))
    )
    if by_day is not None and by_weekday is not None:
        return OrTrigger([by_day, by_weekday])
    return by_day or by_weekday or CronTrigger(**common)


def _list(values: tuple[int, ...]) -> str:
    return ",".join(map(str, values))
