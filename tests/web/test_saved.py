"""Saved feeds on a real server: answered at the door, listed in the directory and the outline, moved for ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feedhub.model.question import Question, SavedFeed
from feedhub.publish.render import render_due
from feedhub.publish.window import SHOWN
from feedhub.store.saved import sync_saved
from feedhub.store.sections import sync_sections
from tests.kit import NOW, StillClock
from tests.web.conftest import Running, build, served

CITY = SavedFeed("city", "The city", "城市", Question(terms=("湘江",), sections=("current-news", "life")))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    former = {"saved/town": "saved/city"}
    site, style = build(tmp_path_factory.mktemp("saved"), render=False, saved=(CITY,), former_ids=former)
    with site.store.write() as tx:
        sync_sections(tx, tuple(site.portal.feeds()), NOW)
        sync_saved(tx, site.portal.saved, SHOWN, NOW)
    clock = StillClock()
    clock.pass_(seconds=5)
    render_due(site.store, style, clock)
    with served(site, style) as found:
        yield found


def test_it_is_a_feed_like_any_other(saved: Running) -> None:
    found = saved.get("/rss/saved/city.xml")
    assert found.status == 200
    assert "湘江边的雁城" in found.text
    assert found.headers["cache-control"] == "public, max-age=60, stale-if-error=86400"
    assert "last-modified" in found.headers
    page = f"{saved.site.portal.base_url}/search?q=%E6%B9%98%E6%B1%9F&section=current-news&section=life"
    assert f'<{page}>; rel="alternate"; type="text/html"' in found.headers["link"]
    assert saved.get("/json/saved/city.json", Accept_Encoding="br").headers["content-encoding"] == "br"
    assert (
        saved.get("/atom/saved/city.xml", If_None_Match=saved.get("/atom/saved/city.xml").headers["etag"]).status == 304
    )
    assert saved.get("/rss/saved/city.xml?limit=1").status == 200


def test_it_is_listed(saved: Running) -> None:
    page = saved.get("/rss/").text
    assert 'href="/search?q=%E6%B9%98%E6%B1%9F&amp;section=current-news&amp;section=life"' in page
    assert 'href="/rss/saved/city.xml"' in page
    assert "常用查询" in saved.get("/rss/zh/").text
    assert f'xmlUrl="{saved.site.portal.base_url}/rss/saved/city.xml"' in saved.get("/opml.xml").text


def test_it_is_subscribed_to_and_embedded_as_a_section_is(saved: Running) -> None:
    asked = "/search?q=%E6%B9%98%E6%B1%9F&amp;section=current-news&amp;section=life"
    page = saved.get("/rss/subscribe/saved/city").text
    assert f'href="{asked}"' in page
    assert "/opml/saved" not in page
    assert 'href="/rss/subscribe/saved/city"' in saved.get("/rss/").text
    embedded = saved.get("/embed/saved/city")
    assert "湘江边的雁城" in embedded.text
    assert f"{saved.site.portal.base_url}{asked}" in embedded.text
    assert saved.get("/qr/saved/city.svg").status == 200
    assert "/embed/saved/city" in saved.get("/rss/embed?section=saved/city").text
    for moved in ("/rss/zh/subscribe/saved/town", "/embed/saved/town", "/qr/saved/town.svg"):
        assert saved.get(moved).headers["location"] == moved.replace("town", "city")


def test_a_name_given_up_leads_on_and_others_are_nowhere(saved: Running) -> None:
    moved = saved.get("/rss/saved/town.xml")
    assert (moved.status, moved.headers["location"]) == (301, "/rss/saved/city.xml")
    for name in ("none", "../x", "%2e%2e/x", "CON", "a%00b", "x" * 300, ""):
        found = saved.get(f"/rss/saved/{name}.xml")
        assert found.status in (400, 404), name
        assert "html" not in found.headers["content-type"]
    assert saved.get("/sections/saved/city/").status == 404
