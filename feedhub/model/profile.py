"""A partner's profile: a named contract of fields, rules and takedown that a partner's feed is made by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Check = Literal["required", "length", "picture", "age", "https", "depth", "language", "licence", "items", "bytes"]
Part = Literal["title", "summary", "text", "author", "source", "link", "picture"]
Form = Literal["drop", "status", "expire"]
Moved = Literal["published", "modified"]
# A page that was read longer ago than this is to be read again.
FRESH = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Cited:
    """Where a rule stands: the partner's page, or (no page) why it is assumed; `read` is the day on which we looked."""

    page: str | None
    assumed: str | None
    read: date

    def is_stale(self, today: date) -> bool:
        """Whether it was read more than a year ago."""
        return today - self.read > FRESH


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `least` and `most` are characters, pixels, days, levels, items or bytes as the check has it.

    `cut` makes a text fit instead of keeping its item back; `advice` keeps nothing back and is told.
    """

    id: str
    check: Check
    of: Part | None = None
    least: int | None = None
    most: int | None = None
    cut: bool = False
    advice: bool = False
    text: str
    source: Cited


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """How a withdrawn item leaves: at once (`drop`), or as an item without content that says so for `keep`."""

    form: Form
    keep: timedelta
    moves: tuple[Moved, ...]
    source: Cited


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The contract. `sections` are those whose documents are always ready; `fields` the elements an item may have;
    `languages` those the partner takes, one to a document; `digest` is of the file, `declared_at` file:line."""

    name: str
    title: str
    sections: tuple[str, ...]
    languages: tuple[str, ...]
    fields: tuple[str, ...]
    items: int
    rules: tuple[Rule, ...]
    takedown: Takedown
    digest: str
    declared_at: str

    def sources(self) -> tuple[tuple[str, Cited], ...]:
        """What every rule and the takedown rest on, by the rule's id."""
        return (*((rule.id, rule.source) for rule in self.rules), ("takedown", self.takedown.source))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a profile says of an article: the rules that it breaks, none when it is sent, and the advice it misses."""

    article_id: str
    title: str
    broken: tuple[Rule, ...]
    advice: tuple[Rule, ...] = ()
