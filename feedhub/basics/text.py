"""Text: what XML can carry, how white space folds, how names become identifiers, where to cut."""

from __future__ import annotations

import difflib
import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# XML 1.0 §2.2 Char, less the bidi overrides and U+0085/U+2028/U+2029, which readers render as breaks or worse.
_NOT_XML = re.compile("[^\t\n\r\u0020-\u0084\u0086-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef]|[" + "".join(chr(p * 0x10000 + e) for p in range(1, 17) for e in (0xFFFE, 0xFFFF)) + "]"
)
_REMEMBERED = 20_000
_TAG = re.compile(r"<[^<>]*>")
_BLOCK = re.compile(r"</?(?:p|div|br|li|tr|td|th|h[1-6]|ul|ol|table|blockquote|pre|hr|dt|dd)\b[^<>]*>", re.I)


def xml_text(text: str) -> str:
    """The text without characters that XML 1.0 cannot carry or that reorder what people read."""
    # What Python can print has none of them, and it sees that ten times quicker than the patterns do.
    plain = text.replace("\n", "").replace("\t", "").replace("\r", "").replace("\xa0", "").replace("\u3000", "")
    if plain.isprintable():
        return text
    return _NONCHARACTERS.sub("", _NOT_XML.sub("", text))


def one_line(text: str) -> str:
    """XML-safe text with every run of white space as one blank, ends trimmed."""
    return fold(xml_text(text))


def fold(text: str) -> str:
    """The text with every run of white space as one blank, ends trimmed."""
    # Of all white space Python can print the blank alone, and looking is four times quicker than parting.
    if "  " not in text and text.isprintable():
        return text.strip(" ")
    return " ".join(text.split())


def plain_text(markup: str) -> str:
    """The words of (already clean) HTML: blocks become blanks, entities characters, white space one blank."""
    return _words_of(markup) if len(markup) <= _REMEMBERED else _words_of.__wrapped__(markup)


# Several look at the words of the same item one after the other.
@lru_cache(maxsize=128)
def _words_of(markup: str) -> str:
    words = _TAG.sub("", _BLOCK.sub(" ", markup)) if "<" in markup else markup
    return one_line(html.unescape(words))


def cut(text: str, characters: int) -> str:
    """At most `characters` of the text, cut at a blank where one is near, with an ellipsis when cut."""
    if len(text) <= characters:
        return text
    head = text[: characters - 1]
    blank = head.rfind(" ", int(characters * 0.7))
    return (head[:blank] if blank > 0 else head).rstrip(" ,;:，；：、") + "…"


def identifier(title: str) -> str:
    """The section identifier of a title: `Entry & Exit` → `entry-exit` (CONTRACT, section identifiers)."""
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def near_names(name: str, names: Iterable[str], most: int = 5) -> tuple[str, ...]:
    """Names close to `name`: same last part first, then by likeness."""
    known = list(names)
    name = name.lower()
    last = name.rstrip("/").rpartition("/")[2]
    same_last = [candidate for candidate in known if last and candidate.rpartition("/")[2] == last]
    alike = difflib.get_close_matches(name, known, n=most, cutoff=0.5)
    by_part = {candidate.rpartition("/")[2]: candidate for candidate in known}
    alike += [by_part[part] for part in difflib.get_close_matches(last, list(by_part), n=most, cutoff=0.6)]
    return tuple(dict.fromkeys(same_last + alike))[:most]
