"""The catalogue: every text that templates and pages say has its Chinese line, and no line is left over."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from feedhub.web.catalogue import CHINESE, interface_of, say
from feedhub.web.readers import readers_of
from feedhub.web.refusals import _WORDS

WEB = Path(__file__).resolve().parents[2] / "feedhub" / "web"
SAID = re.compile(r'\b(?:_|say)\(\s*("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')')
PLACE = re.compile(r"\{(\w+)\}")


def said() -> set[str]:
    """The texts in `_("…")` of the templates and of the code that speaks to people."""
    outside = {*_WORDS.values(), *(f"There is no {kind} by this name." for kind in ("section", "article"))}
    readers = {text for one in readers_of("http://a.example/", "en") for text in (one.name, one.about)} & CHINESE.keys()
    files = [*(WEB / "templates").glob("*.html"), *WEB.glob("*.py")]
    return (
        {one.about for one in readers_of("http://a.example/", "zh")}
        | readers
        | outside
        | {
            ast.literal_eval(found)
            for file in files
            if file.name != "catalogue.py"
            for found in SAID.findall(file.read_text())
        }
    )


def test_every_text_has_a_chinese_line_and_every_line_a_text() -> None:
    assert said() - CHINESE.keys() == set()
    assert CHINESE.keys() - said() == set()


@pytest.mark.parametrize(("english", "chinese"), CHINESE.items())
def test_a_line_says_the_same(english: str, chinese: str) -> None:
    assert sorted(PLACE.findall(english)) == sorted(PLACE.findall(chinese))
    assert sorted(re.findall(r"<[^>]*>", english)) == sorted(re.findall(r"<[^>]*>", chinese))
    assert re.search("[\u4e00-\u9fff]", chinese)


def test_values_are_text() -> None:
    assert say("Read on at {portal}", "zh", portal="<b>") == "前往&lt;b&gt;阅读"


@pytest.mark.parametrize(
    ("tag", "spoken"), [("zh-Hans-CN", "zh"), ("ZH", "zh"), ("en-GB", "en"), ("fr", "en"), (None, "en")]
)
def test_the_language_that_suits(tag: str | None, spoken: str) -> None:
    assert interface_of(tag) == spoken
