"""`?limit=` and `?lang=`: clamped, cut from the same fragments, under the same id and self, writing nothing."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import feedparser
import pytest

from feedhub.errors import NotFound
from feedhub.model.feed import FORMATS, FeedDocument, Format
from feedhub.model.safehtml import SafeHtml
from feedhub.publish.addresses import feed_path
from feedhub.publish.limited import LONGEST, Cut, Cutter, read_cut
from feedhub.publish.render import render_due
from feedhub.publish.style import Style
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.documents import get_document
from feedhub.store.engine import Store
from tests.kit import StillClock
from tests.publish.material import NOON, article

LONG_AGO = NOON - timedelta(days=1000)


@pytest.fixture
def filled(store: Store, style: Style, clock: StillClock) -> Store:
    """70 articles in `news`, every third in Chinese, and one accepted late that is older than all."""
    with store.write() as tx:
        for n in range(70):
            day = LONG_AGO + timedelta(days=n)
            language = "zh" if n % 3 == 0 else "en"
            it = article(f"n{n:03}", sections=("news",), published=day, updated=day, language=language)
            put_article(tx, it, now=clock.now(), late=False, by="test")
        late = article("late", sections=("news",), published=LONG_AGO - timedelta(days=1))
        put_article(tx, late, now=clock.now(), late=True, by="test")
    clock.pass_(seconds=1)
    render_due(store, style, clock)
    return store


def ids(document: FeedDocument) -> list[str]:
    return [item["id"].rpartition("/")[2] for item in json.loads(document.body)["items"]]


def stored(store: Store, format_: Format) -> FeedDocument | None:
    with store.read() as tx:
        return get_document(tx, feed_path("news", format_))


@pytest.mark.parametrize(
    ("limit", "language", "cut"),
    [
        ("10", None, Cut(10)),
        ("0", None, Cut(1)),
        ("-1", None, Cut(1)),
        ("1000000000", "EN", Cut(500, "en")),
        ("9" * 30, None, Cut(500)),
        ("9" * 99, None, None),
        ("ten", "", None),
        ("１０", "e n", None),
        ("1e3", None, None),
        (None, "ZH-hans-cn", Cut(None, "zh-Hans-CN")),
        (None, None, None),
    ],
)
def test_parameters_are_clamped_or_ignored(limit: str | None, language: str | None, cut: Cut | None) -> None:
    assert read_cut(limit, language) == cut


def test_shorter_is_the_beginning_of_the_document(filled: Store, style: Style) -> None:
    whole = stored(filled, "json")
    assert whole is not None
    assert ids(Cutter(filled, style).document("news", "json", Cut(7))) == ids(whole)[:7]
    assert len(ids(whole)) == 51
    assert Cutter(filled, style).document("news", "json", Cut(51)).body == whole.body


def test_longer_goes_on_into_the_past(filled: Store, style: Style) -> None:
    for format_ in FORMATS:
        made = Cutter(filled, style).document("news", format_, Cut(500))
        whole = stored(filled, format_)
        assert whole is not None
        assert (made.link, made.content_type) == (whole.link, whole.content_type)
        assert made.last_modified == whole.last_modified
        if format_ == "json":
            assert ids(made) == [*(f"n{n:03}" for n in range(69, -1, -1)), "late"]
        else:
            read, plain = feedparser.parse(io.BytesIO(made.body)), feedparser.parse(io.BytesIO(whole.body))
            assert len(read.entries) == 71
            assert read.feed.get("id") == plain.feed.get("id")
            assert [it.href for it in read.feed.links] == [it.href for it in plain.feed.links]


def test_one_language(filled: Store, style: Style) -> None:
    made = Cutter(filled, style).document("news", "json", Cut(None, "zh"))
    read = json.loads(made.body)
    assert read["language"] == "zh"
    assert len(read["items"]) == 24
    assert {item["language"] for item in read["items"]} == {"zh"}
    assert read["feed_url"] == "http://127.0.0.1:8080/json/news.json"
    assert ids(Cutter(filled, style).document("news", "json", Cut(None, "de"))) == []


def test_at_most_a_mebibyte(filled: Store, style: Style, clock: StillClock) -> None:
    with filled.write() as tx:
        for n in range(12):
            body = SafeHtml("<p>" + "衡阳 &amp; " * 11_000 + "</p>")
            it = article(f"long{n}", sections=("news",), published=NOON - timedelta(hours=n), html=body)
            put_article(tx, it, now=clock.now(), late=False, by="test")
    for format_ in FORMATS:
        made = Cutter(filled, style).document("news", format_, Cut(500))
        assert LONGEST * 0.7 < len(made.body) <= LONGEST


def test_cutting_writes_nothing_and_remembers_within_bounds(
    filled: Store, style: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    cutter = Cutter(filled, style, memory=60_000)

    def no_writing() -> None:
        raise AssertionError("a GET changes nothing")

    monkeypatch.setattr(filled, "write", no_writing)
    first = cutter.document("news", "json", Cut(20))
    assert cutter.document("news", "json", Cut(20)) is first
    for limit in range(1, 40):
        cutter.document("news", "json", Cut(limit))
        assert cutter._kept.bytes <= 60_000


def test_what_was_withdrawn_is_gone_at_once(filled: Store, style: Style, clock: StillClock) -> None:
    cutter = Cutter(filled, style)
    assert "n069" in ids(cutter.document("news", "json", Cut(10)))
    with filled.write() as tx:
        withdraw_article(tx, "n069", now=clock.now(), by="test", reason="gone")
    made = cutter.document("news", "json", Cut(10))
    assert "n069" not in ids(made)
    assert json.loads(made.body)["_feedhub"]["deleted"][0]["reason"] == "gone"


def test_no_such_section(store: Store, style: Style) -> None:
    with pytest.raises(NotFound):
        Cutter(store, style).document("nothing", "rss", Cut(1))
