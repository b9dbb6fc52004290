"""The documents in memory: they follow the store, outlive it, and stay within their bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feedhub.errors import StoreAway
from feedhub.model.feed import FORMATS
from feedhub.ports.clock import SystemClock
from feedhub.publish.addresses import feed_path
from feedhub.publish.render import render_due
from feedhub.publish.style import make_style
from feedhub.store.articles import put_article
from feedhub.store.engine import Store
from feedhub.web.cache import DocumentCache
from tests.kit import LOCAL, NOW, StillClock, an_article, open_store
from tests.web.conftest import Running, a_portal, fill, the_style

RSS = f"/rss/{LOCAL}.xml"


def rendered_store(folder: Path) -> Store:
    store = open_store(f"sqlite:///{folder / 'cache.db'}", NOW - timedelta(days=9))
    fill(store)
    render_due(store, the_style(store, a_portal(80)), StillClock())
    return store


def take_away(folder: Path) -> None:
    """The database's files are gone; those who held them open still do."""
    for file in [*folder.glob("cache.db*"), *folder.glob("web.db*")]:
        file.rename(file.with_name(f"away-{file.name}"))
    for name in ("cache.db", "web.db"):
        (folder / name).mkdir()


def bring_back(folder: Path) -> None:
    for name in ("cache.db", "web.db"):
        (folder / name).rmdir()
    for file in folder.glob("away-*"):
        file.rename(file.with_name(file.name.removeprefix("away-")))


def test_it_holds_every_document_and_follows_what_moves(tmp_path: Path) -> None:
    store = rendered_store(tmp_path)
    cache = DocumentCache(store, StillClock())
    assert cache.held(RSS) is None
    assert cache.refresh()
    before, other = cache.held(RSS), cache.held("/rss/life.xml")
    assert before is not None
    assert other is not None
    with store.write() as tx:
        dates = {"published": NOW - timedelta(hours=3), "updated": NOW - timedelta(hours=3)}
        put_article(tx, an_article("new", **dates), now=NOW, late=False, by="test")
    render_due(store, the_style(store, a_portal(80)), StillClock(NOW + timedelta(minutes=1)))
    cache.refresh()
    after = cache.held(RSS)
    assert after is not None
    assert after.tag != before.tag
    assert cache.held("/rss/life.xml") is other  # what did not move is not loaded again
    assert cache.stale_since is None


def test_a_new_style_is_seen_even_where_the_bytes_stay(tmp_path: Path) -> None:
    store = rendered_store(tmp_path)
    cache = DocumentCache(store, StillClock())
    cache.refresh()
    before = cache.held(f"/json/{LOCAL}.json")
    assert before is not None
    exact = the_style(store, a_portal(80))
    exact = make_style(exact.portal, content_type="exact", style_files={}, installation=exact.installation)
    render_due(store, exact, StillClock(NOW + timedelta(minutes=1)))
    cache.refresh()
    made, json_made = cache.held(RSS), cache.held(f"/json/{LOCAL}.json")
    assert made is not None
    assert json_made is not None
    assert dict(made.full[None].headers)["content-type"] == "application/rss+xml; charset=utf-8"
    assert json_made.tag == before.tag  # JSON Feed names no date of its own: the bytes are the same
    assert json_made.modified == made.modified != before.modified


def test_its_memory_is_bounded(tmp_path: Path) -> None:
    store = rendered_store(tmp_path)
    whole = DocumentCache(store, StillClock())
    whole.refresh()
    small = DocumentCache(store, StillClock(), most_bytes=whole.size // 3)
    small.refresh()
    for _ in range(3):
        for section in ("all", LOCAL, "life", "life/health", "current-news"):
            for format_ in FORMATS:
                assert small.find(feed_path(section, format_)) is not None
                assert small.size <= whole.size // 3
    assert small.find("/rss/no-such.xml") is None


def test_it_serves_while_the_database_is_away(start: Callable[..., Running], tmp_path: Path) -> None:
    running = start()
    before = running.get(RSS)
    outline = running.get("/opml.xml")
    question = running.get("/rss/search.xml?section=life")
    looked = SystemClock().now()
    take_away(tmp_path)
    for _ in range(100):
        found = running.get(RSS)
        assert (found.status, found.body) == (200, before.body)
        if "feedhub-stale" in found.headers:
            break
        time.sleep(0.05)
    assert abs((datetime.fromisoformat(found.headers["feedhub-stale"]) - looked).total_seconds()) < 5
    assert running.get(RSS, If_None_Match=before.headers["etag"]).headers["feedhub-stale"]
    assert running.get(f"{RSS}?limit=2").body == before.body  # the whole document is better than none
    assert running.get("/atom/life.xml").status == 200, "nobody had asked for it before"
    for path, kept in (("/opml.xml", outline), ("/rss/search.xml?section=life", question)):
        found = running.get(path)
        assert (found.status, found.body) == (200, kept.body)
        assert "feedhub-stale" in found.headers
    assert running.get("/healthz").status == 200
    assert running.get("/readyz").status == 503
    away = running.get("/rss/")
    assert (away.status, away.headers["retry-after"]) == (503, "5")
    assert str(tmp_path) not in away.text
    bring_back(tmp_path)
    for _ in range(100):
        if "feedhub-stale" not in running.get(RSS).headers:
            break
        time.sleep(0.05)
    assert "feedhub-stale" not in running.get(RSS).headers
    assert running.get("/rss/").status == 200


def test_it_starts_without_a_database(tmp_path: Path) -> None:
    store = rendered_store(tmp_path)
    take_away(tmp_path)
    cache = DocumentCache(store, StillClock())
    assert not cache.refresh()
    with pytest.raises(StoreAway):
        cache.find(RSS)
    bring_back(tmp_path)
    assert cache.find(RSS) is not None
