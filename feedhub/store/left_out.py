"""Articles that are left out of feeds, since no item can be written of them: noted, told, and tried again.

An article stays in the change log, in its place and on its page; only documents do without it. One alert stands while
any is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from feedhub.model.article import Article
from feedhub.store.alerts import clear_alert, raise_alert
from feedhub.store.article_rows import article_row, snapshot
from feedhub.store.changes import record_change
from feedhub.store.document_tables import left_out
from feedhub.store.rows import upsert
from feedhub.store.saved import places_of
from feedhub.store.tables import article_versions, articles

CODE = "left_out_of_feeds"
_NAMED = 10


_NOTED = select(left_out).order_by(left_out.c.noted_at, left_out.c.article_id).limit(bindparam("most"))


def articles_left_out(tx: Connection, most: int = 100) -> dict[str, str]:
    """Why which article is left out, by id, those that were noted first."""
    return {row.article_id: row.why for row in tx.execute(_NOTED, {"most": most})}


def note_left_out(tx: Connection, found: Mapping[str, str], shown: Collection[str], now: datetime) -> None:
    """Note which articles could not be written and why, and which of those noted before now are; tell it."""
    before = articles_left_out(tx)
    fresh = [{"article_id": it, "noted_at": now, "why": why[:500]} for it, why in found.items() if it not in before]
    healed = [it for it in before if it in shown and it not in found]
    if not fresh and not healed:
        return
    upsert(tx, left_out, fresh)
    tx.execute(delete(left_out).where(left_out.c.article_id.in_(healed)))
    _tell(tx, now)


def write_again(tx: Connection, article: Article, now: datetime) -> None:
    """Have every feed of an article made anew, since an item can be written of it after all; it announces nothing."""
    seq = record_change(
        tx, kind="linked", article_id=article.id, touched=places_of(tx, article), at=now, by="rule:left_out"
    )
    stored = replace(article, seq=seq)
    tx.execute(update(articles).where(articles.c.id == article.id).values(**article_row(stored)))
    tx.execute(insert(article_versions).values(article_id=article.id, seq=seq, at=now, snapshot=snapshot(stored)))


def forget_left_out(tx: Connection, ids: Collection[str], now: datetime) -> None:
    """These are left out no more, or not published."""
    tx.execute(delete(left_out).where(left_out.c.article_id.in_(list(ids))))
    _tell(tx, now)


def _tell(tx: Connection, now: datetime) -> None:
    standing = articles_left_out(tx)
    if not standing:
        clear_alert(tx, source=None, code=CODE, now=now)
        return
    named = ", ".join(list(standing)[:_NAMED]) + (", …" if len(standing) > _NAMED else "")
    one = len(standing) == 1
    text = (
        f"{'An article is' if one else f'{len(standing)} articles are'} left out of the feeds, since no item can be "
        f"written of {'it' if one else 'them'}: {named} ({next(iter(standing.values()))}). Correct or withdraw "
        f"{'it' if one else 'them'}; it is tried again every minute."
    )
    raise_alert(tx, source=None, code=CODE, text=text, now=now)
