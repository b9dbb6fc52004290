"""How much of anything an item may have, and the one way its texts, addresses and lists are cut to it.

The limits are published: a document beyond them is taken in, cut, and says so (PROMISES 50).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from feedhub.basics.digests import sha256_hex
from feedhub.basics.text import cut, one_line, plain_text, xml_text
from feedhub.basics.urls import web_url
from feedhub.model.item import Enclosure
from feedhub.model.safehtml import LONGEST, SafeHtml, make_safe, safe_paragraphs

TITLE = 1000
SUMMARY = 2000
GUID = 1024
AUTHOR = 200
RIGHTS = 1000
CATEGORY, CATEGORIES = 100, 50
ENCLOSURES = 20
# Markup may grow while it is cleaned: every link gains a rel, every relative address its host.
LONGEST_CLEAN = 2 * LONGEST

_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_.@].*)?")
_MARKUP = re.compile(r"<|&[A-Za-z#]")
_WRAPPED = re.compile(
    r"(?:<|&lt;)(p|div|span|b|strong|i|em|u|font|h[1-6])(?:\s[^<>&]*)?(?:>|&gt;)"
    r"((?:(?!(?:<|&lt;)/?\1\b).)+)(?:<|&lt;)/\1(?:>|&gt;)",
    re.I,
)
_TYPES = {
    **dict.fromkeys(("jpg", "jpeg"), "image/jpeg"),
    **{suffix: f"image/{suffix}" for suffix in ("png", "gif", "webp", "avif", "bmp")},
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "epub": "application/epub+zip",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")


def line(text: str, longest: int) -> str:
    """Text of one line, XML-safe, cut."""
    return cut(one_line(text[: 8 * longest]), longest)


def words(markup: str, longest: int) -> str:
    """The words of markup of any origin, on one line, cut."""
    if not _MARKUP.search(markup):
        return line(markup, longest)
    return cut(plain_text(make_safe(_whole_tags(markup, 64 * longest))), longest)


def unwrapped(text: str) -> str:
    """Words that were escaped once too often: `<p>Words</p>` around the whole is no part of them.

    Only harmless elements, and only around all of it: a title about `<b>`, or a `<script>`, stays the text it is.
    """
    found = _WRAPPED.fullmatch(text)
    return one_line(found[2]) if found else text


def summary_of(html: SafeHtml) -> str:
    """The words of a body that is clean already, cut to a summary."""
    return cut(plain_text(_whole_tags(html, 64 * SUMMARY)), SUMMARY)


def clean_html(markup: str, base: str | None) -> SafeHtml | None:
    """Markup made safe; None when nothing is left. What grew beyond LONGEST_CLEAN loses its markup."""
    cleaned = make_safe(markup, base)
    if len(cleaned) > LONGEST_CLEAN:
        cleaned = safe_paragraphs(plain_text(cleaned)[:LONGEST])
    return cleaned or None


def address(value: object, base: str | None = None) -> str | None:
    """An absolute http(s) address, or None."""
    # Some sources put their links in quotes.
    return web_url(xml_text(value).strip(" \t\r\n\"'“”"), base) if isinstance(value, str) and value else None


def guid_of(value: object) -> str | None:
    """The guid as the source wrote it, trimmed; one that is longer than GUID as its digest."""
    if not isinstance(value, str) or not (guid := one_line(value)):
        return None
    return guid if len(guid) <= GUID else "sha256:" + sha256_hex(guid.encode("utf-8"))


def categories_of(values: Iterable[object]) -> tuple[str, ...]:
    """Distinct categories in the document's order."""
    found: dict[str, None] = {}
    for value in values:
        if isinstance(value, str) and (name := words(value, CATEGORY)):
            found[name] = None
        if len(found) == CATEGORIES:
            break
    return tuple(found)


def enclosures_of(values: Iterable[tuple[object, object, object]], base: str | None) -> tuple[Enclosure, ...]:
    """Enclosures from (address, type, length) as written; the type is guessed from the name when none is given."""
    found: dict[str, Enclosure] = {}
    for href, kind, length in values:
        url = address(href, base)
        if url is None or url in found:
            continue
        found[url] = Enclosure(url, _media_type(kind, url), _length(length))
        if len(found) == ENCLOSURES:
            break
    return tuple(found.values())


def language_of(*values: object) -> str | None:
    """The first that is a language tag (BCP 47 as far as anyone uses it): `zh_cn` is `zh-CN`."""
    for value in values:
        match = _LANGUAGE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match:
            script = f"-{match[2].title()}" if match[2] else ""
            region = f"-{match[3].upper()}" if match[3] else ""
            return match[1].lower() + script + region
    return None


def _whole_tags(markup: str, longest: int) -> str:
    """At most `longest` characters of markup, none of its tags cut."""
    return markup if len(markup) <= longest else markup[:longest].rpartition("<")[0]


def _media_type(kind: object, url: str) -> str:
    named = kind.partition(";")[0].strip().lower() if isinstance(kind, str) else ""
    if _TYPE.fullmatch(named):
        return named
    # A table of our own: the one of the system differs from machine to machine.
    suffix = url.partition("?")[0].partition("#")[0].rpartition("/")[2].rpartition(".")[2].lower()
    return _TYPES.get(suffix, "application/octet-stream")


def _length(value: object) -> int | None:
    text = str(value).strip() if isinstance(value, str | int) else ""
    # 0 is how a source says that it does not know.
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 15 and int(text) > 0 else None
