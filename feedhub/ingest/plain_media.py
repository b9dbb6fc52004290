"""What Media RSS and podcasts add to an item, on the quick way: as feedparser, and `mend.py` before it, make of it.

Attached files count, and a description where an item has no other text; the rest is looked at by nobody, so it only
has to leave alone what is. Elements of namespaces that nobody knows are left out as well (`unlooked`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import feedparser

from feedhub.ingest.plain_xml import KNOWN, PREFIXES, Found, blank, leaf_text, sure

MEDIA, ITUNES = (f"{{{PREFIXES[prefix]}}}" for prefix in ("media", "itunes"))
_MIXIN = feedparser.mixin._FeedParserMixin
# Handled, but nothing that anybody looks at comes of them as long as they hold no other element.
_MEDIA_UNUSED = frozenset(("thumbnail", "credit", "rating", "restriction", "license", "player"))
_ITUNES_UNUSED = frozenset(("subtitle", "image", "block", "explicit"))
# What `normalise.py` looks at under names with a prefix.
_LOOKED_AT = frozenset(("media_content", "media_setaside", "itunes_setaside", "sy_updateperiod", "sy_updatefrequency"))


def add_media(element: Any, found: Found) -> None:
    """An element of Media RSS in an item."""
    name = element.tag[len(MEDIA) :]
    if name in ("content", "group"):
        sure(blank(element.text))
        if name == "content":
            file = {key.lower(): value for key, value in element.attrib.items()}
            found.setdefault("media_content", []).append(file)
        for part in element:
            sure(isinstance(part.tag, str) and part.tag.startswith(MEDIA) and blank(part.tail))
            add_media(part, found)
    elif name == "description":
        _set_aside(element, "media_setaside", found)
    elif name == "title":
        # It is the item's where that has none, or has it further on.
        sure(bool(found.get("title")) and not len(element))
    elif name == "community":
        sure(not element.attrib and all(unlooked(part) for part in element))
    else:
        sure((name in _MEDIA_UNUSED and not len(element)) or unlooked(element))


def add_podcast(element: Any, found: Found) -> None:
    """An element of a podcast in an item, but for its author."""
    name = element.tag[len(ITUNES) :]
    if name == "summary":
        _set_aside(element, "itunes_setaside", found)
    elif name == "keywords":
        terms = (term.strip() for term in leaf_text(element, ()).split(","))
        found.setdefault("tags", []).extend({"term": term} for term in terms if term)
    else:
        sure((name in _ITUNES_UNUSED and not len(element)) or unlooked(element))


def about_podcast(element: Any, head: Found) -> None:
    """An element of a podcast at the head of its feed: its picture takes the place of the feed's."""
    name = element.tag[len(ITUNES) :]
    if name == "image":
        sure(not len(element))
        if element.get("href") or element.get("url"):
            head["image"] = {}
    elif name in ("owner", "category"):
        sure(blank(element.text))
        for part in element:
            sure(part.tag in (f"{ITUNES}name", f"{ITUNES}email", f"{ITUNES}category"))
            sure(blank(part.tail) and not len(part))
    elif name in ("author", "summary", "keywords"):
        leaf_text(element, ())
    else:
        sure((name in _ITUNES_UNUSED and not len(element)) or unlooked(element))


def unlooked(element: Any) -> bool:
    """Whether an element holds no other and is kept by feedparser under a name that nobody asks for."""
    return isinstance(element.tag, str) and not len(element) and _is_unlooked(element.tag, element.prefix or "")


@lru_cache(maxsize=512)
def _is_unlooked(tag: str, prefix: str) -> bool:
    space, _, local = tag[1:].partition("}")
    short = KNOWN.get(space.lower(), prefix.lower()) if tag.startswith("{") else ""
    name = f"{short}_{local.lower()}"
    handled = any(hasattr(_MIXIN, f"{begins}{name}") for begins in ("_start_", "_end_"))
    return bool(short) and not handled and name not in _LOOKED_AT


def _set_aside(element: Any, key: str, found: Found) -> None:
    sure(key not in found)
    found[key] = leaf_text(element, element.attrib)
