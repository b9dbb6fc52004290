"""The quick looks at text say what the patterns behind them say."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from feedhub.basics.text import _NONCHARACTERS, _NOT_XML, fold, xml_text

SIGNS = " \n\t\r\x0b\x1c\x85\xa0\u2028\u202e\u2066\u3000\ufeff\uffff\U0001fffe"
ODD = st.text(st.characters() | st.sampled_from(SIGNS))


@given(ODD)
def test_what_is_printable_has_nothing_that_xml_cannot_carry(text: str) -> None:
    assert xml_text(text) == _NONCHARACTERS.sub("", _NOT_XML.sub("", text))


@given(ODD)
def test_folding_is_what_the_pattern_for_white_space_says(text: str) -> None:
    assert fold(text) == re.sub(r"\s+", " ", text).strip()


def test_every_character_on_its_own() -> None:
    for number in [*range(0xD800), *range(0xE000, 0x110000, 7), *range(0xFDD0, 0xFDF0), 0xFFFE, 0xFFFF]:
        text = f"a{chr(number)}b"
        assert xml_text(text) == _NONCHARACTERS.sub("", _NOT_XML.sub("", text))
