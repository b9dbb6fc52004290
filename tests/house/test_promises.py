"""Every test that docs/promises.md names exists, and its tables leave out no number."""

from __future__ import annotations

import re

from tests.house.tree import ROOT

TEXT = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
NUMBERS = {*range(1, 76), *range(94, 142)}


def missing(text: str) -> list[str]:
    """The tests that a text names and nobody has written."""
    return [
        f"{file}::{test}"
        for file, test in NAMED.findall(text)
        if not (ROOT / file).is_file() or f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]


def test_every_test_named_exists() -> None:
    assert len(NAMED.findall(TEXT)) > 100
    assert not missing(TEXT)
    assert missing("`tests/net/test_guard.py::test_nobody_wrote`"), "the planted one is seen"


def test_no_number_is_left_out() -> None:
    numbers: set[int] = set()
    for cell in re.findall(r"^\| ([\d, to]+) \|", TEXT, re.M):
        for part in cell.split(","):
            first, _, last = part.strip().partition(" to ")
            numbers |= set(range(int(first), int(last or first) + 1))
    assert numbers == NUMBERS
