"""What feeds do to their items that a parser misreads, mended in well-formed text: part of `mend.py`.

An item inside another item belongs to that item (the lost version of an SSE conflict, an entry inside content) and is
none of the feed's; an RSS link is its text whatever else the element says; a guid is text even where it looks like
markup.
"""

from __future__ import annotations

import re
from html import escape

_SIGN = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<(?P<end>/?)(?:[A-Za-z][\w.-]{0,30}:)?(?:item|entry)(?=[\s>])(?P<rest>[^<>]*)>", re.S
)
# feedparser takes any of `url` and `uri` for the address, and then does not look at the text.
_LINK = re.compile(r"<link\b[^<>]*\s(?:uri|url)\s*=[^<>]*(?<!/)>(?=\s*(?:<!\[CDATA\[\s*)?https?://)")
_GUID = re.compile(r"(<guid\b[^<>]*(?<!/)>)\s*(<[A-Za-z][^<>]*>[^<>]*</[A-Za-z][^<>]*>)\s*(?=</guid\s*>)")


def mend_items(text: str) -> str:
    """The document without items inside items, with plain links and guids."""
    if "<link " in text:
        text = _LINK.sub("<link>", text)
    if "<guid" in text:
        text = _GUID.sub(lambda found: found[1] + escape(found[2], quote=False), text)
    return _without_inner(text)


def _without_inner(text: str) -> str:
    depth = cut_from = 0
    inner: list[tuple[int, int]] = []
    for found in _SIGN.finditer(text):
        if found["end"] is None or found["rest"].endswith("/"):
            continue
        if not found["end"]:
            depth += 1
            if depth == 2:
                cut_from = found.start()
        else:
            if depth == 2:
                inner.append((cut_from, found.end()))
            depth -= 1
    if depth or not inner:
        return text  # where ends are missing, an item that begins in another is just the next one
    kept, position = [], 0
    for start, end in inner:
        kept.append(text[position:start])
        position = end
    return "".join((*kept, text[position:]))
