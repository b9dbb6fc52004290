"""From a block of a page to the selectors of its fields: each is proposed from a few items and tried on all.

A selector is taken only if it finds, in the items, what the block says stands there; the share of items in which
it does is its confidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from parsel import Selector

from feedhub.ingest.item_dates import MARKS, date_in_address, date_of_item, read_written
from feedhub.ingest.list_block import DATE_SHAPE, Block, address_of, weight
from feedhub.ingest.select import Node
from feedhub.model.extract import Extract
from feedhub.model.recognised import Guess

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_NO_YEAR = re.compile(r"\D{0,3}(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\D{0,3}")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}")
_TITLE_NAME = re.compile(r"(?:^|[-_])(?:tit\w*|bt|name|headline)(?:$|[-_\d])", re.I)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CLOCK = re.compile(r"\d:\d\d")
_GROUP_HEADS = frozenset({"h2", "h3", "h4", "h5", "dt", "p", "div", "span", "b", "strong", "time"})
_TRIED = 5
LONGEST_DATE = 60
SHORTEST_SUMMARY = 40


@dataclass(frozen=True, slots=True)
class Field:
    """A selector within an item, and the share of items in which it finds what it should."""

    selector: str
    share: float


def item_selector(page: Node, block: Block) -> Field | None:
    """A selector that finds the block's elements and hardly anything else."""
    wanted = {id(one) for one in block.elements}
    element = block.elements[0]
    classes = set.intersection(*(set(_classes(one)) for one in block.elements))
    own = [element.tag, *(f"{element.tag}.{name}" for name in sorted(classes))]
    parent = element.getparent()
    around: list[str] = []
    best: Field | None = None
    place = parent
    while place is not None and place.tag not in ("html",):
        for name in _names(place):
            around += [f"{name} > {one}" if place is parent else f"{name} {_names(parent)[-1]} > {one}" for one in own]
            around += [] if place is parent else [f"{name} > {_names(parent)[-1]} > {one}" for one in own]
        place = place.getparent()
    tree = element.getroottree()
    above = parent.getparent()
    around.append(f"{tree.getpath(parent)}/{element.tag}")
    if above is not None:
        around.append(f"{tree.getpath(above)}/{parent.tag}/{element.tag}")
    for selector in around:
        found = [one for one in page.all(selector) if one.root.xpath("descendant-or-self::a[@href]")]
        right = sum(id(one.root) in wanted for one in found)
        share = right / max(len(wanted), len(found), 1)
        if best is None or share > best.share + 0.02:
            best = Field(selector, share)
        if share == 1.0:
            break
    return best


def title_field(block: Block, base: str) -> tuple[Field | None, Field | None, list[Any]]:
    """Selectors of title and link, and the element of each item's title."""
    nodes = [_node(one) for one in block.elements]
    holders = [_title_element(anchor) for anchor in block.anchors]
    own_text = [isinstance(one, str) for one in holders]
    if all(own_text):
        path = _within(block.elements[0], block.anchors[0])
        titles = [_node(one).text("./text()") for one in block.anchors]
        tries: Iterable[str] = (f"{path}/text()",)
        holders = list(block.anchors)
    else:
        holders = [a if isinstance(one, str) else one for one, a in zip(holders, block.anchors, strict=True)]
        titles = [_node(one).title(None) for one in holders]
        tries = _descriptions(block.elements, holders)
    title = _best(tries, nodes, lambda node, at, selector: node.title(selector) == titles[at])
    addresses = [address_of(one, base) for one in block.anchors]
    links = _descriptions(block.elements, list(block.anchors))
    link = _best(links, nodes, lambda node, at, selector: node.address(selector, base) == addresses[at])
    return title, link, holders


def date_field(
    block: Block, holders: list[Any], addresses: list[str | None], zone: tzinfo, now: datetime
) -> tuple[Field | None, tuple[str, ...]]:
    """The selector of the date and the forms it needs; the selector is empty when only addresses have it."""
    nodes = [_node(one) for one in block.elements]
    days = [date_in_address(one, zone) for one in addresses]
    in_address = sum(day is not None for day in days) / len(days)
    tries = [*_beside(block.elements), "time::attr(datetime)", "time", "./text()", *_short(block.elements, holders)]
    found: list[_Dates] = []
    for selector in dict.fromkeys(tries):
        texts = [node.text(selector, between=" ") for node in nodes]
        forms = _day_first(texts)
        share = sum(_is_date(text, zone, now, forms) for text in texts) / len(texts)
        if share >= 0.6:
            found.append(_Dates(selector, share, texts, forms, *_newest(texts, forms, zone, now)))
    found = [one for one in found if not any(_narrower(other, one) for other in found)]
    best = max(found, key=_Dates.rank, default=None)
    if in_address >= 0.9 and (best is None or _same_days(best.texts, days)):
        return Field("", in_address), ()
    return (Field(best.selector, best.share), best.forms) if best else (None, ())


@dataclass(frozen=True, slots=True)
class _Dates:
    """What a selector finds in the items: their texts, the newest day as a number, how many have a time of day."""

    selector: str
    share: float
    texts: list[str]
    forms: tuple[str, ...]
    newest: int
    exact: float

    def rank(self) -> tuple[float, int, float, int]:
        """Of two dates the later is when it was put here; of two ways to find it the one with less around it."""
        return self.share, self.newest, self.exact, -sum(map(len, self.texts))


def _narrower(one: _Dates, other: _Dates) -> bool:
    """Whether one has the same dates as the other, which has more around them that is no year and no time."""
    if one.share < other.share or one.texts == other.texts:
        return False
    for text, around in zip(one.texts, other.texts, strict=True):
        rest = around.replace(text, " ", 1)
        if text not in around or _CLOCK.search(rest) or (_YEAR.search(rest) and not _YEAR.search(text)):
            return False
    return True


def summary_field(block: Block, holders: list[Any], date: Field | None) -> Field | None:
    """The selector of a text longer than a title that is neither title nor date."""
    nodes = [_node(one) for one in block.elements]
    apart = {id(part) for one in holders for part in one.iter()} | {
        id(up) for one in holders for up in one.iterancestors()
    }
    seen: dict[str, None] = {}
    for element in block.elements[:_TRIED]:
        for one in element.iter():
            if isinstance(one.tag, str) and id(one) not in apart and weight(_node(one).text()) >= SHORTEST_SUMMARY:
                seen |= dict.fromkeys(_describe(element, one))
    best: Field | None = None
    for selector in seen:
        if date is not None and selector == date.selector:
            continue
        texts = [node.text(selector) for node in nodes]
        titles = [_node(one).text() for one in holders]
        long = [weight(text) >= SHORTEST_SUMMARY and text != title for text, title in zip(texts, titles, strict=True)]
        share = sum(long) / len(long)
        if share >= 0.5 and (best is None or share > best.share):
            best = Field(selector, share)
    return best


def guess(name: str, where: str, share: float) -> Guess:
    """A field of the proposal as it is shown."""
    return Guess(field=name, where=where, confidence=round(min(share, 1.0), 2))


def _node(element: Any) -> Node:
    return Node(Selector(root=element, type="html"))


def _best(
    tries: Iterable[str], nodes: list[Node], right: Callable[[Node, int, str], bool], enough: float = 0.5
) -> Field | None:
    """The first selector that is right in all items, else the one right in most."""
    best: Field | None = None
    for selector in tries:
        share = sum(right(node, at, selector) for at, node in enumerate(nodes)) / len(nodes)
        if best is None or share > best.share:
            best = Field(selector, share)
        if share == 1.0:
            break
    return best if best is not None and best.share >= enough else None


def _title_element(anchor: Any) -> Any:
    """The element within a link that is the title alone; a string when the title is the link's own text."""
    parts = [one for one in anchor.iter() if one is not anchor and isinstance(one.tag, str) and _own(one)]
    whole = _node(anchor).text()
    others = [one for one in parts if weight(_node(one).text()) >= 4]
    dates = [
        one for one in parts if DATE_SHAPE.search(_node(one).text(between=" ")) and weight(_node(one).text()) <= 24
    ]
    dated = any(_calendar(one) for one in anchor.iter() if one is not anchor)
    if weight(_own(anchor)) >= 8:
        return "own text" if dates else anchor
    titles = [one for one in others if one not in dates and not _calendar(one)]
    if not titles or (len(titles) == 1 and not dates and not dated and _node(titles[0]).text() == whole):
        return anchor
    named = [one for one in titles if re.fullmatch(r"h[1-6]", one.tag) or any(map(_TITLE_NAME.search, _classes(one)))]
    headed = named or [one for one in titles if any(re.fullmatch(r"h[1-6]", up.tag) for up in one.iterancestors())]
    return (headed or titles)[0]


def _little_but_date(words: str) -> bool:
    """Whether a text is a date and hardly anything else; a title may have `12-15` in it."""
    return bool(DATE_SHAPE.search(words)) and weight(DATE_SHAPE.sub("", words)) <= 12


def _calendar(element: Any) -> bool:
    """Whether an element is a leaf of a calendar: a day above a month, or a part of one."""
    return isinstance(element.tag, str) and bool(
        re.fullmatch(r"[\d\s./年月日-]{1,16}", _node(element).text(between=" "))
    )


def _own(element: Any) -> str:
    return " ".join(" ".join(element.xpath("./text()")).split())


def _descriptions(elements: tuple[Any, ...], targets: list[Any]) -> Iterator[str]:
    """Selectors that may lead from the items to their targets, simplest first, without repeats."""
    pairs = list(zip(elements, targets, strict=True))[:_TRIED]
    every = [list(_describe(element, target)) for element, target in pairs]
    seen: set[str] = set()
    for rank in range(max(map(len, every), default=0)):
        for some in every:
            if rank < len(some) and some[rank] not in seen:
                seen.add(some[rank])
                yield some[rank]


def _describe(element: Any, target: Any) -> Iterator[str]:
    """Ways to name one element within an item, simplest first."""
    if target is element:
        yield "."
        return
    tag = target.tag
    yield tag
    classes = [f"{tag}.{name}" for name in _classes(target)]
    yield from classes
    yield from (f".{name}" for name in _classes(target))
    parent = target.getparent()
    place = 1 + sum(1 for one in target.itersiblings(preceding=True) if one.tag == tag)
    if parent is not element:
        for name in [*(f"{parent.tag}.{one}" for one in _classes(parent)), parent.tag]:
            yield f"{name} > {tag}"
            yield from (f"{name} > {one}" for one in classes)
        order = 1 + sum(1 for one in parent.itersiblings(preceding=True) if one.tag == parent.tag)
        yield f"{parent.tag}:nth-of-type({order}) > {tag}"
        yield f"{parent.tag}:nth-of-type({order}) > {tag}:nth-of-type({place})"
        yield f"{parent.tag}:last-of-type > {tag}"
    yield f"{tag}:nth-of-type({place})"
    yield f"{tag}:last-of-type"
    yield _within(element, target)


def _within(element: Any, target: Any) -> str:
    """The XPath from an item to an element of it, by position."""
    steps: list[str] = []
    while target is not element:
        place = 1 + sum(1 for one in target.itersiblings(preceding=True) if one.tag == target.tag)
        steps.insert(0, f"{target.tag}[{place}]")
        target = target.getparent()
    return "./" + "/".join(steps) if steps else "."


def _short(elements: tuple[Any, ...], holders: list[Any]) -> Iterator[str]:
    """Selectors of short texts in the items that are no title."""
    titles = {id(one) for one in holders} | {id(part) for one in holders for part in one.iter() if part.tag == "a"}
    for element in elements[:_TRIED]:
        for one in element.iter():
            if not isinstance(one.tag, str) or id(one) in titles or one is element:
                continue
            if 0 < len(words := _node(one).text(between=" ")) <= LONGEST_DATE and DATE_SHAPE.search(words):
                yield from _describe(element, one)


def _beside(elements: tuple[Any, ...]) -> list[str]:
    """Where a date may stand outside of the items: beside bare links, or above a group of items."""
    tries: list[str] = []
    if elements[0].tag in ("a", "dt", "b", "strong", "h3", "h4"):
        for axis in ("following-sibling", "preceding-sibling"):
            tries += [f"./{axis}::text()[1]", f"./{axis}::*[1]"]
        tries.append("./following-sibling::dd[1]")
    elif elements[0].tag == "p":
        # A block within a paragraph ends it: the date then stands between the paragraphs.
        tries += ["./following-sibling::*[1][not(self::p)]", "./preceding-sibling::*[1][not(self::p)]"]
    for element in elements[:_TRIED]:
        for step, place in (("./", element), ("./../", element.getparent())):
            above = place.getprevious() if place is not None else None
            while above is not None and not isinstance(above.tag, str):
                above = above.getprevious()
            if above is not None and above.tag in _GROUP_HEADS and _little_but_date(_node(above).text(between=" ")):
                tries.append(f"{step}preceding-sibling::{above.tag}[1]")
    return tries


def _is_date(text: str, zone: tzinfo, now: datetime, forms: tuple[str, ...]) -> bool:
    if not text or len(text) > LONGEST_DATE or not DATE_SHAPE.search(text):
        return False
    return bool(forms) or read_written(text, zone, now) is not None


def _newest(texts: list[str], forms: tuple[str, ...], zone: tzinfo, now: datetime) -> tuple[int, float]:
    """The day of the first date, as a number, and the share of texts with a time of day: enough to rank dates."""
    some = [text for text in texts if text][:_TRIED]
    read = [date_of_item(text, None, Extract(date_forms=forms), zone, now) for text in some]
    first = next((one[0].astimezone(zone).toordinal() for one in read if one), 0)
    return first, sum(one is not None and one[1] == "second" for one in read) / max(len(read), 1)


def _day_first(texts: list[str]) -> tuple[str, ...]:
    """The form of `06/12/2023` when the other dates of the list show which figure is the month."""
    found = [match for text in texts if (match := _DAY_FIRST.fullmatch(text.strip(MARKS)))]
    if len(found) < len(texts) or not found:
        return ()
    first, second = max(int(one[1]) for one in found), max(int(one[2]) for one in found)
    return ("%d/%m/%Y",) if first > 12 >= second else ("%m/%d/%Y",) if second > 12 >= first else ()


def _same_days(texts: list[str], days: list[Any]) -> bool:
    """Whether dates without a year are those of the addresses, which have one."""
    pairs = [(_NO_YEAR.fullmatch(text), day) for text, day in zip(texts, days, strict=False) if day]
    agree = [bool(read and (int(read[1]), int(read[2])) == (day[0].month, day[0].day)) for read, day in pairs]
    return bool(agree) and sum(agree) >= 0.95 * len(texts)


def _classes(element: Any) -> list[str]:
    return [name for name in (element.get("class") or "").split() if _NAME.fullmatch(name)]


def _names(element: Any) -> list[str]:
    """An element's own names, most telling first."""
    own = element.get("id") or ""
    by_id = [f"{element.tag}#{own}"] if _NAME.fullmatch(own) else []
    return [*by_id, *(f"{element.tag}.{name}" for name in _classes(element)), element.tag]
