"""Any question as a feed: found in the index, joined of stored fragments, kept in memory, written nowhere.

A document depends on the question and on stored content alone. It stays good until anything changes at all (the
generation is the latest seq), and is still given when the database is away. What ten thousand different questions can
cost is bounded: the question itself (`model/question_text.py`), 1 MiB a document, and the bytes kept of documents and
fragments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.dates import zone
from feedhub.errors import StoreAway
from feedhub.model.article import Article
from feedhub.model.feed import FeedDocument, FeedView, Format
from feedhub.model.question import Question
from feedhub.model.question_text import question_words, write_question
from feedhub.model.section import SEARCH
from feedhub.publish.document import assemble
from feedhub.publish.limited import LONGEST, fitting
from feedhub.publish.paging import Pages
from feedhub.publish.pieces import written
from feedhub.publish.shelf import Shelf, document_size
from feedhub.publish.style import Style
from feedhub.publish.window import SHOWN
from feedhub.publish.wording import search_description, search_title
from feedhub.store.article_reads import get_articles
from feedhub.store.changes import latest_seq
from feedhub.store.engine import Store
from feedhub.store.fragments import stored_fragments
from feedhub.store.search import newer_answer, search
from feedhub.store.sections import section_states

_Key = tuple[Question, Format, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Answered:
    """The document of a question; `stale` when the database did not answer and this is what was kept."""

    document: FeedDocument
    stale: bool


class Searcher:
    """Answers questions with documents. Safe to share by threads."""

    def __init__(self, store: Store, style: Style, memory: int = 16 * 1024 * 1024) -> None:
        self._store, self._style = store, style
        self._documents: Shelf[_Key, FeedDocument] = Shelf(memory, document_size)
        self._fragments: Shelf[tuple[str, int, Format], bytes] = Shelf(memory, len)

    def document(
        self, question: Question, format_: Format, limit: int | None = None, before: int | None = None
    ) -> Answered:
        """The question's document with at most `limit` items (50), those below a place only; StoreAway when nothing was
        kept of it."""
        key = (question, format_, limit, before)
        kept = self._documents.get(key)
        try:
            with self._store.read() as tx:
                if kept is not None and kept.generation == latest_seq(tx):
                    return Answered(kept, stale=False)
                made = self._made(tx, key)
        except StoreAway:
            if kept is None:
                raise
            return Answered(kept, stale=True)
        return Answered(self._documents.keep(key, made), stale=False)

    def _made(self, tx: Connection, key: _Key) -> FeedDocument:
        question, format_, limit, before = key
        generation, most = latest_seq(tx), limit or SHOWN
        found = search(tx, question, limit=most + 1, before=before)
        places = {article_id: place for place, article_id in found[:most]}
        held = get_articles(tx, list(places))
        articles = [held[article_id] for article_id in places if article_id in held]
        wanted = [(a.id, a.seq) for a in articles if self._fragments.get((a.id, a.seq, format_)) is None]
        stored = stored_fragments(tx, wanted, format_, self._style.digest)
        newer = newer_answer(tx, question, before, most) if before is not None else None
        # An empty answer is as old as the portal.
        born = min(state.created_at for state in section_states(tx).values())

        def piece(article: Article) -> bytes | None:
            place = (article.id, article.seq, format_)
            made = self._fragments.get(place)
            if made is None:
                made = stored.get(article.id) or written(article, self._style.portal, format_, SEARCH)
                if made is not None:
                    self._fragments.keep(place, made)
            return made

        def document(shown: Sequence[Article], pieces: Sequence[bytes], older: int | None) -> FeedDocument:
            view = search_view(self._style, question, shown, generation=generation, born=born)
            pages = Pages(first=before is None, newer=newer, older=older, limit=limit)
            return assemble(view, pieces, format_, self._style, last_modified=view.updated, pages=pages)

        last = min(places.values(), default=None)
        # In the order of places, so that the next page begins where this one ends.
        shown, pieces = fitting(articles, piece, LONGEST - len(document((), (), last).body))
        end = places[shown[-1].id] if shown else last
        older = end if len(found) > most or end != last else None
        order = sorted(zip(shown, pieces, strict=True), key=lambda it: (it[0].published, it[0].id), reverse=True)
        return document([article for article, _ in order], [made for _, made in order], older)


def search_view(
    style: Style, question: Question, articles: Sequence[Article], *, generation: int, born: datetime
) -> FeedView:
    """The view of a question's answer; it was updated when the latest of its articles was, else when we were born."""
    portal = style.portal
    home = zone(portal.time_zone)
    words = question_words(question, portal, home)
    return FeedView(
        section=SEARCH,
        query=write_question(question, home),
        title=search_title(portal, words),
        description=search_description(portal, words),
        language=question.languages[0] if len(question.languages) == 1 else portal.language,
        generation=generation,
        updated=max((article.updated for article in articles), default=born).astimezone(home).replace(microsecond=0),
        published=max((article.published for article in articles), default=None),
        articles=tuple(articles),
    )
