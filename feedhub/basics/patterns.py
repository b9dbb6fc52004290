"""Patterns that operators write, by RE2: time linear in the text whatever the pattern, no look-behind, no recursion.

A pattern is data: it is bounded in length and memory, and what RE2 does not know is refused in its own words
(PROMISES 61).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

LONGEST = 1000
_MEMORY = 8 * 1024 * 1024
_REFERENCE = re.compile(r"\\(.?)", re.S)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern for `.search(text)`; ValueError says why it is refused."""
    if len(pattern) > LONGEST:
        raise ValueError(f"is a pattern of {len(pattern)} characters; {LONGEST} are the most")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(f"is no pattern that RE2 takes: {words}") from None


def check_replacement(pattern: str, replacement: str) -> None:
    """ValueError unless every backslash in the replacement names a group of the pattern, or is doubled."""
    groups = compiled(pattern).groups
    for found in _REFERENCE.finditer(replacement):
        sign = found[1]
        if sign != "\\" and not (sign.isascii() and sign.isdigit() and 1 <= int(sign) <= groups):
            raise ValueError(
                f"{found[0]!r} names no group of the pattern, which has {groups}; write \\\\ for a backslash"
            )


def substitute(pattern: str, replacement: str, text: str) -> str:
    """The text with every match replaced; `\\1` to `\\9` stand for groups, nothing else means anything."""
    expand: Callable[[Any], str] = lambda found: _REFERENCE.sub(  # noqa: E731
        lambda sign: "\\" if sign[1] == "\\" else found.group(int(sign[1])) or "", replacement
    )
    changed: str = compiled(pattern).sub(expand, text)
    return changed
