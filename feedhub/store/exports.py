"""What an export asks: which documents, articles and pictures there are, and which of them changed since a seq."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from feedhub.store.changes import latest_seq
from feedhub.store.document_tables import archives, documents
from feedhub.store.documents import sections_behind
from feedhub.store.picture_tables import picture_uses, pictures
from feedhub.store.tables import articles, changes, sections

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Head:
    """A document without its bytes."""

    path: str
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """What the change log says since a seq: articles that changed, sections whose subtree did; `everything` when
    titles, addresses or style did."""

    articles: tuple[str, ...]
    sections: tuple[str, ...]
    everything: bool


def document_heads(tx: Connection, since: int | None = None) -> list[Head]:
    """Every document, archives first; with `since` those later, and all partners': time changes them too."""
    query = select(documents.c.path, documents.c.etag, documents.c.last_modified, documents.c.kind)
    if since is not None:
        query = query.where(or_(documents.c.generation > since, documents.c.kind == "profile"))
    rows = sorted(tx.execute(query), key=lambda row: row.kind != "archive")
    return [Head(row.path, row.etag, row.last_modified) for row in rows]


def documents_there(tx: Connection, paths: Sequence[str]) -> set[str]:
    """Those of the paths at which there is a document."""
    found: set[str] = set()
    for start in range(0, len(paths), 500):
        query = select(documents.c.path).where(documents.c.path.in_(paths[start : start + 500]))
        found.update(tx.execute(query).scalars())
    return found


def document_links(tx: Connection) -> Iterator[tuple[str, str]]:
    """(path, Link field) of every document."""
    for row in tx.execute(select(documents.c.path, documents.c.link).order_by(documents.c.path)):
        yield row.path, row.link


def rendered_up_to(tx: Connection, style: str) -> int:
    """The seq up to which every document was rendered: what is still to come has a later generation."""
    behind = sections_behind(tx, style)
    waiting = [select(func.min(archives.c.due))]
    if behind:
        waiting.append(select(func.min(sections.c.generation)).where(sections.c.id.in_(behind)))
    lowest = [value for query in waiting if (value := tx.execute(query).scalar()) is not None]
    return min([latest_seq(tx), *(int(value) - 1 for value in lowest)])


def moved_since(tx: Connection, since: int) -> Moved:
    """What changed after that seq."""
    rows = tx.execute(select(changes.c.article_id, changes.c.kind).where(changes.c.seq > since)).all()
    touched = select(sections.c.id).where(sections.c.generation > since)
    return Moved(
        tuple(dict.fromkeys(row.article_id for row in rows if row.article_id)),
        tuple(sorted(tx.execute(touched).scalars())),
        any(row.kind == "restyled" for row in rows),
    )


def article_ids(tx: Connection, after: str = "") -> Sequence[str]:
    """Ids of articles that were ever out, those withdrawn among them, a bounded number after an id, in order."""
    out = articles.c.state.in_(["published", "withdrawn"]) & articles.c.released_at.is_not(None)
    query = select(articles.c.id).where(out, articles.c.id > after).order_by(articles.c.id).limit(_CHUNK)
    return list(tx.execute(query).scalars())


def article_total(tx: Connection) -> int:
    """How many articles `article_ids` yields in all."""
    out = articles.c.state.in_(["published", "withdrawn"]) & articles.c.released_at.is_not(None)
    return int(tx.execute(select(func.count()).select_from(articles).where(out)).scalar_one())


def shown_pictures(tx: Connection) -> dict[str, str]:
    """Digest → media type of every picture and thumbnail that a published article shows."""
    shown, small = pictures.alias("shown"), pictures.alias("small")
    uses = (
        select(shown.c.digest, shown.c.type, shown.c.thumbnail, small.c.type.label("small_type"))
        .join(picture_uses, picture_uses.c.digest == shown.c.digest)
        .join(articles, articles.c.id == picture_uses.c.article_id)
        .outerjoin(small, small.c.digest == shown.c.thumbnail)
        .where(articles.c.state == "published")
        .distinct()
    )
    found: dict[str, str] = {}
    for row in tx.execute(uses):
        found[row.digest] = row.type
        if row.thumbnail is not None and row.small_type is not None:
            found[row.thumbnail] = row.small_type
    return found
