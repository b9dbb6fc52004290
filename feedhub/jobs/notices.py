"""Which notices are made of the alerts that wait, and their words: pure, given `now`.

One notice per alert, until there have been many of late: then one digest for all that waits, and the next not before
there are few again. What ended before it was told is never told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from feedhub.basics.dates import rfc3339
from feedhub.basics.digests import digest
from feedhub.basics.spans import format_span
from feedhub.basics.text import cut, one_line
from feedhub.ingest.health_alerts import PASSING
from feedhub.model.alert import Alert, Notice, NoticeKind

FEW = 5
OF_LATE = timedelta(minutes=10)
_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Patience:
    """How long trouble lasts before it is told, and after how long again."""

    after: timedelta
    again: timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert of which something is to be told now."""

    kind: NoticeKind
    alert: Alert


@dataclass(frozen=True, slots=True)
class Message:
    """What one notice says, to every channel."""

    kind: NoticeKind
    alert_ids: tuple[str, ...]
    words: dict[str, Any]


def waiting_alerts(alerts: Iterable[Alert], patience: Patience, now: datetime) -> tuple[list[Waiting], list[str]]:
    """What waits to be told; and the ids of alerts that ended untold, to be closed."""
    waiting: list[Waiting] = []
    untold: list[str] = []
    for alert in alerts:
        wait = patience.after if alert.code in PASSING else timedelta(0)
        if alert.cleared_at is not None:
            if alert.noticed_at is None:
                untold.append(alert.id)
            else:
                waiting.append(Waiting("cleared", alert))
        elif alert.noticed_at is None:
            if now - alert.raised_at >= wait:
                waiting.append(Waiting("raised", alert))
        elif now - alert.noticed_at >= patience.again:
            waiting.append(Waiting("still", alert))
    return waiting, untold


def make_messages(waiting: Sequence[Waiting], recent: int, portal: str, now: datetime) -> list[Message]:
    """The messages to send; `recent` were made of late. Empty while there have been too many."""
    if not waiting or recent >= FEW:
        return []
    if len(waiting) + recent <= FEW:
        return [_message(one.kind, [one], portal, now) for one in waiting]
    return [_message("digest", waiting, portal, now)]


def test_message(portal: str, now: datetime) -> Message:
    """What `alert test` sends."""
    text = "This is a test: alerts of this FeedHub reach you here."
    return Message("test", (), _words("test", f"[{portal}] test", [text], [], now))


def make_notice(message: Message, channel: str, token: str, now: datetime) -> Notice:
    """A message on its way to one channel; `token` is unguessable."""
    name = digest("notice", channel, rfc3339(now), message.kind, *message.alert_ids, token)
    return Notice(
        id=f"msg_{name[:32]}",
        channel=channel,
        kind=message.kind,
        alert_ids=message.alert_ids,
        message=message.words,
        made_at=now,
        next_try=now,
    )


def said(one: Waiting, now: datetime) -> str:
    """One alert as a line for a person."""
    alert = one.alert
    if one.kind == "cleared":
        lasted = _lasted((alert.cleared_at or now) - alert.raised_at)
        return f"Over after {lasted}: {alert.text}"
    if one.kind == "still":
        return f"Still, after {_lasted(now - alert.raised_at)}: {alert.text}"
    return alert.text


def _message(kind: NoticeKind, waiting: Sequence[Waiting], portal: str, now: datetime) -> Message:
    lines = [said(one, now) for one in waiting]
    if kind == "digest":
        counts = Counter("over" if one.kind == "cleared" else one.alert.code for one in waiting)
        subject = f"[{portal}] {len(waiting)} alerts: {', '.join(f'{n} {code}' for code, n in counts.most_common())}"
    else:
        subject = f"[{portal}] {cut(one_line(lines[0]), 150)}"
    return Message(kind, tuple(one.alert.id for one in waiting), _words(kind, subject, lines, waiting, now))


def _words(
    kind: NoticeKind, subject: str, lines: Sequence[str], waiting: Sequence[Waiting], now: datetime
) -> dict[str, Any]:
    shown = list(lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        shown.append(f"… and {len(lines) - _MOST_LINES} more: `feedhub alert list` has them all.")
    return {
        "type": f"alert.{kind}",
        "timestamp": rfc3339(now),
        "data": {"subject": subject, "lines": shown, "alerts": [_plain(one) for one in waiting[:_MOST_LINES]]},
    }


def _plain(one: Waiting) -> dict[str, Any]:
    alert = one.alert
    return {
        "id": alert.id,
        "change": one.kind,
        "source": alert.source,
        "code": alert.code,
        "text": alert.text,
        "raised_at": rfc3339(alert.raised_at),
        "cleared_at": None if alert.cleared_at is None else rfc3339(alert.cleared_at),
    }


def _lasted(span: timedelta) -> str:
    minutes = timedelta(minutes=max(1, round(span.total_seconds() / 60)))
    return format_span(
        minutes if minutes < timedelta(hours=2) else timedelta(hours=round(minutes / timedelta(hours=1)))
    )
