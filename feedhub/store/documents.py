"""Documents, the fragments they are joined from, and who stands in each section's current document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select

from feedhub.model.feed import FeedDocument, Format
from feedhub.store.tables import documents, fragments, sections, window_members
from feedhub.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One article in a section's current document; `pinned_until` keeps it there whatever its date."""

    article_id: str
    published_at: datetime
    pinned_until: datetime | None


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
        .where(documents.c.section == section)
        .order_by(documents.c.format)
        .limit(1)
    ).first()
    return Rendered(row.generation, row.style, row.last_modified) if row else None


def sections_behind(tx: Connection, style: str) -> list[str]:
    """Sections whose documents are missing, of an older generation, or of another style."""
    document = documents.alias()
    query = (
        select(sections.c.id)
        .outerjoin(document, (document.c.section == sections.c.id) & (document.c.format == "rss"))
        .where(
            or_(
                document.c.section.is_(None),
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
    section = made[0].section
    lock = select(sections.c.id).where(sections.c.id == section).with_for_update()
    tx.execute(lock)
    present = rendered(tx, section)
    if (present.generation if present else None) != over:
        return False
    tx.execute(delete(documents).where(documents.c.section == section))
    tx.execute(
        insert(documents),
        [
            {
                "section": document.section,
                "format": document.format,
                "generation": document.generation,
                "style": style,
                "etag": document.etag,
                "last_modified": document.last_modified,
                "content_type": document.content_type,
                "link": document.link,
                "body": document.body,
                "gzip": document.gzip,
            }
            for document in made
        ],
    )
    return True


def get_document(tx: Connection, section: str, format_: Format) -> FeedDocument | None:
    """One document, or None when it was not rendered yet."""
    row = tx.execute(select(documents).where(documents.c.section == section, documents.c.format == format_)).first()
    if row is None:
        return None
    return FeedDocument(
        section=row.section,
        format=row.format,
        generation=row.generation,
        etag=row.etag,
        last_modified=row.last_modified,
        content_type=row.content_type,
        link=row.link,
        body=bytes(row.body),
        gzip=bytes(row.gzip),
    )


def document_versions(tx: Connection) -> dict[tuple[str, str], str]:
    """The ETag of every document by (section, format): what a cache compares to see what moved."""
    rows = tx.execute(select(documents.c.section, documents.c.format, documents.c.etag))
    return {(row.section, row.format): row.etag for row in rows}


def documents_stamp(tx: Connection) -> tuple[int, int]:
    """A pair that moves whenever any document does: cheap to ask several times a second."""
    row = tx.execute(select(func.count(), func.coalesce(func.sum(documents.c.generation), 0))).one()
    return int(row[0]), int(row[1])


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
