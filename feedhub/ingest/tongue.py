"""Which language an item is written in, where its declaration cannot be true: pure, and only where letters tell.

Many a Chinese site says `en-US` because its program does, and many a source brings pages of two languages under one
declaration. Chinese, Japanese, Korean and English are told apart; every other declaration stands as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from feedhub.basics.letters import EASTERN_WEIGHT, HAN, HANGUL, KANA, LATIN, letters
from feedhub.model.item import Item, ParsedFeed

# Headline and lead are enough to tell, and cost little.
LEAD = 300
_FEWEST_SIGNS = 6
_FEWEST_LATIN = 40
_ENGLISH = re.compile(r"\b(?:the|of|and|to|in|for|on|with|is|are|was|by|from|at|has|have)\b", re.I)
_EAST = {"zh", "ja", "ko", "yue", "wuu"}


def own_languages(feed: ParsedFeed) -> ParsedFeed:
    """The same with each item's language as it is written, where that is not what was declared."""
    items = tuple(_in_its_own(item) for item in feed.items)
    return feed if items == feed.items else replace(feed, items=items)


def written_in(text: str, declared: str | None) -> str | None:
    """The language (BCP 47) of a text: `declared` unless its letters refute it."""
    base = (declared or "").partition("-")[0].lower()
    han, latin, kana, hangul = (letters(runs, text) for runs in (HAN, LATIN, KANA, HANGUL))
    signs = han + kana + hangul
    if signs >= _FEWEST_SIGNS and signs * EASTERN_WEIGHT > latin:
        if hangul > han + kana:
            found = "ko"
        elif kana * 10 > signs:
            found = "ja"
        else:
            found = "zh"
        # Japanese and Korean headlines may be all Han.
        return declared if base == found or (found == "zh" and base in _EAST) else found
    if base in _EAST and not signs and latin >= _FEWEST_LATIN and len(_ENGLISH.findall(text)) >= 2:
        return "en"
    return declared


def _in_its_own(item: Item) -> Item:
    found = written_in(f"{item.title} {item.summary[:LEAD]}", item.language)
    return item if found == item.language else replace(item, language=found)
