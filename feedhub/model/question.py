"""A question about articles: what must stand in them, what must not, and which of them are meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All of `terms` and none of `without`, in title, summary or text; of each kind of condition any of its values.

    Terms, sources, categories and authors are folded (`basics/words.py`); what a term holds stands in a row. Languages
    are in lower case and mean their regions too. `since` is the first instant that counts, `until` the first that no
    longer does.
    """

    terms: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    has_enclosure: bool = False


EVERYTHING = Question()
SAVED = "saved"


@dataclass(frozen=True, slots=True)
class SavedFeed:
    """A question with a short name, whose feed is kept like a section's: `/rss/saved/<name>.xml`."""

    name: str
    title: str
    title_zh: str | None
    question: Question

    @property
    def id(self) -> str:
        """Its name among sections."""
        return f"{SAVED}/{self.name}"
