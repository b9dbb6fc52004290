"""What both quick ways share: when a document may be read without feedparser, and how feedparser reads a leaf.

Sure means: well-formed, no DOCTYPE, no controls, only elements and attributes that are listed, each where it belongs
and as often as it may be, leaves without markup inside, the usual prefixes for the usual namespaces. `Unsure` is raised
for all else, and the document goes to feedparser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import feedparser
from lxml import etree

MOST_ITEMS = 1000  # as in `mend.py`, which cuts the others
MOST_NAMES = 200
Found = dict[str, Any]

ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"
PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
_PROLOG = re.compile(r"^\s*<\?xml\b[^>]*\?>\s*", re.I)
# feedparser puts windows-1252 in the place of controls.
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]|&#0*1[2-5][0-9];|&#[xX]0*[89][0-9a-fA-F];")
_PARSER = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)


class Unsure(Exception):
    """Something that only feedparser knows how to read."""


def read_quickly(text: str, start: str, document: Callable[[Any, str], Found]) -> Found | None:
    """What `document` finds under the root of a text that begins with `start`; None for feedparser to read."""
    body = _PROLOG.sub("", text)
    if not body.startswith(start) or "<!DOCTYPE" in body:
        return None
    raw = body.encode("utf-8", "surrogatepass")
    if (b"\xc2" in raw or b"&#" in raw) and _CONTROL.search(raw):
        return None
    try:
        return document(etree.fromstring(raw, _PARSER), body)
    except (Unsure, etree.XMLSyntaxError):
        return None


def sure_of_names(root: Any, body: str, *, default: str | None) -> None:
    """Namespaces are declared at the root alone, the usual ones under their usual prefixes."""
    sure(body.count("xmlns") == len(root.nsmap))  # none is declared further in
    for prefix, uri in root.nsmap.items():
        if prefix is None:
            sure(uri == default)
        elif prefix in PREFIXES:
            sure(PREFIXES[prefix] == uri)
        else:
            sure(feedparser.mixin._FeedParserMixin.namespaces.get(uri) is None)


def leaf_text(element: Any, attributes: Collection[str]) -> str:
    """The text of a leaf, as feedparser gives it."""
    sure(isinstance(element.tag, str) and not len(element))
    if element.attrib:
        sure(set(element.attrib) <= set(attributes))
    value = (element.text or "").strip()
    if not value.isascii():
        try:
            value.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return value
        raise Unsure  # feedparser takes it for UTF-8 that was encoded twice
    return value


def detail(value: str, kind: str, language: str | None = None, base: str = "") -> Found:
    """What feedparser says about a text."""
    return {"type": kind, "language": language, "base": base, "value": value}


def link_of(attributes: Mapping[str, str]) -> Found:
    """An Atom link as feedparser lists it."""
    kind = "application/atom+xml" if attributes.get("rel") == "self" else "text/html"
    return {"rel": "alternate", "type": kind} | dict(attributes) | {"href": joined(attributes["href"])}


def joined(address: str, base: str = "") -> str:
    """An address as feedparser joins it."""
    result: str = feedparser.urls._urljoin(base, address)
    return result if address else address


def blank(text: str | None) -> bool:
    """Whether there is nothing but white space."""
    return not text or not text.strip()


def sure(so: bool) -> bool:
    """Unsure unless it is so."""
    if not so:
        raise Unsure
    return True
