"""The job `alerts`: raises and clears alerts by the sources' health, makes notices of them, and sends those.

gather → decide → apply, then the sending: a notice is claimed, tried, and settled. Whoever dies in between leaves
it to be tried again under the same id (at least once).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from feedhub.basics.backoff import clamp, retry_after
from feedhub.errors import FetchError
from feedhub.ingest.condition import GRACE
from feedhub.ingest.health_alerts import Change, health_changes, troubles
from feedhub.jobs.channels import BOUNDS, Channel, refusal
from feedhub.jobs.clock_steps import LONGEST_RETRY
from feedhub.jobs.notices import OF_LATE, Patience, make_messages, make_notice, said, waiting_alerts
from feedhub.model.alert import Alert, Notice
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.web import Web, WebResponse
from feedhub.store.alerts import (
    add_notices,
    change_code,
    claim_notices,
    clear_alert,
    close_alerts,
    forget_alerts,
    lock_alerts,
    notices_due,
    notices_since,
    open_alerts,
    raise_alert,
    settle_notice,
)
from feedhub.store.engine import Store
from feedhub.store.sources import list_suspects

log = logging.getLogger(__name__)
KEPT = timedelta(days=90)
GIVEN_UP = timedelta(days=3)
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(hours=1)
_LEASE = timedelta(minutes=2)
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Alerting:
    """What the job needs; `portal` names us in subjects."""

    store: Store
    web: Web
    clock: Clock
    dice: Dice
    channels: Sequence[Channel]
    patience: Patience
    portal: str

    def beat(self) -> None:
        """Bring alerts in step with the sources, tell what waits, send what is due."""
        now = self.clock.now()
        with self.store.read() as tx:
            alerts = open_alerts(tx)
            waiting, untold = waiting_alerts(alerts, self.patience, now)
            idle = not _changes(tx, alerts, now) and not waiting and not untold
        if not idle:
            with self.store.write() as tx:
                lock_alerts(tx)
                for change in _changes(tx, open_alerts(tx), now):
                    _apply(tx, change, now)
                self._tell(tx, now)
        self._send(now)

    def forget(self) -> None:
        """Drop what was over long ago."""
        with self.store.write() as tx:
            forget_alerts(tx, self.clock.now() - KEPT)

    def _tell(self, tx: Connection, now: datetime) -> None:
        waiting, untold = waiting_alerts(open_alerts(tx), self.patience, now)
        recent = notices_since(tx, now - OF_LATE, self.channels[0].name) if self.channels else 0
        messages = make_messages(waiting, recent, self.portal, now)
        if messages:
            for one in waiting:
                log.log(logging.INFO if one.kind == "cleared" else logging.WARNING, "alert: %s", said(one, now))
            made = [
                make_notice(message, channel.name, self.dice.token(), now)
                for message in messages
                for channel in self.channels
            ]
            add_notices(tx, made, [one.alert.id for one in waiting], now)
            untold += [one.alert.id for one in waiting if one.kind == "cleared"]
        close_alerts(tx, untold, now)

    def _send(self, now: datetime) -> None:
        with self.store.read() as tx:
            if not notices_due(tx, now):
                return
        with self.store.write() as tx:
            taken = claim_notices(tx, now=now, lease=_LEASE, most=_AT_ONCE)
        by_name = {channel.name: channel for channel in self.channels}
        for notice, answer in send_notices(self.web, by_name, taken, now):
            self._settle(notice, by_name.get(notice.channel), answer)

    def _settle(self, notice: Notice, channel: Channel | None, answer: WebResponse | FetchError | None) -> None:
        now = self.clock.now()
        if channel is None or answer is None:
            log.warning("notice %s is given up: its channel is no longer configured", notice.id)
            self._write(notice, None, "its channel is no longer configured", now)
            return
        why = refusal(channel, answer)
        if why is None:
            log.info("notice %s (%s): taken, %s", notice.id, notice.kind, channel.shown)
            self._write(notice, None, None, now)
            return
        next_try = next_attempt(notice, answer, now, self.dice.fraction())
        words = f"next try {next_try:%Y-%m-%d %H:%M:%S}Z" if next_try else "given up"
        log.log(logging.WARNING if next_try else logging.ERROR, "notice %s: %s; %s", notice.id, why, words)
        self._write(notice, next_try, why, now)

    def _write(self, notice: Notice, next_try: datetime | None, error: str | None, now: datetime) -> None:
        with self.store.write() as tx:
            settle_notice(tx, notice, next_try=next_try, error=error, now=now)


def send_notices(
    web: Web, channels: dict[str, Channel], notices: Sequence[Notice], now: datetime
) -> list[tuple[Notice, WebResponse | FetchError | None]]:
    """Try every notice at once and wait for all; None where its channel is gone."""
    under_way = [
        (notice, web.submit(channels[notice.channel].request(notice, now)) if notice.channel in channels else None)
        for notice in notices
    ]
    # A host's turn does not count as time, so the wait is bounded here; what is late then counts as not taken.
    wait([future for _, future in under_way if future is not None], timeout=_LEASE.total_seconds() / 2)
    answers: list[tuple[Notice, WebResponse | FetchError | None]] = []
    for notice, future in under_way:
        if future is None:
            answers.append((notice, None))
            continue
        if not future.done() and future.cancel():
            answers.append((notice, FetchError("its host had no turn for it in time", url=notice.channel)))
            continue
        try:
            answers.append((notice, future.result(timeout=BOUNDS.seconds)))
        except FetchError as error:
            answers.append((notice, error))
    return answers


def next_attempt(notice: Notice, answer: WebResponse | FetchError, now: datetime, fraction: float) -> datetime | None:
    """When to try again: 30 s doubling to an hour, later where Retry-After says so; None after 3 days or a 410."""
    gone = isinstance(answer, WebResponse) and answer.status == 410
    if gone or now - notice.made_at >= GIVEN_UP:
        return None
    pause = min(_FIRST * (1 << min(max(notice.tries - 1, 0), 16)), _LONGEST) * (0.9 + 0.2 * fraction)
    asked = retry_after(answer.headers.get("retry-after"), now) if isinstance(answer, WebResponse) else None
    return now + (max(pause, clamp(asked, pause, LONGEST_RETRY)) if asked else pause)


def _changes(tx: Connection, alerts: Sequence[Alert], now: datetime) -> list[Change]:
    about = [alert.source for alert in alerts if alert.source is not None and alert.cleared_at is None]
    suspects = list_suspects(tx, about, due_before=now - GRACE, now=now)
    return health_changes(troubles(suspects, now), alerts)


def _apply(tx: Connection, change: Change, now: datetime) -> None:
    if change.act in ("raise", "reword"):
        raise_alert(tx, source=change.source, code=change.code, text=change.text, now=now)
    elif change.act == "rename" and change.alert is not None:
        change_code(tx, change.alert, code=change.code, text=change.text)
    else:
        clear_alert(tx, source=change.source, code=change.code, now=now)
        if change.act == "supersede" and change.alert is not None:
            close_alerts(tx, [change.alert.id], now)
