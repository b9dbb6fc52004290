"""The index: no hit is missed and none is invented, against a search by brute force, on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from feedhub.basics.words import folded, is_chinese
from feedhub.model.article import Article, Attribution
from feedhub.model.item import Enclosure
from feedhub.model.question import Question
from feedhub.model.safehtml import make_safe
from feedhub.model.section import placements
from feedhub.store import search_arrays
from feedhub.store.article_reads import get_article, newer_place, section_articles
from feedhub.store.articles import edit_article, put_article, release_due, restore_article, withdraw_article
from feedhub.store.engine import Store
from feedhub.store.search import newer_answer, search
from tests.kit import LOCAL, NOW, an_article

CHARACTERS = "湘江雁城衡阳夜"
WORDS = ("river", "5G", "Hengyang", "news", *CHARACTERS, "，", " ")


def found(store: Store, limit: int = 500, **values: object) -> list[str]:
    with store.read() as tx:
        return [article_id for _, article_id in search(tx, Question(**values), limit=limit)]  # type: ignore[arg-type]


def put(store: Store, *articles: Article) -> None:
    with store.write() as tx:
        for article in articles:
            put_article(tx, article, now=NOW, late=False, by="test")


def holds(article: Article, asked: str) -> bool:
    """The plain reading of it: what was asked stands in the title or in the text, as whole words where it has words."""
    runs = asked.split()
    start = "" if is_chinese(runs[0]) else " "
    end = "" if is_chinese(runs[-1]) else " "
    texts = (article.title, article.summary, str(article.html or "").replace("<p>", "").replace("</p>", ""))
    return any(f"{start}{asked}{end}" in f" {folded(text)} " for text in texts)


def test_nothing_is_missed_and_nothing_invented(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_arrays, "FEWEST", 6)  # so that few articles are several windows
    monkeypatch.setattr(search_arrays, "WIDER", 3)
    dice = random.Random(4)
    some = [
        an_article(
            f"r{number:03}",
            title="".join(dice.choices(WORDS, k=4)),
            summary="".join(dice.choices(WORDS, k=3)),
            html=make_safe(f"<p>{''.join(dice.choices(WORDS, k=30))}</p>"),
            published=NOW - timedelta(minutes=number),
            sections=(dice.choice(("life/health", "current-news")),),
            language=dice.choice(("en", "zh", "zh-CN")),
        )
        for number in range(150)
    ]
    put(store, *some)
    hits = 0
    for _ in range(300):
        asked = [folded("".join(dice.choices(WORDS, k=dice.randint(1, 4)))) for _ in range(dice.randint(1, 2))]
        asked = [one for one in asked if one]
        without = [one for one in [folded("".join(dice.choices(CHARACTERS, k=2)))] if dice.random() < 0.3]
        sections = dice.choice(((), ("life",), ("life", "current-news")))
        languages = dice.choice(((), ("zh",), ("zh-cn", "en")))
        expected = [
            article.id
            for article in some
            if all(holds(article, one) for one in asked)
            and not any(holds(article, one) for one in without)
            and (not sections or set(sections) & set(placements(article.sections)))
            and (not languages or any(f"{article.language.lower()}-".startswith(f"{tag}-") for tag in languages))
        ]
        question = {"terms": tuple(asked), "without": tuple(without), "sections": sections, "languages": languages}
        limit = dice.choice((1, 2, 3, 500))
        assert found(store, limit, **question) == expected[:limit], question
        hits += len(expected)
    assert hits > 500


def test_only_live_articles_are_found(store: Store) -> None:
    embargoed = an_article("later", title="湘江大桥", embargo_until=NOW + timedelta(hours=1))
    put(store, an_article("a", title="湘江夜景"), embargoed)
    bridge, night = (folded("大桥"),), (folded("夜景"),)
    assert found(store, terms=bridge) == []
    with store.write() as tx:
        release_due(tx, now=NOW + timedelta(hours=2))
    assert found(store, terms=bridge) == ["later"]
    with store.write() as tx:
        withdraw_article(tx, "a", now=NOW, by="test", reason="wrong")
    assert found(store, terms=night) == []
    with store.write() as tx:
        restore_article(tx, "a", now=NOW, by="test")
    assert found(store, terms=night) == ["a"]
    with store.write() as tx:
        edited = replace(get_article(tx, "a"), title="雁城夜市")
        edit_article(tx, edited, ["title"], now=NOW + timedelta(minutes=1), by="test")
    assert found(store, terms=night) == []
    assert found(store, terms=(folded("夜市"),)) == ["a"]
    with store.write() as tx:
        moved = replace(get_article(tx, "a"), sections=("life",))
        put_article(tx, moved, now=NOW + timedelta(minutes=2), late=False, by="test")
    assert found(store, sections=("life",)) == ["a"]
    assert found(store, sections=("current-news",)) == ["later"]


def test_what_is_taken_back_leaves_the_index_as_it_was(store: Store) -> None:
    put(store, an_article("a", title="湘江夜景"))
    with pytest.raises(RuntimeError), store.write() as tx:
        put_article(tx, an_article("b", title="湘江大桥"), now=NOW, late=False, by="test")
        withdraw_article(tx, "a", now=NOW, by="test", reason="wrong")
        raise RuntimeError
    assert found(store, terms=(folded("湘江"),)) == ["a"]


def test_conditions(store: Store) -> None:
    piece = an_article(
        "full",
        source=Attribution("衡阳日报 Daily"),
        origin="source:hy-daily",
        author="Li Hua",
        categories=("城市", "Parks & Rivers"),
        enclosures=(Enclosure("https://x.example/a.mp3", "audio/mpeg", 1),),
        published=NOW - timedelta(days=3),
    )
    put(store, piece, an_article("bare"))
    for condition in (
        {"sources": (folded("衡阳日报 daily"),)},
        {"sources": (folded("hy-daily"), "other")},
        {"categories": (folded("parks & rivers"),)},
        {"authors": ("li hua",)},
        {"has_enclosure": True},
        {"until": NOW - timedelta(days=2)},
    ):
        assert found(store, **condition) == ["full"], condition
    assert found(store, since=NOW - timedelta(days=2)) == ["bare"]
    assert found(store, since=NOW, until=NOW - timedelta(days=1)) == []
    assert found(store) == ["bare", "full"]
    assert found(store, without=(folded("nowhere"),), limit=1) == ["bare"]


def test_a_phrase_does_not_reach_from_title_into_text(store: Store) -> None:
    put(store, an_article("a", title="雁城", html=make_safe("<p>湘江</p><p>夜景</p>")))
    assert found(store, terms=(folded("雁城 湘江"),)) == []
    assert found(store, terms=(folded("湘江 夜景"),)) == ["a"]
    assert found(store, terms=(folded("江夜"),)) == []


def test_the_page_before_a_place_begins_where_the_walk_passed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_arrays, "FEWEST", 6)
    monkeypatch.setattr(search_arrays, "WIDER", 3)
    put(
        store,
        *(
            an_article(f"p{n:02}", title="river" if n % 3 else "bridge", published=NOW - timedelta(minutes=n))
            for n in range(60)
        ),
    )
    with store.read() as tx:
        for question in (Question(terms=("river",)), Question(without=("river",)), Question(languages=("en",))):
            places = [place for place, _ in search(tx, question, limit=100)]
            assert len(places) >= 20
            for index, place in enumerate(places):
                for step in (1, 7, 30):
                    wanted = places[index - step] if index >= step else None
                    assert newer_answer(tx, question, place, step) == wanted


def test_the_same_for_a_sections_pages(store: Store) -> None:
    put(store, *(an_article(f"p{n:02}", published=NOW - timedelta(minutes=n // 2)) for n in range(20)))
    with store.read() as tx:
        shown = section_articles(tx, LOCAL, limit=50)
        places = [(article.published, article.id) for article in shown]
        for index, place in enumerate(places):
            assert newer_place(tx, LOCAL, place, 7) == (places[index - 7] if index >= 7 else None)
