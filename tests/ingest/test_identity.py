"""One article stays one, whatever a source does to its guids, its order and its dates (PROMISES 122 to 130)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from feedhub.ingest.identity import document_warnings, guid_path
from feedhub.model.item import Item
from feedhub.model.safehtml import make_safe
from feedhub.store.article_reads import article_history, get_article, list_articles, section_articles
from feedhub.store.articles import withdraw_article
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from tests.ingest.conftest import Bring, an_item
from tests.kit import LOCAL, NOW, a_source

LATER = NOW + timedelta(hours=1)


def outcomes(lines: tuple[object, ...]) -> list[tuple[str, str]]:
    return [(line.outcome, line.reason) for line in lines]  # type: ignore[attr-defined]


def addressed(name: str, **values: object) -> Item:
    """An item whose guid is an address, and which has no link to be known by."""
    return an_item(name, **({"guid": f"http://site.example/a/{name}.html", "link": None} | values))


MOVED = [
    "https://site.example/a/{}.html",
    "http://other.example/a/{}.html",
    "https://www.site.example:8443/a/{}.html",
    "http://site.example/a/{}.html/",
    "http://site.example/a/{}.html?utm_source=rss",
]


def test_a_guid_under_another_scheme_or_host_is_no_new_item(store: Store, bring: Bring) -> None:
    items = [addressed(str(number)) for number in range(len(MOVED))]
    bring(a_source(), items)
    moved = [
        replace(item, guid=guid.format(number)) for number, (item, guid) in enumerate(zip(items, MOVED, strict=True))
    ]
    # Under the new guid even a corrected text is known, because the title agrees.
    moved[0] = replace(moved[0], html=make_safe("<p>The first one was corrected in the meantime.</p>"))
    expected = [("published", "corrected")] + [("unchanged", "guid_changed")] * 4
    assert outcomes(bring(a_source(), moved, now=LATER)) == expected
    assert outcomes(bring(a_source(), moved, now=LATER)) == [("unchanged", "same")] * 5
    with store.read() as tx:
        assert len(list_entries(tx)) == len(list_articles(tx)) == 5


def test_the_path_of_a_guid_is_no_key_while_the_old_guid_stands(store: Store, bring: Bring) -> None:
    bring(a_source(), [addressed("1")])
    other = addressed("1", guid="https://mirror.example/a/1.html", html=make_safe("<p>Something else altogether.</p>"))
    assert outcomes(bring(a_source(), [addressed("1"), other])) == [("unchanged", "same"), ("published", "auto")]


def test_the_path_of_a_guid_is_no_key_where_neither_title_nor_text_agrees(bring: Bring) -> None:
    bring(a_source(), [addressed("1")])
    other = addressed(
        "1", guid="https://site.example/a/1.html", title="Else", html=make_safe("<p>Another text, told apart.</p>")
    )
    assert outcomes(bring(a_source(), [other])) == [("published", "auto")]


def test_the_path_of_a_guid_is_no_key_across_sources(bring: Bring) -> None:
    bring(a_source("a"), [addressed("1", html=None)])
    assert outcomes(bring(a_source("b"), [addressed("1", html=None)])) == [("published", "auto")]


@pytest.mark.parametrize(
    ("guid", "path"),
    [
        ("http://a.example/x/1?id=3&utm_source=y#z", "x/1?id=3"),
        ("HTTPS://a.example/x/1/", "x/1"),
        ("http://a.example/", ""),
        ("http://[a", ""),
        ("tag:a.example,2020:x", ""),
        ("17", ""),
        (None, ""),
    ],
)
def test_what_the_path_of_a_guid_is(guid: str | None, path: str) -> None:
    assert guid_path(guid) == path


def test_duplicate_guids_are_told_apart_with_a_warning(bring: Bring) -> None:
    items = [an_item("1", guid="g"), an_item("2", guid="g"), an_item("3", guid="g", link=None)]
    assert outcomes(bring(a_source(), items)) == [("published", "auto")] * 3
    assert outcomes(bring(a_source(), items)) == [("unchanged", "same")] * 3
    (warning,) = document_warnings(items)
    assert warning.startswith("3 items have the guid g;")
    assert document_warnings([an_item("1"), an_item("2")]) == ()


def test_a_guid_used_again_for_another_article_keeps_the_first_in_its_history(store: Store, bring: Bring) -> None:
    bring(a_source(), [an_item("1")])
    other = an_item("2", guid="guid-1", link="http://site.example/1.html")
    assert outcomes(bring(a_source(), [other], now=LATER)) == [("published", "corrected")]
    with store.read() as tx:
        (piece,) = list_articles(tx)
        kept = article_history(tx, piece.id)
        (entry,) = list_entries(tx)
    assert (piece.title, entry.revision) == ("Story 2", 2)
    assert "Story 1" in str(kept)


@pytest.mark.parametrize(
    "become",
    [lambda items: [], lambda items: items[:1], lambda items: items[::-1], lambda items: items[2:] + items[:2]],
)
def test_a_feed_that_shrinks_or_is_reordered_changes_nothing(
    store: Store, bring: Bring, become: Callable[[list[Item]], list[Item]]
) -> None:
    items = [an_item(str(n), published=NOW - timedelta(hours=n)) for n in range(5)]
    bring(a_source(), items)
    assert {line.outcome for line in bring(a_source(), become(items), now=LATER)} <= {"unchanged"}
    with store.read() as tx:
        titles = [piece.title for piece in section_articles(tx, LOCAL, limit=10)]
    assert titles == [f"Story {n}" for n in range(5)]


def test_an_old_date_republished_does_not_jump_to_the_top(store: Store, bring: Bring) -> None:
    bring(a_source(), [an_item("1", published=NOW - timedelta(days=3)), an_item("2", published=NOW)])
    again = an_item("1", published=LATER)
    assert outcomes(bring(a_source(), [again, an_item("2", published=NOW)], now=LATER)) == [("unchanged", "same")] * 2
    edited = replace(again, title="Story 1, once more")
    bring(a_source(), [edited], now=LATER)
    with store.read() as tx:
        titles = [piece.title for piece in section_articles(tx, LOCAL, limit=10)]
    assert titles == ["Story 2", "Story 1, once more"]


def test_what_an_operator_withdrew_stays_withdrawn(store: Store, bring: Bring) -> None:
    bring(a_source(), [an_item("1")])
    with store.write() as tx:
        (piece,) = list_articles(tx)
        withdraw_article(tx, piece.id, reason="wrong", now=NOW, by="editor")
    for item in (
        an_item("1"),
        an_item("1", title="Story 1, edited"),
        an_item("1", title="Story 1, edited", guid="other"),
    ):
        bring(a_source(), [item], now=LATER)
        bring(a_source("s2"), [replace(item, guid="elsewhere")], now=LATER)
    with store.read() as tx:
        assert section_articles(tx, LOCAL, limit=10) == []
        assert get_article(tx, piece.id).state == "withdrawn"


@pytest.mark.parametrize("guid", ["same", None])
def test_short_items_that_only_their_words_tell_are_new_once(store: Store, bring: Bring, guid: str | None) -> None:
    """Without a guid of their own, a link or enough text: a document that changes must not bring them all again."""
    short = [an_item(str(n), guid=guid, link=None, html=None, title=f"Short {n}", published=None) for n in range(3)]
    assert [line.outcome for line in bring(a_source(), short)] == ["published"] * 3
    more = [an_item("9", guid=guid, link=None, html=None, title="Short 9", published=None), *reversed(short)]
    assert [line.outcome for line in bring(a_source(), more)] == ["published", "unchanged", "unchanged", "unchanged"]


def test_the_same_item_twice_in_one_document_is_one(store: Store, bring: Bring) -> None:
    item = an_item("1", html=None, title="Short")
    lines = bring(a_source(), [item, an_item("2"), item])
    assert [line.outcome for line in lines] == ["published", "published", "unchanged"]
    edited = an_item("1", html=None, title="Short, edited")
    assert [line.reason for line in bring(a_source(), [edited, edited])] == ["corrected", "same"]


def test_a_daily_title_with_nothing_else_is_new_each_day(store: Store, bring: Bring) -> None:
    daily = [
        an_item("x", guid=None, link=None, html=None, title="Weather", published=NOW - timedelta(days=day))
        for day in (2, 1)
    ]
    assert [line.outcome for line in bring(a_source(), [daily[0]])] == ["published"]
    assert [line.outcome for line in bring(a_source(), daily)] == ["unchanged", "published"]
