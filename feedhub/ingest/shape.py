"""The shape of a document: how its items, links and dates look, measured on one poll and learned over many.

Pure arithmetic over items as they were read. `drift.py` says when two shapes are not of one page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from urllib.parse import parse_qsl, urlsplit

from feedhub.basics.digests import digest
from feedhub.basics.urls import host_of
from feedhub.model.item import Item
from feedhub.model.shape import Look, Shape

MOST_FORMS = 40
MOST_KNOWN = 100
# A new measurement counts a quarter: one odd day is soon forgotten, a lasting change soon learned.
WEIGHT = 0.25
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|ember|ober)?\b", re.I
)
_RELATIVE = re.compile(r"刚刚|[分时天]\S{0,2}前|[今昨前]天|\bago\b|\b(?:to|yester)day\b", re.I)
_DATE_PART = re.compile(r"\d+|[-/.:年月日]|A")
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W\d年月日时分秒前昨天时]", re.U)
_OF_TODAY = ("", "relative", "9:9", "9:9:9")


def look_at(items: Sequence[Item], looks: Sequence[Look], total: int) -> Shape | None:
    """The shape of one document; None without items. `looks` are those of the items, or empty where there are none."""
    if not items:
        return None
    number = len(items)
    links = [item.link for item in items if item.link]
    titles = [item.title for item in items if item.title]
    return Shape(
        polls=1,
        items=number,
        whole=number / max(min(total, 1000), number),
        titled=len(titles) / number,
        linked=len(links) / number,
        dated=sum(item.published is not None for item in items) / number,
        summarised=sum(bool(item.summary) for item in items) / number,
        distinct=len(set(titles)) / max(len(titles), 1),
        title_length=float(median(map(len, titles))) if titles else 0.0,
        links_within=float(median(look.links for look in looks)) if looks else 0.0,
        hosts=_latest(map(host_of, links)),
        links=_latest(map(link_form, links)),
        dates=_latest(look.date for look in looks if look.date not in _OF_TODAY),
        known=tuple(map(known_as, items[:MOST_KNOWN])),
    )


def learn(old: Shape | None, new: Shape) -> Shape:
    """What is known after one more document that looked as it should."""
    if old is None:
        return new
    means = {
        name: round(getattr(old, name) * (1 - WEIGHT) + getattr(new, name) * WEIGHT, 4)
        for name in (
            "items", "whole", "titled", "linked", "dated", "summarised", "distinct", "title_length", "links_within",
        )
    }  # fmt: skip
    return replace(
        new,
        polls=old.polls + 1,
        hosts=_latest((*old.hosts, *new.hosts)),
        links=_latest((*old.links, *new.links)),
        dates=_latest((*old.dates, *new.dates)),
        **means,
    )


def link_form(address: str) -> str:
    """An address without what differs from item to item: `http://a.example/art/2026/1/5/art_12.html` is `9/art_9.html`.

    Digits become 9, long names `word`; of the path the last two parts count, of a query everything.
    """
    parts = urlsplit(address)
    path = [_named(part) for part in parts.path.split("/")[1:]]
    query = "&".join(f"{name}={_named(value)}" for name, value in parse_qsl(parts.query, keep_blank_values=True)[:10])
    return (
        "/".join(path[-2:]) + (f"?{query}" if query else "") + (f"#{_named(parts.fragment)}" if parts.fragment else "")
    )


def date_form(written: str) -> str:
    """A date as written without figures: `2026-11-24 08:15` is `Y-9-9 9:9`; `3小时前` is `relative`."""
    if _RELATIVE.search(written):
        return "relative"
    parts = _DATE_PART.findall(_MONTH.sub("A", written)[:100])
    return "".join(_figures(part) for part in parts)[:40]


def known_as(item: Item) -> str:
    """An item as `Shape.known` has it."""
    day = item.published.date().toordinal() if item.published else 0
    return f"{digest('link', item.link or '')[:8]} {digest('title', item.title)[:8]} {day}"


def is_of_today(form: str) -> bool:
    """Whether a form of date says nothing of the page: it is used for the newest items only, or there is none."""
    return form in _OF_TODAY


def reads_as_date(title: str) -> bool:
    """Whether a title has no words: only figures, signs and what dates are written with."""
    return bool(title) and not _WORDS.search(_MONTH.sub("", title))


def _figures(part: str) -> str:
    if not part[0].isdigit():
        return part
    return "Y" if len(part) == 4 else "9" if len(part) <= 2 else "0"


def _named(part: str) -> str:
    form = _DIGITS.sub("9", part)
    if re.search(r"\.(?:s?html?|jhtml|aspx?|php|jsp)$", form):
        stem, _, end = form.rpartition(".")
        return f"{_named(stem)}.{end}"
    return "word" if len(form) > 16 or form.count("-") > 1 or not form.isascii() or "%" in form else form


def _latest(found: object) -> tuple[str, ...]:
    """Different values, the latest of them last, MOST_FORMS at most."""
    values = dict.fromkeys(reversed([one for one in found if one]))  # type: ignore[attr-defined]
    return tuple(reversed(list(values)[:MOST_FORMS]))
