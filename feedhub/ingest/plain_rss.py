"""The quick way for plain RSS 2.0: what feedparser would find, taken out with lxml; None where it is not sure.

Sure means: well-formed, only elements and attributes that are listed here, each where it belongs and as often as it may
be, leaves without markup inside, the usual prefixes for the usual namespaces. What is found has feedparser's names and
goes the same way through `normalise.py`; a test compares both ways over every document at hand.
"""

from __future__ import annotations

import re
from typing import Any

import feedparser

from feedhub.ingest.plain_media import ITUNES, MEDIA, about_podcast, add_media, add_podcast, unlooked
from feedhub.ingest.plain_xml import (
    ATOM,
    MOST_ITEMS,
    MOST_NAMES,
    PREFIXES,
    XML,
    Found,
    blank,
    detail,
    joined,
    leaf_text,
    link_of,
    outer_comment,
    read_quickly,
    sure,
    sure_of_names,
)

_DC, _CONTENT, _SY = (f"{{{PREFIXES[prefix]}}}" for prefix in ("dc", "content", "sy"))
_ITEM_ONCE = frozenset(
    ("title", "link", "description", "guid", "pubDate", "source", f"{_CONTENT}encoded", f"{_DC}date")
)
_UPDATED, _DATE = f"{ATOM}updated", f"{_DC}date"
_AUTHORS = frozenset(("author", f"{_DC}creator", f"{ITUNES}author"))
_ITEM_OFTEN = frozenset(("category", "enclosure", f"{_DC}subject", f"{ATOM}link")) | _AUTHORS
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
_HEAD_UNUSED = frozenset(("category", "description", "generator", "docs", "managingEditor"))
_HEAD_MEDIA = frozenset(f"{MEDIA}{name}" for name in ("thumbnail", "copyright", "credit", "rating", "keywords"))
_IMAGE = frozenset(("url", "title", "link", "width", "height", "description"))
_ATTRIBUTES = {
    "guid": {"isPermaLink"},
    "category": {"domain"},
    "enclosure": {"url", "type", "length"},
    "source": {"url"},
    f"{ATOM}link": {"href", "rel", "type", "title", "hreflang", "length"},
}
_BASE = f"{XML}base"
_QUERY = re.compile("&([A-Za-z0-9_]+);")


def read_plain_rss(text: str) -> Found | None:
    """feedparser's `version`, `feed` and `entries`, as far as they are looked at; None for feedparser to read."""
    return read_quickly(text, "<rss", _document)


def _document(root: Any, body: str) -> Found:
    sure(root.tag == "rss" and set(root.attrib) <= {"version", _BASE} and root.get("version", "").startswith("2."))
    sure_of_names(root, body, default=None)
    parts = [part for part in root if not outer_comment(part)]
    sure(len(parts) == 1 and parts[0].tag == "channel" and not parts[0].attrib and blank(root.text))
    channel, base = parts[0], joined(root.get(_BASE, ""))
    sure(blank(channel.text) and blank(channel.tail))
    head: Found = {"links": []}
    entries: list[Found] = []
    for element in channel:
        if not isinstance(element.tag, str):
            sure(outer_comment(element))
            continue
        sure(blank(element.tail))
        if element.tag == "item":
            entries.append(_item(element, base))
        else:
            _head(element, head, base)
    sure(len(entries) <= MOST_ITEMS and sum(len(entry.get("tags", ())) for entry in entries) <= MOST_NAMES)
    return {"version": "rss20", "feed": head, "entries": entries}


def _head(element: Any, head: Found, base: str) -> None:
    tag = element.tag
    if tag == "image":
        sure(not head.get("image") and not element.attrib and blank(element.text))
        parts = [(part.tag, _text(part)) for part in element if blank(part.tail) or sure(False)]
        sure(len(dict(parts)) == len(parts) and all(name in _IMAGE for name, _ in parts))
        head["image"] = {"title": dict(parts).get("title")}
    elif tag == f"{ATOM}link":
        head["links"].append(_atom_link(element, base))
    elif tag in _HEAD_ONCE:
        name = _HEAD_ONCE[tag]
        sure(name not in head)
        value = _text(element)
        if name == "link":
            value = _QUERY.sub(r"&\g<1>", joined(value, base))
            head["links"].append({"rel": "alternate", "type": "text/html", "href": value})
        elif name in ("title", "rights"):
            head[f"{name}_detail"] = detail(value, _guessed(value), base=base)
        head[name] = value
    elif tag in _HEAD_UNUSED:
        _text(element)
    elif tag.startswith(ITUNES):
        about_podcast(element, head)
    else:
        sure((tag in _HEAD_MEDIA and not len(element)) or unlooked(element))


def _item(item: Any, base: str) -> Found:
    entry: Found = {"links": []}
    sure(not item.attrib and blank(item.text))
    seen: set[str] = set()
    guid: str | None = None
    for element in item:
        tag = element.tag
        if not isinstance(tag, str):
            sure(outer_comment(element))
            continue
        sure(blank(element.tail))
        if tag == _UPDATED:
            tag = _DATE  # two names of one date
        if tag in _ITEM_ONCE:
            sure(tag not in seen)
            seen.add(tag)
            _once(entry, tag, element, base)
            if tag == "guid" and element.get("isPermaLink", "true") == "true":
                guid = entry["id"]
        elif tag in _ITEM_OFTEN:
            _often(entry, tag, element, base)
        elif tag == "comments":
            _text(element)
        elif tag.startswith(MEDIA):
            add_media(element, entry)
        elif tag.startswith(ITUNES):
            add_podcast(element, entry)
        else:
            sure(unlooked(element))
    if guid is not None:
        entry.setdefault("link", guid)
    if "content" in entry:
        entry.setdefault("summary", entry["content"][0]["value"])
    return entry


def _once(entry: Found, tag: str, element: Any, base: str) -> None:
    value = _text(element)
    if tag == "title":
        entry["title"], entry["title_detail"] = value, detail(value, _guessed(value), base=base)
    elif tag == "link":
        entry["link"] = _QUERY.sub(r"&\g<1>", joined(value, base).replace("&amp;", "&"))
        href = {"href": entry["link"]} if value else {}
        entry["links"].append({"rel": "alternate", "type": "text/html", **href})
    elif tag == "description":
        entry["summary"], entry["summary_detail"] = value, detail(value, "text/html", base=base)
    elif tag == "guid":
        entry["id"] = value
    elif tag == "pubDate":
        entry["published"] = value
    elif tag == "source":
        entry["source"] = {"href": element.get("url"), **({"title": value} if value else {})}
    elif tag == f"{_CONTENT}encoded":
        entry["content"] = [detail(value, "text/html", base=base)]
    else:
        entry["updated"] = value


def _often(entry: Found, tag: str, element: Any, base: str) -> None:
    if tag == f"{ATOM}link":
        entry["links"].append(_atom_link(element, base))
        return
    value = _text(element)
    if tag in ("category", f"{_DC}subject"):
        sure(bool(value))
        entry.setdefault("tags", []).append({"term": value})
    elif tag == "enclosure":
        attributes = dict(element.attrib)
        href = {"href": attributes.pop("url")} if attributes.get("url") else {}
        entry["links"].append({**attributes, **href, "rel": "enclosure"})
    else:
        # Of an address among several authors feedparser makes what it makes.
        sure(bool(value) and ("authors" not in entry or "@" not in entry["author"] + value))
        entry["author"] = value
        entry.setdefault("authors", []).append({"name": value})


def _atom_link(element: Any, base: str) -> Found:
    sure(not _text(element) and bool(element.get("href")) and element.get("rel", "alternate") != "alternate")
    return link_of(element.attrib, base)


def _text(element: Any) -> str:
    return leaf_text(element, _ATTRIBUTES.get(element.tag, frozenset()) if element.attrib else ())


def _guessed(value: str) -> str:
    return "text/html" if feedparser.mixin._FeedParserMixin.looks_like_html(value) else "text/plain"
