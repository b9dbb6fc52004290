"""The fragments of several articles in every format: those at hand, and those that have to be made."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedhub.basics.text import one_line
from feedhub.model.article import Article, Glance
from feedhub.model.feed import FORMATS, Format
from feedhub.model.section import Portal
from feedhub.publish.fragments import fragment

_log = logging.getLogger(__name__)

Kept = Mapping[Format, Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Fragments by format, in the order of the `articles` they are of; `fresh` are to be stored as (article id, seq,
    bytes). `left_out` says by article id why there is none."""

    articles: list[Article | Glance]
    left_out: dict[str, str]
    shown: dict[Format, list[bytes]]
    fresh: dict[Format, list[tuple[str, int, bytes]]]


def pieces_of(
    articles: Sequence[Article | Glance], whole: Mapping[str, Article], kept: Kept, portal: Portal, section: str
) -> Pieces:
    """The fragments of those articles; `whole` holds by id at least each of which one has to be made.

    One that cannot be written in some format is left out of all.
    """
    made = Pieces([], {}, {format_: [] for format_ in FORMATS}, {format_: [] for format_ in FORMATS})
    for article in articles:
        pieces = _at_hand(article, kept) or _fragments(whole[article.id], kept, portal, section)
        if isinstance(pieces, str):
            made.left_out[article.id] = pieces
            continue
        made.articles.append(article)
        for format_ in FORMATS:
            made.shown[format_].append(pieces[format_])
            if article.id not in kept[format_]:
                made.fresh[format_].append((article.id, article.seq, pieces[format_]))
    return made


def _at_hand(article: Article | Glance, kept: Kept) -> dict[Format, bytes] | None:
    """The article in every format, None where one has to be made."""
    found = {format_: kept[format_].get(article.id) for format_ in FORMATS}
    return None if None in found.values() else {format_: piece for format_, piece in found.items() if piece is not None}


def _fragments(article: Article, kept: Kept, portal: Portal, section: str) -> dict[Format, bytes] | str:
    """The article in every format, or why one of them cannot be written: a feed shows the same in all."""
    made: dict[Format, bytes] = {}
    for format_ in FORMATS:
        at_hand = kept[format_].get(article.id)
        try:
            made[format_] = at_hand if at_hand is not None else fragment(article, portal, format_)
        except Exception as error:
            _complain(article, format_, section)
            return f"{format_}: {type(error).__name__}: {one_line(str(error))[:200]}"
    return made


def written(article: Article, portal: Portal, format_: Format, section: str) -> bytes | None:
    """The article's fragment, or None with a line in the log: one bad article must not hold up a feed."""
    try:
        return fragment(article, portal, format_)
    except Exception:
        _complain(article, format_, section)
        return None


def _complain(article: Article, format_: Format, section: str) -> None:
    _log.exception("article %s is left out of the feed of %s: no %s can be written", article.id, section, format_)
