"""Which charset bytes are in when nobody says so; what labels stand for is in `basics/charset_labels.py`."""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

from feedhub.basics.charset_labels import codec_of

CHINESE = frozenset({"gb18030", "big5hkscs"})
WIDE = frozenset({"utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be"})

_SAMPLE = 256 * 1024
_GB_PAIR = re.compile(
    rb"([\xa1-\xa3\xb0-\xd7][\xa1-\xfe])|[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x81-\xfe][\x30-\x39]|[\x80-\xff]"
)
_BIG5_PAIR = re.compile(rb"([\xa1-\xa3\xa4-\xc6][\x40-\x7e\xa1-\xfe])|[\x87-\xfe][\x40-\x7e\xa1-\xfe]|[\x80-\xff]")
_GB_EARLY = re.compile(rb"[\xb0-\xbf][\xa1-\xfe]")
_CANDIDATES = ["gb18030", "big5hkscs", "cp1252", "cp1251", "koi8_r"]


def detect(body: bytes) -> str:
    """The likeliest codec of bytes that are not UTF-8 and of which nothing is known."""
    chinese = chinese_codec(body)
    if chinese:
        return chinese
    best = from_bytes(body[:_SAMPLE], cp_isolation=_CANDIDATES, enable_fallback=False).best()
    return codec_of(best.encoding) or best.encoding if best else "cp1252"


def chinese_codec(body: bytes) -> str | None:
    """gb18030 or big5hkscs when the bytes are made of the everyday characters of one of them.

    Both codecs take nearly any bytes, so what decides is how many pairs are in the everyday rows: GB2312
    level 1 (lead B0 to D7), Big5 level 1 (A4 to C6). KOI8-R looks like the former but never has leads below C0.
    """
    sample = body[:_SAMPLE]
    gb, big5 = _share(_GB_PAIR, sample), _share(_BIG5_PAIR, sample)
    if gb[0] >= 0.75 and gb[0] >= big5[0]:
        early = len(_GB_EARLY.findall(sample))
        return "gb18030" if early * 8 >= gb[1] or gb[1] < 8 else None
    return "big5hkscs" if big5[0] >= 0.8 else None


def _share(pair: re.Pattern[bytes], sample: bytes) -> tuple[float, int]:
    found = pair.findall(sample)
    common = sum(map(bool, found))
    return (common / len(found) if found else 0.0, common)
