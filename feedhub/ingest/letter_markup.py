"""A newsletter's markup without what is for its recipient alone, before it is made safe.

Left out: what is hidden, pictures of two pixels or fewer that count readers, and links to unsubscribe, to settings and
to the letter in a browser, which often carry the subscriber's name in their address. The words around them stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import lxml.html
from lxml import etree

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_TINY = re.compile(r"\s*[0-2]\s*(?:px)?\s*")
_TINY_STYLE = re.compile(r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*[0-2](?:px)?\s*(?:;|!|$)", re.I)
_LEAVES = re.compile(
    r"unsubscribe|opt[- ]?out|manage (?:your )?(?:subscription|preferences)|(?:update|change|email|your) preferences|"
    r"view (?:\w+ ){0,4}in (?:a |your )?(?:web )?browser|view online|online version|web version|"
    r"退订|取消订阅|退訂|管理订阅|订阅设置|在浏览器中(?:查看|打开|阅读)|网页版",
    re.I,
)
_LEADS_OUT = re.compile(r"unsubscribe|opt-?out|/unsub\b|list-manage\.com/(?:profile|vcard)", re.I)


def without_the_recipient(markup: str, unsubscribe: Collection[str] = ()) -> str:
    """The markup cleared; `unsubscribe` are addresses that List-Unsubscribe names (RFC 2369 §3.2). Never raises."""
    try:
        page = lxml.html.document_fromstring(_for_lxml(markup))
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    for element in list(page.iter(etree.Element)):
        if element.tag not in ("html", "body") and _is_left_out(element, unsubscribe):
            element.drop_tree()
    body = page.find("body")
    return str(lxml.html.tostring(page if body is None else body, encoding="unicode"))


def _is_left_out(element: lxml.html.HtmlElement, unsubscribe: Collection[str]) -> bool:
    if _HIDDEN.search(element.get("style", "")):
        return True
    if element.tag == "img":
        return _counts_readers(element)
    return element.tag == "a" and _is_for_recipient(element, unsubscribe)


def _counts_readers(image: lxml.html.HtmlElement) -> bool:
    sizes = [size for size in (image.get("width"), image.get("height")) if size is not None]
    return any(_TINY.fullmatch(size) for size in sizes) or _TINY_STYLE.search(image.get("style", "")) is not None


def _is_for_recipient(link: lxml.html.HtmlElement, unsubscribe: Collection[str]) -> bool:
    href = link.get("href", "").strip()
    # An article about subscriptions may have any of the words in a long sentence; a button has few.
    words = " ".join(str(link.text_content()).split())
    is_button = len(words) <= 80 and _LEAVES.search(words) is not None
    return is_button or href in unsubscribe or _LEADS_OUT.search(href) is not None


def _for_lxml(markup: str) -> str:
    """What lxml takes as text: no declaration of a charset that is none any more, no character XML has not."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", text) or "<p></p>"
