"""Files and pictures as Media RSS, the podcast tags, translations and notes of corrections, in every format."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lxml import etree

from feedhub.model.article import Article
from feedhub.model.feed import Format
from feedhub.model.item import Enclosure
from feedhub.model.safehtml import SafeHtml
from feedhub.model.section import Portal, Section
from feedhub.publish.document import assemble
from feedhub.publish.feedgen_ext import ATOM, DC, ITUNES, MEDIA
from feedhub.publish.fragments import fragment
from feedhub.publish.views import make_view
from tests.publish.material import FIXTURES, NOON, PORTAL, article, read_fixture, style

NS = {"a": ATOM, "media": MEDIA, "itunes": ITUNES, "dc": DC}
TWICE = read_fixture(FIXTURES / "told-twice.json")
OURS = f"{PORTAL.base_url}/media/"


def body(it: Article, format_: Format, portal: Portal = PORTAL, section: str = "life/health") -> bytes:
    view = make_view(portal, portal.sections()[section], [it], generation=1, changed_at=NOON)
    return assemble(view, [fragment(it, portal, format_)], format_, style(portal), last_modified=NOON).body


def item(it: Article, format_: Format) -> etree._Element:
    found = etree.fromstring(body(it, format_)).find("channel/item" if format_ == "rss" else "a:entry", NS)
    assert found is not None
    return found


def test_a_stored_picture_has_its_true_size_and_thumbnail() -> None:
    for format_ in ("rss", "atom"):
        entry = item(TWICE, format_)
        picture = entry.findall("media:content[@medium='image']", NS)
        assert [dict(it.attrib) for it in picture] == [
            {
                "url": f"{OURS}{'a' * 64}", "type": "image/jpeg", "medium": "image", "fileSize": "90210",
                "width": "1200", "height": "800",
            },
            {"url": "http://elsewhere.example/plan.png", "medium": "image"},
        ]  # fmt: skip
        assert picture[0].findtext("media:description", namespaces=NS) == "The bridge at <dawn>"
        small = entry.findall("media:thumbnail", NS)
        assert [dict(it.attrib) for it in small] == [{"url": f"{OURS}{'b' * 64}", "width": "320", "height": "213"}]
        assert [(it.get("role"), it.text) for it in entry.findall("media:credit", NS)] == [
            ("author", "Li Hua"),
            (None, "Hengyang Daily"),
        ]
    assert json.loads(body(TWICE, "json"))["items"][0]["image"] == f"{OURS}{'a' * 64}"


def test_an_attached_picture_stands_once() -> None:
    address = f"/media/{'a' * 64}"
    it = replace(TWICE, enclosures=(Enclosure(address, "image/jpeg", 90210),))
    media = item(it, "rss").findall("media:content", NS)
    assert [one.get("url") for one in media] == [PORTAL.base_url + address, "http://elsewhere.example/plan.png"]
    assert item(it, "rss").find("enclosure").get("length") == "90210"  # type: ignore[union-attr]
    assert item(it, "rss").find("itunes:author", NS) is None, "a picture is no episode"


def test_without_media_nothing_is_said_of_media() -> None:
    entry = item(article("plain", author="Li Hua"), "rss")
    assert not entry.findall("media:credit", NS) + entry.findall("media:thumbnail", NS)


def test_no_file_is_invented_a_length() -> None:
    it = article("file", enclosures=(Enclosure("http://media.example/a.pdf", "application/pdf", 0),))
    assert item(it, "rss").find("enclosure").get("length") == "0"  # type: ignore[union-attr]
    link = item(it, "atom").find("a:link[@rel='enclosure']", NS)
    assert link is not None
    assert link.get("length") is None
    assert "size_in_bytes" not in json.loads(body(it, "json"))["items"][0]["attachments"][0]


@pytest.mark.parametrize("html", ['<p><img alt="x"></p>', '<img src="javascript:alert(1)">', '<img src="data:,x">'])
def test_a_picture_without_an_address_of_the_web_is_none(html: str) -> None:
    assert item(article("odd", html=SafeHtml(html)), "rss").find("media:content", NS) is None


def test_a_section_marked_as_podcast_says_what_directories_ask() -> None:
    film = Section("film", "Video & Audio", podcast=("Society & Culture", "Places & Travel"))
    portal = replace(PORTAL, columns=(*PORTAL.columns, film))
    it = replace(TWICE, sections=("film",))
    channel = etree.fromstring(body(it, "rss", portal, "film"))[0]
    assert channel.findtext("itunes:author", namespaces=NS) == "Hengyang"
    assert channel.findtext("itunes:explicit", namespaces=NS) == "false"
    assert channel.findtext("itunes:owner/itunes:email", namespaces=NS) == "feeds@example.org"
    assert channel.find("itunes:image", NS).get("href").endswith("/style/icon.png")  # type: ignore[union-attr]
    category = channel.find("itunes:category", NS)
    assert category is not None
    assert (category.get("text"), category[0].get("text")) == ("Society & Culture", "Places & Travel")
    episode = channel.find("item")
    assert episode is not None
    assert episode.findtext("itunes:author", namespaces=NS) == "Li Hua"
    other = etree.fromstring(body(TWICE, "rss"))[0]
    assert other.find("itunes:category", NS) is None, "no other section is one"
    assert style(portal).digest != style(replace(PORTAL, columns=(*PORTAL.columns, replace(film, podcast=())))).digest


def test_directories_are_shown_pictures_that_they_take() -> None:
    film = Section("film", "Video & Audio", podcast=("Government",))
    portal = replace(PORTAL, columns=(*PORTAL.columns, film))
    looks = style(portal, style_files={"podcast.png": b"a picture"})
    view = make_view(portal, film, (), generation=1, changed_at=NOON)
    channel = etree.fromstring(assemble(view, (), "rss", looks, last_modified=NOON).body)[0]
    assert channel.find("itunes:image", NS).get("href") == f"{PORTAL.base_url}/style/podcast.png"  # type: ignore[union-attr]
    square = replace(TWICE.pictures[0], width=1500, height=1500)
    for pictures, shown in (((square,), True), ((replace(square, height=1400),), False), (TWICE.pictures, False)):
        episode = item(replace(TWICE, pictures=pictures), "rss")
        assert (episode.find("itunes:image", NS) is not None) == shown


def test_twins_are_related_and_never_alternate() -> None:
    for links in (item(TWICE, "rss").findall("a:link", NS), item(TWICE, "atom").findall("a:link", NS)):
        found = [(it.get("hreflang"), it.get("href")) for it in links if it.get("rel") == "related"]
        assert found == [("zh", f"{PORTAL.base_url}/articles/bridge-zh"), ("fr", "http://fr.example/pont")]
    ours = json.loads(body(TWICE, "json"))["items"][0]["_feedhub"]
    assert [it["language"] for it in ours["translations"]] == ["zh", "fr"]


def test_what_a_correction_changed_is_told_below_the_text() -> None:
    told = "<p><em>Corrected on 2026-11-22: It opens in March.</em></p>"
    assert item(TWICE, "atom").findtext("a:content", "", NS).endswith(told)
    read = json.loads(body(TWICE, "json"))["items"][0]
    assert read["content_html"].endswith(told)
    assert [it["note"] for it in read["_feedhub"]["corrections"]][1] == "It opens in March."
    assert "&amp; not the &lt;Lei&gt;" in read["content_html"], "a note is text"
    chinese = replace(TWICE, language="zh-CN", html=None, summary="大桥")
    read = json.loads(body(chinese, "json"))["items"][0]
    assert read["content_text"].endswith("2026-11-22更正：It opens in March.")
    assert "更正" in (item(chinese, "rss").findtext("description") or "")
