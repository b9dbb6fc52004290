"""Partner keys: 256 unguessable bits, shown once and stored as their digest alone; scoped, rotated, revoked.

A key is `fhk_` and 43 characters. It needs no salt and no slow hash: nobody guesses it. Looked up by digest, so that
nothing is compared that a clock could tell of.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.digests import digest
from feedhub.errors import AccessRefused
from feedhub.model.partner import Partner, Scope
from feedhub.store.partners import find_by_digest

PREFIX = "fhk_"
_BEARER = re.compile(r"Bearer +(fhk_[A-Za-z0-9_-]{43})\s*", re.IGNORECASE)


def new_key(token: str) -> str:
    """A key of `token`, which the dice threw."""
    return PREFIX + token


def digest_of(key: str) -> str:
    """What of a key is stored."""
    return digest("partner key", key)


def partner_of(tx: Connection, authorization: str | None, scope: Scope, now: datetime) -> Partner | None:
    """Whose key a request carries; None when it carries none. AccessRefused when the key opens nothing here."""
    if not authorization:
        return None
    found = _BEARER.fullmatch(authorization)
    partner = find_by_digest(tx, digest_of(found[1]), now) if found else None
    if partner is None:
        raise AccessRefused("This key is not known here, or was revoked.", code="key_unknown")
    if scope not in partner.scopes:
        raise AccessRefused(f"This key is not for {scope}.", code="key_not_for_this")
    return partner
