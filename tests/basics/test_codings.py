"""The codings of a body: whole again when unpacked, smaller, and smaller still for what is kept for long."""

from __future__ import annotations

import gzip
import random

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from feedhub.basics.codings import Coding, coded, coded_for_long

UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.decompress}
WORDS = "the city of Hengyang 衡阳市 opened a new bridge 大桥 over its river <p> &amp; </p>".split()
BODY = " ".join(random.Random(1).choices(WORDS, k=8_000)).encode()


@pytest.mark.parametrize("coding", UNPACK)
def test_a_body_is_whole_again_and_smaller_for_long(coding: Coding) -> None:
    quick, small = coded(BODY)[coding], coded_for_long(BODY)[coding]
    assert UNPACK[coding](quick) == UNPACK[coding](small) == BODY
    assert len(small) < len(quick) < len(BODY) / 3
    assert coded(BODY, coding) == {coding: quick}


@pytest.mark.parametrize("body", [b"", b"x", random.Random(1).randbytes(500)])
def test_a_body_that_would_not_be_shorter_is_left_as_it_is(body: bytes) -> None:
    assert coded(body) == coded_for_long(body) == {}
