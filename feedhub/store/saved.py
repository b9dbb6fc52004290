"""Saved feeds: questions with a name that hold articles as sections do, from the transaction that changes an article.

What a saved feed holds stands among the placements, under `saved/<name>`; so its generation, window, tombstones and
archives are those of a section, made by the same code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from feedhub.model.article import Article
from feedhub.model.question import Question, SavedFeed
from feedhub.model.section import placements as sections_above
from feedhub.store.article_reads import get_articles
from feedhub.store.changes import record_change
from feedhub.store.document_tables import archive_members, archives, documents, saved_feeds, window_members
from feedhub.store.search import search
from feedhub.store.search_match import answers
from feedhub.store.tables import placements, section_changes, sections
from feedhub.store.windows import MemberRow, store_window

_CHUNK = 500
# Where a feed is named: what it leaves behind when its name is given up.
_OF_A_FEED = (
    saved_feeds.c.id, sections.c.id, placements.c.section, section_changes.c.section, window_members.c.section,
    archive_members.c.section, archives.c.section, documents.c.name,
)  # fmt: skip
_INSTANTS = ("since", "until")


def places_of(tx: Connection, *versions: Article) -> tuple[str, ...]:
    """Every feed that shows the article in one of these versions: sections, all above them, saved feeds."""
    names = sections_above(tuple(name for version in versions for name in version.sections))
    saved = (name for name, question in saved_questions(tx) if any(answers(question, it) for it in versions))
    return (*names, *saved)


def saved_questions(tx: Connection) -> list[tuple[str, Question]]:
    """The questions that are kept, by id."""
    rows = tx.execute(select(saved_feeds).order_by(saved_feeds.c.id))
    return [(row.id, _question(row.question)) for row in rows]


def sync_saved(tx: Connection, declared: Sequence[SavedFeed], shown: int, now: datetime) -> None:
    """Have the store keep these feeds and no others, with their sections entered before.

    One that is new, or that asks something else, begins with the newest `shown` that answer it.
    """
    known = dict(saved_questions(tx))
    for gone in known.keys() - {feed.id for feed in declared}:
        for column in _OF_A_FEED:
            tx.execute(delete(column.table).where(column == gone))
    for feed in declared:
        if known.get(feed.id) != feed.question:
            _keep(tx, feed, shown, now)


def _keep(tx: Connection, feed: SavedFeed, shown: int, now: datetime) -> None:
    tx.execute(delete(saved_feeds).where(saved_feeds.c.id == feed.id))
    tx.execute(insert(saved_feeds).values(id=feed.id, question=_stored(feed.question)))
    tx.execute(delete(placements).where(placements.c.section == feed.id))
    found = [article_id for _, article_id in search(tx, feed.question, limit=2**31 - 1)]
    for start in range(0, len(found), _CHUNK):
        held = get_articles(tx, found[start : start + _CHUNK])
        rows = [
            {"section": feed.id, "article_id": it.id, "published_at": it.published, "language": it.language}
            for it in held.values()
        ]
        tx.execute(insert(placements), rows)
    newest = get_articles(tx, found[:shown]).values()
    store_window(tx, feed.id, [MemberRow(it.id, it.published, None) for it in newest])
    record_change(tx, kind="restyled", article_id=None, touched=[feed.id], at=now, by="rule:saved")


def _stored(question: Question) -> dict[str, Any]:
    values = asdict(question)
    said = {name: values[name].isoformat() if values[name] is not None else None for name in _INSTANTS}
    kept: dict[str, Any] = json.loads(json.dumps(values | said))
    return kept


def _question(stored: dict[str, Any]) -> Question:
    values: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in stored.items()}
    for name in _INSTANTS:
        values[name] = datetime.fromisoformat(stored[name]) if stored[name] is not None else None
    return Question(**values)
