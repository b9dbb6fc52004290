"""Topics of the hub: paths of our documents, and foreign addresses whose bytes were fetched.

A topic of ours follows its document: `follow_documents` takes over the generations that the render job has stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, exists, literal, or_, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from feedhub.basics.digests import sha256_hex
from feedhub.model.hub import Topic
from feedhub.store.changes import record_change
from feedhub.store.columns import Instant
from feedhub.store.document_tables import documents
from feedhub.store.hub_tables import subscriptions, topics

_FIELDS = tuple(name for name in Topic.__dataclass_fields__ if name != "id")
_PLAIN = [topics.c.id, *(topics.c[name] for name in _FIELDS)]
# The kinds of document that are topics (SEMANTICS 26).
KINDS = ("current", "saved", "profile")


def find_topic(tx: Connection, name: str) -> Topic | None:
    """The topic of that name, if anybody ever asked for it."""
    return _topic(tx.execute(select(*_PLAIN).where(topics.c.name == name)).first())


def get_topics(tx: Connection, ids: list[int]) -> dict[int, Topic]:
    """Topics by their row number."""
    rows = tx.execute(select(*_PLAIN).where(topics.c.id.in_(ids)))
    return {row.id: topic for row in rows if (topic := _topic(row)) is not None}


def list_topics(tx: Connection) -> list[Topic]:
    """Every topic that anybody ever asked for, by name."""
    rows = tx.execute(select(*_PLAIN).order_by(topics.c.name))
    return [topic for row in rows if (topic := _topic(row)) is not None]


def document_seq(tx: Connection, path: str) -> int | None:
    """The generation of the document of ours at a path, None when there is none that is a topic."""
    where = and_(documents.c.path == path, documents.c.kind.in_(KINDS))
    return tx.execute(select(documents.c.generation).where(where)).scalar()


def ensure_topic(tx: Connection, name: str, *, foreign: bool, seq: int) -> Topic:
    """The topic of that name, made now when it is new. In a write transaction."""
    found = find_topic(tx, name)
    if found is None:
        new = {"name": name, "foreign": foreign, "seq": seq, "delivered": 0, "failed": 0}
        kind = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        # Whoever asks for it at the same moment makes it, too: one of them is the first.
        tx.execute(kind(topics).values(**new).on_conflict_do_nothing(index_elements=["name"]))
        found = find_topic(tx, name)
        assert found is not None
    return found


def follow_documents(tx: Connection, now: datetime) -> int:
    """Take over the generations of our documents; returns how many topics moved."""
    mine = and_(documents.c.path == topics.c.name, documents.c.generation > topics.c.seq)
    newer = select(documents.c.generation).where(documents.c.path == topics.c.name).scalar_subquery()
    behind = and_(topics.c.foreign.is_(False), exists(select(documents.c.path).where(mine)))
    return tx.execute(update(topics).where(behind).values(seq=newer, moved_at=now)).rowcount


def anything_moved(tx: Connection) -> bool:
    """Whether a document of ours is newer than its topic: a cheap look that spares the write lock."""
    newer = and_(documents.c.path == topics.c.name, documents.c.generation > topics.c.seq)
    query = select(topics.c.id).join(documents, newer).where(topics.c.foreign.is_(False)).limit(1)
    return tx.execute(query).first() is not None


def topics_behind(tx: Connection, now: datetime) -> list[tuple[int, int]]:
    """(row number, seq) of topics that some receiver is to be told of now."""
    query = select(topics.c.id, topics.c.seq).where(exists(select(subscriptions.c.id).where(due_for(topics.c, now))))
    return [(row.id, row.seq) for row in tx.execute(query)]


def due_for(topic: Any, now: datetime) -> Any:
    """The condition on `subscriptions` for cursors of a topic (`id`, `seq`) that are behind, due and free."""
    row = subscriptions.c
    return and_(
        row.topic_id == topic.id,
        row.state == "active",
        row.acked_seq < topic.seq,
        row.next_try <= now,
        # Added to, so that no database goes by the ends of leases: it would read all subscriptions for each topic.
        type_coerce(row.lease_until + literal(0, BigInteger), Instant) > now,
        or_(row.stopped_seq.is_(None), row.stopped_seq < topic.seq),
        or_(row.claim_until.is_(None), row.claim_until <= now),
    )


def note_ping(tx: Connection, name: str, *, now: datetime, fetch_at: datetime) -> None:
    """A publisher says that a topic has news: a foreign one is fetched at `fetch_at`, unless it is to be earlier."""
    sooner = or_(topics.c.fetch_due.is_(None), topics.c.fetch_due > fetch_at)
    tx.execute(update(topics).where(topics.c.name == name).values(pinged_at=now))
    tx.execute(update(topics).where(topics.c.name == name, topics.c.foreign, sooner).values(fetch_due=fetch_at))


def fetches_due(tx: Connection, now: datetime) -> list[Topic]:
    """Foreign topics that are to be fetched now."""
    rows = tx.execute(select(*_PLAIN).where(topics.c.fetch_due <= now).order_by(topics.c.fetch_due).limit(20))
    return [topic for row in rows if (topic := _topic(row)) is not None]


def take_fetch(tx: Connection, topic: Topic, now: datetime, until: datetime) -> bool:
    """Take a fetch that is due, until an instant at which it is due again; False when another worker did."""
    due = and_(topics.c.id == int(topic.id), topics.c.fetch_due == topic.fetch_due)
    return bool(tx.execute(update(topics).where(due).values(fetch_due=until, fetched_at=now)).rowcount)


def store_foreign(tx: Connection, topic: Topic, body: bytes, content_type: str, now: datetime) -> bool:
    """Keep a foreign topic's bytes; with other bytes than before it moves, by a number of the change log."""
    digest = sha256_hex(body)
    here = topics.c.id == int(topic.id)
    values: dict[str, Any] = {"fetch_error": None, "content_type": content_type}
    known = tx.execute(select(topics.c.digest).where(here).with_for_update()).scalar()
    if known == digest:
        tx.execute(update(topics).where(here).values(**values))
        return False
    seq = record_change(tx, kind="relayed", article_id=None, touched=(), at=now, reason=topic.name, by="hub")
    tx.execute(update(topics).where(here).values(**values, body=body, digest=digest, seq=seq, moved_at=now))
    return True


def note_fetch_failed(tx: Connection, topic: Topic, error: str) -> None:
    """Write why a foreign topic could not be fetched."""
    tx.execute(update(topics).where(topics.c.id == int(topic.id)).values(fetch_error=error))


def end_fetch(tx: Connection, topic: Topic, until: datetime, again: datetime | None) -> None:
    """Give back a fetch taken `until` then: it is due `again`, unless a ping came meanwhile, which is earlier."""
    taken = and_(topics.c.id == int(topic.id), topics.c.fetch_due == until)
    tx.execute(update(topics).where(taken).values(fetch_due=again))


def foreign_content(tx: Connection, topic_id: str) -> tuple[int, bytes, str] | None:
    """(seq, bytes, Content-Type) of a foreign topic; None before its first fetch."""
    where = and_(topics.c.id == int(topic_id), topics.c.body.is_not(None))
    row = tx.execute(select(topics.c.seq, topics.c.body, topics.c.content_type).where(where)).first()
    return (row.seq, bytes(row.body), row.content_type) if row else None


def count_outcomes(tx: Connection, counts: dict[str, tuple[int, int]]) -> None:
    """Add (delivered, failed) to the tallies of topics, by id."""
    for topic_id, (delivered, failed) in sorted(counts.items(), key=lambda one: int(one[0])):
        added = {"delivered": topics.c.delivered + delivered, "failed": topics.c.failed + failed}
        tx.execute(update(topics).where(topics.c.id == int(topic_id)).values(**added))


def _topic(row: Any) -> Topic | None:
    return None if row is None else Topic(id=str(row.id), **{name: getattr(row, name) for name in _FIELDS})
