"""Where a list goes on: the link to the next page, whatever it looks like, as a selector that holds on later pages too.

A link that says so in words, in its title, in the name of its picture or class; a sign beside numbers; the number
behind the present one; the call that makes TRS's pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from feedhub.basics.text import one_line
from feedhub.ingest.extract import next_of_pages_call
from feedhub.ingest.list_block import address_of
from feedhub.ingest.select import Node

_WORDS = re.compile(
    r"[\[(【<‹«]?\s*(?:下一页|下页|后一页|后页|下一頁|下頁|next(?: page)?|older(?: (?:posts|entries|news))?)"
    r"\s*[>»›→\])】]*",
    re.I,
)
_SIGNS = re.compile(r"[>»›→]{1,2}")
_NAMES = re.compile(r"(?:^|[\s_-])next(?:[\s_-]?page)?(?:$|[\s_-])|(?:^|\s)nextpage(?:$|\s)", re.I)
_HERE = re.compile(r"(?:^|[\s_-])(?:on|cur(?:rent)?|active|selected|now|this|thisclass|hover)(?:$|[\s_-])", re.I)


def next_page(page: Node, base: str, url: str) -> tuple[str | None, float]:
    """The selector of the next page's address, and how sure that is; None when there is none."""
    for selector in ("a[rel~=next][href]", "link[rel~=next][href]"):
        if (found := page.address(selector, base)) and found != url:
            return selector, 1.0
    anchors = [one for one in page.root.iter("a") if (address := address_of(one, base)) and address != url]
    said = next(filter(None, map(_by_words, anchors)), None)
    if said is not None:
        return said, 0.95
    if next_of_pages_call(page, url):
        return "createPageHTML", 0.9
    named = next((one for one in anchors if _NAMES.search(one.get("class") or "") and len(_words(one)) <= 8), None)
    if named is not None:
        return f"//a[@class={quoted(named.get('class'))}]", 0.8
    numbers = [one for one in anchors if _words(one).isdigit()]
    near = {id(pager) for one in numbers for pager in _around(one)}
    for one in anchors:
        if _SIGNS.fullmatch(_words(one)) and any(id(pager) in near for pager in _around(one)):
            return f"//a[normalize-space()={quoted(_words(one))}]", 0.7
    return next(
        ((found, 0.7) for one in numbers if _words(one) == "2" and (found := _behind_the_first(one))), (None, 0.0)
    )


def quoted(words: str) -> str:
    """A string of XPath."""
    return f"'{words}'" if "'" not in words else '"' + words.replace('"', "") + '"'


def _by_words(anchor: Any) -> str | None:
    """The selector of a link that says where it goes; None when it does not."""
    words = _words(anchor)
    if words:
        if _WORDS.fullmatch(words):
            return f"//a[normalize-space()={quoted(words)}]"
        title = one_line(anchor.get("title") or "")
        return f"//a[@title={quoted(title)}]" if len(words) <= 3 and _WORDS.fullmatch(title) else None
    for picture in anchor.iter("img"):
        for name in ("alt", "title"):
            if _WORDS.fullmatch(one_line(picture.get(name) or "")):
                return f"//a[.//img[@{name}={quoted(picture.get(name))}]]"
    for name in ("title", "aria-label"):
        if _WORDS.fullmatch(one_line(anchor.get(name) or "")):
            return f"//a[@{name}={quoted(anchor.get(name))}]"
    return None


def _words(anchor: Any) -> str:
    return one_line("".join(anchor.itertext()))


def _around(anchor: Any) -> Iterator[Any]:
    """The two elements in which a pager's links stand together."""
    for _, one in zip(range(2), anchor.iterancestors(), strict=False):
        yield one


def _behind_the_first(two: Any) -> str | None:
    """What leads from the number of this page to the one behind it, where `1` stands right before the link to `2`."""
    cell, step = two, ""
    if two.getparent().tag == "li":
        cell, step = two.getparent(), "/a"
    one = cell.getprevious()
    if one is None or not isinstance(one.tag, str) or one_line("".join(one.itertext())) != "1":
        return None
    tag, name = one.tag, one.get("class")
    if name and (_HERE.search(name) or tag != cell.tag):
        here = f"{tag}[@class={quoted(name)}]"
    elif tag != cell.tag:
        here = f"{tag}[number()=number()]"
    elif step or one.get("href"):
        return None
    else:
        here = f"{tag}[not(@href)][number()=number()]"
    pager = cell.getparent()
    place = next((f"[@{key}={quoted(pager.get(key))}]" for key in ("id", "class") if pager.get(key)), "")
    return f"//{pager.tag}{place}/{here}/following-sibling::{cell.tag}[1]{step}"
