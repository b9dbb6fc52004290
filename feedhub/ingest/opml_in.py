"""OPML as others export it into rows, one per outline that stands for a feed (http://opml.org/spec2.opml).

Tags are scanned one by one, no tree is built and no entity of the document's own is ever expanded, so that no
document can cost more than its length; a document type declaration is refused. Broken and concatenated documents
give what can be read in them. Nothing is fetched: an include is refused as a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from feedhub.basics.text import cut, one_line
from feedhub.errors import HostileDocument, NotAFeed, ParseError
from feedhub.ingest.bounds import TITLE
from feedhub.ingest.decode import decode_document

LARGEST = 5 * 1024 * 1024
DEEPEST = 50
MOST = 10_000
MOST_ATTRIBUTES = 50
MOST_MENDED = 1000

_MARK = re.compile(
    r"(?P<opaque><!--|<!\[CDATA\[|<\?)|(?P<declaration><!(?:DOCTYPE|ENTITY)\b)|<(?P<closes>/?)(?P<name>[A-Za-z_][\w:.-]{0,100})",
    re.I,
)
_CLOSERS = {"<!--": "-->", "<![cdata[": "]]>", "<?": "?>"}
_ATTRIBUTE = re.compile(r"""\s++([^\s=<>"'/]{1,100})\s*+=\s*+(?:"([^"]{0,8192})"|'([^']{0,8192})')""")
# A quote inside a value that nobody escaped is no end: behind the end comes another attribute, or the tag's end.
_LOOSE = re.compile(
    r"""\s++([^\s=<>"'/]{1,100})\s*+=\s*+"((?:[^"]|"(?!\s++[\w:.-]{1,100}=["']|\s*+/?>\s*+(?:<|\Z))){0,8192})\""""
)
_END = re.compile(r"\s*+(/?)>")
_FEED_TYPES = frozenset({"rss", "atom", "feed", "pie"})


@dataclass(frozen=True, slots=True)
class Outline:
    """One outline that stands for a feed: its line from 1, its texts as written, the folders it stands in.

    `url` is empty where it names no feed; `refused` says why it can be none.
    """

    line: int
    title: str
    url: str
    home: str
    language: str
    folders: tuple[str, ...]
    refused: str = ""


@dataclass(frozen=True, slots=True)
class _Tag:
    start: int
    name: str
    closes: bool
    empty: bool
    attributes: dict[str, str] | None


def read_opml(body: bytes) -> list[Outline]:
    """Every outline that names a feed, in order, those beyond our bounds marked as refused.

    NotAFeed when it is no OPML, HostileDocument for a DTD, ParseError when it is too large.
    """
    if len(body) > LARGEST:
        raise ParseError(f"The file has {len(body)} bytes; an OPML file of more than {LARGEST} is not read.")
    text = decode_document(body, None).text
    rows: list[Outline] = []
    folders: list[str] = []
    depth, line, counted = 0, 1, 0
    seen_root = False
    for tag in _tags(text):
        line, counted = line + text.count("\n", counted, tag.start), tag.start
        if not seen_root:
            if tag.name != "opml":
                raise NotAFeed(f"This is no OPML: it begins with <{tag.name}>.")
            seen_root = True
        if tag.name != "outline":
            continue
        if tag.closes:
            depth = max(depth - 1, 0)
            del folders[depth:]
            continue
        row = _row(tag, line, tuple(folders))
        if row is not None:
            rows.append(_bounded(row, depth, len(rows)))
        if not tag.empty:
            depth += 1
            if depth <= DEEPEST:
                folders.append(_title(tag.attributes or {}))
    if not seen_root:
        raise NotAFeed("This is no OPML: there is no <opml> in it.")
    return rows


def _tags(text: str) -> Iterator[_Tag]:
    position = mended = 0
    while found := _MARK.search(text, position):
        if found["declaration"]:
            raise HostileDocument("The OPML declares a document type; no list of feeds needs one, so it was not read.")
        if found["opaque"]:
            closer = _CLOSERS[found["opaque"].lower()]
            end = text.find(closer, found.end())
            if end < 0:
                return
            position = end + len(closer)
            continue
        attributes, position, empty = _attributes(text, found.end(), _ATTRIBUTE)
        if attributes is None and mended < MOST_MENDED:
            mended += 1
            attributes, position, empty = _attributes(text, found.end(), _LOOSE)
        yield _Tag(found.start(), found["name"].rpartition(":")[2].lower(), bool(found["closes"]), empty, attributes)


def _attributes(text: str, position: int, form: re.Pattern[str]) -> tuple[dict[str, str] | None, int, bool]:
    """The attributes by name in lower case (None: the tag is broken), where the tag ends, whether it is empty."""
    found: dict[str, str] = {}
    while len(found) < MOST_ATTRIBUTES and (one := form.match(text, position)):
        found.setdefault(one[1].lower(), unescape(one[one.lastindex or 2]))
        position = one.end()
    end = _END.match(text, position)
    return (found, end.end(), bool(end[1])) if end else (None, position, True)


def _row(tag: _Tag, line: int, folders: tuple[str, ...]) -> Outline | None:
    """The row of an outline; None for a folder or a line of text."""
    attributes = tag.attributes
    if attributes is None:
        return Outline(line, "", "", "", "", folders, "its tag is broken")
    kind, url = attributes.get("type", "").strip().lower(), attributes.get("xmlurl", "").strip()
    named = Outline(
        line,
        _title(attributes),
        url[:8192],
        attributes.get("htmlurl", "").strip()[:8192],
        attributes.get("language", "").strip()[:100],
        folders,
    )
    if url:
        return named
    if "url" in attributes or kind in ("include", "link"):
        return _refused(named, "it names another list or page, which is not fetched: import that list by itself")
    if "xmlurl" in attributes or kind in _FEED_TYPES:
        where = f"; `feedhub source add {named.home}` looks for one" if named.home else ""
        return _refused(named, f"it names no address of a feed{where}")
    return None


def _bounded(row: Outline, depth: int, before: int) -> Outline:
    if before >= MOST:
        return _refused(row, f"only the first {MOST} outlines are taken in")
    if depth >= DEEPEST:
        return _refused(row, f"it is nested deeper than {DEEPEST} levels")
    return row


def _refused(row: Outline, why: str) -> Outline:
    return Outline(row.line, row.title, row.url, row.home, row.language, row.folders, row.refused or why)


def _title(attributes: dict[str, str]) -> str:
    named = (one_line(attributes.get(name, "")[: 8 * TITLE]) for name in ("text", "title"))
    return cut(next(filter(None, named), ""), TITLE)
