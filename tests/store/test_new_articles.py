"""New articles written together leave what they would leave one after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from feedhub.model.item import Enclosure
from feedhub.model.safehtml import make_safe
from feedhub.store import search_index
from feedhub.store.articles import put_article
from feedhub.store.metadata import metadata
from feedhub.store.new_articles import NewArticle, add_articles
from feedhub.store.picture_tables import pictures
from tests.kit import NOW, an_article, open_store

PICTURE = "/media/" + "a" * 64
# Those that others translate, or that translate, stand first: they are written by themselves, before the rest.
PIECES = (
    an_article("two", sections=("current-news/hot-news", "life/health"), categories=("a", "b")),
    an_article("zweite", translation_of="before", language="de"),
    an_article("fourth", translation_of="later", language="fr"),
    an_article("one", html=make_safe(f'<p>衡阳新闻 words <img src="{PICTURE}"></p>'), author="Li"),
    an_article("later", published=NOW + timedelta(hours=1)),
    an_article("sound", enclosures=(Enclosure("https://x.example/a.mp3", "audio/mpeg", 5),), html=None),
)
A_PICTURE = {
    "digest": "a" * 64, "type": "image/png", "width": 4, "height": 3, "length": 1, "body": b"x", "added_at": NOW,
}  # fmt: skip


def one_by_one(tx: Connection) -> None:
    for piece in PIECES:
        put_article(tx, piece, now=NOW, late=True, by="rule:auto", reason=f"entry {piece.id}")


def together(tx: Connection) -> None:
    new = [NewArticle(article=piece, late=True, by="rule:auto", reason=f"entry {piece.id}") for piece in PIECES]
    add_articles(tx, new, now=NOW)


def left_by(tx: Connection, write: Callable[[Connection], None]) -> dict[str, list[str]]:
    """Every row of every table after a write, which is taken back."""
    savepoint = tx.begin_nested()
    write(tx)
    found = {table.name: sorted(map(repr, tx.execute(sa.select(table)))) for table in metadata.sorted_tables}
    if tx.dialect.name == "sqlite":
        words = tx.exec_driver_sql(f"SELECT rowid FROM {search_index.FTS} WHERE words MATCH '衡阳'")
        found["words"] = [str(place) for place in words.scalars()]
        assert len(found["words"]) == 1
    savepoint.rollback()
    return found


@pytest.mark.parametrize("crowded", [False, True])
def test_together_they_leave_what_each_leaves_by_itself(
    store_url: str, crowded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if crowded:
        monkeypatch.setattr(search_index, "place_of", lambda *_: 7)
    store = open_store(store_url)
    with store.write() as tx:
        put_article(tx, an_article("before"), now=NOW, late=False, by="test")
        put_article(tx, an_article("vierte", translation_of="two", language="de"), now=NOW, late=False, by="test")
        tx.execute(sa.insert(pictures), [A_PICTURE])
        alone, both = left_by(tx, one_by_one), left_by(tx, together)
    assert alone == both
    assert [len(alone[name]) for name in ("articles", "searched", "picture_uses")] == [8, 7, 1]
    assert sum("linked" in row for row in alone["changes"]) == 2
    assert sum("Shown(" in row or "'width': 4" in row for row in alone["articles"]) == 1
    store.close()
