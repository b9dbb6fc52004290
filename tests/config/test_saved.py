"""feeds/saved.yaml: what stands in it, and every fault with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedhub.config.saved import read_saved
from feedhub.model.question import Question, SavedFeed

HOME = ZoneInfo("Asia/Shanghai")
SECTIONS = ("life", "life/health", "news")


def read(tmp_path: Path, text: str) -> tuple[tuple[SavedFeed, ...], dict[str, str], list[str]]:
    (tmp_path / "saved.yaml").write_text(text, "utf-8")
    saved, former, faults = read_saved(tmp_path / "saved.yaml", "feeds/saved.yaml", SECTIONS, HOME)
    return saved, former, [str(fault) for fault in faults]


def test_a_question_with_a_name(tmp_path: Path) -> None:
    saved, former, faults = read(
        tmp_path,
        "saved:\n  - name: river-news\n    title: {en: On the river, zh: 湘江}\n    q: 湘江 -bridge\n"
        "    section: [news, life]\n    language: zh\n    since: 2026-01-01\n    has: enclosure\n"
        "  - {name: two, title: {en: Two}, section: [life, news]}\nformer_names: {old: two}\n",
    )
    assert faults == []
    assert saved[0] == SavedFeed(
        "river-news",
        "On the river",
        "湘江",
        Question(
            terms=("湘江",), without=("bridge",), sections=("life", "news"), languages=("zh",),
            since=datetime(2025, 12, 31, 16, tzinfo=UTC), has_enclosure=True,
        ),
    )  # fmt: skip
    assert saved[1].question == Question(sections=("life", "news"))
    assert former == {"saved/old": "saved/two"}
    assert read_saved(tmp_path / "none.yaml", "x", SECTIONS, HOME) == ((), {}, [])
    assert read(tmp_path, "# nothing yet\n") == ((), {}, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("saved:\n  - name: ../x\n    title: {en: X}", "feeds/saved.yaml:2:5: saved[0].name: '../x' is not a name"),
        ("saved:\n  - {name: X, title: {en: X}, q: a}", "saved.yaml:2:6: saved[0].name: 'X' is not a name"),
        ("saved:\n  - {name: a--b, title: {en: X}, q: a}", "saved[0].name: 'a--b' is not a name"),
        (f"saved:\n  - {{name: {'a' * 61}, title: {{en: X}}, q: a}}", "is not a name"),
        ("saved:\n  - {name: con, title: {en: X}, q: a}", "saved[0].name: 'con' is a device"),
        ("saved:\n  - {name: a%2e, title: {en: X}, q: a}", "is not a name"),
        ("saved:\n  - {name: a, title: {en: X}, q: a}\n  - {name: a, title: {en: Y}}", "3:6: saved[1].name: 'a'"),
        ("saved:\n  - name: a\n    title: {en: X}\n    section: nwes", "4:5: saved[0].section: There is no"),
        ("saved:\n  - {name: a, title: {en: X}}", "2:5: saved[0]: asks nothing"),
        ("saved:\n  - {name: a, title: {en: X}, since: soon}", "saved[0].since: since=:"),
        ("saved:\n  - {name: a, title: {en: X}, since: 2026-02-01, until: 2026-01-01}", "saved[0]: since= must be"),
        ("saved:\n  - {name: a, title: {en: X}, has: x}", "saved[0].has: has='x' is not known"),
        ("saved:\n  - {name: a, title: {en: X}, q: a, limit: 3}", "saved[0].limit: is not a key here"),
        ("saved:\n  - {name: a, q: a}", "saved[0].title: is missing"),
        ("former_names: {a: b}", "former_names.a: leads to 'b', which is no saved feed"),
        ("saved:\n  - {name: a, title: {en: X}, q: a}\nformer_names: {a: a}", "former_names.a: is still a saved feed"),
        ("saved: [" + "x, " * 300 + "]", "saved"),
    ],
)  # fmt: skip
def test_a_fault_has_its_place(tmp_path: Path, text: str, expected: str) -> None:
    found = read(tmp_path, text)[2]
    assert any(expected in fault for fault in found), found
