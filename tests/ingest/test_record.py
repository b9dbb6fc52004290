"""Items into entries and articles: identity, merging, edits, dates and policies (SEMANTICS 4, 9, 10, 14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from feedhub.ingest.review import accept_entry, reject_entry
from feedhub.model.safehtml import make_safe
from feedhub.store.article_reads import get_article, list_articles, section_articles
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.engine import Store
from feedhub.store.entries import get_entry, list_entries
from feedhub.store.sources import remove_source
from tests.ingest.conftest import IDENTITY, Bring, an_item
from tests.kit import LOCAL, NOW, a_source, an_article, sections


def outcomes(lines: tuple[object, ...]) -> list[tuple[str, str]]:
    return [(line.outcome, line.reason) for line in lines]  # type: ignore[attr-defined]


def published(store: Store) -> list[str]:
    with store.read() as tx:
        return [piece.title for piece in section_articles(tx, "all", limit=100)]


def test_auto_publishes_and_the_same_again_is_unchanged(store: Store, bring: Bring) -> None:
    assert outcomes(bring(a_source(), [an_item("1"), an_item("2")])) == [("published", "auto")] * 2
    assert outcomes(bring(a_source(), [an_item("2"), an_item("1")])) == [("unchanged", "same")] * 2
    assert len(published(store)) == 2


def test_white_space_is_no_edit_and_a_word_is(store: Store, bring: Bring) -> None:
    bring(a_source(), [an_item()])
    spaced = an_item(
        title="Story  1 ", html=make_safe("<p>What story 1  has to say is long\n enough to be told from others.</p>")
    )
    assert outcomes(bring(a_source(), [spaced])) == [("unchanged", "same")]
    assert outcomes(bring(a_source(), [an_item(title="Story 1, corrected")], now=NOW + timedelta(hours=1))) == [
        ("published", "corrected")
    ]
    with store.read() as tx:
        (piece,) = list_articles(tx)
    assert piece.title == "Story 1, corrected"
    assert piece.published == an_item().published
    assert piece.updated > piece.published


def test_two_sources_with_one_story_make_one_item(store: Store, bring: Bring) -> None:
    bring(a_source("a"), [an_item()])
    other = an_item(guid="other", link="http://WWW.site.example/1.html?utm_source=x")
    (line,) = bring(a_source("b"), [other])
    assert (line.outcome, line.reason) == ("merged", "same_link")
    third = an_item(guid="third", link="http://elsewhere.example/x", title="Story 1")
    (line,) = bring(a_source("c"), [third])
    assert (line.outcome, line.reason) == ("merged", "same_content")
    assert published(store) == ["Story 1"]


def test_a_merged_entry_adds_its_sections_only_if_its_own_policy_would_publish(store: Store, bring: Bring) -> None:
    bring(a_source("a"), [an_item()])
    bring(a_source("b", policy="review", sections=("life",)), [an_item(guid="b")])
    with store.read() as tx:
        assert list_articles(tx)[0].sections == (LOCAL,)
    bring(a_source("c", sections=("life/health",)), [an_item(guid="c")])
    with store.read() as tx:
        assert list_articles(tx)[0].sections == (LOCAL, "life/health")


def test_all_guids_changing_at_once_announces_nothing(store: Store, bring: Bring) -> None:
    items = [an_item(str(n)) for n in range(5)]
    bring(a_source(), items)
    with store.read() as tx:
        before = [piece.seq for piece in list_articles(tx)]
    renamed = [replace(item, guid=f"new-{item.guid}") for item in items]
    assert outcomes(bring(a_source(), renamed)) == [("unchanged", "guid_changed")] * 5
    assert outcomes(bring(a_source(), renamed)) == [("unchanged", "same")] * 5
    with store.read() as tx:
        assert [piece.seq for piece in list_articles(tx)] == before


def test_a_guid_that_stands_twice_tells_nothing_apart(store: Store, bring: Bring) -> None:
    items = [an_item("1", guid="same"), an_item("2", guid="same")]
    assert outcomes(bring(a_source(), items)) == [("published", "auto")] * 2
    assert outcomes(bring(a_source(), items)) == [("unchanged", "same")] * 2


def test_an_empty_body_never_matches_by_content(store: Store, bring: Bring) -> None:
    items = [an_item("1", title="Notice", html=None), an_item("2", title="Notice", html=None)]
    assert outcomes(bring(a_source(), items)) == [("published", "auto")] * 2


def test_review_holds_and_accept_publishes(store: Store, bring: Bring) -> None:
    (line,) = bring(a_source(policy="review"), [an_item()])
    assert (line.outcome, line.reason) == ("held", "review")
    assert published(store) == []
    with store.write() as tx:
        done = accept_entry(tx, str(line.entry_id), tree=sections(), identity=IDENTITY, now=NOW, by="editor")
        piece = get_article(tx, str(done.article_id))
    assert (done.state, done.decided_by) == ("published", "editor")
    assert piece.source.label == "Source s1"
    assert piece.public_id == f"tag:example.org,2018:article/{piece.id}"


def test_an_edit_upstream_waits_while_the_published_one_stands(store: Store, bring: Bring) -> None:
    source = a_source(policy="review")
    (line,) = bring(source, [an_item()])
    entry_id = str(line.entry_id)
    with store.write() as tx:
        accept_entry(tx, entry_id, tree=sections(), identity=IDENTITY, now=NOW, by="editor")
    edited = an_item(title="Story 1, second thoughts")
    assert outcomes(bring(source, [edited])) == [("held", "revision_held")]
    assert outcomes(bring(source, [edited])) == [("unchanged", "revision_held")]
    assert published(store) == ["Story 1"]
    with store.read() as tx:
        assert [entry.id for entry in list_entries(tx, state="held")] == [entry_id]
    with store.write() as tx:
        accept_entry(tx, entry_id, tree=sections(), identity=IDENTITY, now=NOW + timedelta(hours=1), by="editor")
    assert published(store) == ["Story 1, second thoughts"]
    assert outcomes(bring(source, [edited])) == [("unchanged", "same")]


def test_a_rejected_revision_does_not_come_back(store: Store, bring: Bring) -> None:
    source = a_source(policy="review")
    entry_id = str(bring(source, [an_item()])[0].entry_id)
    with store.write() as tx:
        accept_entry(tx, entry_id, tree=sections(), identity=IDENTITY, now=NOW, by="editor")
    edited = an_item(title="Worse")
    bring(source, [edited])
    with store.write() as tx:
        reject_entry(tx, entry_id, reason="worse", now=NOW, by="editor")
    assert outcomes(bring(source, [edited])) == [("unchanged", "same")]
    assert published(store) == ["Story 1"]


def test_rejected_stays_rejected_here_and_is_held_from_elsewhere(store: Store, bring: Bring) -> None:
    entry_id = str(bring(a_source("a", policy="review"), [an_item()])[0].entry_id)
    with store.write() as tx:
        reject_entry(tx, entry_id, reason="advertising", now=NOW, by="editor")
    assert outcomes(bring(a_source("a", policy="review"), [an_item(title="Again")])) == [
        ("unchanged", "rejected_before")
    ]
    assert outcomes(bring(a_source("b"), [an_item(guid="b")])) == [("held", "rejected_elsewhere")]
    assert published(store) == []


def test_a_withdrawn_article_is_not_brought_back_by_its_source(store: Store, bring: Bring) -> None:
    bring(a_source(), [an_item()])
    with store.write() as tx:
        (piece,) = list_articles(tx)
        withdraw_article(tx, piece.id, now=NOW, by="editor", reason="wrong")
    bring(a_source(), [an_item(title="Edited")])
    bring(a_source("b"), [an_item(guid="b")])
    assert published(store) == []


def test_a_source_that_may_publish_is_not_held_back_by_one_that_waits(store: Store, bring: Bring) -> None:
    waiting = str(bring(a_source("a", policy="review"), [an_item()])[0].entry_id)
    assert outcomes(bring(a_source("b"), [an_item(guid="b")])) == [("published", "auto")]
    with store.read() as tx:
        assert get_entry(tx, waiting).state == "merged"
    assert published(store) == ["Story 1"]


def test_an_imported_article_is_the_same_story(store: Store, bring: Bring) -> None:
    with store.write() as tx:
        put_article(tx, an_article(source_url="https://site.example/1.html"), now=NOW, late=False, by="import")
    assert outcomes(bring(a_source(), [an_item()])) == [("merged", "same_link")]


def test_dates_ahead(store: Store, bring: Bring) -> None:
    soon, far = NOW + timedelta(minutes=10), NOW + timedelta(days=2)
    lines = bring(a_source(), [an_item("1", published=soon), an_item("2", published=far), an_item("3", published=None)])
    assert [line.outcome for line in lines] == ["published"] * 3
    with store.read() as tx:
        entries = {entry.item.guid: entry for entry in list_entries(tx)}
        found = {piece.title: piece for piece in list_articles(tx)}
    assert entries["guid-1"].state == "accepted"
    assert found["Story 1"].state == "scheduled"
    assert found["Story 2"].published == NOW
    assert entries["guid-2"].item.notes == ("future_date",)
    assert found["Story 3"].published == NOW


def test_reasons_to_hold(store: Store, bring: Bring) -> None:
    assert outcomes(bring(a_source("a", sections=()), [an_item("a")])) == [("held", "no_section")]
    assert outcomes(bring(a_source("b", sections=("life",)), [an_item("b", language="zh")])) == [("held", "language")]
    assert outcomes(bring(a_source("c"), [an_item("c")], reprints="listed_only")) == [("held", "not_on_reprint_list")]
    assert outcomes(bring(a_source("d"), [an_item("d", title="", html=None)])) == [("dropped", "empty_item")]
    assert published(store) == []


def test_the_ledger_adds_up(store: Store, bring: Bring) -> None:
    lines = bring(
        a_source(),
        [
            an_item("1"),
            an_item("1b", guid="x", link=an_item("2").link),
            an_item("2"),
            an_item("e", title="", html=None),
        ],
    )
    assert len(lines) == 4
    assert sorted(line.outcome for line in lines) == ["dropped", "published", "published", "published"]


def test_items_that_share_one_link_are_all_kept(store: Store, bring: Bring) -> None:
    items = [an_item(str(n), link="http://site.example/home") for n in range(3)]
    assert outcomes(bring(a_source(), items)) == [("published", "auto")] * 3
    assert sorted(published(store)) == ["Story 0", "Story 1", "Story 2"]
    assert outcomes(bring(a_source(), items)) == [("unchanged", "same")] * 3


@pytest.mark.parametrize("when", [None, NOW + timedelta(days=3000)])
def test_a_held_item_keeps_its_settled_date_when_it_is_edited(
    store: Store, bring: Bring, when: datetime | None
) -> None:
    source = a_source(policy="review")
    entry_id = str(bring(source, [an_item(published=when)])[0].entry_id)
    bring(source, [an_item(published=when, title="Edited")], now=NOW + timedelta(hours=1))
    with store.write() as tx:
        done = accept_entry(tx, entry_id, tree=sections(), identity=IDENTITY, now=NOW + timedelta(hours=2), by="e")
        piece = get_article(tx, str(done.article_id))
    assert (piece.title, piece.state) == ("Edited", "published")
    assert piece.published <= NOW + timedelta(hours=1)


def test_what_a_vanished_source_brought_can_still_be_accepted(store: Store, bring: Bring) -> None:
    entry_id = str(bring(a_source(policy="review"), [an_item()])[0].entry_id)
    with store.write() as tx:
        remove_source(tx, "s1")
        accept_entry(tx, entry_id, tree=sections(), identity=IDENTITY, now=NOW, by="e")
    assert published(store) == ["Story 1"]


def test_an_edit_into_another_language_waits(store: Store, bring: Bring) -> None:
    source = a_source(sections=("life",))
    entry_id = str(bring(source, [an_item()])[0].entry_id)
    assert outcomes(bring(source, [an_item(title="故事一", language="zh")])) == [("held", "language")]
    with store.read() as tx:
        assert get_entry(tx, entry_id).pending is not None
    assert published(store) == ["Story 1"]


def test_an_update_from_the_future_does_not_outlast_corrections(store: Store, bring: Bring) -> None:
    bring(a_source(), [an_item(updated=NOW + timedelta(days=3000))])
    with store.read() as tx:
        before = list_articles(tx)[0].updated
    assert before <= NOW
    bring(a_source(), [an_item(title="Edited", updated=NOW + timedelta(days=3000))], now=NOW + timedelta(hours=1))
    with store.read() as tx:
        assert before < list_articles(tx)[0].updated <= NOW + timedelta(hours=1)
