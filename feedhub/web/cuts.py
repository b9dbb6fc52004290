"""Documents made at a request: cut by `?limit=` and `?lang=` (SEMANTICS 20), or the answer to a question.

publish makes and keeps them; what it needs of the store is read at the first request: a start needs no database.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from feedhub.model.feed import Format
from feedhub.model.question import Question
from feedhub.publish.limited import Cut, Cutter
from feedhub.publish.searching import Answered, Searcher
from feedhub.publish.style import Style, make_style, read_style_files
from feedhub.store.engine import Store
from feedhub.store.settings import installation_id
from feedhub.web.conditional import Representation, represent_document
from feedhub.web.front import Front

Maker = TypeVar("Maker")


class CutDocuments:
    """Cut documents of a site."""

    def __init__(self, site: Front) -> None:
        self._cutter = _Late(site, Cutter)

    def find(self, section: str, format_: Format, cut: Cut) -> Representation:
        """The section's document in that cut; StoreAway when the database does not answer."""
        return represent_document(self._cutter.made().document(section, format_, cut))


class Searches:
    """Answers to questions of a site."""

    def __init__(self, site: Front) -> None:
        self._searcher = _Late(site, Searcher)

    def answer(self, question: Question, format_: Format, limit: int | None, before: int | None) -> Answered:
        """The question's document, or a further page of it; StoreAway when the database does not answer and nothing is
        kept of it."""
        return self._searcher.made().document(question, format_, limit, before)


class _Late(Generic[Maker]):
    """What is made of the store and the style, when it is first needed."""

    def __init__(self, site: Front, make: Callable[[Store, Style], Maker]) -> None:
        self._site, self._make, self._lock = site, make, Lock()
        self._made: Maker | None = None

    def made(self) -> Maker:
        """The one that serves all requests."""
        with self._lock:
            if self._made is None:
                self._made = self._make(self._site.store, _style(self._site))
            return self._made


def _style(site: Front) -> Style:
    with site.store.read() as tx:
        installation = installation_id(tx)
    return make_style(
        site.portal,
        content_type=site.content_type,
        style_files=read_style_files(site.style_directory),
        installation=installation,
    )
