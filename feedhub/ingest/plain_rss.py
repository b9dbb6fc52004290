"""The quick way for plain RSS 2.0: what feedparser would find, taken out with lxml; None where it is not sure.

Sure means: well-formed, only elements and attributes that are listed here, each where it belongs and as often as it may
be, leaves without markup inside, the usual prefixes for the usual namespaces. What is found has feedparser's names and
goes the same way through `normalise.py`; a test compares both ways over every document at hand.
"""

from __future__ import annotations

import re
from typing import Any

import feedparser
from lxml import etree

MOST_ITEMS = 1000  # as in `mend.py`, which cuts the others
MOST_NAMES = 200
Found = dict[str, Any]

_ATOM = "{http://www.w3.org/2005/Atom}"
_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
_DC, _CONTENT, _MEDIA = (f"{{{_PREFIXES[prefix]}}}" for prefix in ("dc", "content", "media"))
_SLASH, _SY, _WFW = (f"{{{_PREFIXES[prefix]}}}" for prefix in ("slash", "sy", "wfw"))
_ITEM_ONCE = frozenset(
    ("title", "link", "description", "guid", "pubDate", "source", f"{_CONTENT}encoded", f"{_DC}date")
)
_ITEM_OFTEN = frozenset(("category", "author", "enclosure", f"{_DC}creator", f"{_DC}subject", f"{_ATOM}link"))
_ITEM_UNUSED = frozenset(("comments", f"{_SLASH}comments", f"{_WFW}commentRss", f"{_WFW}comment"))
_HEAD_ONCE = {
    "title": "title",
    "link": "link",
    "language": "language",
    "copyright": "rights",
    "pubDate": "published",
    "lastBuildDate": "updated",
    "ttl": "ttl",
    "webMaster": "publisher",
    f"{_SY}updatePeriod": "sy_updateperiod",
    f"{_SY}updateFrequency": "sy_updatefrequency",
}
_HEAD_UNUSED = frozenset(("description", "generator", "docs", "managingEditor", f"{_SY}updateBase"))
_IMAGE = frozenset(("url", "title", "link", "width", "height", "description"))
_ATTRIBUTES = {
    "guid": {"isPermaLink"},
    "category": {"domain"},
    "enclosure": {"url", "type", "length"},
    "source": {"url"},
    f"{_ATOM}link": {"href", "rel", "type", "title", "hreflang", "length"},
}
_PROLOG = re.compile(r"^\s*<\?xml\b[^>]*\?>\s*", re.I)
# feedparser puts windows-1252 in the place of controls.
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]|&#0*1[2-5][0-9];|&#[xX]0*[89][0-9a-fA-F];")
_QUERY = re.compile("&([A-Za-z0-9_]+);")
_PARSER = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)


class _Unsure(Exception):
    """Something that only feedparser knows how to read."""


def read_plain_rss(text: str) -> Found | None:
    """feedparser's `version`, `feed` and `entries`, as far as they are looked at; None for feedparser to read."""
    body = _PROLOG.sub("", text)
    if not body.startswith("<rss") or "<!DOCTYPE" in body:
        return None
    raw = body.encode("utf-8", "surrogatepass")
    if (b"\xc2" in raw or b"&#" in raw) and _CONTROL.search(raw):
        return None
    try:
        root = etree.fromstring(raw, _PARSER)
        return _document(root, body)
    except (_Unsure, etree.XMLSyntaxError):
        return None


def _document(root: Any, body: str) -> Found:
    _sure(root.tag == "rss" and set(root.attrib) == {"version"} and root.get("version").startswith("2."))
    _sure(body.count("xmlns") == len(root.nsmap))  # none is declared further in
    for prefix, uri in root.nsmap.items():
        known = feedparser.mixin._FeedParserMixin.namespaces.get(uri)
        _sure(_PREFIXES.get(prefix) == uri if prefix in _PREFIXES else prefix is not None and known is None)
    _sure(len(root) == 1 and root[0].tag == "channel" and not root[0].attrib and _blank(root.text))
    channel = root[0]
    _sure(_blank(channel.text) and _blank(channel.tail))
    head: Found = {"links": []}
    entries: list[Found] = []
    for element in channel:
        _sure(isinstance(element.tag, str) and _blank(element.tail))
        if element.tag == "item":
            entries.append(_item(element))
        else:
            _head(element, head)
    _sure(len(entries) <= MOST_ITEMS and sum(len(entry.get("tags", ())) for entry in entries) <= MOST_NAMES)
    return {"version": "rss20", "feed": head, "entries": entries}


def _head(element: Any, head: Found) -> None:
    tag = element.tag
    if tag == "image":
        _sure("image" not in head and not element.attrib and _blank(element.text))
        parts = [(part.tag, _text(part)) for part in element if _blank(part.tail) or _sure(False)]
        _sure(len(dict(parts)) == len(parts) and all(name in _IMAGE for name, _ in parts))
        head["image"] = {"title": dict(parts).get("title")}
    elif tag == f"{_ATOM}link":
        head["links"].append(_atom_link(element))
    elif tag in _HEAD_ONCE:
        name = _HEAD_ONCE[tag]
        _sure(name not in head)
        value = _text(element)
        if name == "link":
            value = _QUERY.sub(r"&\g<1>", _joined(value))
            head["links"].append({"rel": "alternate", "type": "text/html", "href": value})
        elif name in ("title", "rights"):
            head[f"{name}_detail"] = _detail(value, _guessed(value))
        head[name] = value
    elif tag in _HEAD_UNUSED or tag == "category":
        _text(element)
    else:
        raise _Unsure


def _item(item: Any) -> Found:
    entry: Found = {"links": []}
    _sure(not item.attrib and _blank(item.text))
    seen: set[str] = set()
    guid: str | None = None
    for element in item:
        tag = element.tag
        _sure(isinstance(tag, str) and _blank(element.tail))
        if tag in _ITEM_ONCE:
            _sure(tag not in seen)
            seen.add(tag)
            _once(entry, tag, element)
            if tag == "guid" and element.get("isPermaLink", "true") == "true":
                guid = entry["id"]
        elif tag in _ITEM_OFTEN:
            _often(entry, tag, element)
        elif tag in _ITEM_UNUSED:
            _text(element)
        else:
            raise _Unsure
    if guid is not None:
        entry.setdefault("link", guid)
    if "content" in entry:
        entry.setdefault("summary", entry["content"][0]["value"])
    return entry


def _once(entry: Found, tag: str, element: Any) -> None:
    value = _text(element)
    if tag == "title":
        entry["title"], entry["title_detail"] = value, _detail(value, _guessed(value))
    elif tag == "link":
        entry["link"] = _QUERY.sub(r"&\g<1>", _joined(value).replace("&amp;", "&"))
        href = {"href": entry["link"]} if value else {}
        entry["links"].append({"rel": "alternate", "type": "text/html", **href})
    elif tag == "description":
        entry["summary"], entry["summary_detail"] = value, _detail(value, "text/html")
    elif tag == "guid":
        entry["id"] = value
    elif tag == "pubDate":
        entry["published"] = value
    elif tag == "source":
        entry["source"] = {"href": element.get("url"), **({"title": value} if value else {})}
    elif tag == f"{_CONTENT}encoded":
        entry["content"] = [_detail(value, "text/html")]
    else:
        entry["updated"] = value


def _often(entry: Found, tag: str, element: Any) -> None:
    if tag == f"{_ATOM}link":
        entry["links"].append(_atom_link(element))
        return
    value = _text(element)
    if tag in ("category", f"{_DC}subject"):
        _sure(bool(value))
        entry.setdefault("tags", []).append({"term": value})
    elif tag == "enclosure":
        attributes = dict(element.attrib)
        href = {"href": attributes.pop("url")} if attributes.get("url") else {}
        entry["links"].append({**attributes, **href, "rel": "enclosure"})
    else:
        # Of several authors, or of an address, feedparser makes what it makes.
        _sure("authors" not in entry and bool(value))
        entry["author"], entry["authors"] = value, [{"name": value}]


def _atom_link(element: Any) -> Found:
    _sure(not _text(element) and bool(element.get("href")) and element.get("rel", "alternate") != "alternate")
    attributes = dict(element.attrib)
    attributes.setdefault("type", "application/atom+xml" if attributes["rel"] == "self" else "text/html")
    return attributes | {"href": _joined(attributes["href"])}


def _text(element: Any) -> str:
    """The text of a leaf, as feedparser gives it."""
    _sure(isinstance(element.tag, str) and not len(element))
    if element.attrib:
        _sure(set(element.attrib) <= _ATTRIBUTES.get(element.tag, frozenset()))
    value = (element.text or "").strip()
    if not value.isascii():
        try:
            value.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return value
        raise _Unsure  # feedparser takes it for UTF-8 that was encoded twice
    return value


def _detail(value: str, kind: str) -> Found:
    return {"type": kind, "language": None, "base": "", "value": value}


def _guessed(value: str) -> str:
    return "text/html" if feedparser.mixin._FeedParserMixin.looks_like_html(value) else "text/plain"


def _joined(address: str) -> str:
    joined: str = feedparser.urls._urljoin("", address)
    return joined if address else address


def _blank(text: str | None) -> bool:
    return not text or not text.strip()


def _sure(so: bool) -> bool:
    if not so:
        raise _Unsure
    return True
