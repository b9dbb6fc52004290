"""The index of live articles, kept in the transaction that changes them: what is not live is not found.

Words are made in Python (`basics/words.py`), the same for both databases. Sections, sources, languages, categories,
authors and files stand among them as marks (`§` and a digest), so that a whole question is one look into one index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, select, text

from feedhub.basics.digests import digest
from feedhub.basics.text import plain_text
from feedhub.basics.words import folded, in_words, words_of
from feedhub.model.article import Article
from feedhub.model.question import Question
from feedhub.model.section import placements
from feedhub.store.rows import insert_rows
from feedhub.store.search_tables import FTS, searched

MarkKind = Literal["any", "section", "source", "language", "category", "author", "has", "time"]
# Stands between title, summary and text, so that no phrase reaches from one into the next.
BORDER = "§"
_DIGITS = 24
_TAKEN = select(searched.c.place).where(searched.c.place.in_(bindparam("places", expanding=True)))
# Stretches of 18 hours, 12 days, half a year and 8 years, in powers of two of a second: any span is a few of them.
_STRETCHES = (16, 20, 24, 28)
_MOST_STRETCHES = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searchable:
    """What the index knows of an article, apart from the table of articles: a migration reads columns by name."""

    id: str
    title: str
    summary: str
    html: str | None
    published: datetime
    sections: tuple[str, ...]
    language: str
    source: str | None
    origin: str
    author: str | None
    categories: tuple[str, ...]
    enclosures: int


def index_article(tx: Connection, article: Article) -> None:
    """Have the article found as it is now; not at all unless it is published."""
    unindex(tx, article.id)
    if article.state == "published":
        index(tx, _searchable(article))


def unindex(tx: Connection, article_id: str) -> None:
    """Have the article found no more."""
    row = tx.execute(select(searched).where(searched.c.article_id == article_id)).first()
    if row is None:
        return
    if tx.dialect.name == "sqlite":
        # A table without content of its own has to be told which words it gave the row.
        forget = text(f"INSERT INTO {FTS}({FTS}, rowid, words) VALUES ('delete', :place, :words)")  # noqa: S608
        tx.execute(forget, {"place": row.place, "words": _line(row.folded, row.marks)})
    tx.execute(delete(searched).where(searched.c.place == row.place))


def index_new(tx: Connection, live: Sequence[Article]) -> None:
    """Enter published articles that are new."""
    _enter(tx, [_searchable(article) for article in live])


def index(tx: Connection, piece: Searchable) -> None:
    """Enter an article that is not in the index."""
    _enter(tx, [piece])


def _enter(tx: Connection, pieces: Sequence[Searchable]) -> None:
    places = _free_places(tx, [place_of(piece.published, piece.id) for piece in pieces])
    rows = [_row(tx, piece, place) for piece, place in zip(pieces, places, strict=True)]
    insert_rows(tx, searched, rows)
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql(
            f"INSERT INTO {FTS}(rowid, words) VALUES (?, ?)",  # noqa: S608 - a name of ours
            [(row["place"], _line(row["folded"], row["marks"])) for row in rows],
        )


def _row(tx: Connection, piece: Searchable, place: int) -> dict[str, Any]:
    parts = [folded(piece.title), folded(piece.summary), folded(plain_text(piece.html or ""))]
    said = f" {BORDER} ".join(part for part in parts if part)
    marks = " ".join(_marks(piece))
    row: dict[str, Any] = {"place": place, "article_id": piece.id, "folded": f" {said} ", "marks": marks, "words": None}
    if tx.dialect.name == "postgresql":
        found = words_of(said)
        # One character alone is looked up as a word here; FTS5 looks for what begins with it.
        single = (word[0] for word in found if len(word) == 2)
        row["words"] = sorted({*found, *single, *marks.split(), *times_of(place)})
    return row


def place_of(published: datetime, article_id: str) -> int:
    """Where an article stands among all: later is higher; within a second by its id's digest, the same everywhere."""
    return (_second(published) << _DIGITS) | int(digest("place", article_id)[: _DIGITS // 4], 16)


def first_place(moment: datetime) -> int:
    """The lowest place of anything published at or after the second of that instant."""
    return _second(moment) << _DIGITS


def stretches(lowest: int, highest: int) -> list[str]:
    """Marks such that whatever stands from one place to another has one of them; others may have it too.

    Empty for a span that no few stretches cover.
    """
    first, last = lowest >> _DIGITS, highest >> _DIGITS
    for width in _STRETCHES:
        if (last >> width) - (first >> width) < _MOST_STRETCHES:
            return [_stretch(width, number) for number in range(first >> width, (last >> width) + 1)]
    return []


def times_of(place: int) -> list[str]:
    """The marks of time of a place, one of each width."""
    return [_stretch(width, place >> _DIGITS >> width) for width in _STRETCHES]


def _stretch(width: int, number: int) -> str:
    return mark("time", f"{width}:{number}")


@lru_cache(maxsize=4096)  # the articles of a source have most of them in common
def mark(kind: MarkKind, value: str = "") -> str:
    """The word by which articles of that section, source, language… are found."""
    return f"{BORDER}{digest(kind, value)[:16]}"


def _second(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds() // 1)


def _free_places(tx: Connection, wanted: Sequence[int]) -> list[int]:
    """The places wanted, each moved up where it is taken."""
    taken = set(tx.execute(_TAKEN, {"places": list(wanted)}).scalars())
    found: list[int] = []
    for place in wanted:
        while place in taken:
            place += 1
            taken |= set(tx.execute(_TAKEN, {"places": [place]}).scalars())
        taken.add(place)
        found.append(place)
    return found


def _line(folded_text: str, marks: str) -> str:
    return f"{in_words(folded_text)} {marks}"


def _marks(piece: Searchable) -> Sequence[str]:
    def of(kind: MarkKind, values: Iterable[str]) -> list[str]:
        return [mark(kind, value) for value in values if value]

    parts = piece.language.lower().split("-")
    sources = [folded(piece.source or "")]
    if piece.origin.startswith("source:"):
        sources.append(folded(piece.origin.removeprefix("source:")))
    found = [
        mark("any"),
        *of("section", placements(piece.sections)),
        *of("source", sources),
        *of("language", ("-".join(parts[:many]) for many in range(1, len(parts) + 1))),
        *of("category", map(folded, piece.categories)),
        *of("author", [folded(piece.author or "")]),
        *([mark("has", "enclosure")] if piece.enclosures else []),
    ]
    return tuple(dict.fromkeys(found))


def marks_of(article: Article) -> Sequence[str]:
    """The words by which an article's sections, source, language… are found."""
    return _marks(_searchable(article))


def marked_choices(question: Question) -> list[list[str]]:
    """The marks of each kind of condition: an article has one of each list."""
    kinds: tuple[tuple[MarkKind, Sequence[str]], ...] = (
        ("section", question.sections),
        ("source", question.sources),
        ("language", question.languages),
        ("category", question.categories),
        ("author", question.authors),
        ("has", ("enclosure",) if question.has_enclosure else ()),
    )
    return [[mark(kind, value) for value in values] for kind, values in kinds if values]


def _searchable(article: Article) -> Searchable:
    return Searchable(
        id=article.id,
        title=article.title,
        summary=article.summary,
        html=article.html,
        published=article.published,
        sections=article.sections,
        language=article.language,
        source=article.source.label,
        origin=article.origin,
        author=article.author,
        categories=article.categories,
        enclosures=len(article.enclosures),
    )
