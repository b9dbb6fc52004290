"""What hubs delivered: kept as rows until a job walks them on, each body once; and push against poll by source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from feedhub.basics.digests import sha256_hex
from feedhub.model.incoming import Incoming, Push, PushTally
from feedhub.store.push_tables import push_tallies, pushes
from feedhub.store.tables import sources

_TALLY = tuple(PushTally.__dataclass_fields__)
_TALLIED = select(push_tallies).where(push_tallies.c.source == bindparam("of_source"))


def keep_push(tx: Connection, one: Incoming, body: bytes, content_type: str | None, *, now: datetime) -> bool:
    """Keep a genuine body for the job; False when these bytes came before and are not kept again."""
    known = (pushes.c.source == one.source) & (pushes.c.digest == sha256_hex(body))
    tally = tally_of(tx, one.source) or PushTally()
    if tx.execute(select(pushes.c.id).where(known)).first() is not None:
        _count(tx, one.source, repeated=1)
        return False
    values = {"source": one.source, "digest": sha256_hex(body), "hub": one.hub, "topic": one.topic, "body": body}
    tx.execute(insert(pushes).values(**values, received_at=now, content_type=content_type))
    _count(tx, one.source, pushes=1)
    if tally.last_push is None or tally.last_push < now:
        tx.execute(update(push_tallies).where(push_tallies.c.source == one.source).values(last_push=now))
    return True


def count_refused(tx: Connection, source: str) -> None:
    """A delivery with a wrong signature, or with none."""
    _count(tx, source, refused=1)


def waiting(tx: Connection, source: str) -> int:
    """How many of a source's pushes wait to be walked on."""
    query = select(func.count()).where(pushes.c.source == source, pushes.c.done_at.is_(None))
    return int(tx.execute(query).scalar_one())


def takes_pushes(tx: Connection, source: str) -> bool:
    """Whether a source is here and neither paused, frozen nor stopped."""
    row = tx.execute(select(sources.c.condition).where(sources.c.key == source, sources.c.present)).first()
    return row is not None and row.condition == "active"


def due_pushes(tx: Connection, *, most: int) -> list[Push]:
    """Pushes that wait, oldest first."""
    rows = tx.execute(select(pushes).where(pushes.c.done_at.is_(None)).order_by(pushes.c.id).limit(most))
    return [
        Push(
            id=str(row.id),
            source=row.source,
            hub=row.hub,
            topic=row.topic,
            received_at=row.received_at,
            content_type=row.content_type,
            body=row.body,
        )
        for row in rows
    ]


def end_push(tx: Connection, push_id: str, *, now: datetime) -> bool:
    """The push is walked on: its bytes go, its digest stays. False when somebody else has done so."""
    waits = (pushes.c.id == int(push_id)) & pushes.c.done_at.is_(None)
    return bool(tx.execute(update(pushes).where(waits).values(done_at=now, body=None)).rowcount)


def forget_pushes(tx: Connection, before: datetime) -> int:
    """Drop the digests of pushes older than an instant."""
    return tx.execute(delete(pushes).where(pushes.c.received_at < before, pushes.c.done_at.is_not(None))).rowcount


def with_tallies(tx: Connection, keys: Sequence[str]) -> frozenset[str]:
    """Those of the sources that a hub ever delivered anything for."""
    return frozenset(tx.execute(select(push_tallies.c.source).where(push_tallies.c.source.in_(keys))).scalars())


def tally_of(tx: Connection, source: str) -> PushTally | None:
    """Push against poll for a source; None when no hub ever delivered anything for it."""
    row = tx.execute(_TALLIED, {"of_source": source}).first()
    return None if row is None else PushTally(**{name: getattr(row, name) for name in _TALLY})


def count_pushed(tx: Connection, source: str, news: int) -> None:
    """A push was walked on and brought so many new items: it proved true."""
    _count(tx, source, push_news=news, trust=1)


def count_polled(tx: Connection, source: str, news: int) -> None:
    """A poll found so many new items that no push had brought: pushes are not to be relied on."""
    _count(tx, source, poll_news=news)
    distrust(tx, source)


def distrust(tx: Connection, source: str) -> None:
    """Pushes have to prove true anew before polls become fewer."""
    tx.execute(update(push_tallies).where(push_tallies.c.source == source).values(trust=0))


def _count(tx: Connection, source: str, **more: int) -> None:
    added = {name: push_tallies.c[name] + value for name, value in more.items()}
    if not tx.execute(update(push_tallies).where(push_tallies.c.source == source).values(**added)).rowcount:
        plain = {name: 0 for name in _TALLY if name != "last_push"}
        tx.execute(insert(push_tallies).values(source=source, **(plain | more)))
