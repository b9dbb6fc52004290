"""Content codings undone within bounds (PROMISES B3 45 and 47)."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from feedhub.errors import BadResponse, TooLarge
from feedhub.net.decode import body_decoder

TEXT = "衡阳 feed ".encode() * 5000


def packed_gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)  # the same bytes in every process, since they name the test


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def decode(coding: str, data: bytes, *, step: int = 1000, limit: int = 1 << 20) -> bytes:
    decoder = body_decoder(coding, limit=limit, url="http://h/")
    for at in range(0, len(data), step):
        decoder.feed(data[at : at + step])
    return decoder.finish()


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", packed_gzip(TEXT)),
        ("X-GZIP", packed_gzip(TEXT)),
        (" GZip , identity", packed_gzip(TEXT)),
        ("gzip", packed_gzip(TEXT[:900]) + packed_gzip(TEXT[900:])),
        ("gzip", packed_gzip(TEXT) + b"\0" * 500),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
    ],
)
def test_what_was_packed_comes_out(coding: str, packed: bytes, step: int) -> None:
    assert decode(coding, packed, step=step) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", ""])
def test_nothing_stays_nothing(coding: str) -> None:
    assert decode(coding, b"") == b""


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "deflate, gzip", "x" * 500, "*"]
)
def test_a_coding_that_is_not_ours_is_refused(coding: str) -> None:
    with pytest.raises(BadResponse) as refused:
        body_decoder(coding, limit=100, url="http://h/")
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("gzip", TEXT),
        ("gzip", b"<rss/>"),
        ("gzip", zlib.compress(TEXT)),
        ("gzip", packed_gzip(TEXT)[:-1]),
        ("gzip", packed_gzip(TEXT)[:-9]),
        ("gzip", packed_gzip(TEXT)[:20]),
        ("gzip", b"\x1f"),
        ("gzip", packed_gzip(TEXT)[:-8] + b"\0" * 8),
        ("gzip", packed_gzip(TEXT) + b"garbage"),
        ("gzip", packed_gzip(packed_gzip(TEXT))),
        ("gzip", packed_gzip(b"") * 100),
        ("deflate", b"x"),
        ("deflate", zlib.compress(TEXT)[:-1]),
        ("deflate", zlib.compress(TEXT) + b"!"),
        ("deflate", raw_deflate(TEXT)[:-1]),
        ("deflate", packed_gzip(TEXT)),
    ],
)
def test_what_is_broken_is_said_so(coding: str, data: bytes) -> None:
    with pytest.raises(BadResponse):
        decode(coding, data)


@pytest.mark.parametrize("pack", [packed_gzip, zlib.compress, raw_deflate])
@pytest.mark.parametrize("step", [100, 1 << 20])
def test_unpacking_stops_at_the_bound(pack: object, step: int) -> None:
    coding = "gzip" if pack is packed_gzip else "deflate"
    assert len(decode(coding, pack(b"\0" * 1000), limit=1000)) == 1000  # type: ignore[operator]
    decoder = body_decoder(coding, limit=1000, url="http://h/")
    bomb: bytes = pack(b"\0" * 10_000_000)  # type: ignore[operator]
    with pytest.raises(TooLarge):
        for at in range(0, len(bomb), step):
            decoder.feed(bomb[at : at + step])
    assert sum(map(len, decoder._parts)) <= 1000


def test_plain_bytes_have_the_bound_too() -> None:
    assert decode("", b"x" * 1000, limit=1000) == b"x" * 1000
    with pytest.raises(TooLarge):
        decode("", b"x" * 1001, limit=1000)


def test_noise_never_raises_anything_else() -> None:
    dice = random.Random(7)
    for coding, whole in (
        ("gzip", packed_gzip(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
    ):
        for _ in range(300):
            broken = bytearray(whole)
            for _ in range(dice.randint(1, 4)):
                broken[dice.randrange(len(broken))] = dice.randrange(256)
            try:
                decode(coding, bytes(broken[: dice.randint(1, len(broken))]), step=dice.choice([1, 50, 5000]))
            except (BadResponse, TooLarge):
                continue
