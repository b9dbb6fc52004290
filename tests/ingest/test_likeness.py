"""Reprints become one story with a chain, and what only looks like one stays apart (tests/ingest/stories)."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.ingest.importing.records import ImportContext
from feedhub.ingest.importing.take_in import import_path
from feedhub.ingest.likeness import _DASH, _HARD, _SOFT, _WIRE, ENOUGH, _clauses, likeness, marks_of, text_of
from feedhub.ingest.reprints import reprint_chain
from feedhub.ingest.review import accept_entry
from feedhub.model.item import Item
from feedhub.store.article_reads import list_articles
from feedhub.store.engine import Store
from feedhub.store.entries import get_entry
from feedhub.store.text_marks import SLOTS, find_by_marks, forget_marks, keep_marks
from tests.ingest.conftest import IDENTITY, Bring
from tests.ingest.stories.generator import Pair, pairs
from tests.ingest.stories.judged import judge
from tests.kit import LOCAL, NOW, a_source, sections

ONE, OTHER = a_source("one"), a_source("other", policy="auto")


def pair(kind: str, seed: int = 3, language: str = "zh") -> Pair:
    return next(one for one in pairs(seed) if (one.kind, one.language) == (kind, language))


def items(kind: str, **values: object) -> tuple[Item, Item]:
    found = pair(kind)
    language = {"language": "zh", "published": NOW - timedelta(hours=5)} | values
    return tuple(replace(one.item(name), **language) for one, name in ((found.known, "a"), (found.newcomer, "b")))  # type: ignore[return-value, arg-type]


def test_no_wrong_merge_and_nine_of_ten_reprints() -> None:
    table = judge(9000, 25)
    assert not [key for key, number in table.items() if number and key[3] and not key[2]]
    for language in ("zh", "en"):
        found = sum(number for (spoken, _, same, hit), number in table.items() if spoken == language and same and hit)
        assert found / sum(n for (spoken, _, same, _), n in table.items() if spoken == language and same) > 0.85


def test_of_what_one_document_lists_only_nearly_the_same_is_one() -> None:
    table = judge(9100, 8, one_document=True)
    assert not [key for key, number in table.items() if number and key[3] and not key[2]]
    whole = [
        number for (_, kind, _, hit), number in table.items() if hit and kind in ("as it is", "other marks and space")
    ]
    assert sum(whole) == 8 * 4, "listed twice, word for word"


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("az09.,-–'“”‘’_* \n的。，"), max_size=60))
def test_clauses_are_what_the_patterns_say(text: str) -> None:
    flat = _DASH.sub("\n", _WIRE.sub("\\1\n", unicodedata.normalize("NFKC", text).casefold()))
    pieces = _HARD.sub("\n", _SOFT.sub("", flat)).split("\n")
    assert _clauses(text) == tuple(clause for piece in pieces if (clause := "".join(piece.split())))


@pytest.mark.parametrize(
    "lead",
    [
        "本报讯 ",
        "【本报讯】",
        "本报讯：",
        "衡阳日报讯　",
        "中新网衡阳11月27日电 (记者 李四)",
        "新华社长沙11月27日电 ",
        "红网时刻衡阳11月27日讯 ",
    ],
)
def test_the_line_of_an_agency_is_no_part_of_the_story(lead: str) -> None:
    story = (
        "市交通局今天介绍，今年以来全市新建农村公路三百二十公里，完成投资十五亿元。" * 2
        + "惠及沿线群众四十万人，下一步继续推进客运一体化。"
    )
    known, again = (text_of(Item(title="全市新建农村公路", summary=text)) for text in (story, lead + story))
    assert likeness(again, known).same


def test_a_short_text_is_never_like_another() -> None:
    short = text_of(Item(title="A", summary="w " * 20))
    assert short.size < ENOUGH and marks_of(short) == () and not likeness(short, short).same


def test_a_reprint_is_merged_and_its_chain_is_told(store: Store, bring: Bring) -> None:
    first, again = items("title, marks and line")
    (told,) = bring(ONE, [first])
    (line,) = bring(OTHER, [again], now=NOW + timedelta(hours=1))
    assert (told.outcome, line.outcome, line.reason) == ("published", "merged", "same_story")
    assert "the same text" in line.note and f"entry {told.entry_id} of one" in line.note
    (after,) = bring(OTHER, [again], now=NOW + timedelta(hours=2))
    assert after.outcome == "unchanged"
    with store.read() as tx:
        assert len(list_articles(tx)) == 1
        for entry_id in (told.entry_id, line.entry_id):
            chain = reprint_chain(tx, get_entry(tx, str(entry_id)))
            assert [one.source for one, _ in chain] == ["one", "other"] and 0.5 < chain[1][1] < 1
    with store.write() as tx:  # a wrong merge is undone
        done = accept_entry(
            tx, str(line.entry_id), tree=sections(), identity=IDENTITY, now=NOW + timedelta(hours=3), by="cli:x"
        )
        assert (done.state, done.merged_into) == ("published", None)
        assert len(list_articles(tx)) == 2


@pytest.mark.parametrize("kind", ["new figures", "weather, another day", "follow-up"])
def test_what_only_looks_like_it_is_published_and_said(bring: Bring, kind: str) -> None:
    first, other = items(kind)
    bring(ONE, [first])
    (line,) = bring(OTHER, [other])
    assert (line.outcome, line.reason) == ("published", "auto")
    if kind == "new figures":
        assert "much like entry" in line.note and "where the other says" in line.note


def test_within_one_document_only_where_nearly_all_is_the_same(store: Store, bring: Bring) -> None:
    first, again = items("credit")
    lines = bring(ONE, [first, again])
    assert [line.reason for line in lines] == ["auto", "same_story"]
    assert f"entry {lines[0].entry_id} of one" in lines[1].note


def test_two_pieces_of_one_document_stay_two(bring: Bring) -> None:
    cut, whole = items("cut at the end")
    lines = bring(ONE, [whole, cut])
    assert [line.outcome for line in lines] == ["published", "published"]
    assert [line.outcome for line in bring(ONE, [whole, cut])] == ["unchanged", "unchanged"]


def test_what_its_source_still_lists_is_a_piece_of_its_own(bring: Bring) -> None:
    cut, whole = items("cut at the end")
    bring(ONE, [whole])
    assert [line.outcome for line in bring(ONE, [cut, whole])] == ["published", "unchanged"]
    (line,) = bring(OTHER, [replace(cut, guid="o", link="http://o.example/")])
    assert line.reason in ("same_story", "same_content")


def test_an_imported_article_has_its_reprints_too(store: Store, bring: Bring, tmp_path: Path) -> None:
    first, again = items("title, marks and line")
    record = {"section": LOCAL, "title": first.title, "content_html": first.html, "id": "imported"}
    record |= {"published": NOW.isoformat(), "language": "zh"}
    (tmp_path / "a.jsonl").write_text(json.dumps(record), "utf-8")
    context = ImportContext(UTC, "en", IDENTITY.authority, IDENTITY.installation, frozenset(sections()), NOW)
    import_path(store, tmp_path / "a.jsonl", None, context, progress=lambda done, of: None, now=NOW)
    (line,) = bring(OTHER, [again])
    assert (line.outcome, line.reason) == ("merged", "same_story")
    assert "an imported article" in line.note and "the same text" in line.note
    with store.read() as tx:
        assert get_entry(tx, str(line.entry_id)).article_id == "imported"


def test_not_long_after(bring: Bring) -> None:
    first, again = items("cut at the end")
    bring(ONE, [first])
    late = replace(again, guid="c", link="http://c.example/", published=NOW - timedelta(days=9))
    assert [line.outcome for line in bring(OTHER, [late])] == ["published"]


def test_what_waits_for_review_gives_way(store: Store, bring: Bring) -> None:
    first, again = items("credit")
    (waits,) = bring(a_source("one", policy="review"), [first])
    (line,) = bring(OTHER, [again])
    assert line.outcome == "published" and "takes the place" in line.note
    with store.read() as tx:
        assert get_entry(tx, str(waits.entry_id)).merged_into == line.entry_id


def test_a_mark_that_all_have_costs_no_more(store: Store) -> None:
    with store.write() as tx:
        for number in range(100, 160):
            keep_marks(tx, {str(number): (7, number)}, NOW)
        assert find_by_marks(tx, [7], since=NOW) == []  # no such entries here
        assert forget_marks(tx, NOW + timedelta(days=1)) == SLOTS + 60
