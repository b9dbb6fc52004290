"""Translations find each other, whichever comes first, and what an editor notes stands with the article."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from feedhub.model.article import Article, Twin
from feedhub.store.article_reads import get_article
from feedhub.store.articles import edit_article, put_article, restore_article, withdraw_article
from feedhub.store.changes import article_changes
from feedhub.store.engine import Store
from tests.publish.material import NOON, article

ENGLISH = article("bridge", translation_of="bridge-zh")
CHINESE = article("bridge-zh", language="zh", title="大桥通车", sections=("news",))


def put(store: Store, it: Article) -> None:
    with store.write() as tx:
        put_article(tx, it, now=NOON, late=False, by="test")


def read(store: Store, article_id: str) -> Article:
    with store.read() as tx:
        return get_article(tx, article_id)


def kinds(store: Store, article_id: str) -> list[str]:
    with store.read() as tx:
        return [change.kind for change in article_changes(tx, article_id)]


def test_twins_know_each_other_whichever_comes_first(store: Store) -> None:
    for first, second in ((ENGLISH, CHINESE), (CHINESE, ENGLISH)):
        names = {it.id: f"{it.id}-{first.id}" for it in (first, second)}
        for it in (first, second):
            original = it.translation_of and names[it.translation_of]
            put(store, replace(it, id=names[it.id], public_id=f"urn:{names[it.id]}", translation_of=original))
        assert read(store, names["bridge"]).twins == (Twin(names["bridge-zh"], "zh"),)
        assert read(store, names["bridge-zh"]).twins == (Twin(names["bridge"], "en"),)
        assert kinds(store, names[second.id]) == ["published"]
        assert kinds(store, names[first.id]) == ["published", "linked"]
        assert read(store, names[first.id]).updated == first.updated, "a twin is no correction"


def test_two_translations_of_one_piece_are_twins_too_and_the_same_language_is_none(store: Store) -> None:
    french = article("pont", language="fr", translation_of="bridge-zh", url="http://fr.example/pont")
    for it in (ENGLISH, CHINESE, french):
        put(store, it)
    assert [twin.id for twin in read(store, "bridge").twins] == ["pont", "bridge-zh"]
    assert [twin.id for twin in read(store, "bridge-zh").twins] == ["bridge", "pont"]
    assert read(store, "bridge").twins[0].url == "http://fr.example/pont"
    put(store, replace(ENGLISH, id="again", public_id="urn:again", language="zh"))
    assert [twin.id for twin in read(store, "again").twins] == ["bridge", "pont"]
    assert "again" not in [twin.id for twin in read(store, "bridge-zh").twins]


def test_a_withdrawn_twin_is_linked_no_more_and_notes_survive_an_import(store: Store) -> None:
    put(store, ENGLISH)
    put(store, CHINESE)
    with store.write() as tx:
        withdraw_article(tx, "bridge-zh", now=NOON, by="test", reason="wrong")
    assert read(store, "bridge").twins == ()
    with store.write() as tx:
        restore_article(tx, "bridge-zh", now=NOON + timedelta(hours=1), by="test")
    assert read(store, "bridge").twins == read(store, "bridge").twins == (Twin("bridge-zh", "zh"),)
    put(store, replace(ENGLISH, translation_of=None))
    assert read(store, "bridge-zh").twins == ()
    assert read(store, "bridge").corrections == ()
    later = NOON + timedelta(hours=2)
    with store.write() as tx:
        edit_article(tx, replace(get_article(tx, "bridge"), title="New"), ["title"], now=later, by="lin", note="Name.")
        assert article_changes(tx, "bridge")[-1].reason == "Name."
    put(store, replace(ENGLISH, summary="Another", updated=later + timedelta(hours=1)))
    now = read(store, "bridge")
    assert (now.title, now.summary) == ("New", "Another")
    assert [(one.at, one.note) for one in now.corrections] == [(later, "Name.")]
    assert now.published == ENGLISH.published and now.updated > later
    for number in range(12):
        with store.write() as tx:
            edit_article(tx, get_article(tx, "bridge"), [], now=later, by="lin", note=f"note {number}")
    assert [one.note for one in read(store, "bridge").corrections] == [f"note {number}" for number in range(2, 12)]
