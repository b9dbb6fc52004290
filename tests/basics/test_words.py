"""Text as words: folded the same for what is stored and what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.basics.words import LONGEST_WORD, asked_words, folded, in_words, is_chinese, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5G网络建设", "5g 网络建设"),
        ("Don't STOP", "don t stop"),
        ("衡阳，湘江 夜景", "衡阳 湘江 夜景"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("Straße snake_case", "strasse snake case"),
        ("コーヒー 한국어", "コーヒー 한국어"),
        ("…—！", ""),
        ("x" * 200, "x" * LONGEST_WORD),
    ],
)
def test_what_a_text_is_folded_to(text: str, expected: str) -> None:
    assert folded(text) == expected


@given(st.text(st.characters() | st.sampled_from("5g 网络建设々〇ー한é_.§𠀀"), max_size=80))
def test_words_are_made_run_by_run(text: str) -> None:
    expected: list[str] = []
    for run in folded(text).split():
        expected += [run[place : place + 2] for place in range(len(run))] if is_chinese(run) else [run]
    assert words_of(folded(text)) == in_words(f" {folded(text)} ").split() == expected


def test_pairs_overlap_and_the_last_character_stands_alone() -> None:
    assert words_of("5g 网络建设") == ["5g", "网络", "络建", "建设", "设"]
    assert words_of("雁") == ["雁"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("湘江", (["湘江"], False)),
        ("湘江夜", (["湘江", "江夜"], False)),
        ("湘", (["湘"], True)),
        ("5g 湘", (["5g", "湘"], True)),
        ("江 5g", (["江", "5g"], False)),
        ("", ([], False)),
    ],
)
def test_what_a_question_asks_for_in_a_row(asked: str, expected: tuple[list[str], bool]) -> None:
    assert asked_words(asked) == expected
