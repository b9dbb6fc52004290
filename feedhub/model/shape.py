"""What a source's document looks like of itself, and what was seen when it looked otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedhub.model.extract import Extract


@dataclass(frozen=True, slots=True)
class Look:
    """How one item stood in its document: the form of its date as written (`Y-9-9`), and how many links it held."""

    date: str = ""
    links: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The learned shape of a document. Shares are 0 to 1 and, like lengths and numbers, running means over polls.

    `whole` is the share of what the item selector finds that made an item; `own` that of links on the hosts known;
    `hosts`, `links` and `dates` are the hosts, forms of addresses and forms of dates that were seen; `known` the
    last items, each as digests of address and title and the day, joined by spaces.
    """

    polls: int
    items: float
    whole: float
    titled: float
    linked: float
    dated: float
    summarised: float
    distinct: float
    title_length: float
    links_within: float
    hosts: tuple[str, ...]
    links: tuple[str, ...]
    dates: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A document that looked otherwise: since when, by which signs (old against new), what its rules read now, and
    the rule that would read it, with samples and the confidence of the recogniser."""

    since: datetime
    signs: tuple[str, ...]
    reads_now: tuple[str, ...] = ()
    proposed: Extract | None = None
    would_read: tuple[str, ...] = ()
    confidence: float = 0.0
    body_digest: str | None = None
