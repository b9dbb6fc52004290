"""The quick way for plain Atom 1.0 (RFC 4287): what feedparser would find, taken out with lxml; None if not sure.

As `plain_rss.py`, for the elements of RFC 4287 §4, Media RSS and what nobody looks at: texts as text or html, no XHTML,
no content from elsewhere, no `atom:source`, languages and base addresses only where they are listed here.
"""

from __future__ import annotations

from typing import Any

from feedhub.ingest.plain_media import MEDIA, add_media, unlooked
from feedhub.ingest.plain_xml import (
    ATOM,
    MOST_ITEMS,
    MOST_NAMES,
    XML,
    Found,
    Unsure,
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

_LANG, _BASE = f"{XML}lang", f"{XML}base"
_TYPES = {"text": "text/plain", "html": "text/html"}
_THREAD = "{http://purl.org/syndication/thread/1.0}"
_LINK = frozenset(("href", "rel", "type", "title", "hreflang", "length", f"{_THREAD}count", f"{_THREAD}updated"))
_TEXTS = frozenset(("title", "rights", "summary"))
_DATES = frozenset(("updated", "published"))
_HEAD_UNUSED = frozenset(("subtitle", "generator", "icon", "logo"))
_UNUSED_ATTRIBUTES = {"subtitle": {"type"}, "generator": {"uri", "version"}}


def read_plain_atom(text: str) -> Found | None:
    """feedparser's `version`, `feed` and `entries`, as far as they are looked at; None for feedparser to read."""
    return read_quickly(text, "<feed", _document)


def _document(root: Any, body: str) -> Found:
    sure(root.tag == f"{ATOM}feed" and set(root.attrib) <= {_LANG} and blank(root.text))
    sure_of_names(root, body, default=ATOM[1:-1])
    language = root.get(_LANG)
    sure(language is None or bool(language.strip()))
    head: Found = {"links": []}
    if language:
        head["language"] = language.replace("_", "-")
    entries: list[Found] = []
    seen: set[str] = set()
    for element in root:
        if _is_strange(element):
            continue
        name = _name(element)
        if name == "entry":
            entries.append(_entry(element, language))
        elif name in _HEAD_UNUSED:
            leaf_text(element, _UNUSED_ATTRIBUTES.get(name, ()))
        else:
            _part(element, name, head, seen, language)
    sure(len(entries) <= MOST_ITEMS)
    sure(sum(len(one.get("tags", ())) for one in (head, *entries)) <= MOST_NAMES)
    return {"version": "atom10", "feed": head, "entries": entries}


def _entry(element: Any, language: str | None) -> Found:
    sure(not element.attrib and blank(element.text))
    entry: Found = {"links": []}
    seen: set[str] = set()
    for part in element:
        if isinstance(part.tag, str) and part.tag.startswith(MEDIA):
            sure(blank(part.tail))
            add_media(part, entry)
            continue
        if _is_strange(part):
            continue
        name = _name(part)
        if name == "content":
            sure(name not in seen)
            seen.add(name)
            entry["content"] = [_text(part, language, {"type", _BASE})]
        else:
            _part(part, name, entry, seen, language)
    if "content" in entry:
        entry.setdefault("summary", entry["content"][0]["value"])
    return entry


def _part(element: Any, name: str, found: Found, seen: set[str], language: str | None) -> None:
    """What a feed and an entry may both have."""
    if name == "link":
        _link(element, found)
    elif name == "category":
        _category(element, found)
    elif name == "author":
        _author(element, found)
    else:
        sure(name not in seen)
        seen.add(name)
        if name in _TEXTS:
            found[f"{name}_detail"] = said = _text(element, language, {"type"})
            found[name] = said["value"]
        elif name in _DATES:
            found[name] = leaf_text(element, ())
        else:
            sure(name == "id")
            found["id"] = leaf_text(element, ())
            found.setdefault("link", found["id"])


def _link(element: Any, found: Found) -> None:
    sure(not leaf_text(element, _LINK) and bool(element.get("href")))
    link = link_of(element.attrib)
    found["links"].append(link)
    if link["rel"] == "alternate" and link["type"] == "text/html":
        found["link"] = link["href"]
    else:
        sure("html" not in link["type"].lower() or link["rel"] != "alternate")


def _category(element: Any, found: Found) -> None:
    sure(not leaf_text(element, {"term", "label", "scheme"}) and bool(element.get("term")))
    found.setdefault("tags", []).append({"term": element.get("term"), "label": element.get("label")})


def _author(element: Any, found: Found) -> None:
    """A person with a name, and perhaps an address beside it."""
    sure(not element.attrib and blank(element.text))
    said: dict[str, str] = {}
    for part in element:
        if _is_strange(part):
            sure(blank(part.text))
            continue
        kind = _name(part)
        sure(kind in ("name", "uri", "email") and kind not in said)
        said[kind] = leaf_text(part, ())
    name, address = said.get("name"), said.get("email")
    sure(bool(name) and "@" not in str(name))
    found["author"] = f"{name} ({address})" if address else name
    found.setdefault("authors", []).append({"name": name, "email": address} if address else {"name": name})


def _is_strange(element: Any) -> bool:
    """Whether an element between others is one that nobody looks at, or a comment."""
    tag = element.tag
    if isinstance(tag, str) and tag.startswith(ATOM):
        return False
    return outer_comment(element) or (blank(element.tail) and unlooked(element))


def _text(element: Any, language: str | None, attributes: set[str]) -> Found:
    kind = _TYPES.get(element.get("type", "text"))
    sure(kind is not None)
    base = element.get(_BASE)
    return detail(leaf_text(element, attributes), str(kind), language, joined(base) if base else "")


def _name(element: Any) -> str:
    """The local name of an Atom element between which nothing stands."""
    if not isinstance(element.tag, str) or not element.tag.startswith(ATOM) or not blank(element.tail):
        raise Unsure
    return element.tag[len(ATOM) :]
