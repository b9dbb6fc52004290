"""Articles in three formats: golden pairs, read back by other people's parsers, hostile content made harmless.

A pair is `fixtures/<slug>.json` with `.rss`, `.atom` and `.jsonfeed`; a new one is found by itself. After a change
that is meant, FEEDHUB_WRITE_FIXTURES=1 writes what is made now, and style.WRITER goes up by one.
"""

from __future__ import annotations

import html
import io
import json
import os
import re
from datetime import datetime
from pathlib import Path
from xml.parsers import expat

import feedparser
import pytest
from lxml import etree

from feedhub.basics.digests import digest
from feedhub.basics.text import plain_text, xml_text
from feedhub.model.feed import FORMATS, Format
from feedhub.publish.document import assemble
from feedhub.publish.feedgen_ext import ATOM, CONTENT, DC, MEDIA
from feedhub.publish.fragments import fragment
from feedhub.publish.style import WRITER
from feedhub.publish.views import make_view
from tests.publish.material import FIXTURES, NOON, PORTAL, STYLE, article, read_fixture

PAIRS = sorted(FIXTURES.glob("*.json"))
ENDINGS = {"rss": ".rss", "atom": ".atom", "json": ".jsonfeed"}
NS = {"a": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA}
HEALTH = PORTAL.sections()["life/health"]


def document(paths: list[Path], format_: Format) -> bytes:
    articles = [read_fixture(path) for path in paths]
    view = make_view(PORTAL, HEALTH, articles, generation=1, changed_at=NOON)
    pieces = [fragment(it, PORTAL, format_) for it in articles]
    return assemble(view, pieces, format_, STYLE, last_modified=NOON).body


def rss_item(slug: str) -> etree._Element:
    item = etree.fromstring(document([FIXTURES / f"{slug}.json"], "rss")).find("channel/item")
    assert item is not None
    return item


def atom_entry(slug: str) -> etree._Element:
    entry = etree.fromstring(document([FIXTURES / f"{slug}.json"], "atom")).find("a:entry", NS)
    assert entry is not None
    return entry


def json_item(slug: str) -> dict[str, object]:
    item: dict[str, object] = json.loads(fragment(read_fixture(FIXTURES / f"{slug}.json"), PORTAL, "json"))
    return item


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_golden(path: Path, format_: Format) -> None:
    golden = path.with_suffix(ENDINGS[format_])
    made = fragment(read_fixture(path), PORTAL, format_)
    if os.environ.get("FEEDHUB_WRITE_FIXTURES"):
        golden.write_bytes(made + b"\n")
    assert made + b"\n" == golden.read_bytes()


def test_a_writer_that_writes_otherwise_has_another_number() -> None:
    """Stored fragments are kept by the style's digest, which WRITER is part of."""
    golden = digest(*(p.with_suffix(e).read_bytes() for p in PAIRS for e in ENDINGS.values()))
    written = (FIXTURES / "WRITER").read_text().split()
    if os.environ.get("FEEDHUB_WRITE_FIXTURES"):
        (FIXTURES / "WRITER").write_text(f"{WRITER} {golden}\n")
    elif written[1] != golden:
        assert int(written[0]) < WRITER, "the fixtures changed: raise style.WRITER, then write fixtures/WRITER anew"
    else:
        assert int(written[0]) == WRITER


@pytest.mark.parametrize("format_", ["rss", "atom"])
def test_well_formed_for_lxml_and_expat(format_: Format) -> None:
    for paths in ([path] for path in PAIRS):
        made = document(paths, format_)
        etree.fromstring(made)
        expat.ParserCreate().Parse(made, True)
    whole = document(PAIRS, format_)
    expat.ParserCreate(namespace_separator=" ").Parse(whole, True)
    assert len(etree.fromstring(whole).findall("channel/item" if format_ == "rss" else "a:entry", NS)) == len(PAIRS)


@pytest.mark.parametrize("format_", ["rss", "atom"])
@pytest.mark.parametrize("slug", ["everything", "no-body-zh", "no-body-summary", "untitled"])
def test_feedparser_reads_the_same_values(slug: str, format_: Format) -> None:
    told = read_fixture(FIXTURES / f"{slug}.json")
    read = feedparser.parse(io.BytesIO(document([FIXTURES / f"{slug}.json"], format_)))
    assert not read.bozo
    entry = read.entries[0]
    assert entry.id == told.public_id
    assert format_ == "atom" or not entry.guidislink
    assert html.unescape(entry.title) == (told.title or entry.title)
    assert entry.link == (told.url or f"http://127.0.0.1:8080/articles/{told.id}")
    assert entry.published_parsed[:6] == told.published.utctimetuple()[:6]
    assert entry.updated_parsed[:6] == told.updated.utctimetuple()[:6]
    assert [tag.term for tag in entry.get("tags", [])] == list(dict.fromkeys(told.categories))
    assert entry.get("author") == told.author
    assert read.feed.title == "Health - Hengyang, China"
    assert read.feed.link == "http://127.0.0.1:8080/sections/life/health/"
    if told.html:
        assert entry.content[0].value == told.html
    if told.summary:
        assert told.summary in html.unescape(plain_text(entry.summary) if format_ == "rss" else entry.summary)
    if told.source_url:
        assert [link.href for link in entry.links if link.rel == "via"] == [told.source_url]
    if told.source.url:
        assert entry.source.title == told.source.label


def test_exactly_one_alternate_and_every_link_says_what_it_is() -> None:
    for path in PAIRS:
        entry = atom_entry(path.stem)
        links = entry.findall("a:link", NS)
        assert len([link for link in links if link.get("rel") == "alternate"]) == 1
        assert all(link.get("rel") and link.get("type") for link in links)
    enclosures = [dict(it.attrib) for it in atom_entry("everything").findall("a:link[@rel='enclosure']", NS)]
    assert enclosures == [
        {"rel": "enclosure", "href": "http://media.example/one.mp3", "type": "audio/mpeg", "length": "1234"},
        {"rel": "enclosure", "href": "http://media.example/two.mp4", "type": "video/mp4"},
    ]


def test_rss_has_the_first_enclosure_and_all_as_media() -> None:
    item = rss_item("everything")
    assert [dict(it.attrib) for it in item.findall("enclosure")] == [
        {"url": "http://media.example/one.mp3", "length": "1234", "type": "audio/mpeg"}
    ]
    assert [it.get("url") for it in item.findall("media:content", NS)] == [
        "http://media.example/one.mp3",
        "http://media.example/two.mp4",
    ]
    assert [it.get("fileSize") for it in item.findall("media:content", NS)] == ["1234", None]


def test_the_source_is_named_as_far_as_it_is_known() -> None:
    home = rss_item("everything").find("source")
    assert home is not None
    assert (home.text, home.get("url")) == ("衡阳新闻网", "http://www.e0734.example/")
    feed = rss_item("from-a-feed").find("source")
    assert feed is not None
    assert feed.get("url") == "http://partner.example/feed.xml"
    label_only = rss_item("no-body-zh")
    assert label_only.find("source") is None
    assert label_only.findtext("dc:source", namespaces=NS) == "衡阳新闻网"
    assert rss_item("untitled").find("source") is None

    of_feed = atom_entry("from-a-feed").find("a:source", NS)
    assert of_feed is not None
    assert [etree.QName(child).localname for child in of_feed] == ["id", "title", "updated", "link", "link"]
    of_page = atom_entry("everything").find("a:source", NS)
    assert of_page is not None
    assert [(etree.QName(it).localname, it.get("rel")) for it in of_page] == [("title", None), ("link", "alternate")]
    # a creator is a person, never the source
    assert rss_item("from-a-feed").find("dc:creator", NS) is None
    assert rss_item("everything").findtext("dc:creator", namespaces=NS) == "Li Hua"


def test_without_a_body_the_item_says_where_the_full_text_is() -> None:
    link = "http://eng.hengyang.example/t20180109_2828021.html"
    description = rss_item("no-body-zh").findtext("description") or ""
    assert f'<a href="{link}">' in description
    assert "衡阳新闻网，2018-01-09" in description
    assert rss_item("no-body-zh").find("content:encoded", NS) is None
    assert atom_entry("no-body-zh").findtext("a:content", namespaces=NS) == description
    assert json_item("no-body-zh")["content_text"] == "衡阳市举行“两型社会”宣传周"
    assert json_item("no-body-summary")["content_text"] == "Only <this> is known"
    assert "<p>Only &lt;this&gt; is known</p>" in (rss_item("no-body-summary").findtext("description") or "")
    own = fragment(article("own", html=None), PORTAL, "rss").decode()
    assert "Only the title is here" in own


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_every_item_is_marked_and_described(path: Path) -> None:
    language = read_fixture(path).language
    item = rss_item(path.stem)
    assert item.findtext("description")
    assert item.findtext("dc:language", namespaces=NS) == language
    assert item.find("guid").get("isPermaLink") == "false"  # type: ignore[union-attr]
    updated = atom_entry(path.stem).findtext("a:updated", "", NS)
    assert datetime.fromisoformat(item.findtext("a:updated", "", NS)) == datetime.fromisoformat(updated)
    assert atom_entry(path.stem).get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert json_item(path.stem)["language"] == language
    plain = item.findtext("description") or ""
    if item.find("content:encoded", NS) is not None:
        assert "<" not in plain, "a plain summary"


def test_a_title_that_looks_like_markup_is_text_to_every_reader() -> None:
    title = rss_item("from-a-feed").findtext("title") or ""
    assert "<script" not in title
    assert html.unescape(title) == "Notice with <script>alert(1)</script> in its title"
    assert atom_entry("from-a-feed").findtext("a:title", namespaces=NS) == html.unescape(title)
    assert rss_item("everything").findtext("title") == "Shops & stalls at 3 < 4 Zhongshan Road"


@pytest.mark.parametrize("format_", FORMATS)
def test_hostile_content_does_no_harm(format_: Format) -> None:
    made = fragment(read_fixture(FIXTURES / "hostile.json"), PORTAL, format_).decode("utf-8", "strict")
    assert xml_text(made) == made
    assert not re.search(r"javascript:|data:|file:|\\u00[01]|\\ud8", made, re.I)
    assert "ABCDEFGH 😀" in made


def test_offsets_stay_as_they_came() -> None:
    assert rss_item("everything").findtext("pubDate") == "Wed, 06 Dec 2023 11:33:20 +0800"
    assert json_item("everything")["date_published"] == "2023-12-06T11:33:20+08:00"
    assert json_item("hostile")["date_modified"] == "2026-03-01T00:30:00Z"


def test_a_naive_time_is_refused() -> None:
    for format_ in FORMATS:
        with pytest.raises(ValueError, match="without a zone"):
            fragment(article("naive", updated=NOON.replace(tzinfo=None)), PORTAL, format_)
