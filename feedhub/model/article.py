"""A stored piece of ours, published or not, and the change log's row about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedhub.basics.dates import Precision
from feedhub.model.item import Enclosure
from feedhub.model.picture import Shown
from feedhub.model.safehtml import SafeHtml

ArticleState = Literal["published", "scheduled", "withdrawn"]
ChangeKind = Literal[
    "published", "corrected", "withdrawn", "removed", "restored", "moved", "linked", "restyled", "relayed"
]  # fmt: skip
WithdrawalForm = Literal["tombstone", "notice"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where a reprinted piece is from: the label readers see, its home page, its feed, the label as it came.

    `is_feed` is true when the source is one of kind feed, whose `atom:source` carries id and self (SEMANTICS 7).
    """

    label: str | None
    url: str | None = None
    feed_url: str | None = None
    as_seen: str | None = None
    is_feed: bool = False


@dataclass(frozen=True, slots=True)
class Twin:
    """The same piece in another language, published here; `url` is its own address when it has one elsewhere."""

    id: str
    language: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What an editor says a correction changed, for readers to see."""

    at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article. `sections` are those it was put into; `url` its own address when it has one elsewhere.

    `source_url` is the original of a reprint. `html` None means the full text is not here (SEMANTICS 8).
    `released_at` is when we first published it; `seq` the number of its latest change, 0 before the first.
    `licence` is that of a piece that names its own; a source's pieces have their source's. `translation_of` is the id
    of the article that it translates; `twins` and `pictures` are found by the store with every change of it: who says
    the same in another language, and which stored pictures it shows. Until `notice_until`, set on a withdrawn article
    alone, a notice stands for it in the feeds of its sections.
    """

    id: str
    public_id: str
    title: str
    sections: tuple[str, ...]
    language: str
    published: datetime
    precision: Precision = "second"
    updated: datetime
    html: SafeHtml | None = None
    summary: str = ""
    author: str | None = None
    source: Attribution = Attribution(None)
    source_url: str | None = None
    url: str | None = None
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    rights: str | None = None
    licence: str | None = None
    translation_of: str | None = None
    twins: tuple[Twin, ...] = ()
    pictures: tuple[Shown, ...] = ()
    corrections: tuple[Correction, ...] = ()
    embargo_until: datetime | None = None
    expires: datetime | None = None
    origin: str = "import"
    edited_fields: tuple[str, ...] = ()
    state: ArticleState = "published"
    seq: int = 0
    released_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    notice_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """An article that stands in a document as it stood there before, of which nothing has to be written anew."""

    id: str
    seq: int
    published: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change log: number, instant, what happened to which article in which feeds (SEMANTICS 1)."""

    seq: int
    at: datetime
    kind: ChangeKind
    article_id: str | None
    late: bool = False
    reason: str | None = None
    by: str | None = None
