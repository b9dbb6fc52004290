"""Which elements of a page are its list: the repeating block that tells news apart from menus and footers.

Every link is followed up its ancestors; elements of one tag under one kind of parent are a candidate. A list has
long and different titles, a date each, links of one make, and does not stand where menus stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from feedhub.basics.text import one_line
from feedhub.basics.urls import web_url
from feedhub.ingest.item_dates import date_in_address
from feedhub.ingest.select import href_of

FEWEST = 3
HIGHEST = 6
MOST_ANCHORS = 20_000
# Four Chinese characters or a word or two: less is a menu's.
SHORTEST_TITLE = 8
# Without any date, only long titles outside of menus are a list.
UNDATED_TITLE = 16
_MENU = re.compile(
    r"(?:^|[-_\s])(?:nav\w*|menu\w*|foot\w*|head(?:er)?|side(?:bar|nav)?|bread\w*|crumbs?|friend\w*|links?|hot\w*|rank\w*"
    r"|recommend\w*|tags?|share|copyright|top(?:bar|nav)?|lang\w*|login|search\w*|page(?:s|r|bar|nav)?|aside)(?:$|[-_\s\d])",
    re.I,
)
_OTHER_LIST = re.compile(
    r"排行|热点|热门|热搜|热文|点击|推荐|相关|友情|链接|导读|猜你"
    r"|most (?:read|viewed)|popular|related|recommended|trending|links",
    re.I,
)
_HEADING = re.compile("h[1-6]")
_BESIDE = ("span", "em", "i", "font", "dd", "time", "small", "b", "cite", "div")
_MENU_TAGS = frozenset({"nav", "header", "footer", "aside", "select", "form"})
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
DATE_SHAPE = re.compile(
    r"(?<!\d)(?:\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}\s*[-/月]\s*\d{1,2}(?!\d)|\d{1,2}/\d{1,2}/\d{4}"
    r"|\d{1,2} \d{4}[-/.年]\d{1,2})|\d+\s*(?:分钟|小时|天|个小时)前|昨天|前天|今天|刚刚"
    rf"|\b{_MONTH}[a-z]*\.? \d|\d {_MONTH}",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Block:
    """Elements that repeat, the main link of each, and how much they look like a list.

    `kept` holds every element of the page: lxml makes them anew when nobody does, and then identity means nothing.
    """

    elements: tuple[Any, ...]
    anchors: tuple[Any, ...]
    score: float
    kept: tuple[Any, ...] = field(repr=False)


def find_blocks(root: Any, base: str) -> list[Block]:
    """Candidates, likeliest first; none shares a link with a likelier one."""
    kept = tuple(root.iter())
    anchors = {id(one): one for one in kept if one.tag == "a" and address_of(one, base)}
    groups: dict[tuple[Any, ...], dict[int, Any]] = {}
    for anchor in list(anchors.values())[:MOST_ANCHORS]:
        if weight(title_of(anchor)) >= SHORTEST_TITLE:
            for element, key in _levels(anchor):
                groups.setdefault(key, {})[id(element)] = element
    blocks = [block for group in groups.values() if (block := _block(list(group.values()), anchors, base, kept))]
    blocks.sort(key=lambda block: -block.score)
    if blocks:
        blocks.insert(0, _whole_of(blocks))
    taken: set[int] = set()
    apart: list[Block] = []
    for block in blocks:
        mine = {id(anchor) for anchor in block.anchors}
        if not mine & taken:
            apart.append(block)
        taken |= mine
    return apart


def _whole_of(blocks: list[Block]) -> Block:
    """The likeliest block, or one nearly as likely that has all of its links and more of them."""
    best = blocks[0]
    mine = {id(anchor) for anchor in best.anchors}
    return next(
        (
            one
            for one in blocks[1:]
            if one.score >= 0.7 * best.score and len(one.anchors) > len(mine) and mine <= {id(a) for a in one.anchors}
        ),
        best,
    )


def weight(text: str) -> int:
    """The width of a text: a Chinese character counts as two letters."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)


def title_of(anchor: Any) -> str:
    """What a link says, or its title where it says nothing."""
    return one_line("".join(anchor.itertext())) or one_line(anchor.get("title") or "")


def address_of(anchor: Any, base: str) -> str | None:
    """Where a link leads, None when it leads nowhere."""
    href = href_of(anchor)
    return web_url(href, base) if href else None


def text_around(element: Any) -> str:
    """The words of an element, and of what stands beside it where the element itself holds no more than a link."""
    words = " ".join(element.itertext())
    if element.tag in ("a", "dt", "b", "strong", "h3", "h4"):
        before, behind = element.getprevious(), element.getnext()
        words += " " + (element.tail or "")
        if behind is not None and behind.tag in _BESIDE:
            words += " " + " ".join(behind.itertext())
        words += " " + ((before.tail if before is not None else element.getparent().text) or "")
        if before is not None and before.tag in _BESIDE:
            words += " " + " ".join(before.itertext())
    return words


def _levels(anchor: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    element = anchor
    for height in range(HIGHEST):
        parent = element.getparent()
        if parent is None or element.tag in ("body", "html"):
            return
        above = parent.getparent()
        yield element, (id(above) if above is not None else 0, parent.tag, parent.get("class"), element.tag, height)
        element = parent


def _block(elements: list[Any], anchors: dict[int, Any], base: str, kept: tuple[Any, ...]) -> Block | None:
    if len(elements) < FEWEST:
        return None
    within = [[one for one in element.iter("a") if id(one) in anchors] for element in elements]
    main = _main_links(within)
    if _other_titles(within, main, base) > 1.2 * len(elements):
        return None
    addresses = [str(address_of(one, base)) for one in main]
    titles = [title_of(one) for one in main]
    if len(set(addresses)) < max(FEWEST, 0.8 * len(main)) or len(set(titles)) < 0.6 * len(main):
        return None
    width = sum(min(weight(title), 60) for title in titles) / len(titles)
    dated = sum(_shows_date(element, one) for element, one in zip(elements, main, strict=True)) / len(elements)
    in_address = sum(date_in_address(address, UTC) is not None for address in addresses) / len(elements)
    place = _place(elements[0])
    if not dated and not in_address and (width < UNDATED_TITLE or place < 0.5):
        return None
    height = next(h for h, one in enumerate(_up(main[0])) if one is elements[0])
    score = min(len(elements), 40) ** 0.6 * width * (1 + 2 * dated + 1.2 * in_address) * 1.01**height
    return Block(tuple(elements), tuple(main), score * place, kept)


def _main_links(within: list[list[Any]]) -> list[Any]:
    """The link of each element that is its title: in a heading, else the longest that is no date and not in all."""
    often = Counter(words for links in within for words in {title_of(one) for one in links})

    def rank(anchor: Any) -> tuple[bool, bool, int]:
        words = title_of(anchor)
        common = often[words] > max(2, len(within) / 4)
        headed = any(isinstance(up.tag, str) and _HEADING.fullmatch(up.tag) for up in (anchor, *_near(anchor)))
        return headed and bool(words), not common and not _only_date(words), weight(words)

    return [max(links, key=rank) for links in within]


def _near(anchor: Any) -> list[Any]:
    return [anchor.getparent(), *anchor.iterdescendants()]


def _only_date(words: str) -> bool:
    return bool(DATE_SHAPE.search(words)) and weight(DATE_SHAPE.sub("", words)) <= 8


def _other_titles(within: list[list[Any]], main: list[Any], base: str) -> int:
    """How many more links could be titles: long, to somewhere else than the main one, and no date."""
    return sum(
        len(
            {
                str(address_of(one, base)).partition("#")[0]
                for one in links
                if weight(title_of(one)) >= SHORTEST_TITLE and not _only_date(title_of(one))
            }
            - {str(address_of(first, base)).partition("#")[0]}
        )
        for links, first in zip(within, main, strict=True)
    )


def _shows_date(element: Any, anchor: Any) -> bool:
    """Whether a date stands beside the title, or in an element of its own within the link."""
    words = text_around(element)
    if element is anchor or not len(anchor):
        words = words.replace("".join(anchor.itertext()), " ", 1)
    return bool(DATE_SHAPE.search(words))


def _up(element: Any) -> Iterator[Any]:
    while element is not None:
        yield element
        element = element.getparent()


def _place(element: Any) -> float:
    """How likely a list stands here: 1 in the middle of a page, little in what is named as a menu."""
    value = 1.0
    for height, one in enumerate(_up(element)):
        if one.tag in ("body", "html"):
            break
        if 0 < height < 4 and _OTHER_LIST.search(_heading(one)):
            value *= 0.3
        if one.tag in _MENU_TAGS:
            value *= 0.15
        elif _MENU.search(f"{one.get('class') or ''} {one.get('id') or ''}"):
            value *= 0.3
    return max(value, 0.05)


def _heading(element: Any) -> str:
    """The short text that stands right above an element, which often names it."""
    above = element.getprevious()
    while above is not None and not isinstance(above.tag, str):
        above = above.getprevious()
    words = "" if above is None else one_line("".join(above.itertext()))
    return words if weight(words) <= 24 else ""
