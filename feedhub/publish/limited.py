"""`?limit=` and `?lang=`: a document cut longer, shorter or to one language (SEMANTICS 20, 24).

Its id, self and topic stay those of the section. Cutting writes nothing: what is made stays in memory, bounded
in bytes, and is dropped with its generation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from feedhub.errors import NotFound
from feedhub.model.article import Article
from feedhub.model.feed import FeedDocument, Format
from feedhub.model.section import ANY_LANGUAGE, Section
from feedhub.publish.document import assemble
from feedhub.publish.gather import date_here, languages_of, tombstones
from feedhub.publish.history import History
from feedhub.publish.pieces import written
from feedhub.publish.shelf import Shelf, document_size
from feedhub.publish.style import Style
from feedhub.publish.views import make_view
from feedhub.publish.window import SHOWN
from feedhub.store.archives import last_slot
from feedhub.store.article_reads import get_articles, section_articles
from feedhub.store.documents import rendered
from feedhub.store.engine import Store
from feedhub.store.fragments import stored_fragments
from feedhub.store.sections import SectionState, section_states
from feedhub.store.windows import window

FEWEST, MOST = 1, 500
LONGEST = 1024 * 1024
_NUMBER = re.compile(r"-?[0-9]{1,40}")
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Cut:
    """How a document is cut; None leaves that as it is."""

    limit: int | None = None
    language: str | None = None


def read_cut(limit: str | None, language: str | None) -> Cut | None:
    """The cut that the parameters ask for, None for none: numbers are clamped, what means nothing is ignored."""
    number = max(FEWEST, min(MOST, int(limit))) if limit and _NUMBER.fullmatch(limit) else None
    tag = _usual_case(language) if language and _TAG.fullmatch(language) else None
    return Cut(number, tag) if number is not None or tag is not None else None


def _usual_case(tag: str) -> str:
    """`ZH-hans-cn` as `zh-Hans-CN` (RFC 5646 §2.1.1), as the languages of articles are written."""
    first, *rest = tag.lower().split("-")
    return "-".join([first, *({2: part.upper(), 4: part.title()}.get(len(part), part) for part in rest)])


class Cutter:
    """Cuts documents and keeps those last asked for, `memory` bytes of them in all. Safe to share by threads."""

    def __init__(self, store: Store, style: Style, memory: int = 16 * 1024 * 1024) -> None:
        self._store, self._style = store, style
        self._kept: Shelf[tuple[str, Format, int, Cut], FeedDocument] = Shelf(memory, document_size)

    def document(self, section_id: str, format_: Format, cut: Cut) -> FeedDocument:
        """The section's document in that cut; NotFound when there is no such section."""
        section = self._style.portal.feeds().get(section_id)
        if section is None:
            raise NotFound("section", section_id)
        with self._store.read() as tx:
            state = section_states(tx).get(section_id)
            if state is None:
                raise NotFound("section", section_id)
            key = (section_id, format_, state.generation, cut)
            if (kept := self._kept.get(key)) is not None:
                return kept
            made = cut_document(tx, section, state, format_, cut, self._style)
        return self._kept.keep(key, made)


def cut_document(
    tx: Connection, section: Section, state: SectionState, format_: Format, cut: Cut, style: Style
) -> FeedDocument:
    """The document of a section in that cut, of at most 1 MiB: what does not fit in is left out, oldest first."""
    standing = _standing(tx, section)
    articles = _articles(tx, section, cut, standing)
    kept = stored_fragments(tx, [(a.id, a.seq) for a in articles], format_, style.digest)
    stones = tombstones(tx, section, state)
    last_modified = _last_modified(tx, state)
    last = last_slot(tx, section.id)

    def made(shown: Sequence[Article], pieces: Sequence[bytes]) -> FeedDocument:
        # Archives are linked from what holds all that is not in them.
        whole = cut.language is None and standing.keys() <= {article.id for article in shown}
        view = make_view(
            style.portal,
            section,
            shown,
            generation=state.generation,
            changed_at=state.changed_at,
            language=cut.language,
        )
        return assemble(
            view,
            pieces,
            format_,
            style,
            last_modified=last_modified,
            tombstones=stones,
            history=History(None, last) if whole else None,
        )

    def piece(article: Article) -> bytes | None:
        return kept.get(article.id) or written(article, style.portal, format_, section.id)

    return made(*fitting(articles, piece, LONGEST - len(made(articles[:1], []).body)))


def fitting(
    articles: Sequence[Article], piece: Callable[[Article], bytes | None], room: int
) -> tuple[list[Article], list[bytes]]:
    """The first of the articles with their fragments, at least one and as many as have room; None is left out."""
    shown: list[Article] = []
    pieces: list[bytes] = []
    for article in articles:
        made = piece(article)
        if made is None:
            continue
        room -= len(made) + 3
        if room < 0 and pieces:
            break
        shown.append(article)
        pieces.append(made)
    return shown, pieces


def _standing(tx: Connection, section: Section) -> dict[str, Article]:
    """Who stands in the section's document, by id."""
    found = get_articles(tx, [row.article_id for row in window(tx, section.id)])
    return {it.id: it for it in found.values() if date_here(it, section) is not None}


def _articles(tx: Connection, section: Section, cut: Cut, standing: Mapping[str, Article]) -> list[Article]:
    """Who stands in the section's document, as far as the cut shows them, then the next by date up to the limit."""
    limit = cut.limit or SHOWN
    languages = _languages(section, cut)
    if languages == ():
        return []
    spoken = replace(section, languages=languages or (ANY_LANGUAGE,))
    found = {a.id: a for a in standing.values() if date_here(a, spoken) is not None}
    if len(found) < limit:
        for article in section_articles(tx, section.id, limit=limit, languages=languages):
            found.setdefault(article.id, article)
    return sorted(found.values(), key=lambda a: (a.published, a.id), reverse=True)[:limit]


def _languages(section: Section, cut: Cut) -> tuple[str, ...] | None:
    """None for every language, () for none."""
    if cut.language is not None:
        return (cut.language,) if section.carries(cut.language) else ()
    return languages_of(section)


def _last_modified(tx: Connection, state: SectionState) -> datetime:
    """That of the section's document, unless the section has moved on since."""
    changed = state.changed_at.replace(microsecond=0)
    before = rendered(tx, state.id)
    return max(changed, before.last_modified) if before else changed
