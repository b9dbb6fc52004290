"""Documents, the fragments they are joined from, and who stands in each section's current document."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from feedhub.model.feed import Edition, FeedDocument, Format, Layout
from feedhub.store.document_tables import documents, fragments, window_members
from feedhub.store.tables import counters, sections
from feedhub.store.upsert import upsert

# From so many editions back a reader can ask for what changed (SEMANTICS 21).
EDITIONS = 20
_FIELDS = tuple(field.name for field in fields(FeedDocument))


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One article in a section's current document; `pinned_until` keeps it there whatever its date."""

    article_id: str
    published_at: datetime
    pinned_until: datetime | None


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


def rendered(tx: Connection, section: str) -> Rendered | None:
    """What was last rendered of a section (its three documents move together), or None."""
    row = tx.execute(
        select(documents.c.generation, documents.c.style, documents.c.last_modified)
        .where(_current(section))
        .order_by(documents.c.format)
        .limit(1)
    ).first()
    return Rendered(row.generation, row.style, row.last_modified) if row else None


def _current(section: str) -> ColumnElement[bool]:
    return and_(documents.c.kind == "current", documents.c.name == section)


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
    """Replace a section's documents, if those of generation `over` (None: no documents) still stand there.

    False when another renderer was here in between; nothing is written then.
    """
    section = made[0].name
    lock = select(sections.c.id).where(sections.c.id == section).with_for_update()
    tx.execute(lock)
    present = rendered(tx, section)
    if (present.generation if present else None) != over:
        return False
    put_documents(tx, made, style)
    return True


def put_documents(tx: Connection, made: Sequence[FeedDocument], style: str) -> None:
    """Store documents, each in the place of the one with its path, which becomes an edition of it."""
    if not made:
        return
    here = documents.c.path.in_([document.path for document in made])
    columns = (documents.c[name] for name in ("path", "generation", "etag", "last_modified", "style", "editions"))
    before = {row.path: row for row in tx.execute(select(*columns).where(here, documents.c.kind != "archive"))}
    tx.execute(delete(documents).where(here))
    rows = [
        {name: getattr(document, name) for name in _FIELDS}
        | {"style": style, "layout": None, "editions": None}
        | (_parts_of(document, before.get(document.path), style) if document.kind != "archive" else {})
        for document in made
    ]
    tx.execute(insert(documents), rows)
    tx.execute(update(counters).where(counters.c.name == "documents").values(value=counters.c.value + 1))


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


def get_document(tx: Connection, path: str) -> FeedDocument | None:
    """The document at a path, or None when none was rendered."""
    row = tx.execute(select(documents).where(documents.c.path == path)).first()
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


def window(tx: Connection, section: str) -> list[MemberRow]:
    """Who stands in the section's current document, newest first."""
    rows = tx.execute(
        select(window_members)
        .where(window_members.c.section == section)
        .order_by(window_members.c.published_at.desc(), window_members.c.article_id.desc())
    )
    return [MemberRow(row.article_id, row.published_at, row.pinned_until) for row in rows]


def store_window(tx: Connection, section: str, members: Sequence[MemberRow]) -> None:
    """Replace who stands in the section's current document."""
    tx.execute(delete(window_members).where(window_members.c.section == section))
    if members:
        tx.execute(
            insert(window_members),
            [
                {
                    "section": section,
                    "article_id": member.article_id,
                    "published_at": member.published_at,
                    "pinned_until": member.pinned_until,
                }
                for member in members
            ],
        )


def stored_fragments(tx: Connection, keys: Sequence[tuple[str, int]], format_: Format, style: str) -> dict[str, bytes]:
    """The fragments at hand for (article id, seq) in one format and style, by article id."""
    wanted = dict(keys)
    if not wanted:
        return {}
    rows = tx.execute(
        select(fragments.c.article_id, fragments.c.seq, fragments.c.body).where(
            fragments.c.article_id.in_(list(wanted)),
            fragments.c.format == format_,
            fragments.c.style == style,
        )
    )
    return {row.article_id: bytes(row.body) for row in rows if wanted[row.article_id] == row.seq}


def store_fragments(tx: Connection, made: Sequence[tuple[str, int, bytes]], format_: Format, style: str) -> None:
    """Keep fragments as (article id, seq, bytes); an older one of the same article is replaced."""
    rows = [
        {"article_id": article_id, "format": format_, "seq": seq, "style": style, "body": body}
        for article_id, seq, body in made
    ]
    upsert(tx, fragments, rows)
