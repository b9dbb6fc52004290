"""Saved feeds: a question with a name holds articles as a section does, from the transaction that changes them."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from feedhub.basics.words import folded
from feedhub.model.question import Question, SavedFeed
from feedhub.publish.addresses import feed_path
from feedhub.publish.opml import opml
from feedhub.publish.render import render_due
from feedhub.publish.style import Style
from feedhub.publish.window import SHOWN
from feedhub.store.article_reads import find_article
from feedhub.store.articles import edit_article, put_article, release_due, restore_article, withdraw_article
from feedhub.store.documents import get_document
from feedhub.store.engine import Store
from feedhub.store.new_articles import NewArticle, add_articles
from feedhub.store.saved import saved_questions, sync_saved
from feedhub.store.search import search
from feedhub.store.search_match import answers
from feedhub.store.sections import section_states, sync_sections
from tests.kit import StillClock
from tests.publish.material import NOON, PORTAL, article, style

RIVER = SavedFeed(
    "river", "On the river", "湘江", Question(terms=("湘江",), without=("bridge",), sections=("life", "news"))
)
OTHER = SavedFeed("zh", "Chinese", None, Question(languages=("zh",)))


@pytest.fixture
def saved_style(store: Store, clock: StillClock) -> Style:
    """The portal with two saved feeds, over a store that holds two articles already."""
    with store.write() as tx:
        put_article(tx, article("early", title="湘江 at dawn"), now=clock.now(), late=False, by="test")
        put_article(tx, article("other", title="Nothing of it"), now=clock.now(), late=False, by="test")
    return declare(store, clock, RIVER, OTHER)


def declare(store: Store, clock: StillClock, *feeds: SavedFeed) -> Style:
    portal = replace(PORTAL, saved=feeds)
    clock.pass_(seconds=5)
    with store.write() as tx:
        sync_sections(tx, tuple(portal.feeds()), clock.now())
        sync_saved(tx, portal.saved, SHOWN, clock.now())
    return style(portal)


def shown(store: Store, style_: Style, clock: StillClock, name: str = "river") -> tuple[list[str], list[str]]:
    """The ids in the JSON document, and those of its tombstones."""
    clock.pass_(seconds=5)
    render_due(store, style_, clock)
    with store.read() as tx:
        document = get_document(tx, f"/json/saved/{name}.json")
    assert document is not None
    said = json.loads(document.body)
    return (
        [it["id"].rpartition("/")[2] for it in said["items"]],
        [it["id"].rpartition("/")[2] for it in said["_feedhub"]["deleted"]],
    )


def test_it_holds_what_answers_from_the_change_itself(store: Store, clock: StillClock, saved_style: Style) -> None:
    assert shown(store, saved_style, clock) == (["early"], [])
    now = clock.now()
    with store.write() as tx:
        put_article(tx, article("new", title="湘江 news", published=NOON), now=now, late=False, by="test")
        put_article(tx, article("bridge", title="湘江 bridge", published=NOON), now=now, late=False, by="test")
        put_article(tx, article("far", title="湘江", sections=("empty",)), now=now, late=False, by="test")
        add_articles(
            tx,
            [NewArticle(article=article("batch", title="夜色湘江"), late=True, by="test", reason=None)],
            now=now,
        )
        assert section_states(tx)["saved/river"].generation > section_states(tx)["saved/zh"].generation
    assert shown(store, saved_style, clock) == (["new", "early", "batch"], [])
    with store.write() as tx:
        before = section_states(tx)["saved/river"].generation
        put_article(tx, article("other", title="Still nothing"), now=now, late=False, by="test")
        assert section_states(tx)["saved/river"].generation == before, "what it does not hold does not touch it"


def test_an_edit_brings_in_and_takes_out_and_a_withdrawal_leaves_a_tombstone(
    store: Store, clock: StillClock, saved_style: Style
) -> None:
    assert shown(store, saved_style, clock) == (["early"], [])
    for name, title in (("other", "湘江 after all"), ("early", "Not any more")):
        with store.write() as tx:
            found = find_article(tx, name)
            assert found is not None
            edit_article(tx, replace(found, title=title), ["title"], now=clock.now(), by="test")
        clock.pass_(seconds=2)
    assert shown(store, saved_style, clock) == (["other"], [])
    with store.write() as tx:
        withdraw_article(tx, "other", now=clock.now(), by="test", reason="wrong")
    assert shown(store, saved_style, clock) == ([], ["other"])
    clock.pass_(seconds=5)
    with store.write() as tx:
        restore_article(tx, "other", now=clock.now(), by="test")
    assert shown(store, saved_style, clock) == (["other"], [])


def test_a_withdrawal_that_sections_tell_by_a_notice_leaves_a_tombstone_here_at_once(
    store: Store, clock: StillClock, saved_style: Style
) -> None:
    assert shown(store, saved_style, clock) == (["early"], [])
    with store.write() as tx:
        withdraw_article(tx, "early", now=clock.now(), by="test", reason="wrong", form="notice")
    assert shown(store, saved_style, clock) == ([], ["early"])
    with store.read() as tx:
        before = section_states(tx)["saved/river"].generation
    clock.pass_(days=7)
    with store.write() as tx:
        assert release_due(tx, now=clock.now()) == ["early"]
        assert section_states(tx)["saved/river"].generation == before
    assert shown(store, saved_style, clock) == ([], ["early"])


def test_history_is_not_announced_and_a_withdrawal_re_admits_nothing(
    store: Store, clock: StillClock, saved_style: Style
) -> None:
    with store.write() as tx:
        for n in range(SHOWN + 5):
            it = article(f"n{n:02}", title="湘江", published=NOON - timedelta(days=n))
            put_article(tx, it, now=clock.now(), late=False, by="test")
    first, _ = shown(store, saved_style, clock)
    assert first == [f"n{n:02}" for n in range(SHOWN)]
    with store.write() as tx:
        withdraw_article(tx, "n03", now=clock.now(), by="test", reason="wrong")
        old = article("older", title="湘江", published=NOON - timedelta(days=900))
        put_article(tx, old, now=clock.now(), late=False, by="test")
    second, stones = shown(store, saved_style, clock)
    assert (second, stones) == ([it for it in first if it != "n03"], ["n03"])


def test_its_documents_say_what_it_is(store: Store, clock: StillClock, saved_style: Style) -> None:
    shown(store, saved_style, clock)
    with store.read() as tx:
        document = get_document(tx, feed_path(RIVER.id, "json"))
    assert document is not None
    said = json.loads(document.body)
    assert said["title"] == "On the river - Hengyang, China"
    assert said["feed_url"].endswith("/json/saved/river.json")
    assert said["home_page_url"].endswith("/search?q=%E6%B9%98%E6%B1%9F%20-bridge&section=life&section=news")
    assert "湘江 -bridge · Life / News" in said["description"]
    assert set(document.codings) == {"gzip", "br", "zstd"}
    whole = opml(saved_style.portal, NOON)
    assert whole.count(b'xmlUrl="http://127.0.0.1:8080/rss/saved/') == 2


def test_a_question_that_changed_begins_anew_and_a_name_given_up_leaves_nothing(
    store: Store, clock: StillClock, saved_style: Style
) -> None:
    assert shown(store, saved_style, clock) == (["early"], [])
    same = declare(store, clock, RIVER, OTHER)
    with store.read() as tx:
        before = section_states(tx)["saved/river"].generation
    changed = replace(RIVER, question=Question(terms=("nothing",)))
    other = declare(store, clock, changed)
    assert same.digest != other.digest
    with store.read() as tx:
        assert section_states(tx)["saved/river"].generation > before
        assert saved_questions(tx) == [("saved/river", changed.question)]
        assert get_document(tx, "/rss/saved/zh.xml") is None
    assert shown(store, other, clock) == (["other"], [])


def test_one_article_answers_as_the_index_does(store: Store, clock: StillClock) -> None:
    dice = random.Random(26)
    words = ["river", "5G", "湘江", "雁城", "衡阳", "夜", "，", " "]
    some = [
        article(
            f"a{n:03}", title="".join(dice.choices(words, k=3)), summary="".join(dice.choices(words, k=2)),
            sections=(dice.choice(("life/health", "news")),), language=dice.choice(("en", "zh", "zh-CN")),
            published=NOON - timedelta(hours=n), author=dice.choice((None, "Li Hua")),
        )
        for n in range(60)
    ]  # fmt: skip
    with store.write() as tx:
        for it in some:
            put_article(tx, it, now=clock.now(), late=False, by="test")
    hits = 0
    for _ in range(150):
        asked = [folded("".join(dice.choices(words, k=dice.randint(1, 2)))) for _ in range(dice.randint(0, 2))]
        question = Question(
            terms=tuple(it for it in asked if it),
            without=tuple(it for it in [folded(dice.choice(words))] if it and dice.random() < 0.3),
            sections=dice.choice(((), ("life",), ("news", "life/cuisine"))),
            languages=dice.choice(((), ("zh",), ("en",))),
            authors=dice.choice(((), ("li hua",))),
            since=dice.choice((None, NOON - timedelta(hours=30))),
            until=dice.choice((None, NOON - timedelta(hours=5))),
        )
        with store.read() as tx:
            found = {name for _, name in search(tx, question, limit=500)}
        assert {it.id for it in some if answers(question, it)} == found, question
        hits += len(found)
    assert hits > 300
