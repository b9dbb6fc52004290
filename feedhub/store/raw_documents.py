"""The bytes of sources' documents as they came, packed, by digest, so that they can be read again (SEMANTICS 34).

Kept are the last documents of each source, and those that a held entry or one younger than 90 days came from:
5 MiB each, 20 per source, 2 GiB in all; the oldest go first.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import zstandard
from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select

from feedhub.model.raw import LARGEST, RawDocument
from feedhub.store.raw_tables import raw_documents
from feedhub.store.rows import upsert
from feedhub.store.tables import entries

MOST_OF_A_SOURCE = 20
MOST_BYTES = 2 * 1024**3
YOUNG = timedelta(days=90)
_KEPT = (
    select(raw_documents.c.digest)
    .where(raw_documents.c.source == bindparam("of_source"))
    .order_by(raw_documents.c.seen_at.desc())
)


def keep_raw(tx: Connection, source: str, raws: Sequence[RawDocument], now: datetime) -> None:
    """Keep what a poll read, and let go of what nothing needs any more. What is too large is not kept."""
    last = add_raw(tx, source, raws, now)
    former = [digest for digest in tx.execute(_KEPT, {"of_source": source}).scalars() if digest not in last]
    if not former:
        return
    asked_for = _needed(tx, source, former, now)
    room = max(MOST_OF_A_SOURCE - len(last), 0)
    stay = [digest for digest in former if digest in asked_for][:room]
    _drop(tx, source, [digest for digest in former if digest not in stay])


def add_raw(tx: Connection, source: str, raws: Sequence[RawDocument], now: datetime) -> frozenset[str]:
    """Keep some documents beside those that are there; returns the digests of those that are not too large."""
    rows = [
        {
            "source": source,
            "digest": raw.digest,
            "asked": raw.asked,
            "url": raw.url,
            "content_type": raw.content_type,
            "reading": raw.reading,
            "encoding": raw.encoding,
            "decision": raw.decision,
            "read_at": raw.read_at,
            "seen_at": now,
            "size": len(raw.body),
            "packed": (packed := _packed(raw.body)),
            "packed_size": len(packed),
        }
        for raw in raws
        if len(raw.body) <= LARGEST
    ]
    upsert(tx, raw_documents, rows)
    return frozenset(str(row["digest"]) for row in rows)


def list_raw(tx: Connection, source: str) -> list[RawDocument]:
    """Every document kept of a source, oldest first."""
    rows = tx.execute(
        select(raw_documents)
        .where(raw_documents.c.source == source)
        .order_by(raw_documents.c.seen_at, raw_documents.c.digest)
    )
    return [
        RawDocument(
            digest=row.digest,
            asked=row.asked,
            url=row.url,
            content_type=row.content_type,
            reading=row.reading,
            encoding=row.encoding,
            decision=row.decision,
            read_at=row.read_at,
            body=_unpacked(row.packed),
        )
        for row in rows
    ]


def count_raw(tx: Connection, source: str) -> tuple[int, int]:
    """How many documents are kept of a source, and their bytes as packed."""
    found = tx.execute(
        select(func.count(), func.coalesce(func.sum(raw_documents.c.packed_size), 0)).where(
            raw_documents.c.source == source
        )
    ).one()
    return int(found[0]), int(found[1])


def bound_raw(tx: Connection, *, most_bytes: int = MOST_BYTES) -> tuple[int, int]:
    """Drop the oldest of all until they fit; returns how many went and their bytes."""
    total = int(tx.execute(select(func.coalesce(func.sum(raw_documents.c.packed_size), 0))).scalar_one())
    gone = freed = 0
    while total - freed > most_bytes:
        oldest = tx.execute(
            select(raw_documents.c.source, raw_documents.c.digest, raw_documents.c.packed_size)
            .order_by(raw_documents.c.seen_at, raw_documents.c.source, raw_documents.c.digest)
            .limit(100)
        ).all()
        for row in oldest:
            if total - freed <= most_bytes:
                break
            _drop(tx, row.source, [row.digest])
            gone, freed = gone + 1, freed + row.packed_size
    return gone, freed


def _packed(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(body)


def _unpacked(packed: bytes) -> bytes:
    """The bytes; earlier ones were packed by zlib."""
    if packed.startswith(zstandard.FRAME_HEADER):
        return zstandard.ZstdDecompressor().decompress(packed)
    return zlib.decompress(packed)


def _needed(tx: Connection, source: str, digests: Sequence[str], now: datetime) -> set[str]:
    """Those that a held entry, or a young one, came from."""
    waits = or_(entries.c.state == "held", entries.c.pending_digest.is_not(None))
    young = entries.c.first_seen > now - YOUNG
    found = select(entries.c.raw_digest).where(
        and_(entries.c.source == source, entries.c.raw_digest.in_(digests), or_(waits, young))
    )
    return {str(digest) for digest in tx.execute(found.distinct()).scalars()}


def _drop(tx: Connection, source: str, digests: Sequence[str]) -> None:
    if digests:
        where = (raw_documents.c.source == source) & raw_documents.c.digest.in_(digests)
        tx.execute(delete(raw_documents).where(where))
