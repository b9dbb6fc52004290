"""A rule of a source: what to do with items whose fields say something (docs/sources.md, Rules)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["keep", "drop", "hold", "route", "tag", "rewrite"]
Field = Literal["title", "summary", "text", "link", "author", "category", "language", "guid", "origin", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. It matches when one of the fields has one of the keywords (`any`) or fits the RE2 pattern.

    `origin` is the source that the source itself names, `file` the address of an attached one; these and `guid` are
    only looked at. `reason` is what the ledger says of keep, drop and hold; `sections` are those of route, `tags` those
    of tag, `replacement` (with \\1 to \\9 for groups) is what rewrite puts where the pattern fits.
    """

    action: Action
    fields: tuple[Field, ...]
    any: tuple[str, ...] = ()
    pattern: str | None = None
    reason: str = ""
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    replacement: str = ""
