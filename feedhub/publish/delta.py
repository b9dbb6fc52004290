"""What changed in a document since one of its editions, cut from its own bytes (RFC 3229, `A-IM: feed`; SEMANTICS 21).

The delta is the document with the older items and tombstones left out: same head, same order. There is none where it
would keep something from the reader: an edition of another style or of too long ago, a withdrawal that RSS cannot say.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from feedhub.model.feed import Edition, FeedDocument, Part

# Of the 90 days that a tombstone stands.
OLDEST_BASE = timedelta(days=89)


def base_among(document: FeedDocument, tags: Collection[str]) -> Edition | None:
    """The newest edition whose ETag (without quotes and coding) is among those a reader holds."""
    oldest = document.last_modified - OLDEST_BASE
    return next((it for it in document.editions if it.etag.strip('"') in tags and it.last_modified >= oldest), None)


def delta_since(document: FeedDocument, base: Edition) -> bytes | None:
    """The document with only what changed after `base`; None where only the whole document will do."""
    layout = document.layout
    if layout is None or base.generation < layout.unsaid:
        return None
    body = document.body
    comma, stone_comma = (b",\n", b",") if document.format == "json" else (b"", b"")
    return b"".join(
        (
            body[: layout.items_at[0]],
            comma.join(_since(body, layout.items, base.generation)),
            body[layout.items_at[1] : layout.stones_at[0]],
            stone_comma.join(_since(body, layout.stones, base.generation)),
            body[layout.stones_at[1] :],
        )
    )


def _since(body: bytes, parts: Sequence[Part], generation: int) -> list[bytes]:
    return [body[start:end] for seq, start, end in parts if seq > generation]
