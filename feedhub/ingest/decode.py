"""Bytes into text, before any parser sees them, and how that was decided.

Order: the source's own setting, byte order mark, HTTP charset (RFC 7303 §3), XML prolog, HTML meta, then the
bytes themselves. A declaration is believed only if the bytes bear it out: bytes that are valid UTF-8 with
more than a few characters beyond ASCII are UTF-8 whatever was declared, and Chinese under a western label is
Chinese.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from feedhub.basics.charset_labels import codec_of
from feedhub.ingest.charsets import CHINESE, WIDE, chinese_codec, detect

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_WIDE_STARTS = (
    (re.compile(rb"\s*<\x00\x00\x00"), "utf-32le"),
    (re.compile(rb"\x00\x00\x00<"), "utf-32be"),
    (re.compile(rb"(?:[\s]\x00)*[<{]\x00[^\x00]"), "utf-16le"),
    (re.compile(rb"(?:\x00[\s])*\x00[<{]\x00?"), "utf-16be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_HTTP = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]+)", re.I)
_PROLOG = re.compile(rb"^[\s\x00]*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']?\s*([\w.:+-]+)", re.I)
_META = re.compile(rb"<meta\b[^>]{0,200}?\bcharset\s*=\s*[\"']?\s*([\w.:+-]+)", re.I)
_HIGH = re.compile(rb"[\x80-\xff]+")
_CJK = re.compile("[\u2010-\u2027\u2030-\u205e\u3000-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_WESTERN = frozenset({"cp1252", "cp1250", "cp1254", "iso8859-2", "iso8859-15", "cp437", "cp850"})


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and a phrase that says which charset was used and why."""

    text: str
    encoding: str


def decode_document(body: bytes, content_type: str | None, override: str | None = None) -> Decoded:
    """The text of a document. Never raises: bytes that fit nothing become U+FFFD, and the phrase says how many."""
    if override and (codec := codec_of(override)):
        return _decode(body, codec, "set for this source")
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _decode(body[len(mark) :], codec, "byte order mark")
    for start, codec in _WIDE_STARTS:
        if start.match(body):
            return _decode(body, codec, "by its first bytes")
    declared = _declared(body, content_type)
    utf8 = _strict(body, "utf-8")
    for codec, why in declared:
        text = utf8 if codec == "utf-8" else _strict(body, codec)
        if text is None or (utf8 is not None and codec != "utf-8" and _surely_utf8(body, utf8, codec)):
            continue
        if codec in _WESTERN and (chinese := _chinese_in(body)):
            return _decode(body, chinese, f"detected, although {why}")
        return Decoded(text, f"{codec} ({why})")
    although = f", although {declared[0][1]}" if declared else ""
    if utf8 is not None:
        return Decoded(utf8, f"utf-8 (valid{although})" if declared else "utf-8 (nothing declared)")
    for codec, why in (*declared, ("utf-8", "mostly valid")):
        if codec != "cp1252" and (found := _nearly(body, codec, why)):
            return found
    return _decode(body, detect(body), f"detected{although}")


def _declared(body: bytes, content_type: str | None) -> list[tuple[str, str]]:
    """The charsets declared, most binding first, each with a phrase that says where."""
    http = _HTTP.search(content_type or "")
    prolog, meta = _PROLOG.search(body[:1024]), _META.search(body[:4096])
    labels = (
        (http[1] if http else "", "in the HTTP header"),
        (prolog[1].decode("ascii", "replace") if prolog else "", "in the prolog"),
        (meta[1].decode("ascii", "replace") if meta else "", "in a meta element"),
    )
    found: list[tuple[str, str]] = []
    for label, where in labels:
        codec = codec_of(label)
        # The declaration was readable as ASCII, so the document is in no wide charset.
        if codec and codec not in WIDE:
            found.append((codec, f"declared {label.lower()} {where}"))
    return found


def _surely_utf8(body: bytes, text: str, codec: str) -> bool:
    """Whether valid UTF-8 is no accident: a few bytes of GBK may be valid UTF-8 by chance, a page never is."""
    high = b"".join(_HIGH.findall(body))
    if not high:
        return False
    if codec not in CHINESE or len(high) >= 12:
        return True
    return all(_CJK.match(char) for char in text if char > "\x7f")


def _chinese_in(body: bytes) -> str | None:
    """The Chinese charset the bytes are surely in; None for the lone accents of western text."""
    runs = _HIGH.findall(body)
    return chinese_codec(body) if sum(map(len, runs)) >= 40 and any(len(run) >= 4 for run in runs) else None


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return None


def _nearly(body: bytes, codec: str, why: str) -> Decoded | None:
    """The text when all but a few bytes fit: a cut or a CMS left half a character behind."""
    text = body.decode(codec, "replace")
    bad = text.count("\ufffd")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    if bad * 20 <= beyond:
        return Decoded(text, f"{codec} ({why}; {bad} bad places replaced)")
    return None


def _decode(body: bytes, codec: str, why: str) -> Decoded:
    text = body.decode(codec, "replace")
    bad = text.count("\ufffd")
    return Decoded(text, f"{codec} ({why}; {bad} bad places replaced)" if bad else f"{codec} ({why})")
