"""Identifiers of articles: made once, stored, never made again from anything that may move (SEMANTICS 5)."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from feedhub.basics.digests import digest, sha256_hex
from feedhub.basics.urls import canonical_url

ARTICLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def article_id_for(link: str | None, section: str, title: str, published: datetime) -> str:
    """16 hex digits of SHA-256 over the canonical address, or over section, title and date without one."""
    if link:
        return sha256_hex(canonical_url(link).encode())[:16]
    return digest("article", section, title, published.isoformat())[:16]


def public_id_for(article_id: str, authority: str | None, installation: str) -> str:
    """`tag:{authority}:article/{id}` (RFC 4151), or an urn:uuid of this installation without an authority."""
    if authority:
        return f"tag:{authority}:article/{article_id}"
    return uuid.uuid5(uuid.UUID(installation), f"article/{article_id}").urn
