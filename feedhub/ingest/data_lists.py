"""Lists that stand in data: JSON, JSONP, and what pages keep in their scripts; as proposals of the kind json.

JSON? ─→ arrays ──┬─→ tried on the document itself ─→ Proposal
      └─→ markup ─┘ (the recogniser of pages, `inside`)
page ─→ each value in its scripts, with the text in front of it (`script`) ─→ the same
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal

from feedhub.basics.dates import zone
from feedhub.errors import ParseError
from feedhub.ingest.extract import extract_document
from feedhub.ingest.json_block import JsonBlock, json_blocks, markup_in
from feedhub.ingest.json_items import json_within
from feedhub.ingest.select import Node, html_page
from feedhub.ingest.wire import ParseRequest
from feedhub.ingest.zone_of_page import zone_of_page
from feedhub.model.extract import Extract
from feedhub.model.recognised import MOST_SAMPLES, Guess, Proposal

MOST_LISTS = 2
MOST_SCRIPTS = 40
SHORTEST_DATA = 100
_JSON = re.compile(r"\ufeff?\s*[\[{]")
_JSONP = re.compile(r"\ufeff?\s*(?:/\*.{0,200}?\*/\s*)?(?:(?:var|let|const)\s+)?([\w$.]{1,80}\s*[(=])\s*[\[{]", re.S)
_MADE_UP = re.compile(r"\d{4}|jQuery", re.I)
_SCRIPT = re.compile(r"<script\b[^>]{0,500}>", re.I)
_ASSIGNED = re.compile(r"(?:(?:var|let|const)\s+)?[\w$.\[\]\"']{1,80}\s*[=(]\s*(?=[\[{])")
Lists = Callable[[Node, str, ParseRequest, str], tuple[Proposal, ...]]


def data_proposals(text: str, request: ParseRequest, encoding: str, lists: Lists) -> tuple[Proposal, ...] | None:
    """What a document that is data offers; None when it is none. `lists` recognises the markup within."""
    if _JSON.match(text):
        marker = None
    elif call := _JSONP.match(text):
        # A callback's name that was made up for one request will be another one next time.
        marker = text[call.start(1) : call.end(1)]
        marker = marker[-1] if _MADE_UP.search(marker) and marker[-1] not in text[: call.end(1) - 1] else marker
    else:
        return None
    try:
        document = json_within(text, marker)
    except ParseError:
        return None
    return _of_value(document, marker, request, encoding, lists)


def script_proposals(text: str, request: ParseRequest, encoding: str) -> tuple[Proposal, ...]:
    """The lists that a page keeps as data in its scripts."""
    found: list[Proposal] = []
    for marker in _markers(text):
        try:
            document = json_within(text, marker)
        except ParseError:
            continue
        found += _of_value(document, marker, request, encoding, lambda *_: ())
    return tuple(sorted(found, key=lambda one: (-one.confidence, -one.total))[:MOST_LISTS])


def _markers(text: str) -> Iterator[str]:
    """The text in front of each value in the scripts, where it stands nowhere before."""
    seen = 0
    for script in _SCRIPT.finditer(text):
        end = text.find("</script", script.end())
        code = text[script.end() : end if end >= 0 else len(text)]
        if len(code) < SHORTEST_DATA:
            continue
        starts = [one for one in _ASSIGNED.finditer(code) if len(code) - one.end() >= SHORTEST_DATA]
        markers = [one[0].strip() for one in starts] if not _JSON.match(code) else [script[0]]
        for marker in dict.fromkeys(markers):
            if text.find(marker) >= script.start() and seen < MOST_SCRIPTS:
                seen += 1
                yield marker


def _of_value(
    document: Any, marker: str | None, request: ParseRequest, encoding: str, lists: Lists
) -> tuple[Proposal, ...]:
    own_zone = zone_of_page(_some_words(document), request.url, encoding)
    home = zone(own_zone or request.time_zone)
    blocks = json_blocks(document, request.url, home, request.now)[:MOST_LISTS]
    found = [proposal_of(block, "json", request, own_zone, marker=marker) for block in blocks]
    if blocks:
        return tuple(one for one in found if one is not None)
    inner: list[Proposal] = []
    for path, markup in markup_in(document):
        for one in lists(html_page(markup), request.url, request, encoding)[:MOST_LISTS]:
            if one.extract is not None:
                extract = replace(one.extract, inside=path, script=marker)
                guesses = (Guess(field="inside", where=path, confidence=1.0), *one.guesses)
                inner.append(replace(one, kind="json", extract=extract, guesses=guesses, time_zone=own_zone))
    inner.sort(key=lambda one: (-one.confidence, -one.total))
    return tuple(inner[:MOST_LISTS])


def proposal_of(
    block: JsonBlock,
    kind: Literal["json", "xml"],
    request: ParseRequest,
    own_zone: str | None,
    *,
    marker: str | None = None,
    namespaces: tuple[tuple[str, str], ...] = (),
) -> Proposal | None:
    """The source that reads a list, tried on the document itself; None when it reads nothing."""
    in_address = "date" not in block.fields and block.shares["date"] >= 0.9
    extract = Extract(
        item=block.item,
        title=block.fields["title"],
        link=block.fields["link"],
        date=block.fields.get("date"),
        date_in="address" if in_address else "text",
        summary=block.fields.get("summary"),
        script=marker,
        namespaces=namespaces,
    )
    asked = replace(request, kind=kind, extract=extract, time_zone=own_zone or request.time_zone)
    try:
        feed = extract_document(asked)
    except ParseError:
        return None
    guesses = [Guess(field="item", where=block.item, confidence=round(len(feed.items) / max(feed.total, 1), 2))]
    guesses += [
        Guess(field=name, where=where, confidence=round(block.shares[name], 2)) for name, where in block.fields.items()
    ]
    if in_address:
        guesses.append(Guess(field="date", where="in the address", confidence=round(block.shares["date"], 2)))
    if marker is not None:
        guesses.append(Guess(field="script", where=marker, confidence=1.0))
    weakest = min(one.confidence for one in guesses if one.field in ("item", "title", "link"))
    return Proposal(
        kind=kind,
        url=request.url,
        extract=extract,
        guesses=tuple(guesses),
        samples=feed.items[:MOST_SAMPLES],
        total=len(feed.items),
        time_zone=own_zone,
        language="zh" if own_zone else None,
        confidence=weakest if extract.date or in_address else round(weakest / 2, 2),
    )


def _some_words(document: Any) -> str:
    """The first texts of a document, enough to tell its language."""
    words: list[str] = []
    waiting = [document]
    while waiting and len(words) < 500:
        one = waiting.pop()
        if isinstance(one, str):
            words.append(one[:200])
        elif isinstance(one, dict | list):
            waiting += list(one.values() if isinstance(one, dict) else one)[:200]
    return " ".join(words)
