"""Documents: what was rendered, what stands at which address, and what stood there before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from feedhub.model.feed import Edition, FeedDocument, Format, Layout
from feedhub.store.document_tables import documents
from feedhub.store.rows import upsert
from feedhub.store.tables import counters, sections

# From so many editions back a reader can ask for what changed (SEMANTICS 21).
EDITIONS = 20
_FIELDS = tuple(field.name for field in fields(FeedDocument))


@dataclass(frozen=True, slots=True)
class Version:
    """What tells one state of a document from another: a new style may move its time and leave its bytes."""

    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was last rendered of a section: generation, style digest, Last-Modified."""

    generation: int
    style: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A section's document in one format as it stands: what it was rendered from, and where which item is in it."""

    format: Format
    rendered: Rendered
    layout: Layout | None
    body: bytes


_CURRENT = and_(documents.c.kind == "current", documents.c.name == bindparam("section"))
_RENDERED = select(documents.c.generation, documents.c.style, documents.c.last_modified).where(_CURRENT)
_FIRST = _RENDERED.order_by(documents.c.format).limit(1)
_STANDING = _RENDERED.add_columns(documents.c.format, documents.c.layout, documents.c.body)


def rendered(tx: Connection, section: str) -> Rendered | None:
    """What was last rendered of a section (its three documents move together), or None."""
    row = tx.execute(_FIRST, {"section": section}).first()
    return Rendered(row.generation, row.style, row.last_modified) if row else None


def standing_documents(tx: Connection, section: str) -> list[Standing]:
    """A section's documents, all or none."""
    found = []
    for row in tx.execute(_STANDING, {"section": section}):
        of = Rendered(row.generation, row.style, row.last_modified)
        found.append(Standing(row.format, of, _layout(row.layout), bytes(row.body)))
    return found


def sections_behind(tx: Connection, style: str) -> list[str]:
    """Sections whose documents are missing, of an older generation, or of another style."""
    document = documents.alias()
    query = (
        select(sections.c.id)
        .outerjoin(
            document,
            and_(document.c.kind == "current", document.c.name == sections.c.id, document.c.format == "rss"),
        )
        .where(
            or_(
                document.c.path.is_(None),
                document.c.generation < sections.c.generation,
                document.c.style != style,
            )
        )
        .order_by(sections.c.id)
    )
    return list(tx.execute(query).scalars())


def store_documents(tx: Connection, made: Sequence[FeedDocument], style: str, *, over: int | None) -> bool:
    """Replace a section's documents, the first of those `made`, if generation `over` (None: none) still stands there.

    False when another renderer was here in between; nothing is written then.
    """
    tx.execute(_LOCKED, {"section": made[0].name})
    before = _before(tx, made)
    present = before.get(made[0].path)
    if (present.generation if present else None) != over:
        return False
    _put(tx, made, before, style)
    return True


def put_documents(tx: Connection, made: Sequence[FeedDocument], style: str) -> None:
    """Store documents, each in the place of the one with its path, which becomes an edition of it."""
    if made:
        _put(tx, made, _before(tx, made), style)


_LOCKED = select(sections.c.id).where(sections.c.id == bindparam("section")).with_for_update()
_BEFORE = select(
    *(documents.c[name] for name in ("path", "generation", "etag", "last_modified", "style", "editions"))
).where(documents.c.path.in_(bindparam("paths", expanding=True)))
_MOVED = update(counters).where(counters.c.name == "documents").values(value=counters.c.value + 1)


def _before(tx: Connection, made: Sequence[FeedDocument]) -> dict[str, Any]:
    """The rows that stand where these documents will, by path."""
    return {row.path: row for row in tx.execute(_BEFORE, {"paths": [document.path for document in made]})}


def _put(tx: Connection, made: Sequence[FeedDocument], before: Mapping[str, Any], style: str) -> None:
    rows = [
        {name: getattr(document, name) for name in _FIELDS}
        | {"style": style, "layout": None, "editions": None}
        | (_parts_of(document, before.get(document.path), style) if document.kind != "archive" else {})
        for document in made
    ]
    upsert(tx, documents, rows)
    tx.execute(_MOVED)


def _parts_of(document: FeedDocument, before: Any, style: str) -> dict[str, Any]:
    """Layout and editions as they are stored; those of another style are forgotten, since all of it may differ."""
    editions: tuple[Edition, ...] = ()
    if before is not None and before.style == style:
        last = Edition(before.generation, before.etag, before.last_modified)
        editions = (last, *(it for it in _editions(before.editions) if it.etag != last.etag))
    kept = [it for it in editions if it.etag != document.etag][:EDITIONS]
    return {
        "layout": {name: getattr(document.layout, name) for name in Layout.__slots__} if document.layout else None,
        "editions": [[it.generation, it.etag, it.last_modified.timestamp()] for it in kept],
    }


def _editions(stored: Any) -> tuple[Edition, ...]:
    return tuple(Edition(number, etag, datetime.fromtimestamp(at, UTC)) for number, etag, at in stored or ())


def _layout(stored: Any) -> Layout | None:
    if stored is None:
        return None
    parts = {name: tuple(tuple(part) for part in stored[name]) for name in ("items", "stones")}
    return Layout(
        items_at=tuple(stored["items_at"]), stones_at=tuple(stored["stones_at"]), unsaid=stored["unsaid"], **parts
    )


_AT = select(documents).where(documents.c.path == bindparam("at"))


def get_document(tx: Connection, path: str) -> FeedDocument | None:
    """The document at a path, or None when none was rendered."""
    row = tx.execute(_AT, {"at": path}).first()
    if row is None:
        return None
    values = {name: getattr(row, name) for name in _FIELDS}
    values |= {name: bytes(values[name]) for name in ("body", "gzip", "brotli", "zstd")}
    return FeedDocument(**values | {"layout": _layout(row.layout), "editions": _editions(row.editions)})


def document_versions(tx: Connection, others: Collection[str] = ()) -> dict[str, Version]:
    """The version of every current document, and of those `others` that exist, by path: a cache sees what moved."""
    wanted = or_(documents.c.kind == "current", documents.c.path.in_(list(others)))
    rows = tx.execute(select(documents.c.path, documents.c.etag, documents.c.last_modified).where(wanted))
    return {row.path: Version(row.etag, row.last_modified) for row in rows}


def generations(tx: Connection, paths: Collection[str]) -> dict[str, int]:
    """The generation of each document at those paths."""
    rows = tx.execute(select(documents.c.path, documents.c.generation).where(documents.c.path.in_(list(paths))))
    return {row.path: int(row.generation) for row in rows}


def documents_stamp(tx: Connection) -> int:
    """A number that rises whenever documents are stored: cheap to ask several times a second."""
    return int(tx.execute(select(counters.c.value).where(counters.c.name == "documents")).scalar() or 0)
