"""What both quick ways share: when a document may be read without feedparser, and how feedparser reads a leaf.

Sure means: well-formed, no DOCTYPE, no controls, only elements and attributes that are listed, each where it belongs
and as often as it may be, leaves without markup inside, the usual prefixes for the usual namespaces. `Unsure` is raised
for all else, and the document goes to feedparser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
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
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
# What feedparser calls a namespace, by its address in small letters.
KNOWN = {uri.lower(): short for uri, short in feedparser.mixin._FeedParserMixin.namespaces.items()}
_PROLOG = re.compile(
    r"^\s*(?:<\?xml\b[^>]*\?>\s*)?(?:<\?xml-stylesheet\b[^<>]*\?>\s*|<!--(?:(?!--)[^<>])*-->\s*)*", re.I
)
_DECLARED = re.compile(r"\sxmlns(?::([\w.-]+))?\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")
# feedparser puts windows-1252 in the place of controls.
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]|&#0*1[2-5][0-9];|&#[xX]0*[89][0-9a-fA-F];")
_PARSER = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)


# Read from the text behind feedparser's back, wherever it stands (`deleted.py`, `skips.py`).
_ELSEWHERE = re.compile(rb"deleted-entry|<skip(?:Hours|Days)>")


class Unsure(Exception):
    """Something that only feedparser knows how to read."""


def read_quickly(text: str, start: str, document: Callable[[Any, str], Found]) -> Found | None:
    """What `document` finds under the root of a text that begins with `start`; None for feedparser to read."""
    body = _PROLOG.sub("", text)
    if not body.startswith(start) or "<!DOCTYPE" in body:
        return None
    raw = body.encode("utf-8", "surrogatepass")
    if (b"deleted-" in raw or b"<skip" in raw) and _ELSEWHERE.search(raw):
        return None
    if (b"\xc2" in raw or b"&#" in raw) and _CONTROL.search(raw):
        return None
    try:
        return document(etree.fromstring(raw, _PARSER), body)
    except (Unsure, etree.XMLSyntaxError):
        return None


def sure_of_names(root: Any, body: str, *, default: str | None) -> None:
    """The usual namespaces are declared under their usual prefixes, the default one at the root alone."""
    sure(root.nsmap.get(None) == default)
    for prefix, uri in root.nsmap.items():
        sure(prefix is None or _usual(prefix, uri))
    if body.count("xmlns") != len(root.nsmap):  # some are declared further in, or spoken of
        declared = _DECLARED.findall(body)
        sure(
            len(declared) == body.count("xmlns") and sum(not prefix for prefix, *_ in declared) == (default is not None)
        )
        sure(all(_usual(prefix, one or other) for prefix, one, other in declared if prefix))


@lru_cache(maxsize=512)
def _usual(prefix: str, uri: str) -> bool:
    """Whether feedparser, which goes by addresses it knows and else by prefixes, and `mend.py`, which goes by prefixes
    alone, mean what a document means by one."""
    if prefix in PREFIXES:
        return PREFIXES[prefix] == uri or (prefix == "itunes" and uri.lower() == PREFIXES[prefix])
    return KNOWN.get(uri.lower()) not in ("media", "itunes")


def outer_comment(element: Any) -> bool:
    """Whether this is a comment between elements: nothing to feedparser, nor to `mend.py` while it has no markup."""
    if element.tag is not etree.Comment:
        return False
    return sure(not set("<>") & set(element.text or "") and blank(element.tail))


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


def link_of(attributes: Mapping[str, str], base: str = "") -> Found:
    """An Atom link as feedparser lists it."""
    kind = "application/atom+xml" if attributes.get("rel") == "self" else "text/html"
    return {"rel": "alternate", "type": kind} | dict(attributes) | {"href": joined(attributes["href"], base)}


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
