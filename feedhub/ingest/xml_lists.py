"""The lists in XML that is neither feed nor sitemap: which element repeats, which of its parts are title and address.

document ─→ elements of one path, three at least ─→ their parts, judged as the keys of JSON are ─→ proposals
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from feedhub.basics.dates import zone
from feedhub.errors import ParseError
from feedhub.ingest.data_lists import MOST_LISTS, proposal_of
from feedhub.ingest.json_block import MOST_VALUES, JsonBlock, block_of
from feedhub.ingest.list_block import FEWEST
from feedhub.ingest.select import xml_document
from feedhub.ingest.wire import ParseRequest
from feedhub.ingest.zone_of_page import zone_of_page
from feedhub.model.recognised import Proposal

DEEPEST_PART = 3
MOST_ROWS = 200
_XML = re.compile(r"\ufeff?\s*<\?xml\b", re.I)
# Pages, pictures, and lists of other sources, which `opml import` takes.
_NO_LISTS = frozenset({"html", "svg", "opml"})
Rows = list[dict[str, str]]


def xml_proposals(text: str, request: ParseRequest, encoding: str) -> tuple[Proposal, ...]:
    """What a document that is XML offers, likeliest first; empty when it is none, or has no list."""
    if not _XML.match(text) and "xml" not in (request.content_type or "").partition(";")[0]:
        return ()
    try:
        root = xml_document(text).root
    except ParseError:
        return ()
    if _local(root) in _NO_LISTS:
        return ()
    names = _Names()
    groups = {path: rows for path, rows in _groups(root, names).items() if len(rows) >= FEWEST}
    words = " ".join(text for rows in groups.values() for row in rows[:20] for text in row.values())
    own_zone = zone_of_page(words[:20_000], request.url, encoding)
    home = zone(own_zone or request.time_zone)
    found = [block_of(path, rows, request.url, home, request.now) for path, rows in groups.items()]
    blocks: list[JsonBlock] = sorted(filter(None, found), key=lambda one: -one.score)[:MOST_LISTS]
    proposals = (
        proposal_of(block, "xml", request, own_zone, namespaces=names.used(block.item, *block.fields.values()))
        for block in blocks
    )
    return tuple(one for one in proposals if one is not None)


class _Names:
    """Prefixes for the namespaces of a document, so that XPath can name its elements."""

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = {}

    def of(self, name: str, given: str | None) -> str:
        """A qualified name as XPath has it; `given` is the prefix that the document uses."""
        if not name.startswith("{"):
            return name
        space, _, local = name[1:].partition("}")
        if space not in self._prefixes:
            taken = set(self._prefixes.values())
            made = (f"n{number}" for number in count(1))
            prefix = given if given and given not in taken else next(one for one in made if one not in taken)
            self._prefixes[space] = prefix
        return f"{self._prefixes[space]}:{local}"

    def used(self, *paths: str) -> tuple[tuple[str, str], ...]:
        """The prefixes that occur in those paths, with what they stand for."""
        said = "/".join(paths)
        return tuple((prefix, space) for space, prefix in self._prefixes.items() if f"{prefix}:" in said)


def _groups(root: Any, names: _Names) -> dict[str, Rows]:
    """Elements with parts, by their path from the root; of each its parts by their path within it."""
    found: dict[str, Rows] = {}
    waiting: list[tuple[str, Any]] = [("/" + names.of(root.tag, root.prefix), root)]
    for seen, (path, element) in enumerate(waiting):
        if seen > MOST_VALUES:
            break
        for child in element.iterchildren("*"):
            within = f"{path}/{names.of(child.tag, child.prefix)}"
            waiting.append((within, child))
            rows = found.setdefault(within, [])
            if len(rows) < MOST_ROWS and (row := dict(_parts(child, names))):
                rows.append(row)
    return found


def _parts(element: Any, names: _Names, path: str = ".", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts and attributes within an element by their XPath; of several under one path the first."""
    for name, value in element.attrib.items():
        if not name.startswith("{") and value.strip():
            yield f"{path}/@{name}", value.strip()
    if depth == DEEPEST_PART:
        return
    seen: set[str] = set()
    for child in element.iterchildren("*"):
        within = f"{path}/{names.of(child.tag, child.prefix)}"
        if within in seen:
            continue
        seen.add(within)
        if len(child) == 0 and (text := (child.text or "").strip()):
            yield within, text
        yield from _parts(child, names, within, depth + 1)


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()
