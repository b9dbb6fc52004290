"""Identifiers of articles: made once, stored, never made again from anything that may move (SEMANTICS 5)."""

from __future__ import annotations

import re
import uuid

from feedhub.basics.digests import digest, sha256_hex
from feedhub.basics.urls import canonical_url

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def is_article_id(text: str) -> bool:
    """Whether the text can be an id; `.` and `..` cannot, since they are no part of a path (RFC 3986 §5.2.4)."""
    return bool(_ID.fullmatch(text)) and text not in (".", "..")


def derived_id(url: str | None, sections: tuple[str, ...], title: str, published: str) -> str:
    """16 hex digits over the canonical URL; without one over sections, title and published.

    `published` is the instant as text, empty for a piece without a date.
    """
    if url is not None:
        return sha256_hex(canonical_url(url).encode())[:16]
    return digest("article", *sorted(sections), title, published)[:16]


def public_id(article_id: str, authority: str | None, installation: uuid.UUID) -> str:
    """`tag:{authority}:article/{id}` (RFC 4151), or a name-based `urn:uuid:` where there is no authority.

    Never made from base_url: it survives every change of host.
    """
    if authority:
        return f"tag:{authority}:article/{article_id}"
    return uuid.uuid5(installation, f"article/{article_id}").urn
