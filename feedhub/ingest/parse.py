"""One document: bytes → text → mended XML (or JSON) → feedparser → ParsedFeed.

    decode ─→ JSON? ── jsonfeed_in ───────────────────────────────┐
      └─→ HTML? NotAFeed ─→ entities? HostileDocument ─→ plain RSS, Atom? ─────┬─→ normalise ─→ ParsedFeed
                                                          └─→ mend ─→ feedparser ─┘

Runs in the parser child (`child.py`), and directly in tests. feedparser gets bytes in a BytesIO and nothing
else, so that a body that says `/etc/passwd` is a text, and both its switches are off (DESIGN, traps).
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import feedparser

from feedhub.basics.dates import zone
from feedhub.errors import NotAFeed, ParseError
from feedhub.ingest.decode import decode_document
from feedhub.ingest.deleted import take_out_deleted
from feedhub.ingest.doctype import take_out_doctype
from feedhub.ingest.jsonfeed_in import looks_like_json, read_json_feed
from feedhub.ingest.mend import Mended, drop_junk, mend
from feedhub.ingest.normalise import normalise_feed
from feedhub.ingest.not_a_feed import binary_kind, html_page, known_root, other_text
from feedhub.ingest.plain_atom import read_plain_atom
from feedhub.ingest.plain_rss import read_plain_rss
from feedhub.ingest.skips import skipped_days, skipped_hours
from feedhub.ingest.wire import ParseRequest
from feedhub.model.item import ParsedFeed

_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})

# A guid is an identifier, kept as the source wrote it; feedparser would resolve it as an address.
feedparser.mixin._FeedParserMixin.can_be_relative_uri.discard("id")


def parse_document(request: ParseRequest) -> ParsedFeed:
    """The feed in a document; NotAFeed says what it is instead, HostileDocument why it was not read."""
    if kind := binary_kind(request.body):
        raise NotAFeed(kind)
    home = zone(request.time_zone)
    decoded = decode_document(request.body, request.content_type, request.encoding)
    text = drop_junk(decoded.text)
    if looks_like_json(text):
        feed = read_json_feed(text, request.url, home, request.now, request.language)
        return replace(feed, encoding=decoded.encoding)
    text, doctype = take_out_doctype(text)
    if page := html_page(doctype + text):
        raise NotAFeed(page)
    if not doctype and (plain := read_plain_rss(text) or read_plain_atom(text)):
        version = str(plain["version"])
        feed = normalise_feed(plain, version, request.url, home, request.now, request.language, left_out=0)
        return replace(feed, encoding=decoded.encoding, read_by="plain_rss" if version == "rss20" else "plain_atom")
    return _read_by_feedparser(request, decoded.encoding, text, doctype)


def _read_by_feedparser(request: ParseRequest, encoding: str, text: str, doctype: str) -> ParsedFeed:
    mended = mend(text)
    if other := known_root(mended.root):
        raise NotAFeed(other)
    home = zone(request.time_zone)
    living, deleted = take_out_deleted(mended.text, home, request.now)
    found = _feedparser(living)
    version = _version(found, mended, doctype)
    if not version:
        raise NotAFeed(other_text(text, mended.root))
    feed = normalise_feed(found, version, request.url, home, request.now, request.language, left_out=mended.left_out)
    return replace(
        feed,
        encoding=encoding,
        warnings=mended.warnings + _warnings(found),
        skip_hours=skipped_hours(mended.text),
        skip_days=skipped_days(mended.text),
        deleted=deleted,
    )


def _feedparser(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = feedparser.parse(
            BytesIO(text.encode("utf-8")), sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise ParseError(f"The document cannot be read ({type(error).__name__}).") from error
    return found


def _version(found: dict[str, Any], mended: Mended, doctype: str) -> str:
    """feedparser's name of the format; empty when this is no feed."""
    named = str(found.get("version") or "")
    if named.startswith("rss091") and "netscape" in doctype.lower():
        return "rss091n"
    if named:
        return named
    root = mended.root.rpartition(":")[2].lower()
    if root not in _ROOTS and not found.get("entries"):
        return ""
    return "cdf" if root == "channel" else "rss" if root in _ROOTS or found.get("entries") else ""


def _warnings(found: dict[str, Any]) -> tuple[str, ...]:
    if not found.get("bozo"):
        return ()
    return (f"the document is not well-formed XML: {str(found.get('bozo_exception'))[:200]}",)
