"""A document's bytes put together of their parts, with where each part stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from feedhub.model.feed import Format, Layout, Part, Span

# What stands around an item, or a tombstone, of an XML document.
INDENT, END = b"  ", b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a document is joined of: head, items, what stands between them and the tombstones, tombstones, tail."""

    head: bytes
    items: Sequence[bytes]
    comma: bytes = b""
    between: bytes = b""
    stones: Sequence[bytes] = ()
    stone_comma: bytes = b""
    tail: bytes


def joined(parts: Parts) -> bytes:
    """The document."""
    return b"".join(
        (
            parts.head,
            parts.comma.join(parts.items),
            parts.between,
            parts.stone_comma.join(parts.stones),
            parts.tail,
        )
    )


def layout_of(parts: Parts, seqs: Sequence[int], stone_seqs: Sequence[int], unsaid: int) -> Layout:
    """Where items and tombstones stand; the seqs are theirs, in the same order."""
    items, items_at = _spans(len(parts.head), parts.items, parts.comma, seqs)
    stones, stones_at = _spans(items_at[1] + len(parts.between), parts.stones, parts.stone_comma, stone_seqs)
    return Layout(items=items, items_at=items_at, stones=stones, stones_at=stones_at, unsaid=unsaid)


def fragments_in(format_: Format, body: bytes, layout: Layout) -> dict[int, bytes]:
    """The fragments that a document was joined of, by the seq of their article's latest change."""
    before, after = (0, 0) if format_ == "json" else (len(INDENT), len(END))
    return {seq: body[start + before : end - after] for seq, start, end in layout.items}


def _spans(start: int, pieces: Sequence[bytes], comma: bytes, seqs: Sequence[int]) -> tuple[tuple[Part, ...], Span]:
    ends = list(accumulate((len(piece) + len(comma) for piece in pieces), initial=start))
    parts = tuple((seq, begin, begin + len(piece)) for seq, begin, piece in zip(seqs, ends, pieces, strict=False))
    return parts, (start, ends[-1] - len(comma) if pieces else start)
