"""Accept-Encoding as a table (RFC 9110 §12.5.3)."""

from __future__ import annotations

import pytest

from feedhub.web.negotiate import choose

SMALLEST_FIRST = ("br", "zstd", "gzip")


@pytest.mark.parametrize(
    ("field", "coding"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate, br", "br"),
        ("zstd, gzip", "zstd"),
        ("br, gzip;q=0.5", "br"),
        ("br;q=0.4, gzip;q=0.5", "gzip"),
        ("br;q=0.5, zstd;q=0.500, gzip;q=0.5", "br"),
        ("br;q=0, *;q=0.5", "zstd"),
        ("gzip;q=0", None),
        ("gzip;q=0.000", None),
        ("gzip;q=0.001", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("*;q=0, gzip", "gzip"),
        ("gzip;q=0, *", "br"),
        ("identity", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=1", "gzip"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("identity;q=0", None),
        ("gzip;q=2", None),
        ("gzip;q=x", None),
        ("deflate, compress", None),
        ("gzip ; q=1", "gzip"),
        ("br ;Q=0.7,gzip;q=0.2", "br"),
        ("notgzip", None),
        ("gzip, " * 100 + "br", "br"),
        ("gzip, " * 2000, None),  # longer than any honest client's
    ],
)
def test_which_coding(field: str | None, coding: str | None) -> None:
    assert choose(field, SMALLEST_FIRST) == coding


def test_what_is_not_offered_is_not_chosen() -> None:
    assert choose("br, gzip;q=0.5", ("gzip",)) == "gzip"
    assert choose("br, gzip", ()) is None
