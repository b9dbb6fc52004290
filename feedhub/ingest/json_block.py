"""The lists in JSON: which array is one, and which keys of its objects are title, link, date and summary.

    document ─→ every array of objects ─→ keys by what their values look like ─→ Extract, likeliest first
             └─→ every long string of markup ─→ the recogniser of pages

A key counts by its values, its name only decides between several that fit. Nothing is guessed that does not stand
there: an array whose objects have no address is no list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from feedhub.basics.urls import web_url
from feedhub.ingest.item_dates import date_in_address, read_written
from feedhub.ingest.list_block import FEWEST, SHORTEST_TITLE, weight

MOST_VALUES = 50_000
DEEPEST = 8
SHORTEST_MARKUP = 120
OLDEST = timedelta(days=40 * 365)
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*")
_ADDRESS = re.compile(
    r"https?://\S+|//[\w.-]+/\S*|\.{0,2}/[^\s<>]+|[\w./-]+\.(?:s?html?|jhtml|php|aspx?|jspx?|do)(?:\?\S*)?", re.I
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp4|pdf)(?:\?|$)", re.I)
_MARKUP = re.compile(r"<(?:p|div|br|img|span|li|a|table)\b", re.I)
_LIST_MARKUP = re.compile(r"<a\b[^>]*\bhref\b.*<a\b[^>]*\bhref\b", re.I | re.S)
_NAMES = {
    "title": re.compile(r"title|headline|subject|标题|(?:^|[._/@:])(?:bt|name)$", re.I),
    "link": re.compile(r"url|link|href|(?:^|[._/@:])(?:lj|dz)$|地址|链接", re.I),
    "date": re.compile(r"date|time|pub|issued|created|(?:^|[._/@:])(?:rq|sj|fbsj|fbrq)$|日期|时间", re.I),
    "summary": re.compile(r"summary|desc|abstract|intro|digest|brief|摘要|简介", re.I),
}


@dataclass(frozen=True, slots=True)
class JsonBlock:
    """An array of objects, or elements of one path: the JMESPath or XPath of it and of its fields, the share of
    objects in which each is found."""

    item: str
    fields: dict[str, str]
    shares: dict[str, float]
    size: int

    @property
    def score(self) -> float:
        """How much it looks like a list: longer and dated ones come first."""
        return float(min(self.size, 40) ** 0.5 * self.shares["title"] * self.shares["link"] * (1 + self.shares["date"]))


def json_blocks(document: Any, base: str, zone: tzinfo, now: datetime) -> list[JsonBlock]:
    """The arrays that are lists, likeliest first."""
    found = (_block(path, value, base, zone, now) for path, value in _walk(document) if isinstance(value, list))
    return sorted(filter(None, found), key=lambda one: -one.score)


def markup_in(document: Any) -> Iterator[tuple[str, str]]:
    """Strings that hold the markup of a list, and arrays of such strings: JMESPath and markup."""
    for path, value in _walk(document):
        if isinstance(value, str) and len(value) >= SHORTEST_MARKUP and _LIST_MARKUP.search(value):
            yield path, value
        elif isinstance(value, list) and len(value) >= FEWEST and all(isinstance(one, str) for one in value):
            whole = "".join(value)
            if len(whole) >= SHORTEST_MARKUP and _LIST_MARKUP.search(whole):
                yield f"join('', {path})", whole


def _walk(document: Any) -> Iterator[tuple[str, Any]]:
    """Every value with its path, breadth first within bounds."""
    waiting: list[tuple[str, Any, int]] = [("@", document, 0)]
    for seen, (path, value, depth) in enumerate(waiting):
        yield path, value
        if depth == DEEPEST or seen > MOST_VALUES:
            continue
        if isinstance(value, dict):
            waiting += [(_join(path, _key(key)), one, depth + 1) for key, one in value.items()]
        elif isinstance(value, list):
            # One array among many objects of an array is part of those, not a list of its own.
            some = value if len(value) <= FEWEST else value[:1]
            waiting += [(_join(path, f"[{at}]"), one, depth + 1) for at, one in enumerate(some)]


def _block(path: str, array: list[Any], base: str, zone: tzinfo, now: datetime) -> JsonBlock | None:
    rows = [_flat(one) for one in array if isinstance(one, dict)]
    return block_of(path, rows, base, zone, now) if len(rows) >= 0.8 * len(array) else None


def block_of(path: str, rows: list[dict[str, str]], base: str, zone: tzinfo, now: datetime) -> JsonBlock | None:
    """What rows of texts by their keys are as a list; None when they are none, or too few."""
    if len(rows) < FEWEST:
        return None
    columns: dict[str, list[str]] = {}
    for key in dict.fromkeys(key for row in rows for key in row):
        columns[key] = [row.get(key, "") for row in rows]
    links = _best("link", columns, lambda text: bool(_ADDRESS.fullmatch(text.strip())) and _leads(text, base))
    link = next((key for key in links if len(set(columns[key])) >= 0.8 * len(rows)), None)
    if link is None:
        return None
    columns.pop(link)
    titles = _best("title", columns, lambda text: _is_title(text, zone, now))
    title = next((key for key in titles if len(set(columns[key])) >= 0.6 * len(rows)), None)
    if title is None:
        return None
    titled = titles[title]
    columns.pop(title)
    dates = _best("date", {key: texts for key, texts in columns.items() if _may_date(key, texts)}, _dater(zone, now))
    date = max(dates, key=lambda key: (bool(_NAMES["date"].search(key)), dates[key], max(columns[key])), default=None)
    fields = {"title": title, "link": link}
    shares = {"title": titled, "link": links[link], "date": 0.0}
    if date is not None:
        fields["date"], shares["date"] = date, dates[date]
    else:
        shares["date"] = sum(date_in_address(row.get(link), zone) is not None for row in rows) / len(rows)
    long = _best("summary", columns, lambda text: weight(text) >= 40 and not _MARKUP.search(text))
    named = [key for key in long if _NAMES["summary"].search(key)]
    if named:
        fields["summary"], shares["summary"] = named[0], long[named[0]]
    return JsonBlock(path, fields, shares, len(rows))


def _best(field: str, columns: dict[str, list[str]], fits: Callable[[str], bool]) -> dict[str, float]:
    """The keys whose values mostly fit, those named like the field first, with the share that fits."""
    shares = {key: sum(map(fits, texts)) / len(texts) for key, texts in columns.items()}
    good = [key for key, share in shares.items() if share >= 0.6]
    good.sort(key=lambda key: (not _NAMES[field].search(key), key.count("."), -shares[key]))
    return {key: shares[key] for key in good}


def _is_title(text: str, zone: tzinfo, now: datetime) -> bool:
    if not SHORTEST_TITLE <= weight(text) <= 400 or _ADDRESS.fullmatch(text.strip()):
        return False
    return read_written(text, zone, now) is None


def _leads(text: str, base: str) -> bool:
    return not _PICTURE.search(text) and web_url(text.strip(), base) is not None


def _may_date(key: str, texts: list[str]) -> bool:
    """Whether a column may be dates: bare figures are an id's as well, unless the name says otherwise."""
    bare = sum(text.isdigit() and len(text) != 13 for text in texts) > len(texts) / 2
    return bool(_NAMES["date"].search(key)) or not bare


def _dater(zone: tzinfo, now: datetime) -> Callable[[str], bool]:
    def is_date(text: str) -> bool:
        read = read_written(text, zone, now) if 4 <= len(text) <= 60 else None
        return read is not None and now - OLDEST < read[0] < now + timedelta(days=366)

    return is_date


def _flat(row: dict[str, Any]) -> dict[str, str]:
    """The texts and numbers of an object and of the objects in it, by their path."""
    found: dict[str, str] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            inner = {_join(_key(key), _key(one)): text for one, text in value.items()}
        else:
            inner = {_key(key): value}
        for path, text in inner.items():
            if isinstance(text, str | int | float) and not isinstance(text, bool):
                found[path] = str(int(text)) if isinstance(text, float) and text.is_integer() else str(text)
    return found


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _join(path: str, step: str) -> str:
    if path == "@":
        return step
    return path + step if step.startswith("[") else f"{path}.{step}"
