"""From stored articles to stored documents, on SQLite and PostgreSQL."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import feedparser
import pytest
from sqlalchemy import update

from feedhub.model.article import Article
from feedhub.model.feed import FORMATS, FeedDocument, Format
from feedhub.model.section import Portal, Section
from feedhub.publish import pieces, render
from feedhub.publish.addresses import feed_path
from feedhub.publish.delta import delta_since
from feedhub.publish.render import next_last_modified, render_due, render_section
from feedhub.publish.style import Style
from feedhub.publish.trying_again import try_left_out
from feedhub.store.alerts import is_standing, list_alerts
from feedhub.store.articles import put_article, restore_article, withdraw_article
from feedhub.store.changes import latest_seq
from feedhub.store.documents import Version, document_versions, get_document
from feedhub.store.engine import Store
from feedhub.store.fragments import stored_fragments
from feedhub.store.left_out import articles_left_out
from feedhub.store.sections import section_states
from feedhub.store.tables import articles
from feedhub.store.windows import window
from tests.kit import StillClock
from tests.publish.material import NOON, PORTAL, article
from tests.publish.material import style as style_of

HEALTH, CUISINE, LIFE, ALL = "life/health", "life/cuisine", "life", "all"
LONG_AGO = NOON - timedelta(days=1000)


def put(store: Store, clock: StillClock, *articles: Article, late: bool = False) -> None:
    with store.write() as tx:
        for it in articles:
            put_article(tx, it, now=clock.now(), late=late, by="test")


def history(count: int, **changed: Any) -> list[Article]:
    """Articles a day apart; n000 is the oldest."""
    return [
        article(f"n{n:03}", published=LONG_AGO + timedelta(days=n), updated=LONG_AGO + timedelta(days=n), **changed)
        for n in range(count)
    ]


def beat(store: Store, style: Style, clock: StillClock) -> int:
    clock.pass_(seconds=1)
    return render_due(store, style, clock)


def loaded(store: Store, section: str, format_: Format = "json") -> FeedDocument:
    with store.read() as tx:
        found = get_document(tx, feed_path(section, format_))
    assert found is not None
    return found


def versions(store: Store) -> dict[str, Version]:
    with store.read() as tx:
        return document_versions(tx)


def shown(store: Store, section: str = HEALTH) -> list[str]:
    """The ids in the section's document, the same in all three formats."""
    items = json.loads(loaded(store, section).body)["items"]
    ids = [item["id"].rpartition("/")[2] for item in items]
    for format_ in ("rss", "atom"):
        entries = feedparser.parse(io.BytesIO(loaded(store, section, format_).body)).entries  # type: ignore[arg-type]
        assert [entry.id.rpartition("/")[2] for entry in entries] == ids
    return ids


def test_every_empty_section_has_documents_of_its_creation(store: Store, style: Style, clock: StillClock) -> None:
    clock.pass_(days=3)
    assert render_due(store, style, clock) == len(PORTAL.sections())
    for section in PORTAL.sections():
        for format_ in FORMATS:
            made = loaded(store, section, format_)
            assert (made.generation, made.last_modified) == (0, NOON)
    assert render_due(store, style, clock) == 0


def test_an_article_stands_in_its_section_and_all_above(store: Store, style: Style, clock: StillClock) -> None:
    beat(store, style, clock)
    put(store, clock, article("a"))
    assert beat(store, style, clock) == 3
    for section in (HEALTH, LIFE, ALL):
        assert shown(store, section) == ["a"]
        assert loaded(store, section).generation == 1
    assert shown(store, CUISINE) == []


def test_the_newest_fifty_in_the_order_of_time(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *history(60))
    beat(store, style, clock)
    assert shown(store) == [f"n{n:03}" for n in range(59, 9, -1)]
    put(store, clock, article("old", published=LONG_AGO - timedelta(days=1)))
    beat(store, style, clock)
    assert shown(store) == [f"n{n:03}" for n in range(59, 9, -1)], "history announces nothing"


def test_late_and_corrected_stand_for_a_week_then_leave(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *history(60))
    beat(store, style, clock)
    put(store, clock, article("late", published=LONG_AGO - timedelta(days=9)), late=True)
    put(store, clock, replace(history(60)[3], title="Corrected"))
    beat(store, style, clock)
    assert shown(store) == [*(f"n{n:03}" for n in range(59, 9, -1)), "n003", "late"]
    clock.pass_(days=6)
    put(store, clock, article("new", published=clock.now()))
    beat(store, style, clock)
    assert shown(store)[-2:] == ["n003", "late"]
    clock.pass_(days=2)
    put(store, clock, article("newer", published=clock.now()))
    beat(store, style, clock)
    assert shown(store) == ["newer", "new", *(f"n{n:03}" for n in range(59, 11, -1))]


def test_a_withdrawal_readmits_nothing_and_leaves_a_tombstone(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *history(60))
    beat(store, style, clock)
    with store.write() as tx:
        withdraw_article(tx, "n030", now=clock.now(), by="test", reason="a double")
    beat(store, style, clock)
    assert shown(store) == [f"n{n:03}" for n in range(59, 9, -1) if n != 30]
    deleted = json.loads(loaded(store, HEALTH).body)["_feedhub"]["deleted"]
    assert [(it["id"], it["reason"]) for it in deleted] == [("tag:example.org,2018:article/n030", "a double")]
    assert b"<at:deleted-entry ref" in loaded(store, HEALTH, "atom").body
    assert json.loads(loaded(store, CUISINE).body)["_feedhub"]["deleted"] == []

    put(store, clock, article("old", published=LONG_AGO - timedelta(days=1)))
    beat(store, style, clock)
    assert len(shown(store)) == 49, "history does not fill the gap"

    with store.write() as tx:
        restore_article(tx, "n030", now=clock.now(), by="test")
    beat(store, style, clock)
    assert "n030" in shown(store)
    assert json.loads(loaded(store, HEALTH).body)["_feedhub"]["deleted"] == []


def test_tombstones_end_after_ninety_days_by_the_stored_instant(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *history(2))
    with store.write() as tx:
        withdraw_article(tx, "n000", now=clock.now(), by="test", reason="")
    beat(store, style, clock)
    clock.pass_(days=91)
    beat(store, style, clock)
    assert json.loads(loaded(store, HEALTH).body)["_feedhub"]["deleted"] != []
    put(store, clock, article("new", published=clock.now()))
    beat(store, style, clock)
    assert json.loads(loaded(store, HEALTH).body)["_feedhub"]["deleted"] == []


def test_a_move_leaves_one_section_and_enters_another_without_a_tombstone(
    store: Store, style: Style, clock: StillClock
) -> None:
    put(store, clock, *history(60), article("moving", published=NOON))
    beat(store, style, clock)
    put(store, clock, article("moving", published=NOON, sections=(CUISINE,)))
    beat(store, style, clock)
    assert "moving" not in shown(store, HEALTH)
    assert shown(store, CUISINE) == ["moving"]
    assert "moving" in shown(store, LIFE)
    assert json.loads(loaded(store, HEALTH).body)["_feedhub"]["deleted"] == []
    # n010 had left the feed of life: moving it below life does not bring it back, although there is a gap now
    with store.write() as tx:
        withdraw_article(tx, "n040", now=clock.now(), by="test", reason="")
    put(store, clock, replace(history(11)[10], sections=(CUISINE,)))
    beat(store, style, clock)
    assert shown(store, CUISINE) == ["moving", "n010"]
    assert len(shown(store, LIFE)) == 49
    assert "n010" not in shown(store, LIFE)


def test_a_feed_carries_only_its_languages(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, article("en", sections=("news", HEALTH)), article("zh", sections=("news", HEALTH), language="zh"))
    beat(store, style, clock)
    assert shown(store, "news") == ["zh", "en"]
    assert shown(store, HEALTH) == ["en"]
    assert shown(store, ALL) == ["zh", "en"]


def test_unchanged_content_changes_nothing(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *history(5))
    beat(store, style, clock)
    before = versions(store)
    put(store, clock, *history(5))
    assert beat(store, style, clock) == 0
    assert versions(store) == before


def test_at_most_once_a_second_and_never_in_the_future(store: Store, style: Style, clock: StillClock) -> None:
    beat(store, style, clock)
    last = loaded(store, HEALTH)
    for n in range(15):
        clock.pass_(milliseconds=330)
        put(store, clock, article(f"a{n}"))
        render_due(store, style, clock)
        made = loaded(store, HEALTH)
        assert made.last_modified <= clock.now()
        if made != last:
            assert made.last_modified - last.last_modified >= timedelta(seconds=1)
            assert made.generation > last.generation
            last = made
    clock.pass_(seconds=1)
    render_due(store, style, clock)
    assert len(shown(store)) == 15, "the last change is not forgotten"


def test_the_next_last_modified() -> None:
    def before(moment: datetime) -> datetime:
        return moment

    half = timedelta(milliseconds=500)
    second = timedelta(seconds=1)
    assert next_last_modified(NOON + half, None, NOON + half) == NOON
    assert next_last_modified(NOON + half, before(NOON), NOON + half) is None
    assert next_last_modified(NOON + half, before(NOON), NOON + second) == NOON + second
    assert next_last_modified(NOON + 5 * second, before(NOON), NOON + 9 * second) == NOON + 5 * second
    # the clock was set back by an hour: the feed does not stand still, nor does its time step back
    ahead = NOON + timedelta(hours=1)
    assert next_last_modified(NOON, before(ahead), NOON) == ahead + second


def test_only_one_renderer_wins(store: Store, style: Style, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> None:
    beat(store, style, clock)
    put(store, clock, article("a"))
    clock.pass_(seconds=2)
    section = PORTAL.sections()[HEALTH]
    real, seen = render.gather, []

    def gather_then_lose(*arguments: Any) -> Any:
        gathered = real(*arguments)
        if not seen:
            seen.append(1)
            put(store, clock, article("b"))
            assert render_section(store, section, style, clock)
        return gathered

    monkeypatch.setattr(render, "gather", gather_then_lose)
    assert not render_section(store, section, style, clock)
    assert shown(store) == ["b", "a"]
    with store.read() as tx:
        assert [row.article_id for row in window(tx, HEALTH)] == ["b", "a"]


def test_killed_before_the_write_nothing_is_lost(
    store: Store, style: Style, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(store, style, clock)
    put(store, clock, article("a"))
    before = loaded(store, HEALTH)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(render, "store_fragments", die)  # the last step inside the write
        clock.pass_(seconds=1)
        with pytest.raises(KeyboardInterrupt):
            render_due(store, style, clock)
    assert loaded(store, HEALTH) == before
    beat(store, style, clock)
    assert shown(store) == ["a"]


def test_one_bad_article_is_left_out_with_a_line_in_the_log(
    store: Store, style: Style, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    # a language that XML cannot carry, as only a hand in the database could write it
    put(store, clock, article("good"), article("bad", sections=("all",), language="e\x01n"), article("fine"))
    with caplog.at_level(logging.ERROR):
        beat(store, style, clock)
    assert shown(store, ALL) == ["good", "fine"]
    assert "article bad is left out of the feed of all" in caplog.text
    assert beat(store, style, clock) == 0


def test_what_is_left_out_is_told_tried_again_and_comes_back(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, article("good"), article("bad", sections=("life/health",), language="e\x01n"))
    beat(store, style, clock)
    with store.read() as tx:
        assert articles_left_out(tx)["bad"].startswith("rss: ValueError:")
        told = [alert for alert in list_alerts(tx) if alert.code == "left_out_of_feeds"]
    assert len(told) == 1
    assert "bad (rss: ValueError" in told[0].text
    assert try_left_out(store, style, clock) == [], "it cannot be written yet"
    held = loaded(store, ALL)
    with store.write() as tx:  # the hand that wrote it puts it right; no change of ours
        tx.execute(update(articles).where(articles.c.id == "bad").values(language="en"))
    clock.pass_(minutes=1)
    assert try_left_out(store, style, clock) == ["bad"]
    assert beat(store, style, clock) > 0
    assert set(shown(store, ALL)) == {"good", "bad"}
    with store.read() as tx:
        assert articles_left_out(tx) == {}
        assert not is_standing(tx, source=None, code="left_out_of_feeds")
    now = loaded(store, ALL)
    part = delta_since(now, now.editions[0])
    assert now.editions[0].etag == held.etag
    assert part is not None
    assert b"article/bad" in part
    assert b"article/good" not in part
    assert try_left_out(store, style, clock) == []


def test_what_is_left_out_is_forgotten_with_a_correction_or_a_withdrawal(
    store: Store, style: Style, clock: StillClock
) -> None:
    put(store, clock, article("one", language="e\x01n"), article("two", language="e\x01n"))
    beat(store, style, clock)
    put(store, clock, article("one", title="Right now"))
    with store.write() as tx:
        withdraw_article(tx, "two", now=clock.now(), by="test", reason="wrong")
    beat(store, style, clock)
    assert try_left_out(store, style, clock) == []
    with store.read() as tx:
        assert articles_left_out(tx) == {}
        assert not is_standing(tx, source=None, code="left_out_of_feeds")
    assert shown(store, ALL) == ["one"]


def test_a_section_that_cannot_be_made_is_told_and_heals(
    store: Store, style: Style, clock: StillClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(store, clock, article("a"))
    with monkeypatch.context() as patched:
        make = render.make_view

        def fails(portal: Portal, section: Section, *rest: Any, **named: Any) -> Any:
            if section.id == HEALTH:
                raise RuntimeError("a fault of ours")
            return make(portal, section, *rest, **named)

        patched.setattr(render, "make_view", fails)
        beat(store, style, clock)
        with store.read() as tx:
            (told,) = [alert for alert in list_alerts(tx) if alert.code == render.NOT_RENDERED]
            assert HEALTH in told.text
        assert shown(store, ALL) == ["a"], "the others are made"
        for _ in range(3):
            beat(store, style, clock)
        assert caplog.text.count("\nRuntimeError: a fault of ours") == 1, "four times a second would fill the disk"
    beat(store, style, clock)
    with store.read() as tx:
        assert not is_standing(tx, source=None, code=render.NOT_RENDERED)
    assert shown(store) == ["a"]


def test_a_new_style_moves_every_generation_once(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *history(3))
    beat(store, style, clock)
    before = {section: loaded(store, section) for section in PORTAL.sections()}
    with store.read() as tx:
        seq = latest_seq(tx)
    moved = style_of(replace(PORTAL, base_url="https://feeds.example.org"))
    assert beat(store, moved, clock) == len(PORTAL.sections())
    assert beat(store, moved, clock) == 0
    with store.read() as tx:
        assert latest_seq(tx) == seq + 1
        assert {state.generation for state in section_states(tx).values()} == {seq + 1}
    for section, old in before.items():
        made = loaded(store, section)
        assert made.last_modified > old.last_modified
        assert b"127.0.0.1" not in made.body
        assert b"https://feeds.example.org/" in made.body
    assert shown(store) == ["n002", "n001", "n000"], "nobody comes or goes"
    ids = [json.loads(it)["items"][0]["id"] for it in (before[HEALTH].body, loaded(store, HEALTH).body)]
    assert ids[0] == ids[1], "ids survive a change of host"


def test_stored_fragments_are_joined_not_written_anew(
    store: Store, style: Style, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, clock, *history(5))
    beat(store, style, clock)
    made: list[str] = []
    real = pieces.fragment

    def count(it: Article, *rest: Any) -> bytes:
        made.append(it.id)
        return real(it, *rest)

    monkeypatch.setattr(pieces, "fragment", count)
    put(store, clock, article("one", published=NOON), replace(history(3)[2], title="Corrected"))
    beat(store, style, clock)
    assert sorted(set(made)) == ["n002", "one"]
    with store.read() as tx:
        kept = stored_fragments(tx, [("one", 6), ("n002", 2)], "rss", style.digest)
    assert list(kept) == ["one"], "the older version's fragment is gone"


def test_the_same_store_gives_the_same_bytes_at_any_time(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *history(55))
    put(store, clock, article("late", published=LONG_AGO), late=True)
    section = PORTAL.sections()[HEALTH]
    made: list[Sequence[FeedDocument]] = []
    for days in (1, 30, 400):
        clock.pass_(days=days)
        with store.read() as tx:
            gathered = render.gather(tx, section, style)
        members = render.next_window(gathered.members, gathered.changes, gathered.state.changed_at, gathered.outside)
        made.append(render.make_documents(gathered, members, style, NOON)[0])
    assert made[0] == made[1] == made[2]
