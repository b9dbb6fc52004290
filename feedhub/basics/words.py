"""Text as words that can be looked up: Chinese as overlapping pairs of characters, everything else word by word.

No database at hand cuts Chinese into words, and those that match by three characters find no word of two. So text is
folded here, the same for what is stored and for what is asked:

    folded    `5G网络建设` → `5g 网络建设`     runs of one kind, in lower case, blanks between them
    words     `5g 网络 络建 建设 设`           pairs overlap; the last character stands alone, so that one is found too
"""

from __future__ import annotations

import re
import unicodedata

# A longer word is one that nobody types (and more than a GIN index of PostgreSQL takes).
LONGEST_WORD = 60
_HAN = "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_HAN_RUN = re.compile(rf"[{_HAN}]{{2,}}")


def folded(text: str) -> str:
    """The runs of a text with one blank between them; empty when it holds nothing that can be looked up."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    runs = _RUN.findall(plain)
    if max(map(len, runs), default=0) > LONGEST_WORD:
        runs = [run if is_chinese(run) else run[:LONGEST_WORD] for run in runs]
    return " ".join(runs)


def words_of(folded_text: str) -> list[str]:
    """The words of a folded text in their order; a run of Chinese ends with its last character alone."""
    return in_words(folded_text).split()


def in_words(folded_text: str) -> str:
    """The same as text, with a blank between them."""
    return folded_text if folded_text.isascii() else _HAN_RUN.sub(_pairs, folded_text)


def _pairs(found: re.Match[str]) -> str:
    run = found[0]
    return " ".join([run[place : place + 2] for place in range(len(run))])


def asked_words(folded_text: str) -> tuple[list[str], bool]:
    """The words that text holding this must have in a row; True when of the last only its beginning is known.

    A question may end in the middle of a run, so its last character is asked alone only where it stands alone.
    """
    words = words_of(folded_text)
    if not words or not is_chinese(words[-1]):
        return words, False
    if len(folded_text.rpartition(" ")[2]) == 1:
        return words, True
    return words[:-1], False


def is_chinese(run: str) -> bool:
    """Whether a run of folded text is cut into pairs."""
    return not run.isascii() and bool(_IS_HAN.match(run))
