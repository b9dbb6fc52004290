"""Documents broken at random, the same ones for the same seed (PROMISES B3 43)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

_TOKENS = (
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?xml", b"?>", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf",
    b"<item>", b"</item>", b"<entry>", b"</channel>", b"</feed>", b"<rss>", b"&#x0;", b"&#xD800;", b"&#99999999;",
    b"<!DOCTYPE a [", b"<!ENTITY a 'b'>", b"&a;", b"xml:base='http://[::1'", b"xmlns:x=''", b"x:y='",
    b"encoding='utf-7'",
    b"<div><div><div>", b"</p></p>", b"<link/>", b"<guid>", b"<pubDate>99999999999999999999</pubDate>", b"\xed\xa0\x80",
    "衡阳".encode("gb18030"), "\u202e".encode(), b"9" * 400, b"javascript:alert(1)", b'"', b"'", b"\r", b"\x85",
)  # fmt: skip
LARGEST = 200_000


def seeds(folder: Path) -> list[bytes]:
    """Every document in a folder that is not so large that a mutant of it costs seconds."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".xml", ".rss", ".atom", ".rdf", ".json"))
    return [file.read_bytes() for file in files if file.stat().st_size <= LARGEST]


def mutants(originals: Sequence[bytes], number: int, seed: int) -> Iterator[bytes]:
    """So many documents, each with one to eight things broken."""
    dice = random.Random(seed)
    for _ in range(number):
        yield _broken(dice.choice(originals), dice, originals)


def _broken(document: bytes, dice: random.Random, originals: Sequence[bytes]) -> bytes:
    for _ in range(dice.randint(1, 8)):
        at = dice.randint(0, len(document))
        to = min(len(document), at + dice.choice((1, 2, 8, 64, 512, 4096)))
        piece = document[at:to]
        match dice.randrange(8):
            case 0:
                document = document[:at] + bytes([dice.randrange(256)]) + document[at + 1 :]
            case 1:
                document = document[:at] + document[to:]
            case 2:
                document = document[:at] + piece * dice.choice((2, 3, 50)) + document[to:]
            case 3 | 4:
                document = document[:at] + dice.choice(_TOKENS) + document[at:]
            case 5:
                document = document[:at] if dice.random() < 0.3 else document[:at] + piece[::-1] + document[to:]
            case 6:
                other = dice.choice(originals)
                start = dice.randint(0, len(other))
                document = document[:at] + other[start : start + 4096] + document[at:]
            case _:
                token = dice.choice(_TOKENS)
                document = document.replace(dice.choice((b">", b"<", b'"', b" ")), token, dice.randint(1, 20))
        document = document[: 4 * LARGEST]
    return document
