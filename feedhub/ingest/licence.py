"""What may be shown of a source whose licence nobody knows (SEMANTICS 12).

Only what the source's own document carried: its feed, its list page, its sitemap. What was fetched beyond that, such
as the text of an item's own page, may be read to decide and to date, but is not shown.
"""

from __future__ import annotations

from feedhub.model.source import Source

UNKNOWN = "unknown"


def may_show_fetched_text(source: Source) -> bool:
    """Whether text that the source's own document did not carry may be shown; not while its `licence` is unknown."""
    return source.licence.strip().casefold() not in ("", UNKNOWN)
