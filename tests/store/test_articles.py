"""What can happen to an article, each with its one number in the change log (SEMANTICS 1, 4, 10, 14, 22)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from feedhub.errors import Conflict, NotFound
from feedhub.model.article import Attribution, Correction, Twin
from feedhub.model.item import Enclosure
from feedhub.model.safehtml import make_safe
from feedhub.store import article_reads, articles
from feedhub.store.changes import article_changes, latest_seq, section_changes_since, withdrawals
from feedhub.store.engine import Store
from feedhub.store.sections import article_counts, section_states
from tests.kit import LOCAL, NOW, an_article


def put(store: Store, *pieces: object, now: datetime = NOW, late: bool = False) -> list[str | None]:
    with store.write() as tx:
        return [articles.put_article(tx, piece, now=now, late=late, by="test") for piece in pieces]  # type: ignore[arg-type]


def test_a_new_article_moves_its_section_and_all_above(store: Store) -> None:
    assert put(store, an_article()) == ["published"]
    with store.read() as tx:
        states = section_states(tx)
        assert {name for name, state in states.items() if state.generation == 1} == {
            LOCAL,
            "current-news/hot-news",
            "current-news",
            "all",
        }
        assert article_counts(tx) == {LOCAL: 1, "current-news/hot-news": 1, "current-news": 1, "all": 1}


def test_the_same_again_changes_nothing(store: Store) -> None:
    put(store, an_article())
    assert put(store, an_article()) == [None]
    with store.read() as tx:
        assert latest_seq(tx) == 1


def test_a_correction_moves_updated_and_not_published(store: Store) -> None:
    put(store, an_article())
    assert put(store, an_article(title="Better")) == ["corrected"]
    with store.read() as tx:
        piece = article_reads.get_article(tx, "a1")
        assert (piece.title, piece.published) == ("Better", an_article().published)
        assert piece.updated > an_article().updated
        assert [change.kind for change in article_changes(tx, "a1")] == ["published", "corrected"]
        assert [version["snapshot"]["title"] for version in article_reads.article_history(tx, "a1")] == [
            "Title a1",
            "Better",
        ]


def test_every_version_is_to_be_had_again(store: Store) -> None:
    rich = an_article(
        summary="Short", author="Li Hua", source=Attribution("衡阳新闻网", "http://e.cn/", None, "e0734", False),
        categories=("城市", "parks"), enclosures=(Enclosure("https://x.example/a.mp3", "audio/mpeg", 5),),
        twins=(Twin("b", "zh", "/articles/b"),), corrections=(Correction(NOW, "a date"),),
        expires=NOW + timedelta(days=9), licence="own",
    )  # fmt: skip
    put(store, rich, an_article("bare", html=None))
    put(store, replace(rich, title="Better"))
    with store.read() as tx:
        found = article_reads.versions_of(tx, ["a1", "bare", "unknown"])
        assert [one.title for one, _ in found["a1"]] == ["Title a1", "Better"]
        for name in ("a1", "bare"):
            assert found[name][-1] == (article_reads.get_article(tx, name), NOW)
        assert "unknown" not in found


def test_other_sections_alone_are_a_move_and_touch_both_places(store: Store) -> None:
    put(store, an_article())
    assert put(store, an_article(sections=("life/health",))) == ["moved"]
    with store.read() as tx:
        assert [c.kind for c in section_changes_since(tx, LOCAL, 1)] == ["moved"]
        assert [c.kind for c in section_changes_since(tx, "life", 0)] == ["moved"]
        assert article_reads.section_articles(tx, LOCAL, limit=5) == []
        assert [a.id for a in article_reads.section_articles(tx, "life", limit=5)] == ["a1"]
        assert article_reads.get_article(tx, "a1").updated == an_article().updated


def test_withdrawn_stays_withdrawn_until_restored(store: Store) -> None:
    put(store, an_article())
    with store.write() as tx:
        articles.withdraw_article(tx, "a1", now=NOW, by="test", reason="wrong")
    assert put(store, an_article(title="Again")) == [None]
    with store.read() as tx:
        assert article_reads.section_articles(tx, LOCAL, limit=5) == []
        assert [change.reason for change in withdrawals(tx, LOCAL, NOW - timedelta(days=90))] == ["wrong"]
    later = NOW + timedelta(hours=1)
    with store.write() as tx:
        articles.restore_article(tx, "a1", now=later, by="test")
        back = article_reads.get_article(tx, "a1")
    assert back.updated == later
    assert back.withdrawn_reason is None


def test_what_a_person_edited_no_source_overwrites(store: Store) -> None:
    put(store, an_article())
    with store.write() as tx:
        old = article_reads.get_article(tx, "a1")
        articles.edit_article(tx, replace(old, title="By hand"), ["title"], now=NOW, by="editor")
    put(store, an_article(title="From the source", html=make_safe("<p>New text from the source, also long.</p>")))
    with store.read() as tx:
        piece = article_reads.get_article(tx, "a1")
    assert piece.title == "By hand"
    assert "New text" in str(piece.html)


def test_an_embargo_holds_every_channel_and_a_job_releases(store: Store) -> None:
    opens = NOW + timedelta(hours=2)
    assert put(store, an_article(embargo_until=opens)) == [None]
    with store.read() as tx:
        assert article_reads.get_article(tx, "a1").state == "scheduled"
        assert article_reads.section_articles(tx, LOCAL, limit=5) == []
        assert latest_seq(tx) == 0
        assert not articles.anything_due(tx, now=opens - timedelta(seconds=1))
    with store.write() as tx:
        assert articles.anything_due(tx, now=opens)
        assert articles.release_due(tx, now=opens) == ["a1"]
        assert articles.release_due(tx, now=opens) == []
        assert article_reads.get_article(tx, "a1").released_at == opens


def test_expiry_withdraws_by_itself(store: Store) -> None:
    put(store, an_article(expires=NOW + timedelta(hours=1)))
    with store.write() as tx:
        assert articles.release_due(tx, now=NOW + timedelta(hours=1)) == ["a1"]
        assert article_reads.get_article(tx, "a1").withdrawn_reason == "expired"


def test_order_is_by_date_then_id_and_pages_without_gap(store: Store) -> None:
    put(
        store,
        *(an_article(f"p{n:02}", title=f"T{n}") for n in range(12)),
        an_article("older", published=NOW - timedelta(days=9)),
    )
    seen: list[str] = []
    before: tuple[datetime, str] | None = None
    with store.read() as tx:
        while page := article_reads.section_articles(tx, "all", limit=5, before=before):
            seen += [piece.id for piece in page]
            before = (page[-1].published, page[-1].id)
    assert seen == [f"p{n:02}" for n in reversed(range(12))] + ["older"]


def test_languages_narrow_a_section(store: Store) -> None:
    put(store, an_article("en1"), an_article("zh1", language="zh-CN"), an_article("zhx", language="zhx"))
    with store.read() as tx:
        found = article_reads.section_articles(tx, LOCAL, limit=9, languages=("zh",))
    assert [piece.id for piece in found] == ["zh1"]


def test_the_offset_of_a_date_is_kept(store: Store) -> None:
    east = datetime.fromisoformat("2026-11-07T00:54:44+08:00")
    put(store, an_article(published=east, updated=east))
    with store.read() as tx:
        assert article_reads.get_article(tx, "a1").published.isoformat() == "2026-11-07T00:54:44+08:00"


def test_unknown_and_impossible_things_are_refused(store: Store) -> None:
    with pytest.raises(NotFound), store.read() as tx:
        article_reads.get_article(tx, "nothing")
    put(store, an_article())
    with pytest.raises(Conflict), store.write() as tx:
        articles.restore_article(tx, "a1", now=NOW, by="test")


def test_numbers_are_in_commit_order_across_writers(store: Store) -> None:
    """A reader that saw seq n never later finds a smaller one: many writers, one reader that keeps looking."""
    seen: list[list[int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with store.read() as tx:
                seen.append([change.seq for change in section_changes_since(tx, "all", 0)])

    def write(writer: int) -> None:
        for number in range(8):
            put(store, an_article(f"w{writer}-{number}", title=f"T{writer}-{number}"))

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in seen)
    with store.read() as tx:
        assert latest_seq(tx) == 32


def test_an_embargo_outlives_a_withdrawal(store: Store) -> None:
    opens = NOW + timedelta(days=20)
    put(store, an_article(embargo_until=opens))
    with store.write() as tx:
        articles.withdraw_article(tx, "a1", now=NOW, by="test", reason="not yet")
        assert articles.restore_article(tx, "a1", now=NOW, by="test") is None
        assert article_reads.get_article(tx, "a1").state == "scheduled"
        assert articles.release_due(tx, now=opens) == ["a1"]
