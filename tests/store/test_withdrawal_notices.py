"""A withdrawal in the form `notice`: how long it is told, what ends it, what restores it (SEMANTICS 22)."""

from __future__ import annotations

from datetime import timedelta

from feedhub.store import article_reads, articles
from feedhub.store.changes import article_changes, latest_seq, removals, withdrawals
from feedhub.store.engine import Store
from feedhub.store.sections import article_counts, section_states
from tests.kit import LOCAL, NOW, an_article

WEEK = timedelta(days=7)


def put(store: Store, **values: object) -> None:
    with store.write() as tx:
        articles.put_article(tx, an_article(**values), now=NOW, late=False, by="test")  # type: ignore[arg-type]


def withdraw(store: Store, form: articles.WithdrawalForm = "notice") -> None:
    with store.write() as tx:
        articles.withdraw_article(tx, "a1", now=NOW, by="test", reason="wrong", form=form)


def test_a_notice_is_told_for_a_week_and_ends_in_a_change_of_its_own(store: Store) -> None:
    put(store)
    withdraw(store)
    with store.write() as tx:
        gone = article_reads.get_article(tx, "a1")
        assert (gone.state, gone.updated, gone.notice_until) == ("withdrawn", NOW, NOW + WEEK)
        assert article_counts(tx) == {}, "no page, search or partner holds it"
        assert not articles.anything_due(tx, now=NOW + WEEK - timedelta(seconds=1))
        assert articles.release_due(tx, now=NOW + WEEK - timedelta(seconds=1)) == []
        assert articles.anything_due(tx, now=NOW + WEEK)
        assert articles.release_due(tx, now=NOW + WEEK) == ["a1"]
        assert articles.release_due(tx, now=NOW + WEEK) == []
        after = article_reads.get_article(tx, "a1")
        assert (after.notice_until, after.seq) == (None, gone.seq), "its latest change is still its withdrawal"
        assert [(it.kind, it.late) for it in article_changes(tx, "a1")] == [
            ("published", False), ("withdrawn", True), ("removed", False),
        ]  # fmt: skip
        assert section_states(tx)["all"].generation == latest_seq(tx) == gone.seq + 1
        assert [it.seq for it in withdrawals(tx, LOCAL, NOW)] == [gone.seq]
        assert removals(tx, LOCAL, NOW) == {"a1": gone.seq + 1}


def test_a_tombstone_is_the_form_when_none_is_named_and_where_nobody_saw_the_article(store: Store) -> None:
    put(store)
    withdraw(store, "tombstone")
    with store.read() as tx:
        gone = article_reads.get_article(tx, "a1")
    assert (gone.notice_until, gone.updated) == (None, an_article().updated)
    with store.write() as tx:
        articles.restore_article(tx, "a1", now=NOW, by="test")
        ahead = an_article("b1", embargo_until=NOW + WEEK)
        articles.put_article(tx, ahead, now=NOW, late=False, by="test")
        articles.withdraw_article(tx, "b1", now=NOW, by="test", reason="wrong", form="notice")
        assert article_reads.get_article(tx, "b1").notice_until is None


def test_restored_within_the_week_nothing_is_taken_out_later(store: Store) -> None:
    put(store)
    withdraw(store)
    with store.write() as tx:
        articles.restore_article(tx, "a1", now=NOW + timedelta(days=2), by="test")
        back = article_reads.get_article(tx, "a1")
        assert (back.state, back.updated, back.notice_until) == ("published", NOW + timedelta(days=2), None)
        assert articles.release_due(tx, now=NOW + 2 * WEEK) == []


def test_restored_to_wait_for_its_embargo_the_notice_goes_at_once(store: Store) -> None:
    put(store)
    with store.write() as tx:
        piece = article_reads.get_article(tx, "a1")
        articles.put_article(
            tx, an_article(embargo_until=NOW + WEEK, updated=piece.updated), now=NOW, late=False, by="test"
        )
    withdraw(store)
    with store.write() as tx:
        assert articles.restore_article(tx, "a1", now=NOW, by="test") is None
        assert article_reads.get_article(tx, "a1").notice_until is None
        assert [it.kind for it in article_changes(tx, "a1")][-1] == "removed"
