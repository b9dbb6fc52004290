"""Whether two texts are one story in two wordings of the same reprint: pure, and rather no than wrongly yes.

A reprint adds a lead, a credit or an editor's line, changes the title, cuts the end, sets other punctuation.
Yesterday's weather, the next briefing and the other district's notice are not reprints, however much they share:
they differ *in the middle*, clause against clause. So two texts are one story only when

- they have enough text, and most of the shorter stands in the longer;
- between where they begin and end to agree, one of them is a cut of the other: no clause stands against another,
  except a credit, or words of the day and the place (yesterday, 我市);
- at either end, at most one of them has more to say, credits aside;
- both titles are spoken of in what they share, and no figure in them disagrees;
- a newcomer that says much more than what is here, or that is one piece of a round-up, stays apart.

Marks are the few smallest hashes of a text's longer clauses: reprints share some, so an index of marks finds them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from zlib import crc32

from feedhub.basics.text import plain_text
from feedhub.model.item import Item

MARKS = 5
ENOUGH = 240  # bytes of UTF-8 without white space: 80 Chinese characters, some 45 English words
_MARKED = 24
_LONGEST = 60_000
_SHORTER_SHARE = 0.6
_LEAST_CUT = 0.3
_FULLER = 0.75
_LEAD = 0.34
_LINE = 180
_SPOKEN = 0.5

_PLAIN = b"0123456789abcdefghijklmnopqrstuvwxyz"
_SOFT = re.compile(r"[\-‐‑–'’‘\"“”«»「」『』《》〈〉·_*]")
_HARD = re.compile(r"[^\w\s]+|\n+")
_FIGURES = re.compile(
    r"\d+|第[一二三四五六七八九十百]+|[（(][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+[月日号期]|星期[一二三四五六日天]"
)
_ROMAN = re.compile(r"\b[ivx]+\b")
_CJK = re.compile(r"[\u3400-\u9fff]")
# 本报讯, 中新网衡阳11月27日电: a space may be all that parts it from the first sentence.
_WIRE = re.compile(
    r"^\s*[(\[【]?((?:本报|本台|本网|\w{1,10}(?:社|网|报|台|新闻|时刻|客户端))[\w ]{0,16}?[讯电])[)\]】]?[\s:]+"
)
_DASH = re.compile(r"\s[-–—]+\s|--+|—+")
_CREDIT = re.compile(
    r"^(?:本报|本台|本网|\w{2,6}(?:日报|晚报|新闻网))?(?:特约)?(?:记者|通讯员|编辑|责编|责任编辑|编审|校对|审核|作者|摄影)|^(?:编辑|责编|来源|转自|供稿|图片)"
    r"|(?:本报|本台|本网|日报|晚报|新闻网|社)\w{0,12}[讯电](?:记者|通讯员|$)"
    r"|^\w{1,10}(?:网|报|台|新闻|时刻|客户端)(?:\w{0,8}\d{1,2}日)?[讯电](?:记者|通讯员|$)|^(?:原标题|编者按|点击|阅读全文|原文|转载)"
    r"|^by[a-z]{4,30}$|^(?:source|editors?|reporters?|photos?|xinhua|ecns|readmore|fullstory|editorsnote)$|^(?:reprintedfrom|editedby)"
)
_CREDIT_AND_NAME = re.compile(
    r"^(?:责编|责任编辑|编辑|编审|校对|审核|作者|摄影|来源|转自|source|editors?|reporters?|photos?)$"
)
_NAME = 30
_POINTING = (
    r"昨日|昨天|今日|今天|日前|近日|我市|本市|全市|我省|我国|yesterday|today|here|thecity|ourcity"
    r"|(?:on)?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
)
_NAMING = r"\d{1,2}月\d{1,2}日|\d{1,2}日|[一-鿿]{2}市|(?:on)?the\d{1,2}(?:st|nd|rd|th)"
_DAY_OR_PLACE = re.compile(f"{_POINTING}|{_NAMING}")
_POINTS = re.compile(_POINTING)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as clauses: letters and figures in lower case, nothing between them."""

    title: str
    clauses: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all clauses."""
        return sum(map(_size, self.clauses))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much of the longer text both share (0 to 1), whether that makes one story, and if not, why."""

    share: float
    same: bool
    why: str = ""


def text_of(item: Item) -> Text:
    """An item's text; its summary where it has no body."""
    plain = plain_text(item.html) if item.html else item.summary
    return Text(_flat(item.title), _clauses(plain[:_LONGEST]))


def marks_of(text: Text) -> tuple[int, ...]:
    """The smallest hashes of the longer clauses; none for a text that is too short to be told apart."""
    written = [clause.encode() for clause in text.clauses]
    if sum(map(len, written)) < ENOUGH:
        return ()
    hashes = {crc32(clause) for clause in written if len(clause) >= _MARKED}
    return tuple(sorted(hashes)[:MARKS])


def likeness(newcomer: Text, known: Text) -> Likeness:
    """Whether a newcomer tells the story of a text that is here already."""
    ours, theirs = _trimmed(newcomer.clauses, known.clauses), _trimmed(known.clauses, newcomer.clauses)
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()[:-1]
    shared = [clause for block in blocks for clause in ours[block.a : block.a + block.size]]
    common, sizes = sum(map(_size, shared)), (newcomer.size, known.size)
    share = common / max(*sizes, 1)
    if common < ENOUGH or common < _SHORTER_SHARE * min(sizes):
        return Likeness(share, False, "they share too little")
    why = (
        _against(ours, theirs, blocks)
        or _titles(newcomer.title, known.title, "".join(shared))
        or _proportions(common, sizes, ours, theirs, blocks)
    )
    return Likeness(share, not why, why)


def _against(ours: Sequence[str], theirs: Sequence[str], blocks: Sequence[object]) -> str:
    """Why what only one of them says keeps them apart; empty when it does not."""
    gaps = _gaps(ours, theirs, blocks)
    ends, inner = [0, 0], [0, 0]
    for number, gap in enumerate(gaps):
        at_an_end = number in (0, len(gaps) - 1)
        left, right = map(_content, gap) if at_an_end else gap
        if left and right:
            if not _day_or_place_only(left, right):
                return f"one says “{left[0][:40]}” where the other says “{right[0][:40]}”"
            continue
        for side, only in enumerate((left, right)):
            (ends if at_an_end else inner)[side] += sum(map(_size, only))
    each = all(inner) or min(ends) > _LINE or any(inner[side] and ends[1 - side] > _LINE for side in (0, 1))
    return "each says something that the other does not" if each else ""


def _gaps(
    ours: Sequence[str], theirs: Sequence[str], blocks: Sequence[object]
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """What stands before, between and after what both have, in both."""
    gaps: list[tuple[Sequence[str], Sequence[str]]] = []
    a = b = 0
    for block in blocks:
        gaps.append((ours[a : block.a], theirs[b : block.b]))  # type: ignore[attr-defined]
        a, b = block.a + block.size, block.b + block.size  # type: ignore[attr-defined]
    return [*gaps, (ours[a:], theirs[b:])]


def _content(clauses: Sequence[str]) -> list[str]:
    """What stands at an end, without credits and the names behind them."""
    kept: list[str] = []
    named = False
    for clause in clauses:
        if not _CREDIT.search(clause) and not (named and _size(clause) <= _NAME):
            kept.append(clause)
        named = _CREDIT_AND_NAME.search(clause) is not None
    return kept


def _day_or_place_only(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether one names the day or the place, the other points to it (yesterday, 我市), and all else is alike."""
    one, other = "".join(left), "".join(right)
    if _DAY_OR_PLACE.sub("", one) != _DAY_OR_PLACE.sub("", other):
        return False
    named = _DAY_OR_PLACE.findall(one), _DAY_OR_PLACE.findall(other)
    if len(named[0]) != len(named[1]):
        return False
    pairs = zip(*named, strict=True)
    return all(a == b or (_POINTS.fullmatch(a) is None) != (_POINTS.fullmatch(b) is None) for a, b in pairs)


def _titles(one: str, other: str, shared: str) -> str:
    """Why the titles keep them apart; empty when they do not."""
    if one == other:
        return ""
    figures = [set(_FIGURES.findall(title)) | set(_ROMAN.findall(title)) for title in (one, other)]
    if all(figures) and not (figures[0] <= figures[1] or figures[1] <= figures[0]):
        return "figures in their titles differ"
    parts = _parts(one), _parts(other)
    spoken = [sum(part in shared for part in own) / max(1, len(own)) for own in parts]
    # A longer title may speak of the occasion besides; boilerplate speaks of neither.
    within = parts[0] <= parts[1] or parts[1] <= parts[0]
    return "" if (max(spoken) if within else min(spoken)) >= _SPOKEN else "their titles speak of different things"


def _parts(title: str) -> set[str]:
    """A title as pairs of Chinese characters, or as its longer words."""
    if _CJK.search(title):
        flat = "".join(title.split())
        return {flat[at : at + 2] for at in range(len(flat) - 1) if _CJK.search(flat[at : at + 2])}
    return {word[:6] for word in title.split() if len(word) > 3}


def _proportions(
    common: int, sizes: tuple[int, int], ours: Sequence[str], theirs: Sequence[str], blocks: Sequence[object]
) -> str:
    """Why their lengths keep them apart: a round-up, or a newcomer that says much more."""
    if common < _FULLER * sizes[0]:
        return "the newcomer says much more"
    if common < _LEAST_CUT * sizes[1]:
        return "it would be a small part of the other"
    before_ours, before_theirs = _gaps(ours, theirs, blocks)[0]
    if max(sum(map(_size, before_ours)), sum(map(_size, before_theirs))) > _LEAD * common:
        return "one begins long after the other"
    return ""


def _trimmed(clauses: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Without a last clause that was cut within: the other has one that begins so."""
    last = clauses[-1] if clauses else ""
    cut = last and last not in other and any(clause.startswith(last) for clause in other)
    return tuple(clauses[:-1] if cut else clauses)


def _clauses(plain: str) -> tuple[str, ...]:
    flat = _WIRE.sub("\\1\n", unicodedata.normalize("NFKC", plain).casefold(), count=1)
    if "-" in flat or "–" in flat or "—" in flat:
        flat = _DASH.sub("\n", flat)
    flat = flat.replace(" ", "")
    # As _SOFT and _HARD would have it, but a text has few signs, and replacing each is quicker than looking for all.
    for sign in _signs_of(flat):
        if instead := _instead_of(sign):
            flat = flat.replace(sign, instead[0])
    return tuple(clause for piece in flat.split("\n") if (clause := "".join(piece.split())))


def _signs_of(text: str) -> set[str]:
    """Every character of a text but ASCII letters and figures, of which no sign is made."""
    return set(text.encode("utf-8", "surrogatepass").translate(None, _PLAIN).decode("utf-8", "surrogatepass"))


@lru_cache(maxsize=8192)
def _instead_of(sign: str) -> tuple[str] | None:
    """What stands for a sign among clauses; None where it stays."""
    if _SOFT.fullmatch(sign):
        return ("",)
    return ("\n",) if _HARD.fullmatch(sign) else None


def _flat(title: str) -> str:
    return " ".join(_HARD.sub(" ", _SOFT.sub("", unicodedata.normalize("NFKC", title).casefold())).split())


def _size(clause: str) -> int:
    return len(clause.encode())
