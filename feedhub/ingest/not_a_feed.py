"""What a document is when it is no feed, in a sentence for the operator (PROMISES 51)."""

from __future__ import annotations

import re

from feedhub.basics.text import cut, plain_text

_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"RIFF", "a picture or a recording (RIFF)"),
    (b"\x00\x00\x01\x00", "a picture (ICO)"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "compressed data (gzip)"),
    (b"BZh", "compressed data (bzip2)"),
    (b"\x28\xb5\x2f\xfd", "compressed data (zstd)"),
    (b"ID3", "a recording (MP3)"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
)
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.I)
_FEED = re.compile(r"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,500}?)</title", re.I | re.S)
_LOGIN = re.compile(r"<input[^>]{0,300}type\s*=\s*[\"']?password", re.I)
_ROOTS = {
    "opml": "an OPML outline",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap index",
    "svg": "a picture (SVG)",
    "xsl:stylesheet": "an XSLT stylesheet",
    "kml": "a map (KML)",
    **dict.fromkeys(("head", "body", "title", "meta", "div", "p", "span", "table", "ul", "h1", "a"), "a piece of HTML"),
    "error": "an error message in XML",
    "opensearchdescription": "an OpenSearch description",
}


def binary_kind(body: bytes) -> str | None:
    """A sentence when the bytes are no text at all, or none at all."""
    start = body[:64].lstrip()
    if not body.strip(b"\x00 \t\r\n\xef\xbb\xbf\xfe\xff"):
        return "The document is empty."
    for magic, what in _MAGIC:
        if start.startswith(magic) or body.startswith(magic):
            return f"This is {what}, not a feed."
    return None


def html_page(text: str) -> str | None:
    """A sentence when the text is an HTML page; None when a feed may be in it."""
    head = text[:4096]
    found = _HTML.search(head)
    feed = _FEED.search(head)
    if not found or (feed and feed.start() < found.start()):
        return None
    kind = "a page with a login form" if _LOGIN.search(text[:200_000]) else "an HTML page"
    title = _TITLE.search(text[:200_000])
    name = cut(plain_text(title[1]), 100) if title else ""
    return f"This is {kind}" + (f' titled "{name}"' if name else "") + ", not a feed."


def known_root(root: str) -> str | None:
    """A sentence when a root element says enough, so that nothing more need be parsed."""
    what = _ROOTS.get(root.lower())
    return f"This is {what}, not a feed." if what else None


def other_text(text: str, root: str) -> str:
    """A sentence for text that no parser found a feed in; `root` is its first element, if it has any."""
    if root:
        return f"This is an XML document of <{cut(root, 40)}>, not a feed."
    beginning = cut(plain_text(text[:400]), 60)
    return f'This is plain text ("{beginning}"), not a feed.' if beginning else "The document is empty."
