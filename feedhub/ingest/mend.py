"""XML as it is found into XML that a parser takes: what is broken in ways we know is mended, in one pass.

Known breakage: junk before the prolog and behind the root, control characters, HTML entities, bare ampersands
and angle brackets, `]]>` in text, prefixes nobody declared, a document cut off on the way, and Xinhua's date
that stands as bare text. What is still broken then goes to feedparser's loose parser.
The number of items is bounded here too, before any of them costs anything (PROMISES 49).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5

from feedhub.ingest.mend_items import mend_items

MOST_ITEMS = 1000
MOST_NAMES = 200  # categories of one item; feedparser compares each with all before it

_PROLOG = re.compile(r"^\s*<\?xml\b[^>]*\?>\s*", re.I)
_START = re.compile(r"<\?xml\b|<(?:rss|feed|rdf:RDF|(?:atom|a):feed)\b", re.I)
_INVALID = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OPAQUE = re.compile(r"<!\[CDATA\[|<!--|<\?")
_CLOSER = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_AMPERSAND = re.compile(
    r"&(?!(?:lt|gt|amp|quot|apos);)(#[0-9]{1,8};|#[xX][0-9a-fA-F]{1,8};|[A-Za-z][A-Za-z0-9]{1,31};)?"
)
_BARE_LESS = re.compile(r"<(?![A-Za-z_/])")
# Behind the first pass every CDATA section is closed and no comment is left, so these skip what is no markup.
_ITEM = re.compile(r"<!\[CDATA\[.*?\]\]>|<(?:[A-Za-z][\w.-]{0,30}:)?(item|entry)(?=[\s>])", re.S)
_ITEM_END = re.compile(r"<!\[CDATA\[.*?\]\]>|</(?:[A-Za-z][\w.-]{0,30}:)?(item|entry)\s*>", re.S)
_NAME = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<(?:\w{1,20}:)?(?P<item>item|entry)(?=[\s>])"
    r"|<(?P<name>(?:\w{1,20}:)?(?:category|subject))\b[^<>]*(?:/>|>(?:[^<]|<!\[CDATA\[.*?\]\]>)*</(?P=name)\s*>)",
    re.S,
)
_TAG = re.compile(r"<!\[CDATA\[.*?\]\]>|<(/?)([A-Za-z_][\w:.-]{0,100})([^<>]*)>", re.S)
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]{0,100})")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]{0,30}):[A-Za-z_]|\s([A-Za-z_][\w.-]{0,30}):[A-Za-z_][\w.-]*\s*=\s*[\"']")
_DECLARED = re.compile(r"\bxmlns:([A-Za-z_][\w.-]{0,30})\s*=")
# feedparser lets a picture's description take the place of the item's: they are set aside under another name.
_ASIDE = re.compile(r"<(/?)(?:(media):description|(itunes):summary)\b[^<>]*?(/?)>")
_BARE_DATE = re.compile(r"(</link>)\s*([A-Za-z0-9][A-Za-z0-9,:+ -]{8,40}\d[A-Za-z0-9,:+ -]{0,8})\s*(<description>)")
_NAMESPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "a10": "http://www.w3.org/2005/Atom",
    "atom": "http://www.w3.org/2005/Atom",
    "atom10": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "xlink": "http://www.w3.org/1999/xlink",
}


@dataclass(frozen=True, slots=True)
class Mended:
    """XML without prolog, its root element's name, how many items were cut away, and what a person should know."""

    text: str
    root: str
    left_out: int
    warnings: tuple[str, ...]


def mend(text: str) -> Mended:
    """Mend a document that has no DOCTYPE any more."""
    warnings: list[str] = []
    text = _PROLOG.sub("", text)
    if _INVALID.search(text):
        text = _INVALID.sub("", text)
        warnings.append("characters that XML cannot carry were taken out")
    text = "".join(_mended(text))
    text = _BARE_DATE.sub(r"\1<pubDate>\2</pubDate>\3", text)
    text = mend_items(text)
    text = _ASIDE.sub(lambda found: f"<{found[1]}{found[2] or found[3]}:setaside{found[4]}>", text)
    text, left_out = _bound(text)
    if left_out:
        warnings.append(f"only the first {MOST_ITEMS} items were read, {left_out} more were left out")
    text = _thinned(text)
    found = _ROOT.search(text)
    if found is None:
        return Mended(text, "", left_out, tuple(warnings))
    root = found[1]
    last = text.rfind(f"</{root}")
    end = text.find(">", last) + 1 if last >= 0 else 0
    if not end:
        text = _closed(text, root)
        warnings.append("the document is cut off; what had arrived was read")
    elif text[end:].strip():
        text = text[:end]
    return Mended(_with_prefixes(text, found), root, left_out, tuple(warnings))


def drop_junk(text: str) -> str:
    """The text from its prolog or root on: a page's warnings or a stray character may stand before it."""
    text = text.lstrip("\ufeff\u200b \t\r\n\x00")
    start = _START.search(text, 0, 4096)
    before = text[: start.start()] if start else ""
    if not before or before.startswith(("<!--", "<?", "<!")) or "<html" in before.lower():
        return text
    return text[len(before) :]


def _mended(text: str) -> Iterator[str]:
    """The text in pieces: CDATA as it is, what is between mended; comments and instructions are left out."""
    position = 0
    never_closed: set[str] = set()
    while found := _OPAQUE.search(text, position):
        closer = _CLOSER[found[0]]
        # Looking for what never comes behind each of 40,000 openers would take for ever.
        end = -1 if closer in never_closed else text.find(closer, found.end())
        yield _mended_piece(text[position : found.start()])
        if end >= 0:
            position = end + len(closer)
            if closer == "]]>":
                yield text[found.start() : position]
        elif closer == "]]>":
            yield text[found.start() :].rstrip("]") + "]]>"
            return
        else:
            never_closed.add(closer)
            yield "&lt;" + found[0][1:]
            position = found.end()
    yield _mended_piece(text[position:])


def _mended_piece(piece: str) -> str:
    if "&" in piece:
        piece = _AMPERSAND.sub(_reference, piece)
    if "]]>" in piece:
        piece = piece.replace("]]>", "]]&gt;")
    return _BARE_LESS.sub("&lt;", piece)


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if not name:
        return "&amp;"
    if name[0] == "#":
        number = int(name[2:-1], 16) if name[1] in "xX" else int(name[1:-1])
        if number > 0x10FFFF or _INVALID.match(chr(number)):
            return ""
        return found[0].replace("X", "x", 1)
    character = html5.get(name)
    if character is None:
        return "&amp;" + name
    return "".join(f"&#{ord(one)};" if one in "<&>\"'" else one for one in character)


def _bound(text: str) -> tuple[str, int]:
    """The text with at most MOST_ITEMS items, and the number of the others."""
    if sum(text.count(sign) for sign in ("<item", "<entry", ":item", ":entry")) <= MOST_ITEMS:
        return text, 0
    starts = [found.start() for found in _ITEM.finditer(text) if found[1]]
    if len(starts) <= MOST_ITEMS:
        return text, 0
    cut = starts[MOST_ITEMS]
    last = max((found.end() for found in _ITEM_END.finditer(text, starts[-1]) if found[1]), default=cut)
    return text[:cut] + text[last:], len(starts) - MOST_ITEMS


def _thinned(text: str) -> str:
    """The text with at most MOST_NAMES categories in each item."""
    if text.count("<category") + text.count(":subject") <= MOST_NAMES:
        return text
    here = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal here
        here = 0 if found["item"] else here + bool(found["name"])
        return found[0] if here <= MOST_NAMES or not found["name"] else ""

    return _NAME.sub(keep, text)


def _closed(text: str, root: str) -> str:
    """A document that was cut off, with its open elements closed."""
    less = text.rfind("<")
    if less > text.rfind(">"):
        text = text[:less]
    open_elements: list[str] = []
    for found in _TAG.finditer(text):
        closing, name, rest = found.groups()
        if name is None or rest.endswith("/"):
            continue
        if not closing:
            open_elements.append(name)
        elif name in open_elements[-8:]:
            while open_elements.pop() != name:
                pass
    return text + "".join(f"</{name}>" for name in reversed(open_elements or [root]))


def _with_prefixes(text: str, root: re.Match[str]) -> str:
    """The document with every prefix declared that it uses and forgot to declare."""
    used = {one or other for one, other in _PREFIX.findall(text)} - {"xml", "xmlns"}
    missing = sorted(used - set(_DECLARED.findall(text)))[:50]
    known = ((name, _NAMESPACES.get(name.lower(), f"urn:undeclared:{name}")) for name in missing)
    declarations = "".join(f' xmlns:{name}="{address}"' for name, address in known)
    return text[: root.end()] + declarations + text[root.end() :]
