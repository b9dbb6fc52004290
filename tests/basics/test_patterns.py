"""Operators' patterns cannot stall the house: RE2 takes them or they are refused, and quickly (PROMISES 61, 62)."""

from __future__ import annotations

import time

import pytest

from feedhub.basics.patterns import check_replacement, compiled, substitute

MEGABYTE = "x" * 500_000 + "a" * 500_000 + "!"


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(x+x+)+y", r"(a|aa)+b", r"(?:x*)*y", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_what_stalls_other_engines_is_linear_here(pattern: str) -> None:
    found = compiled(pattern)
    spent = []
    for _ in range(3):  # the machine is shared: the best of three
        start = time.perf_counter()
        found.search(MEGABYTE)
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.05


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"(?<=a)b", "perl operator"),
        (r"(?=a)b", "perl operator"),
        (r"(a)\1", "escape sequence"),
        (r"a{100000}", "repetition size"),
        (r"((a{100}){100}){100}", "repetition"),
        (r"(?P<x>a)(?P=x)", "perl operator"),
        ("[", "missing ]"),
        ("a" * 10_240, "1000 are the most"),
    ],
)
def test_what_re2_does_not_take_is_refused_with_the_reason(pattern: str, said: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ValueError, match=r"^is (?:no|a) pattern") as refused:
        compiled(pattern)
    assert said in str(refused.value)
    assert time.perf_counter() - start < 0.05


@pytest.mark.parametrize("text", ["{{7*7}}", "%s %(x)d", "{0.__init__}", "${HOME}", "__class__", r"\\", "$1 &"])
def test_a_replacement_is_text_and_reaches_nothing(text: str) -> None:
    check_replacement("(a)", text)
    assert substitute("(a)", text, "-a-") == f"-{text.replace(chr(92) * 2, chr(92))}-"


def test_groups_are_put_in_and_unknown_ones_refused() -> None:
    assert substitute(r"(\d+)年(x)?", r"<\1|\2>", "在2023年") == "在<2023|>"
    for wrong in (r"\2", r"\g<1>", r"\n", "\\"):
        with pytest.raises(ValueError, match="names no group"):
            check_replacement("(a)", wrong)
