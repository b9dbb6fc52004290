"""Sitemaps as bytes: what they say of a page, and that nothing stored can break them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree

from feedhub.publish.sitemap import Place, publication_language, recent_since, recent_sitemap, sitemap, sitemap_index
from tests.kit import an_article
from tests.publish.material import PORTAL

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
AT = datetime(2026, 11, 20, 20, 0, 0, 500, tzinfo=timezone(timedelta(hours=8)))


def test_places_with_and_without_a_time() -> None:
    root = etree.fromstring(sitemap([Place("http://h/a?x=1&y=2", AT), Place("http://h/b", None)]))
    assert root.tag == f"{MAPS}urlset"
    assert [url.findtext(f"{MAPS}loc") for url in root] == ["http://h/a?x=1&y=2", "http://h/b"]
    assert [url.findtext(f"{MAPS}lastmod") for url in root] == ["2026-11-20T20:00:00+08:00", None]


def test_an_index_of_nothing_is_well_formed() -> None:
    assert etree.fromstring(sitemap_index([])).tag == f"{MAPS}sitemapindex"


def test_news_names_the_publication_the_language_and_the_date() -> None:
    hard = an_article("a1", title="Tea & <b>\x00\ud800", language="zh", published=AT, updated=AT)
    day = an_article("a2", precision="day", published=AT, updated=AT)
    first, second = etree.fromstring(recent_sitemap(PORTAL, [hard, day]))
    assert first.findtext(f".//{NEWS}name") == PORTAL.name
    assert first.findtext(f".//{NEWS}language") == "zh-cn"
    assert first.findtext(f".//{NEWS}title").startswith("Tea & <b>")
    assert first.findtext(f".//{NEWS}publication_date") == "2026-11-20T20:00:00+08:00"
    assert second.findtext(f".//{NEWS}publication_date") == "2026-11-20"
    assert second.findtext(f"{MAPS}loc") == f"{PORTAL.base_url}/articles/a2"


@pytest.mark.parametrize(
    ("tag", "said"), [("en", "en"), ("en-GB", "en"), ("zh-Hans", "zh-cn"), ("zh-Hant-HK", "zh-tw"), ("zh-TW", "zh-tw")]
)
def test_the_language_as_news_sitemaps_name_it(tag: str, said: str) -> None:
    assert publication_language(tag) == said


def test_the_edge_of_news_moves_by_the_hour() -> None:
    early, late = (datetime(2026, 11, 20, 12, minute, 7, tzinfo=UTC) for minute in (0, 59))
    assert recent_since(early) == recent_since(late) == datetime(2026, 11, 18, 12, tzinfo=UTC)
