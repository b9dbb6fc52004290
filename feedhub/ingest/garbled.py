"""Whether a text looks garbled, and like what: bytes that somewhere were read in another charset than they are in.

Pure, over the text alone. Each test asks for what honest text does not have: characters that, written back in a
charset, are another charset's text throughout; the marks that GBK punctuation leaves; replaced and lost
characters; Chinese made of characters that nobody uses.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator

from feedhub.basics.text import cut, plain_text
from feedhub.model.item import Item

# GBK punctuation read as a western charset (： ， “ ” 、 。…) and what stands where spaces were.
_SIGNS = re.compile("£[º¬¨©¿]|[¡ˇ][°±²³´¶·¸¹º»¼½¾¢£¤¥¦§¨©ª¬®¯\xad]|ˇ[Łł]|°{4,}")
_FIRST_OF_SIGNS = frozenset("£¡ˇ°锟斤烫屯ï")
_KNOWN = re.compile("锟斤拷|锟斤|斤拷锟|(?:烫){5,}|(?:屯){5,}|ï»¿|ï¿½")
_LOST = re.compile(r"\?{2,}|？{4,}")
_HAN = re.compile("[\u3400-\u9fff\ue000-\uf8ff\uf900-\ufaff]")  # private characters: what no font has
_WORDS = re.compile(r"[^\W\d_]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_ASCII = bytes(range(0x80))
_BLANK_FOR_ASCII = b" " * 0x80 + bytes(range(0x80, 0x100))
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}")
_PUNCTUATION = re.compile(rb"\xe2\x80[\x90-\xbf]|\xe3\x80[\x80-\x91]|\xef\xbc[\x81-\x9f]")
# An accent or a degree sign in UTF-8 is one Han character in GBK: S茫o, 38掳C.
_ACCENTS = "脿谩芒茫盲氓忙莽猫茅锚毛矛铆卯茂冒帽貌贸么玫枚梅酶霉煤没眉媒镁每"
_HAN_FOR_ACCENT = re.compile(rf"(?<=[A-Za-z])[{_ACCENTS}](?=[a-z])|(?<=\d)[掳拢漏](?=[A-Z\W])|(?<=[A-Za-z])鈥")
_MARKS_OF_ACCENT = frozenset(_ACCENTS + "掳拢漏鈥")
_ONE_ACCENT = re.compile(rb"\xc3[\xa1-\xaa\xac-\xba\xbc-\xbf]|\xc2[\xa3\xa7\xa9\xae\xb0-\xb7\xbf]")
_GB_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_SINGLE_BYTE = ("cp1252", "cp1250", "cp1251", "mac_roman", "koi8_r")
_MULTI_BYTE = ("gb18030", "big5hkscs", "cp932")
_REPLACED = "\ufffd"


def why_garbled(item: Item) -> str:
    """What is garbled about an item; empty for nothing."""
    for name, text in texts_of(item):
        if found := garbled(text):
            return f"the {name} looks garbled: {found}: {cut(text, 60)}"
    return ""


def texts_of(item: Item) -> Iterator[tuple[str, str]]:
    """The texts of an item that may be garbled, each with its name."""
    yield "title", item.title
    yield "summary", item.summary
    if item.html:
        yield "text", plain_text(item.html)
    yield "author", item.author or ""
    for category in item.categories:
        yield "category", category


def garbled(text: str) -> str | None:
    """What the text looks like ("UTF-8 read as cp1252"…), None when it looks honest. Takes plain text, no markup."""
    text = text[:20_000]
    if text.isascii():
        return _lost(text)
    beyond = _beyond_ascii(text)
    signs = frozenset(beyond)  # what a test cannot find among these, it need not look for in the text
    return (
        _replaced(text)
        or _signs(beyond, signs)
        or _utf8_read_as(text, beyond, signs)
        or _chinese_read_as_western(text, signs)
        or _nobodys_chinese(beyond, signs)
        or _lost(text)
    )


def _replaced(text: str) -> str | None:
    """U+FFFD within; one at the very end is where somebody cut a text by bytes."""
    whole = text.rstrip("… .")
    bad = (whole[:-1] if len(whole) > 1 else whole).count(_REPLACED)
    return f"{bad} characters could not be read (U+FFFD)" if bad * 400 > len(text) or bad > 2 else None


def _signs(text: str, signs: frozenset[str]) -> str | None:
    if _FIRST_OF_SIGNS.isdisjoint(signs):
        return None
    found = _SIGNS.search(text) or _KNOWN.search(text)
    return f"{found[0]!r} is what a wrong charset leaves of other characters" if found else None


def _utf8_read_as(text: str, beyond: str, signs: frozenset[str]) -> str | None:
    """Written back in a charset, most of what is beyond ASCII is UTF-8: nobody writes so by accident."""
    if not _MARKS_OF_ACCENT.isdisjoint(signs) and (found := _HAN_FOR_ACCENT.search(text)):
        return f"{found[0]!r} between letters is UTF-8 read as GBK"
    for codec in (*_SINGLE_BYTE, *(_MULTI_BYTE if _HAN.search(beyond) else ())):
        for raw in _written_in(beyond, signs, codec):
            high = len(raw.translate(None, _ASCII))
            pieces = _UTF8.findall(raw)
            covered = sum(map(len, pieces))
            if codec in _MULTI_BYTE:
                enough = covered >= 9 and covered * 10 >= high * 6 and len(set(pieces)) >= 3
            else:
                enough = covered * 2 >= high and len(pieces) >= 2 and covered >= 4
                enough |= codec == "cp1252" and bool(_PUNCTUATION.search(raw) or _ONE_ACCENT.search(raw))
            if enough:
                return f"UTF-8 read as {codec}"
    return None


def _chinese_read_as_western(text: str, signs: frozenset[str]) -> str | None:
    """GBK or Big5 read as a western charset: long runs of accents, in pairs that are everyday characters."""
    for codec in ("cp1252", "cp1250"):
        for raw in _written_in(text, signs, codec):
            runs = [run for run in _HIGH.findall(raw) if len(run) >= 4]
            pairs = [pair for run in runs for pair in _GB_PAIR.findall(run)]
            everyday = {pair for pair in pairs if b"\xb0" <= pair[:1] <= b"\xd7" and pair[1:] >= b"\xa1"}
            if len(everyday) >= 3 and len(everyday) * 10 >= len(set(pairs)) * 6:
                return f"GBK read as {codec}"
            big5 = [pair for pair in _GB_PAIR.findall(raw) if pair.decode("big5hkscs", "ignore") in _BIG5_EVERYDAY]
            high = len(raw.translate(None, _ASCII))
            # Half of Big5 has an ASCII letter second, so accents before letters look alike: only dense ones count.
            if len(set(big5)) >= 3 and len(big5) * 20 >= high * 9 and high * 5 >= len(raw):
                return f"Big5 read as {codec}"
    return None


def _nobodys_chinese(text: str, signs: frozenset[str]) -> str | None:
    """Han characters of which most are in no everyday set of any of the charsets."""
    if not any(_HAN.match(sign) for sign in signs - _EVERYDAY):
        return None
    han = _HAN.findall(text)
    rare = [one for one in han if one not in _EVERYDAY]
    if len(rare) >= 4 and len(rare) * 10 >= len(han) * 4:
        return f"{len(rare)} of {len(han)} characters are of no everyday use ({''.join(rare[:6])})"
    return None


def _lost(text: str) -> str | None:
    """Question marks where words were; one run at the end of a sentence is only excited."""
    if "??" not in text and "？？？？" not in text:
        return None
    runs = [run for run in _LOST.finditer(text) if run.end() < len(text.rstrip()) or run.start() == 0]
    marks = sum(len(run[0]) for run in runs)
    if marks >= 4 and marks * 2 >= len(_WORDS.findall(text)):
        return f"{marks} question marks stand where words were"
    return None


def _written_in(text: str, signs: frozenset[str], codec: str) -> Iterator[bytes]:
    """The text's bytes in a charset, with a blank for what that cannot write; nothing if it writes only ASCII."""
    if codec not in _MULTI_BYTE and _HIGH_CHARACTERS[codec].isdisjoint(signs):
        return
    out = text.encode(codec, "ignore" if codec in _MULTI_BYTE else f"blank-{codec}")
    if out and not out.isascii():
        yield out


def _beyond_ascii(text: str) -> str:
    """What is beyond ASCII, a blank between: ASCII is part of no piece of UTF-8, and most of many texts."""
    written = text.encode("utf-8", "surrogatepass").translate(_BLANK_FOR_ASCII)
    return b" ".join(written.split()).decode("utf-8", "surrogatepass")


def _blanks(codec: str) -> Callable[[UnicodeError], tuple[bytes, int]]:
    """In a single-byte charset; a control character from U+0080 on is the byte it was read from."""
    highest = "\xff" if codec == "cp1252" else "\x9f"

    def write(error: UnicodeError) -> tuple[bytes, int]:
        assert isinstance(error, UnicodeEncodeError)
        lost = error.object[error.start : error.end]
        return bytes(ord(char) if "\x80" <= char <= highest else 0x20 for char in lost), error.end

    return write


def _high_characters(codec: str) -> frozenset[str]:
    """The characters that a single-byte charset has beyond ASCII, controls included."""
    return frozenset(bytes(range(0x80, 0x100)).decode(codec, "ignore")) | frozenset(map(chr, range(0x80, 0x100)))


for _codec in _SINGLE_BYTE:
    codecs.register_error(f"blank-{_codec}", _blanks(_codec))
_HIGH_CHARACTERS = {codec: _high_characters(codec) for codec in _SINGLE_BYTE}


def _everyday(codec: str, leads: range, seconds: tuple[range, ...]) -> frozenset[str]:
    pairs = (bytes((lead, second)) for lead in leads for part in seconds for second in part)
    return frozenset(pair.decode(codec, "ignore") for pair in pairs)


_BIG5_EVERYDAY = _everyday("big5hkscs", range(0xA4, 0xC7), (range(0x40, 0x7F), range(0xA1, 0xFF)))
_EVERYDAY = (
    _everyday("gb18030", range(0xB0, 0xD8), (range(0xA1, 0xFF),))
    | _BIG5_EVERYDAY
    | frozenset("嘅咗啲佢哋嚟嘢喺冇咁啱攞瞓揾睇嗰乜唔噉嗌啩喎嘥攰")  # Cantonese
    | _everyday("cp932", range(0x88, 0x99), (range(0x40, 0x7F), range(0x80, 0xFD)))
)
