"""The keys under which two pieces are one: by link and by what they say (SEMANTICS 9)."""

from __future__ import annotations

from feedhub.basics.digests import digest
from feedhub.basics.text import plain_text
from feedhub.basics.urls import canonical_url


def link_key(address: str | None) -> str | None:
    """The key under which two links are one, or None without a link."""
    return digest("link", canonical_url(address)) if address else None


def content_key(title: str, html: str | None) -> str | None:
    """The key under which two pieces say the same; None for an empty body, which never matches (SEMANTICS 9)."""
    words = plain_text(html or "").replace(" ", "").casefold()
    return digest("content", "".join(title.split()).casefold(), words) if len(words) >= 20 else None
