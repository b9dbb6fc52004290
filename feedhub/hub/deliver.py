"""How a try to deliver ended, and where the cursor stands then: pure, given `now`.

2xx ─→ acknowledged        410 ─→ the subscription ends        anything else ─→ the next try of the schedule
11 tries in vain ─→ stopped: kept with its reason, tried again with the next news, with a renewal, by replay
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedhub.basics.backoff import retry_after
from feedhub.model.hub import Acknowledged, Attempt, AttemptOutcome, Content, Cursor, Delivery

# When each try is made, counted from the one before: 11 tries over about 76 hours (PROMISES B10 137).
SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
    timedelta(hours=24),
    timedelta(hours=24),
)
# Documents of one topic reach a receiver at least so far apart; what catches up does not wait (SEMANTICS 26).
APART = timedelta(seconds=5)
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Answered:
    """What a receiver answered, or why there is no answer: `status` 0 and the reason in words."""

    status: int
    error: str | None = None
    retry_after: str | None = None
    answer_ms: int | None = None


def taken_at_once(delivery: Delivery, answered: Answered, *, now: datetime) -> Acknowledged | None:
    """A first try that succeeded, as nearly all do: told by the cursor alone; None of any other try."""
    one, content = delivery.subscription, delivery.content
    if not 200 <= answered.status < 300 or one.tries or one.stopped_seq is not None:
        return None
    return Acknowledged(one, content.seq, _next_due(content, now), answered.status, now, answered.answer_ms)


def after_try(delivery: Delivery, answered: Answered, *, now: datetime, fraction: float) -> tuple[Cursor, Attempt]:
    """The cursor after any other try, and what is written down of it; `fraction` in [0, 1) is the dice."""
    before, content = delivery.subscription, delivery.content
    number = before.tries + 1
    if 200 <= answered.status < 300:
        after = _acknowledged(before, content, answered, now)
        return after, _attempt(delivery, answered, "delivered", None, number, now)
    seen = replace(before, last_status=answered.status or None, last_at=now, answer_ms=answered.answer_ms)
    reason = _reason(answered)
    if answered.status == 410:
        ended = replace(seen, state="gone", reason=reason, ended_at=now, tries=number)
        return ended, _attempt(delivery, answered, "ended", reason, number, now)
    if number >= len(SCHEDULE):
        at = max(content.seq, content.newest)
        stopped = replace(seen, tries=0, reason=reason, stopped_seq=at, stopped_at=now, next_try=now)
        return stopped, _attempt(delivery, answered, "gave_up", reason, number, now)
    wait = next_wait(number, fraction)
    asked = retry_after(answered.retry_after, now)
    if asked is not None:
        wait = max(wait, asked)
    failed = replace(seen, tries=number, reason=reason, next_try=now + wait)
    return failed, _attempt(delivery, answered, "failed", reason, number, now)


def next_wait(tries: int, fraction: float) -> timedelta:
    """How long after that many tries the next is made, with a tenth of jitter either way."""
    return SCHEDULE[tries] * (0.9 + 0.2 * fraction)


def put_off(before: Cursor, until: datetime, reason: str | None = None) -> Cursor:
    """Not tried now, for a cause that is not the receiver's answer: it counts as no try."""
    return replace(before, next_try=until, reason=reason or before.reason)


def _next_due(content: Content, now: datetime) -> datetime:
    return now if content.catch_up else now + APART


def _acknowledged(before: Cursor, content: Content, answered: Answered, now: datetime) -> Cursor:
    return replace(
        before,
        acked_seq=content.seq,
        next_try=_next_due(content, now),
        tries=0,
        reason=None,
        stopped_seq=None,
        stopped_at=None,
        last_status=answered.status,
        last_at=now,
        answer_ms=answered.answer_ms,
    )


def _reason(answered: Answered) -> str:
    if answered.error is not None:
        return answered.error[:_MOST_WORDS]
    if 300 <= answered.status < 400:
        return f"it answered {answered.status}: redirects are not followed (WebSub §7)"
    return f"it answered {answered.status}"


def _attempt(
    delivery: Delivery, answered: Answered, outcome: AttemptOutcome, reason: str | None, number: int, now: datetime
) -> Attempt:
    one, content = delivery.subscription, delivery.content
    return Attempt(
        id="",
        subscription_id=one.id,
        delivery_id=delivery.id,
        topic=one.topic,
        callback=one.callback,
        seq=content.seq,
        catch_up=content.catch_up,
        at=now,
        number=number,
        outcome=outcome,
        status=answered.status or None,
        reason=reason,
        answer_ms=answered.answer_ms,
    )
