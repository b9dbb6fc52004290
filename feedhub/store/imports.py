"""What the import asks of the store: files taken in before, an article by its header, a put that fails alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from feedhub.errors import Conflict
from feedhub.model.article import Article, ChangeKind
from feedhub.store.articles import put_article
from feedhub.store.rows import upsert
from feedhub.store.tables import articles, imported_files


def put_imported(tx: Connection, article: Article, *, now: datetime, by: str) -> ChangeKind | None:
    """`put_article` within a savepoint: Conflict when its public id is another article's, the rest goes on."""
    try:
        with tx.begin_nested():
            return put_article(tx, article, now=now, late=False, by=by)
    except IntegrityError as error:
        owner = select(articles.c.id).where(articles.c.public_id == article.public_id)
        holder = tx.execute(owner).scalar()
        if holder is not None and holder != article.id:
            raise Conflict(f"the guid {article.public_id!r} is that of the article {holder!r}") from error
        raise Conflict(f"another process stored the article {article.id!r} at this moment: import it again") from error


def find_by_title(tx: Connection, title: str) -> tuple[str, ...]:
    """The ids of the articles of exactly that title, in any state."""
    rows = tx.execute(select(articles.c.id).where(articles.c.title == title).order_by(articles.c.id))
    return tuple(rows.scalars())


def imported_digests(tx: Connection) -> dict[str, str]:
    """Digest by path of every file that was taken in whole."""
    rows = tx.execute(select(imported_files.c.path, imported_files.c.digest))
    return {row.path: row.digest for row in rows}


def set_imported(tx: Connection, path: str, digest: str, now: datetime) -> None:
    """Remember that the file with these bytes was taken in."""
    upsert(tx, imported_files, [{"path": path, "digest": digest, "imported_at": now}])
