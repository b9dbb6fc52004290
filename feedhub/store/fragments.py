"""The fragments that documents are joined from, by article, format, seq and style."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, select

from feedhub.model.feed import FORMATS, Format
from feedhub.store.document_tables import fragments
from feedhub.store.rows import upsert

_CHUNK = 500
_OF_ARTICLES = select(fragments.c.article_id, fragments.c.format, fragments.c.seq, fragments.c.body).where(
    fragments.c.article_id.in_(bindparam("ids", expanding=True)),
    fragments.c.format.in_(bindparam("formats", expanding=True)),
    fragments.c.style == bindparam("of_style"),
)


def fragments_of(
    tx: Connection, keys: Sequence[tuple[str, int]], style: str, formats: Sequence[Format] = FORMATS
) -> dict[Format, dict[str, bytes]]:
    """The fragments at hand for (article id, seq) in a style, by format and article id."""
    wanted = dict(keys)
    ids = list(wanted)
    found: dict[Format, dict[str, bytes]] = {format_: {} for format_ in formats}
    for start in range(0, len(ids), _CHUNK):
        asked = {"ids": ids[start : start + _CHUNK], "formats": list(formats), "of_style": style}
        for article_id, format_, seq, body in tx.execute(_OF_ARTICLES, asked):
            if wanted[article_id] == seq:
                found[format_][article_id] = bytes(body)
    return found


def stored_fragments(tx: Connection, keys: Sequence[tuple[str, int]], format_: Format, style: str) -> dict[str, bytes]:
    """The fragments at hand for (article id, seq) in one format and style, by article id."""
    return fragments_of(tx, keys, style, (format_,))[format_]


def store_fragments(tx: Connection, made: Mapping[Format, Iterable[tuple[str, int, bytes]]], style: str) -> None:
    """Keep fragments as (article id, seq, bytes) by format; an older one of the same article is replaced."""
    rows = [
        {"article_id": article_id, "format": format_, "seq": seq, "style": style, "body": body}
        for format_, pieces in made.items()
        for article_id, seq, body in pieces
    ]
    upsert(tx, fragments, rows)
