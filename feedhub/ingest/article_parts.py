"""An article that its site spreads over several pages: where the next one is, and the whole of them as one item.

    own page ─→ candidates (in the child) ─→ the same article's next page? load ─→ … MOST_PARTS at most ─→ one item

A `next_page` selector is believed. Without one, a link that says "next page" counts only when its address is that of
the first page with the number that comes next, `a/12.html` ─→ `a/12_2.html`: on many sites it leads to another article.
An article is taken whole or left to the next poll, never in half because time was up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from feedhub.errors import FetchError, ParseError
from feedhub.ingest import bounds
from feedhub.ingest.select import Node
from feedhub.model.item import ParsedFeed

MOST_PARTS = 10
_GONE_FOR_GOOD = re.compile(r"http_4(?!08|29)\d\d|robots_disallowed")
_NEXT = re.compile(r"[\[(（【<«]?\s*(?:下一?页|后一?页|下頁|下一頁|next(?:\s+page)?)\s*[\])）】>»›→]*", re.I)
_STEM = re.compile(r"(?P<stem>.*?)(?P<end>\.[A-Za-z]{2,6})?")
_NUMBERED = re.compile(r"(?P<stem>.+?)[_-](?P<number>\d{1,2})")
_PAGE_NAMES = frozenset({"page", "p", "pn", "pageno", "pageindex", "page_no", "pg"})


@dataclass(frozen=True, slots=True)
class Whole:
    """An item's own pages together: the first with the text of all; those after it; why it is not the whole, and
    whether that may be otherwise at the next poll."""

    page: ParsedFeed
    parts: tuple[ParsedFeed, ...] = ()
    note: str = ""
    later: bool = False


def candidates(page: Node, base: str, selector: str | None) -> tuple[str, ...]:
    """Addresses that may be the next page of the article on `page`."""
    if selector is not None:
        found = page.address(selector, base)
        return (found,) if found else ()
    links = [one for one in page.all("a[href]") if _NEXT.fullmatch(one.text()) or _says_next(one)]
    addresses = (one.address(".", base) for one in [*links, *page.all("link[rel~=next][href]")])
    return tuple(dict.fromkeys(one for one in addresses if one))[:5]


def read_whole(first: ParsedFeed, address: str, load: Callable[[str], ParsedFeed], *, believed: bool) -> Whole:
    """The article that begins at `address`, which `first` was read from; `load` may raise what fetching raises."""
    parts: list[ParsedFeed] = []
    seen = {address}
    page = first
    while len(parts) + 1 < MOST_PARTS and page.items[0].html:
        number = len(parts) + 2
        may_be = (one for one in page.more if one not in seen and (believed or follows(address, one, number)))
        onward = next(may_be, None)
        if onward is None:
            break
        seen.add(onward)
        try:
            page = load(onward)
        except (FetchError, ParseError) as error:
            return Whole(_joined(first, parts), tuple(parts), f"{onward}: {error}", may_come(error))
        if any(page.items[0].html == before.items[0].html for before in (first, *parts)):
            break  # beyond their last page some sites show the first
        parts.append(page)
    return Whole(_joined(first, parts), tuple(parts))


def may_come(error: FetchError | ParseError) -> bool:
    """Whether what could not be had now may be had at another poll."""
    return isinstance(error, FetchError) and not _GONE_FOR_GOOD.fullmatch(error.code)


def follows(first: str, address: str, number: int) -> bool:
    """Whether an address is that of page `number` of the article at `first`; sites count from 0 or from 1."""
    one, other = urlsplit(first), urlsplit(address)
    if (one.scheme, one.netloc) != (other.scheme, other.netloc):
        return False
    wanted = {str(number), str(number - 1)}
    if one.path == other.path:
        before, after = dict(parse_qsl(one.query)), dict(parse_qsl(other.query))
        named = {name for name in after if after[name] != before.get(name)}
        same = {name: value for name, value in before.items() if name not in named}
        return (
            len(named) == 1
            and named.pop().lower() in _PAGE_NAMES
            and same == {name: value for name, value in after.items() if before.get(name) == value}
            and any(after[name] in wanted for name in after if after[name] != before.get(name))
        )
    old, new = _STEM.fullmatch(one.path), _STEM.fullmatch(other.path)
    if old is None or new is None or one.query != other.query or old["end"] != new["end"]:
        return False
    numbered = _NUMBERED.fullmatch(new["stem"])
    if numbered is None or numbered["number"].lstrip("0") not in wanted:
        return False
    # PHPCMS numbers the first page too: show-12-34-1.html, show-12-34-2.html.
    return numbered["stem"] in (old["stem"], re.sub(r"[_-]1$", "", old["stem"]))


def _says_next(link: Node) -> bool:
    return "next" in (link.root.get("rel") or "").lower().split()


def _joined(first: ParsedFeed, parts: list[ParsedFeed]) -> ParsedFeed:
    texts = [page.items[0].html for page in (first, *parts) if page.items[0].html]
    if len(texts) < 2:
        return first
    item = first.items[0]
    html = bounds.clean_html("".join(map(str, texts)), item.link)
    return replace(first, items=(replace(item, html=html or item.html),))
