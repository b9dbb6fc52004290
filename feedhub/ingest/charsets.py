"""Names of charsets, and which one bytes are in when nobody says so.

Labels are read as browsers read them (WHATWG Encoding §4.2): a label stands for the superset that is really
meant, so that gb2312 and gbk are gb18030, big5 has its Hong Kong characters, and latin-1 is windows-1252.
UTF-7 and the like are not known: nobody needs them but attackers.
"""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

_GB = (
    "gb18030 gb2312 gb_2312 gb_2312-80 gbk x-gbk cp936 ms936 windows-936 "
    "chinese csgb2312 csiso58gb231280 iso-ir-58 euc-cn gb-18030 gb"
)
_BIG5 = "big5 big5-hkscs big5hkscs cn-big5 csbig5 x-x-big5 big5-eten cp950 big-5"
_1252 = (
    "windows-1252 cp1252 x-cp1252 iso-8859-1 iso8859-1 iso88591 iso_8859-1 latin1 latin-1 l1 ascii us-ascii "
    "ansi_x3.4-1968 csisolatin1 cp819 ibm819 iso-ir-100 ansi"
)
_SUPERSET = {
    **dict.fromkeys(_GB.split(), "gb18030"),
    **dict.fromkeys(_BIG5.split(), "big5hkscs"),
    **dict.fromkeys(_1252.split(), "cp1252"),
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8", "utf-8-sig", "x-unicode20utf8", "utf-8mb4"), "utf-8"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "cp932"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "korean", "windows-949", "cp949", "ksc5601"), "cp949"),
    **dict.fromkeys(("iso-8859-9", "latin5", "windows-1254"), "cp1254"),
    **dict.fromkeys(("tis-620", "iso-8859-11", "windows-874"), "cp874"),
    **{name: name for name in ("euc-jp", "iso-2022-jp", "koi8-r", "koi8-u", "macintosh", "ibm866", "utf-16", "utf-32")},
    **{name: name for name in ("utf-16le", "utf-16be", "utf-32le", "utf-32be", "cp037")},
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"windows-{page}": f"cp{page}" for page in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"cp{page}": f"cp{page}" for page in (1250, 1251, 1253, 1255, 1256, 1257, 1258, 437, 850, 866)},
    **dict.fromkeys(("iso-10646-ucs-2", "ucs-2", "unicode", "utf16", "utf_16"), "utf-16"),
}
CHINESE = frozenset({"gb18030", "big5hkscs"})
WIDE = frozenset({"utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be"})

_SAMPLE = 256 * 1024
_GB_PAIR = re.compile(
    rb"([\xa1-\xa3\xb0-\xd7][\xa1-\xfe])|[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x81-\xfe][\x30-\x39]|[\x80-\xff]"
)
_BIG5_PAIR = re.compile(rb"([\xa1-\xa3\xa4-\xc6][\x40-\x7e\xa1-\xfe])|[\x87-\xfe][\x40-\x7e\xa1-\xfe]|[\x80-\xff]")
_GB_EARLY = re.compile(rb"[\xb0-\xbf][\xa1-\xfe]")
_CANDIDATES = ["gb18030", "big5hkscs", "cp1252", "cp1251", "koi8_r"]


def codec_of(label: str | None) -> str | None:
    """The codec that a charset label stands for, or None when it stands for none we know."""
    if not label:
        return None
    name = label.strip().strip("\"'").strip().lower()
    return _SUPERSET.get(name) or _SUPERSET.get(name.replace("_", "-"))


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
