"""Content codings: the same bytes for the same input in every process, none where it would not be shorter.

gzip is written by libdeflate, whose bytes do not depend on the processor, as those of quicker libraries do. Levels are
those of the job (docs/performance.md, Codings): a current document is packed at every change of its section, so each
coding has the level from which on it costs more than it saves; what will seldom change again is packed smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import brotli  # type: ignore[import-untyped]
import deflate
import zstandard

Coding = Literal["gzip", "br", "zstd"]
Pack = Callable[[bytes], bytes]
Packing = Callable[[bytes], Mapping[Coding, bytes]]
# What an ETag ends with for each coding (SEMANTICS 19).
SUFFIXES: dict[Coding, str] = {"gzip": "-gz", "br": "-br", "zstd": "-zst"}


def coded(body: bytes, *codings: Coding) -> Mapping[Coding, bytes]:
    """The body in those codings (all of them), without those in which it would not be shorter."""
    return _packed(body, {coding: _QUICK[coding] for coding in codings or _QUICK})


def coded_for_long(body: bytes) -> Mapping[Coding, bytes]:
    """As `coded`, smaller, in three times the time: for what will seldom change again."""
    return _packed(body, _SMALL)


def _packed(body: bytes, by: Mapping[Coding, Pack]) -> Mapping[Coding, bytes]:
    made = {coding: pack(body) for coding, pack in by.items()}
    return {coding: data for coding, data in made.items() if len(data) < len(body)}


def _gzip(level: int) -> Pack:
    return lambda body: bytes(deflate.gzip_compress(body, level))  # no time in it (RFC 1952 §2.3.1)


def _brotli(level: int) -> Pack:
    return lambda body: bytes(brotli.compress(body, quality=level))


def _zstd(level: int) -> Pack:
    return lambda body: zstandard.ZstdCompressor(level=level).compress(body)


_QUICK: dict[Coding, Pack] = {"gzip": _gzip(4), "br": _brotli(5), "zstd": _zstd(3)}
_SMALL: dict[Coding, Pack] = {"gzip": _gzip(8), "br": _brotli(6), "zstd": _zstd(9)}
