"""Charset labels and the codecs that are really meant by them.

Labels are read as browsers read them (WHATWG Encoding §4.2): a label stands for the superset that is really
meant, so that gb2312 and gbk are gb18030, big5 has its Hong Kong characters, and latin-1 is windows-1252.
UTF-7 and the like are not known: nobody needs them but attackers.
"""

from __future__ import annotations

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


def codec_of(label: str | None) -> str | None:
    """The codec that a charset label stands for, or None when it stands for none we know."""
    if not label:
        return None
    name = label.strip().strip("\"'").strip().lower()
    return _SUPERSET.get(name) or _SUPERSET.get(name.replace("_", "-"))
