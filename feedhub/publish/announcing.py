"""What came to a section since a number of the change log, as JSON for those who listen: published, corrected,
withdrawn, in order (SEMANTICS 1, 22).

It is told as far as the section's stored document goes: whoever hears of a change finds it in the feed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from feedhub.basics.dates import fixed_offset, rfc3339
from feedhub.basics.text import one_line
from feedhub.model.article import Article
from feedhub.model.feed import FeedDocument
from feedhub.model.section import Portal, Section
from feedhub.publish.gather import date_here
from feedhub.publish.pieces import written
from feedhub.store.article_reads import get_articles
from feedhub.store.changes import announced_since, arrived_since, changed_more_than, withdrawn_since

ITEMS = 50
# Whoever has missed more than so many changes is told to read the feed and its archives instead.
MOST_MISSED = 2000


@dataclass(frozen=True, slots=True)
class Announcement:
    """Changes up to `seq`, one line of JSON each; `more` when others follow, `lost` when they are too many to tell."""

    seq: int
    changes: tuple[bytes, ...] = ()
    more: bool = False
    lost: bool = False


def announcement_since(tx: Connection, document: FeedDocument, since: int, portal: Portal) -> Announcement:
    """What came to the document's section after `since`, the oldest 50 of it."""
    section = portal.feeds().get(document.name)
    here = document.generation
    if document.kind != "current" or section is None or since >= here:
        return Announcement(here)
    if changed_more_than(tx, section.id, since, MOST_MISSED):
        return Announcement(here, lost=True)
    standing = {one.article_id: one.seq for one in announced_since(tx, section.id, since, here, MOST_MISSED)}
    gone = {change.article_id or "": change for change in withdrawn_since(tx, section.id, since, here)}
    told = sorted([*standing.items(), *((id_, change.seq) for id_, change in gone.items())], key=lambda it: it[1])
    batch, more = told[:ITEMS], len(told) > ITEMS
    ids = [id_ for id_, _ in batch]
    articles = get_articles(tx, ids)
    arrived = arrived_since(tx, section.id, since, ids)
    lines = []
    for id_, seq in batch:
        article = articles.get(id_)
        if article is None:
            continue
        if id_ in standing:
            kind = "published" if id_ in arrived else "corrected"
            line = _standing(article, kind, seq, section, portal)
        else:
            line = _gone(article, seq, gone[id_].reason, section)
        if line is not None:
            lines.append(line)
    return Announcement(batch[-1][1] if more else here, tuple(lines), more)


def _standing(article: Article, kind: str, seq: int, section: Section, portal: Portal) -> bytes | None:
    """`{"kind", "seq", "item"}`: the item is that of the JSON Feed."""
    if date_here(article, section) is None:
        return None
    item = written(article, portal, "json", section.id)
    return None if item is None else b'{"kind":"%s","seq":%d,"item":%s}' % (kind.encode(), seq, item)


def _gone(article: Article, seq: int, reason: str | None, section: Section) -> bytes | None:
    """`{"kind": "withdrawn", "seq", "id", "when", "reason"}`: a tombstone, unless the article is back."""
    if article.state != "withdrawn" or article.seq != seq or not section.carries(article.language):
        return None
    when = article.withdrawn_at or article.updated
    said: dict[str, Any] = {
        "kind": "withdrawn",
        "seq": seq,
        "id": article.public_id,
        "when": rfc3339(fixed_offset(when)),
    }
    if reason:
        said["reason"] = one_line(reason)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
