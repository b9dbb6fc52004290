"""The tree as OPML: every node once, nested, with the addresses of its feed and page."""

from __future__ import annotations

from lxml import etree

from feedhub.publish.opml import opml
from tests.publish.material import NOON, PORTAL


def test_every_section_once_and_in_its_place() -> None:
    root = etree.fromstring(opml(PORTAL, NOON))
    assert root.get("version") == "2.0"
    assert root.findtext("head/dateModified") == "Fri, 20 Nov 2026 20:00:00 +0800"
    assert [it.get("xmlUrl") for it in root.iter("outline")] == [
        f"http://127.0.0.1:8080/rss/{section}.xml" for section in PORTAL.sections()
    ]
    cuisine = root.find("body/outline[@text='Life']/outline[@text='Cuisine & more']")
    assert cuisine is not None
    assert cuisine.get("type") == "rss"
    assert cuisine.get("htmlUrl") == "http://127.0.0.1:8080/sections/life/cuisine/"
    assert cuisine.get("language") == "en"
    assert cuisine.get("title") == "Cuisine & more - Hengyang, China"


def test_one_section_with_all_below_it() -> None:
    root = etree.fromstring(opml(PORTAL, NOON, under=PORTAL.sections()["life"]))
    assert len(list(root.iter("outline"))) == 3
    assert root.findtext("head/title") == "Life - Hengyang, China"
