"""What an export and sitemaps ask, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedhub.model.picture import MEDIA, Image, Picture
from feedhub.model.safehtml import make_safe
from feedhub.publish.render import render_due
from feedhub.store import exports, page_list
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.changes import latest_seq
from feedhub.store.document_tables import archives
from feedhub.store.pictures import put_picture
from tests.kit import LOCAL, NOW, StillClock, an_article, open_store
from tests.web.conftest import a_portal, the_style


def test_what_an_export_asks(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_CHUNK", 2)
    store = open_store(store_url, NOW - timedelta(days=9))
    small = Image(type="image/png", width=1, height=1, body=b"small")
    large = Image(type="image/jpeg", width=2, height=2, body=b"large")
    with store.write() as tx:
        name = put_picture(tx, Picture(image=large, thumbnail=small), NOW)
        shown = make_safe(f'<p><img src="{MEDIA}{name}" alt=""></p>')
        for number in range(5):
            day = NOW - timedelta(days=2, hours=number)
            piece = an_article(f"a{number}", published=day, updated=day, html=shown if number == 0 else None)
            put_article(tx, piece, now=NOW - timedelta(days=1, hours=5 - number), late=False, by="test")
        put_article(tx, an_article("later", embargo_until=NOW + timedelta(days=1)), now=NOW, late=False, by="test")
    style = the_style(store, a_portal(8080))
    with store.read() as tx:
        assert exports.rendered_up_to(tx, style.digest) < latest_seq(tx), "nothing is rendered yet"
    render_due(store, style, StillClock(NOW + timedelta(minutes=1)))
    with store.read() as tx:
        seq = latest_seq(tx)
        assert exports.rendered_up_to(tx, style.digest) == seq
        heads = exports.document_heads(tx)
        assert {head.path for head in heads} >= {f"/rss/{LOCAL}.xml", "/atom/all.xml", "/json/life.json"}
        assert exports.document_heads(tx, seq) == []
        assert exports.documents_there(tx, [heads[0].path, "/rss/none.xml"]) == {heads[0].path}
        assert {path for path, _ in exports.document_links(tx)} == {head.path for head in heads}
        assert list(exports.shown_pictures(tx).values()) == ["image/jpeg", "image/png"]
        ids, after = [], ""
        while chunk := exports.article_ids(tx, after):
            ids += chunk
            after = chunk[-1]
        assert ids == ["a0", "a1", "a2", "a3", "a4"]
        assert exports.article_total(tx) == page_list.page_count(tx) == 5
        rows = page_list.page_rows(tx, start=1, limit=3)
        assert [row.article_id for row in rows] == ["a1", "a2", "a3"], "in the order in which they came"
        assert rows[0].updated == NOW - timedelta(days=2, hours=1)
        assert page_list.pages_updated(tx, start=0, limit=9) == NOW - timedelta(days=2)
        assert page_list.pages_updated(tx, start=9, limit=9) is None
        recent = page_list.published_since(tx, NOW - timedelta(days=2, hours=1), 9)
        assert [article.id for article in recent] == ["a0", "a1"]
    with store.write() as tx:
        withdraw_article(tx, "a0", now=NOW, by="test", reason="wrong")
    with store.read() as tx:
        moved = exports.moved_since(tx, seq)
        assert moved.articles == ("a0",)
        assert {LOCAL, "all"} <= set(moved.sections)
        assert not moved.everything
        assert exports.shown_pictures(tx) == {}
        assert exports.rendered_up_to(tx, style.digest) == seq, "what is to come has a later generation"
        assert exports.article_ids(tx)[0] == "a0", "its page says that it was withdrawn"
    render_due(store, style, StillClock(NOW + timedelta(minutes=2)))
    with store.write() as tx:
        tx.execute(sa.insert(archives).values(section=LOCAL, number=1, generation=2, changed_at=NOW, due=3))
    with store.read() as tx:
        assert exports.rendered_up_to(tx, style.digest) == 2, "an archive that comes late is not missed"
    store.close()
