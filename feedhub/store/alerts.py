"""Alerts and the notices that carry them: raised once while they stand, told at least once, kept for a while.

Any room that finds something an operator has to hear of calls `raise_alert` in the transaction of its change; the
`alerts` job tells it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from feedhub.errors import NotFound
from feedhub.model.alert import Alert, Notice
from feedhub.store.tables import alerts, counters, notices
from feedhub.store.webhooks import note_source

LONGEST_TEXT = 2000


def lock_alerts(tx: Connection) -> None:
    """One at a time decides what is raised and told."""
    tx.execute(update(counters).where(counters.c.name == "alerts").values(value=counters.c.value + 1))


def raise_alert(tx: Connection, *, source: str | None, code: str, text: str, now: datetime) -> str:
    """Raise an alert, or renew the text of the one that stands for this source and code; returns its id."""
    text, standing = text[:LONGEST_TEXT], _standing(source, code)
    found = tx.execute(select(alerts.c.id, alerts.c.text).where(alerts.c.standing == standing)).first()
    if found is None:
        values = {"standing": standing, "source": source, "code": code, "text": text, "raised_at": now, "tries": 0}
        if source is not None:
            note_source(tx, source, code, now, text)
        return str(tx.execute(insert(alerts).values(**values).returning(alerts.c.id)).scalar_one())
    if found.text != text:
        tx.execute(update(alerts).where(alerts.c.id == found.id).values(text=text))
    return str(found.id)


def is_standing(tx: Connection, *, source: str | None, code: str) -> bool:
    """Whether an alert stands for this source and code."""
    return standing_text(tx, source=source, code=code) is not None


def standing_text(tx: Connection, *, source: str | None, code: str) -> str | None:
    """What the alert says that stands for this source and code; None when none does."""
    return tx.execute(select(alerts.c.text).where(alerts.c.standing == _standing(source, code))).scalar()


def clear_alert(tx: Connection, *, source: str | None, code: str, now: datetime) -> bool:
    """Clear the alert that stands for this source and code; False when there is none."""
    where = alerts.c.standing == _standing(source, code)
    cleared = bool(tx.execute(update(alerts).where(where).values(standing=None, cleared_at=now)).rowcount)
    if cleared and source is not None:
        note_source(tx, source, f"{code} cleared", now)
    return cleared


def clear_by_id(tx: Connection, alert_id: str, now: datetime) -> Alert:
    """Clear a standing alert by hand; its end need not be told. NotFound when none of that id stands."""
    where = (alerts.c.id == _number(alert_id)) & alerts.c.standing.is_not(None)
    values = {"standing": None, "cleared_at": now, "closed_at": now}
    row = tx.execute(update(alerts).where(where).values(**values).returning(*alerts.c)).first()
    if row is None:
        raise NotFound("standing alert", alert_id)
    return _alert(row)


def change_code(tx: Connection, alert: Alert, *, code: str, text: str) -> None:
    """The same trouble by another name: nothing is told anew."""
    standing = _standing(alert.source, code)
    tx.execute(
        update(alerts)
        .where(alerts.c.id == int(alert.id))
        .values(standing=standing, code=code, text=text[:LONGEST_TEXT])
    )


def open_alerts(tx: Connection) -> list[Alert]:
    """Alerts that stand, or whose end may have to be told; oldest first."""
    return [_alert(row) for row in tx.execute(select(alerts).where(alerts.c.closed_at.is_(None)).order_by(alerts.c.id))]


def list_alerts(tx: Connection, *, source: str | None = None, cleared: int = 0) -> list[Alert]:
    """Alerts that stand, and the latest `cleared` of those that do not; newest first."""
    about = [alerts.c.source == source] if source is not None else []
    standing = select(alerts).where(alerts.c.cleared_at.is_(None), *about)
    over = select(alerts).where(alerts.c.cleared_at.is_not(None), *about).order_by(alerts.c.id.desc()).limit(cleared)
    rows = [*tx.execute(standing), *(tx.execute(over) if cleared else ())]
    return [_alert(row) for row in sorted(rows, key=lambda row: -row.id)]


def close_alerts(tx: Connection, ids: Sequence[str], now: datetime) -> None:
    """Nothing more is told of these."""
    if ids:
        tx.execute(update(alerts).where(alerts.c.id.in_([int(one) for one in ids])).values(closed_at=now))


def add_notices(tx: Connection, made: Sequence[Notice], about: Sequence[str], now: datetime) -> None:
    """Put notices on their way; the alerts of the ids `about` are noticed now, also where there is no channel."""
    ids = [int(alert_id) for alert_id in about]
    tx.execute(update(alerts).where(alerts.c.id.in_(ids)).values(noticed_at=now))
    if not made:
        return
    tx.execute(
        insert(notices),
        [
            {
                "id": one.id,
                "channel": one.channel,
                "kind": one.kind,
                "alert_ids": list(one.alert_ids),
                "message": one.message,
                "made_at": one.made_at,
                "next_try": one.next_try,
                "tries": 0,
            }
            for one in made
        ],
    )


def notices_since(tx: Connection, since: datetime, channel: str) -> int:
    """How many notices were made for a channel since then."""
    made = select(func.count()).where(notices.c.made_at > since, notices.c.channel == channel)
    return int(tx.execute(made).scalar_one())


def claim_notices(tx: Connection, *, now: datetime, lease: timedelta, most: int) -> list[Notice]:
    """Take notices that are due, oldest first; who dies with them leaves them due again after `lease`."""
    due = (
        select(notices.c.id)
        .where(notices.c.next_try <= now)
        .order_by(notices.c.made_at, notices.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(
        update(notices)
        .where(notices.c.id.in_(due.scalar_subquery()))
        .values(next_try=now + lease, tries=notices.c.tries + 1)
        .returning(*notices.c)
    ).all()
    return sorted((_notice(row) for row in rows), key=lambda one: (one.made_at, one.id))


def notices_due(tx: Connection, now: datetime) -> bool:
    """Whether any notice is due: a cheap look that spares the write lock."""
    return tx.execute(select(notices.c.id).where(notices.c.next_try <= now).limit(1)).first() is not None


def settle_notice(
    tx: Connection, notice: Notice, *, next_try: datetime | None, error: str | None, now: datetime
) -> None:
    """Write how a try went: `error` None when the channel took it; `next_try` None ends it either way."""
    values: dict[str, Any] = {"next_try": next_try, "last_error": error, "sent_at": None if error else now}
    tx.execute(update(notices).where(notices.c.id == notice.id).values(**values))
    about = alerts.c.id.in_([int(one) for one in notice.alert_ids])
    if error is not None:
        tx.execute(update(alerts).where(about).values(tries=alerts.c.tries + 1))
    else:
        tx.execute(update(alerts).where(about, alerts.c.told_at.is_(None)).values(told_at=now))


def anything_ahead(tx: Connection, now: datetime) -> bool:
    """Whether anything here bears a time that has not come yet: a cheap look before `turn_back`."""
    ahead = [
        select(table.c.id).where(or_(*(table.c[name] > now for name in names))).limit(1)
        for table, names in ((alerts, ("raised_at", "noticed_at")), (notices, ("made_at", "next_try")))
    ]
    return any(tx.execute(one).first() is not None for one in ahead)


def turn_back(tx: Connection, back: timedelta | None, now: datetime, *, longest_wait: timedelta) -> None:
    """The clock was set back by `back` (None: nobody knows by how much): no alert waits longer for that.

    What was written by the clock as it was is moved along; what nobody could still be waiting for is due now.
    """
    for table, names in ((alerts, ("raised_at", "noticed_at")), (notices, ("made_at",))):
        for name in names:
            column = table.c[name]
            for row in tx.execute(select(table.c.id, column.label("at")).where(column > now)).all():
                at = min(row.at - back, now) if back is not None else now
                tx.execute(update(table).where(table.c.id == row.id).values({name: at}))
    waiting = select(notices.c.id, notices.c.next_try).where(notices.c.next_try > now)
    for row in tx.execute(waiting).all():
        at = row.next_try - (back or timedelta(0))
        at = now if at > now + longest_wait else max(at, now)
        tx.execute(update(notices).where(notices.c.id == row.id).values(next_try=at))


def list_notices(tx: Connection, *, limit: int = 50) -> list[Notice]:
    """The latest notices, newest first."""
    query = select(notices).order_by(notices.c.made_at.desc(), notices.c.id).limit(limit)
    return [_notice(row) for row in tx.execute(query)]


def forget_alerts(tx: Connection, before: datetime, *, most: int = 500) -> int:
    """Drop alerts that were closed and notices that ended before an instant."""
    old = select(alerts.c.id).where(alerts.c.closed_at < before).limit(most)
    gone = tx.execute(delete(alerts).where(alerts.c.id.in_(list(tx.execute(old).scalars())))).rowcount
    ended = or_(notices.c.next_try.is_(None), notices.c.sent_at.is_not(None))
    sent = select(notices.c.id).where(notices.c.made_at < before, ended).limit(most)
    return gone + tx.execute(delete(notices).where(notices.c.id.in_(list(tx.execute(sent).scalars())))).rowcount


def _standing(source: str | None, code: str) -> str:
    return f"{code} {source or ''}"


def _number(alert_id: str) -> int:
    return int(alert_id) if alert_id.isascii() and alert_id.isdigit() and len(alert_id) < 19 else -1


def _alert(row: Any) -> Alert:
    return Alert(
        id=str(row.id),
        source=row.source,
        code=row.code,
        text=row.text,
        raised_at=row.raised_at,
        cleared_at=row.cleared_at,
        noticed_at=row.noticed_at,
        told_at=row.told_at,
        closed_at=row.closed_at,
        tries=row.tries,
    )


def _notice(row: Any) -> Notice:
    return Notice(
        id=row.id,
        channel=row.channel,
        kind=row.kind,
        alert_ids=tuple(row.alert_ids),
        message=row.message,
        made_at=row.made_at,
        next_try=row.next_try,
        tries=row.tries,
        sent_at=row.sent_at,
        last_error=row.last_error,
    )
