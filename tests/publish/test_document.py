"""Documents: what their heads say, that they are valid when empty, and that the present is in none of them."""

from __future__ import annotations

import gzip
import io
import json
import locale
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.parsers import expat

import brotli  # type: ignore[import-untyped]
import feedparser
import pytest
import zstandard
from lxml import etree

from feedhub.basics.digests import sha256_hex
from feedhub.model.feed import FORMATS, FeedDocument, Format
from feedhub.publish.document import Tombstone, assemble
from feedhub.publish.feedgen_ext import ATOM, TOMBSTONES
from feedhub.publish.fragments import fragment
from feedhub.publish.views import make_view
from tests.publish.material import FIXTURES, NOON, PORTAL, STYLE, article, read_fixture, style

NS = {"a": ATOM, "at": TOMBSTONES}
SECTIONS = PORTAL.sections()
STONES = (
    Tombstone("tag:example.org,2018:article/gone", NOON, "double of <b> & ]]>"),
    Tombstone("tag:example.org,2018:article/older", NOON - timedelta(days=1)),
)


def document(section: str, format_: Format, *names: str, stones: tuple[Tombstone, ...] = ()) -> FeedDocument:
    articles = [article(name) for name in names]
    view = make_view(PORTAL, SECTIONS[section], articles, generation=7, changed_at=NOON)
    pieces = [fragment(it, PORTAL, format_) for it in articles]
    return assemble(view, pieces, format_, STYLE, last_modified=NOON, tombstones=stones)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("section", list(SECTIONS))
def test_an_empty_section_is_a_valid_feed(section: str, format_: Format) -> None:
    made = document(section, format_)
    if format_ == "json":
        assert json.loads(made.body)["items"] == []
        return
    expat.ParserCreate().Parse(made.body, True)
    read = feedparser.parse(io.BytesIO(made.body))
    assert not read.bozo
    assert not read.entries
    assert read.feed.title
    assert "published" not in read.feed


def test_the_head_of_rss() -> None:
    channel = etree.fromstring(document("life/cuisine", "rss", "a").body)[0]
    assert channel.findtext("title") == "Cuisine & more - Hengyang, China"
    assert channel.findtext("link") == "http://127.0.0.1:8080/sections/life/cuisine/"
    assert channel.findtext("description") == "The newest articles of Hengyang in Life › Cuisine & more."
    assert channel.findtext("language") == "en"
    assert channel.findtext("copyright") == PORTAL.rights
    assert channel.findtext("ttl") == "5"
    assert channel.findtext("generator") == "FeedHub"
    assert channel.findtext("lastBuildDate") == "Fri, 20 Nov 2026 20:00:00 +0800"
    assert channel.findtext("pubDate") == "Wed, 06 Dec 2023 11:33:20 +0800"
    assert channel.findtext("image/url") == "http://127.0.0.1:8080/style/icon.png"
    assert channel.findtext("image/title") == channel.findtext("title")
    assert channel.findtext("image/link") == channel.findtext("link")
    links = [(it.get("rel"), it.get("href"), it.get("type")) for it in channel.findall("a:link", NS)]
    assert links == [
        ("self", "http://127.0.0.1:8080/rss/life/cuisine.xml", "application/rss+xml"),
        ("hub", "http://127.0.0.1:8080/hub", None),
        ("alternate", "http://127.0.0.1:8080/atom/life/cuisine.xml", "application/atom+xml"),
        ("alternate", "http://127.0.0.1:8080/json/life/cuisine.json", "application/feed+json"),
    ]
    names = [etree.QName(child).localname for child in channel]
    assert sorted(set(names) - {"link"}) == sorted(name for name in names if name != "link"), "each element once"


def test_the_head_of_atom() -> None:
    root = etree.fromstring(document("life/cuisine", "atom", "a").body)
    assert root.findtext("a:id", namespaces=NS) == "tag:example.org,2018:section/life/cuisine"
    assert root.findtext("a:updated", namespaces=NS) == "2026-11-20T20:00:00+08:00"
    assert root.findtext("a:author/a:name", namespaces=NS) == "Hengyang"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    links = [(it.get("rel"), it.get("type")) for it in root.findall("a:link", NS)]
    assert links == [
        ("self", "application/atom+xml"),
        ("alternate", "application/rss+xml"),
        ("alternate", "application/feed+json"),
        ("alternate", "text/html"),
        ("hub", None),
    ]


def test_the_head_of_json() -> None:
    read = json.loads(document("life/cuisine", "json", "a", "b").body)
    assert read["version"] == "https://jsonfeed.org/version/1.1"
    assert read["feed_url"] == "http://127.0.0.1:8080/json/life/cuisine.json"
    assert read["hubs"] == [{"type": "WebSub", "url": "http://127.0.0.1:8080/hub"}]
    assert read["home_page_url"] == "http://127.0.0.1:8080/sections/life/cuisine/"
    assert read["authors"] == [{"name": "Hengyang", "url": "http://127.0.0.1:8080/"}]
    assert (read["icon"], read["language"]) == ("http://127.0.0.1:8080/style/icon.png", "en")
    assert [item["id"] for item in read["items"]] == [f"tag:example.org,2018:article/{name}" for name in "ab"]


def test_everything_leads_to_the_front_page() -> None:
    channel = etree.fromstring(document("all", "rss").body)[0]
    assert channel.findtext("link") == "http://127.0.0.1:8080/"
    assert channel.findtext("language") == "en"


def test_a_section_of_another_language_speaks_it() -> None:
    channel = etree.fromstring(document("yuwen", "rss").body)[0]
    assert channel.findtext("title") == "语文 - Hengyang, China"
    assert channel.findtext("description") == "Hengyang“语文”栏目的最新文章。"
    assert channel.findtext("language") == "zh"


@pytest.mark.parametrize("format_", ["rss", "atom"])
def test_browsers_get_a_stylesheet_and_no_instruction_else(format_: Format) -> None:
    lines = document("life", format_).body.splitlines()
    assert lines[0] == b'<?xml version="1.0" encoding="UTF-8"?>'
    assert lines[1] == b'<?xml-stylesheet type="text/css" href="http://127.0.0.1:8080/style/feed.css"?>'


def test_media_types_and_links() -> None:
    made = {format_: document("life", format_) for format_ in FORMATS}
    assert made["rss"].content_type == made["atom"].content_type == "application/xml; charset=utf-8"
    assert made["json"].content_type == "application/feed+json"
    assert made["atom"].link == (
        '<http://127.0.0.1:8080/atom/life.xml>; rel="self"; type="application/atom+xml", '
        '<http://127.0.0.1:8080/hub>; rel="hub", '
        '<http://127.0.0.1:8080/sections/life/>; rel="alternate"; type="text/html", '
        '<http://127.0.0.1:8080/rss/life.xml>; rel="alternate"; type="application/rss+xml", '
        '<http://127.0.0.1:8080/json/life.json>; rel="alternate"; type="application/feed+json"'
    )
    exact = style(content_type="exact")
    view = make_view(PORTAL, SECTIONS["life"], (), generation=1, changed_at=NOON)
    assert assemble(view, [], "rss", exact, last_modified=NOON).content_type == "application/rss+xml; charset=utf-8"


@pytest.mark.parametrize("format_", FORMATS)
def test_the_etag_is_of_the_bytes_and_codings_are_stable(format_: Format) -> None:
    made, again = document("life", format_, "a"), document("life", format_, "a")
    assert made == again
    assert made.etag == f'"{sha256_hex(made.body)[:32]}"'
    assert gzip.decompress(made.gzip) == made.body
    assert brotli.decompress(made.brotli) == made.body
    assert zstandard.decompress(made.zstd) == made.body
    assert set(made.codings) == {"gzip", "br", "zstd"}
    assert made.gzip[4:8] == bytes(4), "no time in it (RFC 1952 §2.3.1)"
    assert document("life", format_, "b").etag != made.etag


def test_without_an_authority_the_feed_is_named_by_its_installation() -> None:
    bare = replace(PORTAL, id_authority=None)
    view = make_view(bare, SECTIONS["life"], (), generation=1, changed_at=NOON)
    made = assemble(view, [], "atom", style(bare), last_modified=NOON).body
    feed_id = etree.fromstring(made).findtext("a:id", namespaces=NS)
    assert feed_id == "urn:uuid:8b89e1db-ae4a-5dfe-ad4c-5ad15501cc6a"


def test_tombstones_stand_after_the_entries_and_are_no_items() -> None:
    root = etree.fromstring(document("life", "atom", "a", stones=STONES).body)
    tail = [etree.QName(child).localname for child in root][-3:]
    assert tail == ["entry", "deleted-entry", "deleted-entry"]
    first, second = root.findall("at:deleted-entry", NS)
    assert (first.get("ref"), first.get("when")) == (STONES[0].public_id, "2026-11-20T12:00:00Z")
    assert first.findtext("at:comment", namespaces=NS) == "double of <b> & ]]>"
    assert len(second) == 0
    read = json.loads(document("life", "json", "a", stones=STONES).body)
    assert len(read["items"]) == 1
    assert read["_feedhub"]["deleted"] == [
        {"id": STONES[0].public_id, "when": "2026-11-20T12:00:00Z", "reason": "double of <b> & ]]>"},
        {"id": STONES[1].public_id, "when": "2026-11-19T12:00:00Z"},
    ]
    assert read["_feedhub"]["about"].startswith("http")
    assert document("life", "rss", "a", stones=STONES).body == document("life", "rss", "a").body


@pytest.mark.parametrize("format_", FORMATS)
def test_hostile_titles_of_the_portal_do_no_harm(format_: Format) -> None:
    bad = "x\x00]]></title><script>\ud800\u202e"
    columns = (replace(SECTIONS["life"], title=bad),)
    portal = replace(PORTAL, title=bad, name=bad, rights=bad, contact=f"{bad}@x", columns=columns)
    view = make_view(portal, columns[0], (), generation=1, changed_at=NOON)
    made = assemble(view, [], format_, style(portal), last_modified=NOON)
    if format_ != "json":
        expat.ParserCreate().Parse(made.body, True)
        assert b"<script" not in made.body
    assert "\x00" not in made.body.decode("utf-8", "strict")


PRINT_DIGESTS = """
from feedhub.basics.digests import digest
from feedhub.publish.document import assemble
from feedhub.publish.fragments import fragment
from feedhub.publish.opml import opml
from feedhub.publish.views import make_view
from tests.publish.material import *
articles = [read_fixture(path) for path in sorted(FIXTURES.glob("*.json"))]
view = make_view(PORTAL, PORTAL.columns[0], articles, generation=1, changed_at=NOON)
for format_ in ("rss", "atom", "json"):
    made = assemble(view, [fragment(it, PORTAL, format_) for it in articles], format_, STYLE, last_modified=NOON)
    print(made.etag, digest(made.body, made.gzip, made.brotli, made.zstd), digest(made.link))
print(STYLE.digest, digest(opml(PORTAL, NOON)))
"""


def test_two_processes_in_other_zones_write_the_same_bytes() -> None:
    printed = set()
    for seed, zone, language in (("1", "Asia/Shanghai", "C"), ("2", "America/Caracas", "C.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language}
        printed.add(
            subprocess.run(
                [sys.executable, "-c", PRINT_DIGESTS],
                env=environment, cwd=Path(__file__).parents[2], check=True, capture_output=True, text=True,
            ).stdout
        )  # fmt: skip
    assert len(printed) == 1
    assert printed.pop().count("\n") == 4


@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_in_a_document_is_of_now(format_: Format) -> None:
    articles = [read_fixture(path) for path in FIXTURES.glob("*.json")]
    view = make_view(PORTAL, SECTIONS["life"], articles, generation=1, changed_at=datetime(2001, 2, 3, tzinfo=UTC))
    pieces = [fragment(it, PORTAL, format_) for it in articles]
    made = assemble(view, pieces, format_, STYLE, last_modified=NOON, tombstones=STONES).body.decode()
    today = datetime.now(UTC)
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        if day.date() != NOON.date():  # the day that our tombstones are of
            assert f"{day:%Y-%m-%d}" not in made
            assert f"{day:%d %b %Y}" not in made


def test_feedgen_never_switches_the_locale_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("setlocale is not for threads")

    monkeypatch.setattr(locale, "setlocale", refuse)
    for format_ in FORMATS:
        document("life", format_, "a", "b")
