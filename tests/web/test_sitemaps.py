"""Sitemaps, robots.txt, linked data and old addresses on a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree, html

from feedhub.model.safehtml import make_safe
from feedhub.publish import sitemap
from feedhub.store.articles import put_article, withdraw_article
from feedhub.web import sitemaps
from tests.kit import LOCAL, NOW, an_article
from tests.web.conftest import Running

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def places(running: Running, path: str) -> dict[str, str | None]:
    """Address → lastmod of a sitemap, in its order."""
    found = running.get(path)
    assert found.status == 200
    assert found.headers["content-type"] == "application/xml; charset=utf-8"
    return {it.findtext(f"{MAPS}loc"): it.findtext(f"{MAPS}lastmod") for it in etree.fromstring(found.body)}


def test_robots_name_the_sitemaps_and_these_every_page(running: Running) -> None:
    base = running.site.portal.base_url
    robots = running.get("/robots.txt").text
    assert f"Sitemap: {base}/sitemap.xml\n" in robots
    assert f"Sitemap: {base}/sitemap-news.xml\n" in robots
    parts = places(running, "/sitemap.xml")
    assert list(parts) == [f"{base}/sitemap-sections.xml", f"{base}/sitemap-1.xml"]
    pages = places(running, "/sitemap-1.xml")
    assert f"{base}/articles/n00" in pages
    assert pages[f"{base}/articles/hard"] == "2026-11-22T04:00:00Z"
    assert f"{base}/articles/gone" not in pages, "what was withdrawn is no page"
    assert f"{base}/articles/later" not in pages, "what is not out yet is no page"
    assert max(filter(None, pages.values())) == parts[f"{base}/sitemap-1.xml"]
    sections = places(running, "/sitemap-sections.xml")
    for address in [*sections, *list(pages)[:5]]:
        assert running.get(address.removeprefix(base)).status == 200
    assert running.get("/sitemap-2.xml").status == running.get("/sitemap-0.xml").status == 404


def test_parts_and_a_change(start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "PER_PART", 20)
    running = start()
    base = running.site.portal.base_url
    parts = list(places(running, "/sitemap.xml"))
    assert len(parts) == 5, "62 pages in parts of 20, and the sections"
    pages = [page for part in parts[1:] for page in places(running, part.removeprefix(base))]
    assert len(pages) == len(set(pages)) == 62
    before = running.get("/sitemap-1.xml").headers["etag"]
    with running.store.write() as tx:
        withdraw_article(tx, pages[-1].rpartition("/")[2], now=NOW, by="test", reason="wrong")
        put_article(tx, an_article("fresh"), now=NOW, late=False, by="test")
    last = places(running, "/sitemap-4.xml")
    assert pages[-1] not in last
    assert f"{base}/articles/fresh" in last
    assert running.get("/sitemap-1.xml").headers["etag"] == before, "what is new changes the last part alone"
    unchanged = running.get("/sitemap-1.xml", If_None_Match=before)
    assert unchanged.status == 304


def test_news_of_two_days_at_most_a_thousand(start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    assert sitemap.RECENT_MOST == 1000
    monkeypatch.setattr(sitemaps, "RECENT_MOST", 2)
    running = start()
    assert places(running, "/sitemap-news.xml") == {}, "all of them are older"
    now: datetime = running.site.clock.now()
    with running.store.write() as tx:
        for number, hours in enumerate((1, 5, 9, 60)):
            day = now - timedelta(hours=hours)
            put_article(tx, an_article(f"f{number}", published=day, updated=day), now=now, late=False, by="test")
    base = running.site.portal.base_url
    assert list(places(running, "/sitemap-news.xml")) == [f"{base}/articles/f0", f"{base}/articles/f1"]


def linked(running: Running, path: str) -> dict[str, object]:
    page = html.document_fromstring(running.get(path).body)
    (block,) = page.xpath("//script[@type='application/ld+json']")
    found: dict[str, object] = json.loads(block.text)
    return found


def test_linked_data_says_what_is_known_and_invents_nothing(running: Running) -> None:
    base = running.site.portal.base_url
    found = linked(running, "/articles/hard")
    assert found["@type"] == "NewsArticle"
    assert found["headline"] == '<script>alert("1")</script> & friends'
    assert found["url"] == f"{base}/articles/hard"
    assert found["isBasedOn"] == found["mainEntityOfPage"]["@id"] == "http://www.e0734.com/x.html"  # type: ignore[index]
    assert found["author"] == {"@type": "Person", "name": "Li Hua"}
    assert found["sourceOrganization"]["name"] == "衡阳新闻网"  # type: ignore[index]
    assert found["keywords"] == ["城市", "parks"]
    day = linked(running, "/articles/day")
    assert day["datePublished"] == "2026-11-21"
    assert day["inLanguage"] == "zh"
    assert not {"author", "sourceOrganization", "image"} & set(day)


def test_no_markup_leaves_the_block(start: Callable[..., Running], chromium: object) -> None:
    evil = "</script><script>document.title='owned'</script><!--<script> ]]>\u2028&amp;"
    running = start()
    with running.store.write() as tx:
        piece = an_article(
            "evil", title=evil, summary=evil, author=evil, categories=(evil,), html=make_safe("<p>Text.</p>")
        )
        put_article(tx, piece, now=NOW, late=False, by="test")
    source = running.get("/articles/evil").text
    block = source.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert not set("<>&\u2028") & set(block)
    assert json.loads(block)["author"]["name"].startswith("</script><script>")
    page = chromium.new_page()  # type: ignore[attr-defined]
    troubles: list[str] = []
    page.on("console", lambda line: troubles.append(line.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{running.site.portal.base_url}/articles/evil", wait_until="load")
    assert not troubles, "a block of data is not run, and the policy has nothing against it"
    assert page.title().startswith("</script>")
    read = page.evaluate("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').text).headline")
    assert read.startswith("</script><script>")
    page.close()


def test_old_addresses_lead_on_once(start: Callable[..., Running], tmp_path: Path) -> None:
    old_ones = {"/tebielanmu/RSS": "/rss/", "/Local/rss.xml": f"/rss/{LOCAL}.xml", "/健康/rss": "/rss/life.xml"}
    running = start(former_addresses=old_ones)
    for old, new in (
        ("/tebielanmu/RSS/", "/rss/"),
        ("/tebielanmu/RSS", "/rss/"),
        ("/tebielanmu/RSS/?to=//evil.example", "/rss/"),
        ("/Local/rss.xml", f"/rss/{LOCAL}.xml"),
        ("/%E5%81%A5%E5%BA%B7/rss", "/rss/life.xml"),
    ):
        found = running.get(old)
        assert (found.status, found.headers["location"]) == (301, new)
        assert running.get(new).status == 200
    assert running.get("/tebielanmu/rss/").status == 404
