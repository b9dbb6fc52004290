"""From 0001 with data to the newest: nothing is lost, what is new is filled in as the code would have done it."""

from __future__ import annotations

import json

import pytest
from alembic.command import upgrade
from sqlalchemy import text

from feedhub.ingest.identity import path_key
from feedhub.model.question import Question
from feedhub.store import schema
from feedhub.store.documents import get_document
from feedhub.store.engine import Store
from feedhub.store.entries import find_by_path, get_entry
from feedhub.store.search import search
from feedhub.store.sources import get_source, get_state
from tests.kit import NOW

GUIDS = [
    "http://WWW.site.example/a/b.html?utm_source=x&id=3",
    "https://site.example/a/b/",
    "http://site.example/",
    "tag:site.example,2020:1",
    None,
    "http://site.example:8080/?x=1",
    "http://[broken/1",
]


@pytest.fixture
def old_store(empty_url: str) -> Store:
    store = Store(empty_url)
    config = schema._config()
    with store.write() as tx:
        config.attributes["connection"] = tx
        upgrade(config, "0001")
        tx.execute(text("INSERT INTO counters (name, value) VALUES ('seq', 7)"))
        declared = {"key": "s1", "name": "S", "kind": "feed", "url": "http://Site.example/feed.xml"}
        tx.execute(
            text(
                "INSERT INTO sources (key, declared, present, condition, next_due, fence, failures, etag) "
                "VALUES ('s1', :declared, true, 'active', :now, 3, 0, '\"e\"')"
            ),
            {"declared": json.dumps(declared), "now": int(NOW.timestamp() * 1e6)},
        )
        for number, guid in enumerate(GUIDS, 1):
            tx.execute(
                text(
                    "INSERT INTO entries (source, state, title, item_digest, item, reason, rule, sections, first_seen, "
                    "changed_at, revision) VALUES ('s1', 'held', 'T', 'd', :item, 'review', 'r', '[]', 1, 1, 1)"
                ),
                {"item": json.dumps({"title": f"T{number}", "guid": guid})},
            )
        tx.execute(
            text(
                "INSERT INTO documents (section, format, generation, style, etag, last_modified, content_type, link, "
                "body, gzip) VALUES ('life/health', 'json', 7, 's', '\"x\"', 1000000, 't', 'l', :body, :body)"
            ),
            {"body": b"{}"},
        )
        tx.execute(
            text(
                "INSERT INTO articles (id, public_id, state, seq, title, html, summary, language, sections, "
                "published_at, published_offset, precision, updated_at, updated_offset, source_is_feed, categories, "
                "enclosures, origin, edited_fields) VALUES ('a1', 'tag:a1', 'published', 7, '湘江夜景', '<p>T</p>', "
                "'', 'zh', '[\"life/health\"]', 0, 480, 'second', 0, 480, false, '[]', '[]', 'import', '[]')"
            )
        )
    return store


def test_a_database_with_data_is_brought_up(old_store: Store) -> None:
    assert schema.upgrade_schema(old_store) == schema.check_schema(old_store).wanted
    state = schema.check_schema(old_store)
    assert state.current, state.differences
    with old_store.read() as tx:
        assert get_source(tx, "s1").rules == ()
        kept = get_state(tx, "s1")
        assert (kept.etag, kept.fence, kept.former_urls, kept.hints) == ('"e"', 3, (), None)
        document = get_document(tx, "/json/life/health.json")
        assert document is not None
        assert (document.kind, document.name, document.generation, document.body) == (
            "current",
            "life/health",
            7,
            b"{}",
        )
        assert tx.execute(text("SELECT host FROM sources")).scalar() == "site.example"
        assert tx.execute(text("SELECT value FROM counters WHERE name = 'seq'")).scalar() == 7
        for number, guid in enumerate(GUIDS, 1):
            entry = get_entry(tx, str(number))
            assert entry.item.guid == guid
            key = path_key(guid, "s1")
            found = find_by_path(tx, "s1", [key]) if key else {}
            assert (entry.id in [one.id for one in found.get(key or "", ())]) == (key is not None)
        keyed = tx.execute(text("SELECT count(*) FROM entries WHERE path_key IS NOT NULL")).scalar()
        asked = Question(terms=("夜景",), sections=("life",))
        assert [article_id for _, article_id in search(tx, asked, limit=9)] == ["a1"]
        assert keyed == sum(path_key(guid, "s1") is not None for guid in GUIDS) == 3
    old_store.close()
