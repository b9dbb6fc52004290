"""What the recogniser made of an address, before anybody said yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from feedhub.model.extract import Extract
from feedhub.model.item import Item

MOST_SAMPLES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One field of a proposal: where it is found, and how sure that is, 0 to 1."""

    field: str
    where: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source that an address could be. `time_zone` is an IANA name, `language` a tag, where the page gives them away.

    `samples` are the first items as the proposal reads them, MOST_SAMPLES at most; `total` counts them all.
    `confidence` is that of the weakest field that matters.
    """

    kind: Literal["feed", "html", "json", "xml", "sitemap"]
    url: str
    title: str = ""
    extract: Extract | None = None
    guesses: tuple[Guess, ...] = ()
    samples: tuple[Item, ...] = ()
    total: int = 0
    time_zone: str | None = None
    language: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """All that an address could be, best first; `page` is a phrase for what it is, `encoding` how it was decoded.

    `onward` is where a page that is nothing itself sends its readers on.
    """

    page: str
    title: str = ""
    encoding: str = ""
    proposals: tuple[Proposal, ...] = ()
    onward: str | None = None
