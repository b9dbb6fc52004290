"""Which stored entries the new items of a document are reprints of: marks find the candidates, likeness judges them.

Items of one document, and what the same source still lists beside them, are one story only where nine tenths are the
same: who lists two pieces mostly means two. Imported articles are looked up too. What was published more than a week
apart is not compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import Connection

from feedhub.ingest.likeness import Likeness, Text, likeness, marks_of, text_of
from feedhub.model.article import Article
from feedhub.model.entry import Entry
from feedhub.model.item import Facts, Item
from feedhub.store.entries import entries_by_id, merged_entries
from feedhub.store.text_marks import find_articles_by_marks, find_by_marks, keep_article_marks, marked

APART = timedelta(days=7)
SEEN_WITHIN = timedelta(days=30)
_WORTH_A_WORD = 0.6
_BESIDE = 0.9

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Reprint:
    """The entry that tells a new item's story, or comes near (`how.same` tells)."""

    entry: Entry
    how: Likeness

    @property
    def words(self) -> str:
        """For the note of a decision."""
        share = f"{self.how.share:.0%} the same text"
        if self.how.same:
            return share
        return f"much like entry {self.entry.id} of {self.entry.source} ({share}), but {self.how.why}"


@dataclass(slots=True)
class Reprints(Generic[K]):
    """What was found for each new item, and the marks to be kept when it has become an entry.

    `articles` are imported ones that tell the same; `beside` are the entries that items of this document became, by
    their marks.
    """

    items: Mapping[K, Item] = field(default_factory=dict)
    found: dict[K, Reprint] = field(default_factory=dict)
    articles: dict[K, tuple[str, Likeness]] = field(default_factory=dict)
    marks: dict[K, tuple[int, ...]] = field(default_factory=dict)
    entries: dict[str, tuple[int, ...]] = field(default_factory=dict)
    beside: dict[int, list[tuple[Entry, K]]] = field(default_factory=dict)
    texts: dict[K, Text] = field(default_factory=dict)

    def text(self, key: K) -> Text:
        """The text of a newcomer, made when it is first asked for: most are compared with nothing."""
        if key not in self.texts:
            self.texts[key] = text_of(self.items[key])
        return self.texts[key]

    def of(self, key: K) -> Reprint | None:
        """The reprint, or near one, that an item is."""
        found = self.found.get(key)
        if found is not None and found.how.same:
            return found
        near = [pair for mark in self.marks.get(key, ()) for pair in self.beside.get(mark, ())]
        judged = (Reprint(entry, beside(likeness(self.text(key), self.text(other)))) for entry, other in near)
        return next((one for one in judged if one.how.same), found)

    def article(self, key: K) -> tuple[str, Likeness] | None:
        """The imported article whose story an item tells."""
        return self.articles.get(key)

    def became(self, key: K, entry: Entry) -> None:
        """The item is this entry now."""
        if marks := self.marks.get(key):
            self.entries[entry.id] = marks
            if entry.state not in ("filtered", "merged"):
                for mark in marks:
                    self.beside.setdefault(mark, []).append((entry, key))


def find_reprints(
    tx: Connection,
    source: str,
    newcomers: Mapping[K, Item],
    listed: frozenset[str | None],
    now: datetime,
    facts: Mapping[Item, Facts],
) -> Reprints[K]:
    """Look the newcomers up; `listed` are the guids of the document they stand in, `facts` what is known of items."""
    reprints = Reprints[K](items=newcomers)
    for key, item in newcomers.items():
        if marks := said.marks if (said := facts.get(item)) else marks_of(reprints.text(key)):
            reprints.marks[key] = marks
    every = sorted({mark for marks in reprints.marks.values() for mark in marks})
    since = now - SEEN_WITHIN
    known = marked(tx, every, since) if every else frozenset()
    for key, marks in reprints.marks.items():
        if known.isdisjoint(marks):
            continue
        candidates = [
            entry
            for entry in find_by_marks(tx, marks, since=since)
            if entry.state != "filtered" and _near(newcomers[key], entry.item.published or entry.first_seen, now)
        ]
        listed_too = {entry.id for entry in candidates if entry.source == source and entry.item.guid in listed}
        if best := judge(reprints.text(key), candidates, listed_too):
            reprints.found[key] = Reprint(_head(tx, best.entry), best.how) if best.how.same else best
        for article in find_articles_by_marks(tx, marks, since=since):
            how = likeness(reprints.text(key), text_of_article(article))
            if how.same and _near(newcomers[key], article.published, now):
                reprints.articles.setdefault(key, (article.id, how))
    return reprints


def mark_article(tx: Connection, article: Article, now: datetime) -> None:
    """Have an article that no entry told found by its reprints, while it is new enough to have any."""
    if abs(now - article.published) <= SEEN_WITHIN and (marks := marks_of(text_of_article(article))):
        keep_article_marks(tx, article.id, marks, now)


def text_of_article(article: Article) -> Text:
    """The text of a stored article."""
    return text_of(Item(title=article.title, html=article.html, summary=article.summary or ""))


def beside(how: Likeness) -> Likeness:
    """The likeness of what one source lists beside each other: not one story unless nearly all is the same."""
    if not how.same or how.share >= _BESIDE:
        return how
    return Likeness(how.share, False, "their source lists both")


def judge(text: Text, candidates: Sequence[Entry], listed: Collection[str] = ()) -> Reprint | None:
    """The first candidate that tells the same, else the one that comes nearest and is worth a word; `listed` are the
    ids of those that the source lists beside it."""
    judged = [
        Reprint(entry, beside(how) if entry.id in listed else how)
        for entry in candidates
        for how in [likeness(text, text_of(entry.item))]
    ]
    same = [one for one in judged if one.how.same]
    near = [one for one in judged if one.how.share >= _WORTH_A_WORD]
    return max(same or near, key=lambda one: one.how.share, default=None)


def reprint_chain(tx: Connection, entry: Entry) -> list[tuple[Entry, float]]:
    """All entries that tell the same as this one, first seen first, each with how much it shares with the first."""
    head = _head(tx, entry)
    everyone = sorted([head, *merged_entries(tx, head.id)], key=lambda one: (one.first_seen, int(one.id)))
    first = text_of(everyone[0].item)
    return [(one, likeness(text_of(one.item), first).share) for one in everyone] if len(everyone) > 1 else []


def _near(item: Item, published: datetime, now: datetime) -> bool:
    return abs((item.published or now) - published) <= APART


def _head(tx: Connection, entry: Entry) -> Entry:
    """The entry that another was merged into, itself where it was not."""
    if entry.state != "merged" or entry.merged_into is None:
        return entry
    return entries_by_id(tx, [entry.merged_into]).get(entry.merged_into, entry)
