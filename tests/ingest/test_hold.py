"""Frozen: no polls, nothing accepted, a poll under way writes nothing; withdrawn in the same transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feedhub.errors import Conflict, Provisioned
from feedhub.ingest.cautions import cautions
from feedhub.ingest.hold import freeze_source, mend_source, refuse_frozen, withdraw_from
from feedhub.ingest.means import LEASE
from feedhub.ingest.pipeline import claim_and_poll, poll_source
from feedhub.model.extract import Detail, Extract
from feedhub.model.source import Pictures, Reprint
from feedhub.store.article_reads import articles_of_origin, get_article
from feedhub.store.articles import release_due
from feedhub.store.changes import withdrawals
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.sources import claim_due, claim_one, get_source, set_condition, sync_declared
from tests.ingest.polling import FEED, URL, Watched, answer
from tests.ingest.test_drift import EXTRACT, page
from tests.kit import LOCAL, NOW, a_source

MORE = FEED.replace(">1<", ">2<").replace("One", "Two").replace("Words", "Other words")


def test_a_frozen_source_is_neither_due_nor_fetched_by_hand_and_a_late_poll_writes_nothing(store: Store) -> None:
    watched = Watched(store, a_source(url=URL))
    with store.write() as tx:
        claimed = claim_one(tx, "s1", owner="a", now=NOW, lease=LEASE)
    assert claimed is not None
    with store.write() as tx:
        freeze_source(tx, "s1", now=NOW)
    with pytest.raises(Conflict, match="took over"):
        poll_source(watched.ingest, *claimed)
    with store.write() as tx:
        assert claim_due(tx, owner="b", now=NOW + timedelta(days=9), lease=LEASE, most=9, per_host=9) == []
    with pytest.raises(Conflict, match="frozen"):
        claim_and_poll(watched.ingest, "s1", "me")
    with store.read() as tx:
        assert list_entries(tx, source="s1") == []
    with store.write() as tx:
        set_condition(tx, "s1", "active", now=NOW)
    assert watched.poll().count("published") == 1


def test_what_came_from_it_is_withdrawn_at_once_and_stays_withdrawn(store: Store) -> None:
    watched = Watched(store, a_source(url=URL))
    watched.poll()
    with store.write() as tx:
        (article_id,) = articles_of_origin(tx, "source:s1")
        freeze_source(tx, "s1", now=NOW)
        assert withdraw_from(tx, "s1", now=NOW, by="li", reason="hijacked") == 1
    with store.read() as tx:
        article = get_article(tx, article_id)
        assert (article.state, article.withdrawn_reason) == ("withdrawn", "hijacked")
    with store.write() as tx:
        set_condition(tx, "s1", "active", now=NOW)
    watched.web.says = page(range(1))
    watched.poll()
    with store.read() as tx:
        assert get_article(tx, article_id).state == "withdrawn"


def test_what_is_scheduled_goes_with_it_and_leaves_no_trace(store: Store) -> None:
    watched = Watched(store, a_source(url=URL))
    ahead = "<pubDate>Tue, 24 Nov 2026 04:10:00 GMT</pubDate><title>One"
    poll = watched.poll(answer(body=FEED.replace("<title>One", ahead)))
    assert poll.count("published") == 1
    with store.write() as tx:
        (article_id,) = articles_of_origin(tx, "source:s1")
        assert get_article(tx, article_id).state == "scheduled"
        freeze_source(tx, "s1", now=NOW)
        assert withdraw_from(tx, "s1", now=NOW, by="li", reason="hijacked") == 1
    with store.write() as tx:
        assert release_due(tx, now=NOW + timedelta(hours=1)) == []
        assert get_article(tx, article_id).state == "withdrawn"
        assert withdrawals(tx, LOCAL, NOW) == [], "nobody had seen it, so there is nothing to take back in public"


def test_held_entries_of_a_frozen_source_are_refused(store: Store) -> None:
    watched = Watched(store, a_source(url=URL, policy="review"))
    watched.poll()
    with store.write() as tx:
        (entry,) = list_entries(tx, source="s1")
        refuse_frozen(tx, entry.id)
        freeze_source(tx, "s1", now=NOW)
        with pytest.raises(Conflict, match="--force"):
            refuse_frozen(tx, entry.id)


def test_a_mended_rule_is_an_operators_to_take_and_a_files_to_write(store: Store) -> None:
    watched = Watched(store, a_source(url=URL, kind="html", extract=EXTRACT, language="zh"))
    watched.poll(page(range(12)))
    watched.poll(page(range(2, 14), name="v2"))
    learned = watched.state.learned
    assert learned is not None
    assert learned.drift is not None
    assert learned.drift.proposed is not None
    with store.write() as tx:
        mend_source(tx, "s1", learned.drift.proposed, now=watched.clock.now(), by="li")
    poll = watched.poll()
    assert (poll.outcome, poll.count("published"), poll.count("unchanged")) == ("ok", 2, 10)
    declared = a_source("s2", url=URL, kind="html", extract=EXTRACT, declared_at="feeds/sources/x.yaml:1")
    with store.write() as tx:
        sync_declared(tx, [declared], NOW)
    for says in (page(range(12)), page(range(12), name="v2")):
        watched.web.says = says
        claim_and_poll(watched.ingest, "s2", "me")
    with store.write() as tx, pytest.raises(Provisioned, match=r"x\.yaml:1"):
        mend_source(tx, "s2", Extract(item="p"), now=NOW, by="li")
    with store.read() as tx:
        assert get_source(tx, "s2").extract == EXTRACT


@pytest.mark.parametrize(
    ("reprint", "words"),
    [
        (Reprint(), ()),
        (Reprint(listed=True), ("the record lacks number, checked_on, by",)),
        (Reprint(True, "17", "2026-01-02", "Li"), ()),
        (Reprint(True, "17", "2025-11-20", "Li"), ("last checked on 2025-11-20, more than a year ago",)),
        (Reprint(True, "17", "2027-01-02", "Li"), ("which is ahead",)),
    ],
)
def test_a_place_on_the_reprint_list_is_checked_yearly(store: Store, reprint: Reprint, words: tuple[str, ...]) -> None:
    watched = Watched(store, a_source(url=URL, reprint=reprint))
    found = cautions(watched.source, watched.state, NOW)
    assert len(found) == len(words)
    assert all(word in said for word, said in zip(words, found, strict=True))


def test_an_override_of_robots_and_an_unknown_licence_are_said(store: Store) -> None:
    source = a_source(
        url=URL,
        kind="html",
        extract=Extract(item="li", detail=Detail()),
        robots="ignore",
        robots_by="Li",
        robots_why="agreed",
    )
    watched = Watched(store, source)
    first, second = cautions(source, watched.state, NOW)
    assert "decided by Li: agreed" in first
    assert "licence is unknown" in second


@pytest.mark.parametrize(
    ("pictures", "licence", "said"), [("store", "unknown", 1), ("store", "CC", 0), ("link", "unknown", 0)]
)
def test_copies_of_pictures_under_an_unknown_licence_are_said(
    store: Store, pictures: Pictures, licence: str, said: int
) -> None:
    """SEMANTICS 12: what the feed itself carried may be shown; that it may be copied is an operator's word."""
    watched = Watched(store, a_source(url=URL, pictures=pictures, licence=licence))
    assert sum("may be copied" in words for words in cautions(watched.source, watched.state, NOW)) == said
