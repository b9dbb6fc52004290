"""Which coding an Accept-Encoding field asks for (RFC 9110 §12.5.3): the dearest, of equals the smallest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_QUALITY = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$", re.I)
_LONGEST = 8192


def choose(field: str | None, offered: Sequence[str]) -> str | None:
    """One of the offered codings, smallest first; None for the plain bytes.

    Plain bytes are what is left when nothing offered is welcome, even where they are not: better than nothing at all.
    """
    if not field or len(field) > _LONGEST:
        return None
    weights = _weights(field) if len(field) < 200 else _read(field)
    found, best = None, max(weights.get("identity", 0.0), 1e-9)
    for coding in offered:
        weight = weights.get(coding, weights.get("*", 0.0))
        if weight > best or (found is None and weight >= best):
            found, best = coding, weight
    return found


def _read(field: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in field.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            quality = _QUALITY.match(parameter)
            weight = float(quality[1]) if quality else 0.0
        if name:
            weights["gzip" if name == "x-gzip" else name] = weight
    return weights


# Clients spell it in a few ways.
_weights = lru_cache(maxsize=256)(_read)
