"""What is made of a document that has drifted: old against new, and the rule that would read it now.

ParseError ─→ was its shape known? ─→ Drifted ─→ recogniser (in the child) ─→ each proposal tried on the page
                                                    ─→ the one that fits the learned shape best is kept for a person
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from feedhub.basics.digests import sha256_hex
from feedhub.errors import Drifted, HostileDocument, ParseError, ParserDied, SelfReference
from feedhub.ingest.drift import KINDS, Row, signs_of_page
from feedhub.ingest.reading import request_of
from feedhub.ingest.shape import known_as, look_at
from feedhub.ingest.wire import ParseRequest
from feedhub.model.extract import Extract
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.learned import Learned
from feedhub.model.picture import Picture
from feedhub.model.recognised import MOST_SAMPLES, Recognised
from feedhub.model.shape import Drift, Look, Shape
from feedhub.model.source import Source

MENDED = frozenset({"html", "json", "xml"})


class Reader(Protocol):
    """Reads hostile bytes in a child."""

    def parse(self, request: ParseRequest) -> ParsedFeed:
        """The document; ParseError when it cannot be read."""
        ...

    def picture(self, body: bytes, now: datetime) -> Picture:
        """A picture decoded and written anew; ParseError when it is none."""
        ...

    def recognise(self, request: ParseRequest) -> Recognised:
        """What a document could be a source of; ParseError when of none."""
        ...


@dataclass(frozen=True, slots=True)
class Mend:
    """An extract that reads a page, what it reads, how sure the recogniser is, how well it fits."""

    extract: Extract
    items: tuple[Item, ...]
    confidence: float
    fit: tuple[float, ...]


def face_failure(
    error: ParseError,
    source: Source,
    learned: Learned | None,
    documents: Sequence[tuple[bytes, str | None, str]],
    reader: Reader,
    now: datetime,
) -> tuple[ParseError, Learned | None]:
    """A document that could not be read, as drift where its shape was known, and what is known from now on.

    A parser that died or was attacked says nothing of a redesign. The same bytes are looked at once.
    """
    if source.kind not in KINDS or learned is None or learned.shape is None:
        return error, learned
    if isinstance(error, HostileDocument | ParserDied | SelfReference):
        return error, learned
    drifted = error if isinstance(error, Drifted) else Drifted((str(error).rstrip("."),))
    digest = sha256_hex(documents[0][0]) if documents else None
    before = learned.drift
    if before is not None and before.body_digest == digest:
        return drifted, learned
    mend = propose_mend(source, learned.shape, documents[0], reader, now) if documents else None
    drift = Drift(
        since=before.since if before else now,
        signs=drifted.signs,
        reads_now=drifted.reads_now,
        proposed=mend.extract if mend else None,
        would_read=tuple(map(_shown, mend.items[:MOST_SAMPLES])) if mend else (),
        confidence=mend.confidence if mend else 0.0,
        body_digest=digest,
    )
    return drifted, replace(learned, drift=drift)


def propose_mend(
    source: Source, shape: Shape, document: tuple[bytes, str | None, str], reader: Reader, now: datetime
) -> Mend | None:
    """The recogniser's rule that reads a page or data as they were read before; None when none does.

    A sitemap has no rule that could be mended.
    """
    if source.kind not in MENDED:
        return None
    request = request_of(source, document, "recognise", now=now)
    try:
        proposals = reader.recognise(request).proposals
    except ParseError:
        return None
    mends: list[Mend] = []
    for proposal in proposals:
        if proposal.kind != source.kind or proposal.extract is None:
            continue
        extract = _merged(proposal.extract, source.extract or Extract())
        try:
            feed = reader.parse(replace(request, kind=source.kind, extract=extract))
        except ParseError:
            continue
        fit = _fit(feed.items, feed.looks, feed.total, shape)
        mends.append(Mend(extract, feed.items, proposal.confidence, fit))
    return max(mends, key=lambda mend: mend.fit, default=None)


def _merged(proposed: Extract, present: Extract) -> Extract:
    """The proposed selectors with what a person chose besides them: own pages, how many pages, forms of dates."""
    forms = tuple(dict.fromkeys((*proposed.date_forms, *present.date_forms)))
    pages = present.pages if proposed.next_page else 1
    named = dict(present.namespaces) | dict(proposed.namespaces)
    return replace(proposed, detail=present.detail, pages=pages, date_forms=forms, namespaces=tuple(named.items()))


def _fit(items: Sequence[Item], looks: Sequence[Look], total: int, shape: Shape) -> tuple[float, ...]:
    """How well items fit what was learned: those that were here before, then signs against them, then their number."""
    before = {one.rpartition(" ")[0] for one in shape.known}
    same = sum(known_as(item).rpartition(" ")[0] in before for item in items)
    now = look_at(items, looks, total)
    rows = [Row(item) for item in items]
    against = len(tuple(signs_of_page(rows, now, shape))) if now else 99
    return float(same), -float(against), float(len(items))


def _shown(item: Item) -> str:
    when = f"{item.published:%Y-%m-%d %H:%M}" if item.published else "no date"
    return f"[{when}] {item.title}  {item.link}"
