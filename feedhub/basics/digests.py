"""Digests: how things are told apart and how change is seen."""

from __future__ import annotations

import hashlib


def digest(*parts: str | bytes | None) -> str:
    """SHA-256 over the parts, as 64 hex digits; parts are framed, so ("ab", "c") differs from ("a", "bc")."""
    state = hashlib.sha256()
    for part in parts:
        if part is None:
            state.update(b"-;")
            continue
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(b"%d:" % len(raw))
        state.update(raw)
    return state.hexdigest()


def sha256_hex(data: bytes) -> str:
    """Plain SHA-256 of the bytes, as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
