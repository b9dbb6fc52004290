"""A question as parameters: what is read, the one normal form, the words for people, and clear refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from feedhub.basics.dates import zone
from feedhub.errors import UsageError
from feedhub.model.question import EVERYTHING, Question
from feedhub.model.question_text import question_words, read_question, write_question
from tests.kit import LOCAL, sections
from tests.publish.material import PORTAL

HOME = zone("Asia/Shanghai")


def read(query: str) -> Question:
    return read_question(parse_qsl(query, keep_blank_values=True), sections(), HOME)


@pytest.mark.parametrize(
    ("q", "terms", "without"),
    [
        ("湘江", ("湘江",), ()),
        ('湘江 "Night  Market" -Bridge', ("湘江", "night market"), ("bridge",)),
        ("“夜间经济” －雁城", ("夜间经济",), ("雁城",)),
        ('-"night market" well-known', ("well known",), ("night market",)),
        ('"left open', ("left open",), ()),
        ("湘江 湘江 - …", ("湘江",), ()),
        ("Xiang.River", ("xiang river",), ()),
    ],
)
def test_words_and_phrases(q: str, terms: tuple[str, ...], without: tuple[str, ...]) -> None:
    question = read_question([("q", q)], sections(), HOME)
    assert (question.terms, question.without) == (terms, without)


def test_one_question_has_one_normal_form() -> None:
    first = read(
        f"q=%E6%B9%98%E6%B1%9F&section=life&section={LOCAL}&language=ZH-cn&since=2026-01-01&until=2026-06-30&x=1"
    )
    second = read(
        f"until=2026-06-30&since=2026-01-01T00:00:00%2B08:00&section={LOCAL}&section=life/&language=zh-CN&q=湘江&has="
    )
    assert first == second
    query = write_question(first, HOME)
    assert query == (
        "q=%E6%B9%98%E6%B1%9F&section=current-news%2Fhot-news%2Flocal&section=life&language=zh-cn"
        "&since=2026-01-01&until=2026-06-30"
    )
    assert read(query) == first


@pytest.mark.parametrize(
    "query",
    [
        'q=a -b "c d" -"e f"',
        "since=2026-01-01T10:00:00 08:00&until=2026-06-30T12:00:01Z",
        "source=衡阳日报&category=Parks %26 Rivers&author=Li Hua&has=enclosure",
        "until=2026-06-30T00:00:00%2B08:00",
        "section=all",
    ],
)
def test_the_normal_form_asks_the_same(query: str) -> None:
    question = read(query)
    assert question != EVERYTHING
    assert read(write_question(question, HOME)) == question


def test_a_day_counts_whole_in_the_zone_of_the_portal() -> None:
    question = read("since=2026-01-01&until=2026-01-01")
    assert question.since == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert question.until == datetime(2026, 1, 1, 16, tzinfo=UTC)


def test_the_words_for_people() -> None:
    asked = read('q=湘江 -"night market"&section=life&source=Daily&since=2026-01-01&until=2026-06-30&has=enclosure')
    words = question_words(asked, PORTAL, HOME)
    assert words == '湘江 -"night market" · Life · daily · since 2026-01-01 · until 2026-06-30 · with a file'


@pytest.mark.parametrize("query", ["", "q=&section=&since=+", "utm_source=x", "limit=3&lang=zh", "x=%00"])
def test_what_asks_for_nothing_is_everything(query: str) -> None:
    assert read(query) == EVERYTHING
    assert write_question(EVERYTHING, HOME) == ""


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"q={'x' * 201}", "at most 200 characters"),
        (f"q={'+'.join(f'w{n}' for n in range(13))}", "at most 12 words"),
        ("q=…!", "no word"),
        ("section=life/helth", "Near names: life/health"),
        ("section=nope", "There is no section 'nope'. All sections are listed at /rss/."),
        ("q=a%00b", "NUL"),
        ("&".join(f"source=s{n}" for n in range(21)), "20 times"),
        (f"author={'x' * 101}", "100 characters"),
        ("category=…", "no word"),
        ("language=english!", "no language tag"),
        ("since=yesterday", "since=: 'yesterday' is not a date"),
        ("until=2026-13-01", "until=: '2026-13-01' is not a date"),
        ("until=9999-12-31", "until="),
        ("since=2026-02-01&until=2026-01-01", "earlier"),
        ("has=picture", "has=enclosure"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(query: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(query)
