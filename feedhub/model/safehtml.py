"""SafeHtml and its one maker: nh3 behind bounds on size and depth (PROMISES B2, B3).

Whatever is not on the list below is gone: scripts, styles, forms, frames, ids, classes, handlers, and every
address that is not http, https or mailto. 1 MB of nested `<div>` would take nh3 minutes, so depth and size
are bounded first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import NewType

import nh3

from feedhub.basics.text import xml_text
from feedhub.basics.urls import web_url

SafeHtml = NewType("SafeHtml", str)

LONGEST = 512 * 1024
DEEPEST = 100
_TAGS = frozenset(
    "a abbr article b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure "
    "h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp section small span strong sub summary "
    "sup table tbody td tfoot th thead time tr u ul var wbr".split()
)
_ATTRIBUTES = {
    "a": {"href", "hreflang", "title"},
    "img": {"src", "alt", "width", "height", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "reversed"},
    "time": {"datetime"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "ins": {"datetime"},
    "del": {"datetime"},
    "abbr": {"title"},
    "*": {"lang", "dir"},
}
_WITH_CONTENT_GONE = frozenset(
    "script style template noscript xmp plaintext iframe object embed svg math textarea select title head".split()
)
_ADDRESSES = {("a", "href"), ("img", "src"), ("blockquote", "cite"), ("q", "cite")}
_MAY_BE_ADDRESSES = {name for _, name in _ADDRESSES}
_NUMBERS = {"width", "height", "colspan", "rowspan", "start"}
# What a browser would read to the article's end where nobody closed it: `<iframe …/>`, as XHTML has it, is not closed.
_SWALLOWS = re.compile(r"<(iframe|object)\b[^<>]*>", re.I)
# A stored picture's place here. What comes from outside has a base, and its addresses are made absolute by that.
_OURS = re.compile(r"/media/[0-9a-f]{64}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,30})")
# These close themselves when the next one opens, so a page that never closes its <p> is not deep.
_SELF_CLOSING = frozenset("p li dd dt tr td th thead tbody tfoot option".split())
_VOID = _SELF_CLOSING | frozenset("area base br col embed hr img input link meta source track wbr".split())


def make_safe(markup: str, base: str | None = None) -> SafeHtml:
    """Clean markup of any origin; relative addresses are resolved against `base` or dropped. Never raises."""
    text = xml_text(markup)
    if len(text) > LONGEST:
        text = text[:LONGEST].rpartition("<")[0] or text[:LONGEST]
    text = _without_swallowers(text)
    if _too_deep(text):
        text = escape(re.sub(r"<[^>]*>", " ", text), quote=False)

    return SafeHtml(_cleaner(base).clean(text).strip())


def safe_paragraphs(text: str) -> SafeHtml:
    """Plain text as paragraphs: blank lines part them, everything else is escaped."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", xml_text(text)) if block.strip()]
    return make_safe("".join(f"<p>{escape(block, quote=False)}</p>" for block in blocks))


@lru_cache(maxsize=64)  # all items of a document have the same base as a rule
def _cleaner(base: str | None) -> nh3.Cleaner:
    """The cleaner that resolves addresses against `base`."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name in _MAY_BE_ADDRESSES and (tag, name) in _ADDRESSES:
            if tag == "a" and value.strip().lower().startswith("mailto:"):
                return value.strip()
            if tag == "img" and base is None and _OURS.fullmatch(value):
                return value
            return web_url(value, base)
        if name in _NUMBERS:
            return value if value.isascii() and value.isdigit() and len(value) <= 5 else None
        return value

    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_WITH_CONTENT_GONE),
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _without_swallowers(text: str) -> str:
    """The text without frames and objects that are never closed: what follows them is the article's."""
    if not _SWALLOWS.search(text):
        return text
    lower = text.lower()
    closed = {name: lower.rfind(f"</{name}") for name in ("iframe", "object")}

    def keep(found: re.Match[str]) -> str:
        left_open = found[0].endswith("/>") or closed[found[1].lower()] < found.end()
        return " " if left_open else found[0]

    return _SWALLOWS.sub(keep, text)


def _too_deep(text: str) -> bool:
    """Whether open elements nest deeper than we hand to the cleaner (its cost grows with the square)."""
    if text.count("<") <= DEEPEST:
        return False
    depth = 0
    for found in _TAG.finditer(text):
        if found[2].lower() in _VOID:
            continue
        depth = depth + 1 if not found[1] else max(depth - 1, 0)
        if depth > DEEPEST:
            return True
    return False
