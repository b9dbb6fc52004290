"""How many letters of which writing a text has."""

from __future__ import annotations

import re

# Runs, which are counted faster than letter by letter.
HAN = re.compile("[\u3400-\u9fff]+")
KANA = re.compile("[\u3041-\u30fa]+")
HANGUL = re.compile("[\uac00-\ud7a3]+")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
ANY = re.compile(r"[^\W\d_]+")
# A Chinese, Japanese or Korean character says about as much as three letters.
EASTERN_WEIGHT = 3


def letters(runs: re.Pattern[str], text: str) -> int:
    """How many letters of a text are of one writing."""
    return sum(map(len, runs.findall(text)))
