"""Canaries: their subscriptions among all others, what arrived, and what has not (`hub/canary.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from feedhub.model.canary import Canary
from feedhub.store.canary_tables import canaries
from feedhub.store.document_tables import documents
from feedhub.store.hub_tables import subscriptions, topics
from feedhub.store.subscriptions import key_of
from feedhub.store.tables import changes, section_changes, sections
from feedhub.store.topics import KINDS, ensure_topic

_LEASE = timedelta(days=3650)


def mount(tx: Connection, base: str, *, host: str, partner: str, now: datetime, excused: datetime | None) -> int:
    """Subscribe our listener at `base` to every topic, in the place of the one before; returns how many there are.

    What the one before took and did not live to write down is sent once more: it would be waited for until the next
    change, and the alarm with it. What was published before `excused` is not held against it.
    """
    gone = (subscriptions.c.partner == partner) & (subscriptions.c.callback.not_like(f"{base}%"))
    kept = {row.topic_id: row for row in tx.execute(select(subscriptions).where(gone))}
    tx.execute(delete(subscriptions).where(gone))
    known = {row.topic: row.seq for row in tx.execute(select(canaries.c.topic, canaries.c.seq))}
    found = tx.execute(select(documents.c.path, documents.c.generation).where(documents.c.kind.in_(KINDS))).all()
    if kept and excused is not None:
        tx.execute(update(canaries).values(mounted_at=excused))
    mine = select(topics.c.name).join(subscriptions, subscriptions.c.topic_id == topics.c.id)
    there = set(tx.execute(mine.where(subscriptions.c.partner == partner)).scalars())
    for path, generation in found:
        if path in there:
            continue
        topic = ensure_topic(tx, path, foreign=False, seq=generation)
        callback = f"{base}{topic.id}"
        before = kept.get(int(topic.id))
        acked = min(before.acked_seq, known.get(path, topic.seq)) if before else topic.seq
        values: dict[str, Any] = {
            "topic_id": int(topic.id), "callback": callback, "callback_key": key_of(callback), "host": host,
            "dialect": "websub", "state": "active", "signature": "sha256", "partner": partner,
            "lease_until": now + _LEASE, "created_at": now, "verified_at": now, "request_id": 0,
            "acked_seq": acked, "next_try": now, "tries": 0, "fence": 0,
        }  # fmt: skip
        tx.execute(insert(subscriptions).values(**values))
        if path not in known:
            tx.execute(insert(canaries).values(topic=path, seq=topic.seq, mounted_at=now, received=0, latencies=[]))
    return len(found)


def unmounted(tx: Connection, partner: str) -> bool:
    """Whether there are topics without a canary: a cheap look that spares the write lock."""
    all_ = tx.execute(select(func.count()).where(documents.c.kind.in_(KINDS))).scalar_one()
    mine = tx.execute(select(func.count()).where(subscriptions.c.partner == partner)).scalar_one()
    return bool(mine < all_)


def holder(tx: Connection, partner: str) -> str | None:
    """The host of the canaries, which names the worker that they are of; None when there are none."""
    return tx.execute(select(subscriptions.c.host).where(subscriptions.c.partner == partner).limit(1)).scalar()


def dismount(tx: Connection, partner: str) -> None:
    """No canaries any more."""
    tx.execute(delete(subscriptions).where(subscriptions.c.partner == partner))
    tx.execute(delete(canaries))


def any_mounted(tx: Connection) -> bool:
    """Whether there is any canary."""
    return tx.execute(select(canaries.c.topic).limit(1)).first() is not None


def note_arrivals(tx: Connection, arrived: Iterable[tuple[str, int, datetime]], keep: int) -> None:
    """Write what arrived: (topic id, seq, when), in order; repeats count for nothing."""
    names = {str(row.id): row.name for row in tx.execute(select(topics.c.id, topics.c.name))}
    for topic_id, seq, at in arrived:
        name = names.get(topic_id)
        row = tx.execute(select(canaries).where(canaries.c.topic == name)).first() if name else None
        if row is None or seq <= row.seq:
            continue
        between = (changes.c.seq > row.seq) & (changes.c.seq <= seq)
        published = _oldest(tx, row.topic, between) or at
        took = max(int((at - max(published, row.mounted_at)).total_seconds() * 1000), 0)
        values = {"seq": seq, "received": row.received + 1, "received_at": at}
        values["latencies"] = [*row.latencies, took][-keep:]
        tx.execute(update(canaries).where(canaries.c.topic == row.topic).values(**values))


def list_canaries(tx: Connection) -> list[Canary]:
    """Every canary by topic, with the oldest change that it waits for."""
    return _canaries(tx, waiting_only=False)


def waiting_canaries(tx: Connection) -> list[Canary]:
    """Those that wait for a change, by topic: a cheap look while all is well."""
    return _canaries(tx, waiting_only=True)


def _canaries(tx: Connection, *, waiting_only: bool) -> list[Canary]:
    newest = func.coalesce(sections.c.generation, documents.c.generation)
    query = (
        select(canaries, newest.label("newest"), documents.c.last_modified, documents.c.name)
        .join(documents, documents.c.path == canaries.c.topic)
        .outerjoin(sections, (sections.c.id == documents.c.name) & (documents.c.kind == "current"))
        .order_by(canaries.c.topic)
    )
    if waiting_only:
        query = query.where(newest > canaries.c.seq)
    found = []
    waits: dict[tuple[str, int], datetime | None] = {}
    for row in tx.execute(query).all():
        since = None
        if row.newest > row.seq:
            place = (row.name, row.seq)
            if place not in waits:
                waits[place] = _oldest(tx, row.topic, changes.c.seq > row.seq)
            since = waits[place] or row.last_modified
        found.append(
            Canary(
                topic=row.topic,
                seq=row.seq,
                mounted_at=row.mounted_at,
                received=row.received,
                received_at=row.received_at,
                latencies=tuple(row.latencies),
                waits_since=since,
            )
        )
    return found


def _oldest(tx: Connection, topic: str, between: Any) -> datetime | None:
    """When the first of the changes of a topic's section was published."""
    section = select(documents.c.name).where(documents.c.path == topic).scalar_subquery()
    query = select(changes.c.at).join(section_changes, section_changes.c.seq == changes.c.seq)
    return tx.execute(
        query.where(section_changes.c.section == section, between).order_by(changes.c.seq).limit(1)
    ).scalar()
