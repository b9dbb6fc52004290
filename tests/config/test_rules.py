"""`rules:` of a source: read in order; what is wrong is refused with file, line and column (PROMISES 61, 62)."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.model.rule import Rule
from tests.config.test_load import faults, load

SOURCE = "- key: a\n  name: A\n  url: http://a.example/f.xml\n  rules:\n"


def test_rules_are_read_in_their_order(tmp_path: Path) -> None:
    rules = (
        "    - {drop: advertorial, any: [广告, no], field: title}\n"
        "    - {route: news/local, pattern: '^衡阳', field: [title, summary]}\n"
        "    - {tag: [Weather, Sky], field: category, any: 天气}\n"
        "    - {rewrite: '\\1', pattern: '^\\[(\\w+)\\]', field: title}\n"
    )
    config = load(tmp_path, s=SOURCE + rules)
    assert config.sources[0].rules == (
        Rule(action="drop", fields=("title",), any=("广告", "no"), reason="advertorial"),
        Rule(action="route", fields=("title", "summary"), pattern="^衡阳", sections=("news/local",)),
        Rule(action="tag", fields=("category",), any=("天气",), tags=("Weather", "Sky")),
        Rule(action="rewrite", fields=("title",), pattern=r"^\[(\w+)\]", replacement=r"\1"),
    )


@pytest.mark.parametrize(
    ("rule", "place", "said"),
    [
        ("{drop: x, pattern: '(?<=a)b'}", "5:17: [0].rules[0].pattern", "is no pattern that RE2 takes"),
        ("{drop: x, pattern: '(a)\\1'}", "5:17: [0].rules[0].pattern", "is no pattern that RE2 takes"),
        ("{drop: x, pattern: 'a{100000}'}", "5:17: [0].rules[0].pattern", "invalid repetition size"),
        (f"{{drop: x, pattern: '{'a' * 10240}'}}", "5:17: [0].rules[0].pattern", "1000 are the most"),
        ("{drop: x}", "5:7: [0].rules[0]", "name keywords under any, or a pattern"),
        ("{drop: x, hold: y, any: [a]}", "5:7: [0].rules[0]", "name exactly one of keep, drop"),
        ("{any: [a]}", "5:7: [0].rules[0]", "name exactly one of keep, drop"),
        ("{rewrite: '\\2', pattern: '(a)'}", "5:7: [0].rules[0]", "names no group"),
        ("{rewrite: b, any: [a]}", "5:7: [0].rules[0]", "by a pattern alone"),
        ("{rewrite: b, pattern: a, field: [guid, title]}", "5:7: [0].rules[0]", "guid can be looked at, not rewritten"),
        ("{drop: x, any: [a], field: __class__}", "5:27: [0].rules[0].field", "is one of"),
        ("{drop: x, any: [a], field: item.__init__}", "5:27: [0].rules[0].field", "is one of"),
        ("{exec: x, any: [a]}", "5:8: [0].rules[0].exec", "is not a key here"),
        ("{route: [news/locl], any: [a]}", "5:16: [0].rules[0].route[0]", "near names: news/local"),
        ("{route: news/locl, any: [a]}", "5:8: [0].rules[0].route", "near names: news/local"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_at_its_place(tmp_path: Path, rule: str, place: str, said: str) -> None:
    found = faults(tmp_path, s=f"{SOURCE}    - {rule}\n")
    assert any(fault.startswith(f"feeds/sources/s.yaml:{place}") and said in fault for fault in found), found
