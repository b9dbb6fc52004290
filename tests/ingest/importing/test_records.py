"""Every rule of an article record, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from feedhub.basics.digests import sha256_hex
from feedhub.basics.urls import canonical_url
from feedhub.errors import RecordError
from feedhub.ingest.importing.records import ImportContext, article_from_record, article_id
from feedhub.model.article import Article, Attribution
from feedhub.model.item import Enclosure

BEIJING = timezone(timedelta(hours=8))
LEAST: dict[str, Any] = {"section": "life/health", "title": "Flu shots", "published": "2023-12-06 11:33:20"}


def made(context: ImportContext, **keys: Any) -> Article:
    return article_from_record(LEAST | keys, "a.jsonl:1", context)


def refused(context: ImportContext, **keys: Any) -> str:
    with pytest.raises(RecordError) as caught:
        made(context, **keys)
    assert caught.value.where == "a.jsonl:1"
    return caught.value.problem


def test_the_least_record(context: ImportContext) -> None:
    article = made(context)
    assert article.sections == ("life/health",)
    assert article.published == article.updated == datetime(2023, 12, 6, 11, 33, 20, tzinfo=BEIJING)
    assert article.published.isoformat() == "2023-12-06T11:33:20+08:00"
    assert (article.html, article.summary, article.language, article.precision) == (None, "", "en", "second")
    assert article.source == Attribution(None)
    assert article.public_id == f"tag:example.org,2018:article/{article.id}"


def test_every_key(context: ImportContext) -> None:
    article = made(
        context, section=["life/health", "all"], content_html="<p>One <b>two</b></p>", source="Somebody",
        source_url="http://www.e0734.com/1.html", url="https://example.org/1", updated="2023-12-07T00:00:00Z",
        language="ZH-cn", summary="A <i>summary</i> &amp; more", author=" Li  Si ", categories=["a", "b", "a", " "],
        enclosures=[{"url": "http://example.org/a.mp3", "length": 123}, {"url": "http://example.org/b"}],
        id="my.id-1", guid="urn:x:1", embargo_until="2024-01-01", expires="2030-01-01", rights="CC0",
    )  # fmt: skip
    assert article.sections == ("life/health", "all")
    assert article.html == "<p>One <b>two</b></p>"
    assert article.source == Attribution("Somebody", as_seen="Somebody")
    assert (article.url, article.source_url) == ("https://example.org/1", "http://www.e0734.com/1.html")
    assert article.updated.isoformat() == "2023-12-07T00:00:00+00:00"
    assert (article.language, article.summary, article.author) == ("zh-CN", "A summary & more", "Li Si")
    assert article.categories == ("a", "b")
    assert article.enclosures == (
        Enclosure("http://example.org/a.mp3", "audio/mpeg", 123),
        Enclosure("http://example.org/b", "application/octet-stream", None),
    )
    assert (article.id, article.public_id, article.rights) == ("my.id-1", "urn:x:1", "CC0")
    assert article.embargo_until == datetime(2024, 1, 1, tzinfo=BEIJING)
    assert article.expires == datetime(2030, 1, 1, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"section": "life/helth"}, "section: there is no section 'life/helth'; near names: life/health"),
        ({"section": []}, "section: is missing"),
        ({"section": None}, "section: is missing"),
        ({"section": 7}, "section: is a list of texts, and a number is none"),
        ({"section": ["life/health", {}]}, "section: is a list of texts, and an object is none"),
        ({"title": None}, "title: is missing"),
        ({"title": " \x07 "}, "title: is missing"),
        ({"title": 5}, "title: is a number, not text"),
        ({"title": "x" * 1001}, "title: has 1001 characters, at most 1000 are taken"),
        ({"published": "yesterday"}, "published: 'yesterday' is not a date such as 2023-12-06 11:33:20"),
        ({"published": "2023-02-30"}, "published: '2023-02-30' is not a date: day is out of range"),
        ({"published": "0001-01-01"}, "published: "),
        ({"published": "1066-10-14"}, "published: '1066-10-14' is not between 1900 and 2199"),
        ({"published": 1701833600}, "published: is a number, not text"),
        ({"updated": "12:30"}, "updated: '12:30' is not a date"),
        ({"expires": "2023-12-01"}, "expires: lies before the article is published"),
        ({"url": "javascript:alert(1)"}, "url: 'javascript:alert(1)' is not an http or https address"),
        ({"source_url": "/etc/passwd"}, "source_url: '/etc/passwd' is not an http or https address"),
        ({"language": "english!"}, "language: 'english!' is not a language tag such as en or zh-CN"),
        ({"language": "en-" + "-".join(["abcdefgh"] * 5)}, "language: "),
        ({"id": "a b"}, "id: is 1 to 64 letters, digits, `.`, `_` and `-`, and 'a b' is not"),
        ({"id": ".."}, "id: "),
        ({"id": 12}, "and a number is not"),
        ({"id": "x" * 65}, "id: "),
        ({"guid": "a\nb"}, "guid: is one line of text without control characters"),
        ({"guid": "\ud800"}, "guid: is one line of text without control characters"),
        ({"guid": "雁" * 400}, "guid: is longer than 1024 bytes"),
        ({"categories": [1]}, "categories: is a list of texts, and a number is none"),
        ({"categories": [str(n) for n in range(51)]}, "categories: has 51 texts, at most 50 are taken"),
        ({"enclosures": {}}, "enclosures: is a list, not an object"),
        ({"enclosures": ["x"]}, "enclosures[0]: is an object with url, type and length, not a text"),
        ({"enclosures": [{"url": "file:///etc/passwd"}]}, "enclosures[0].url: is not an http or https address"),
        ({"enclosures": [{"url": "http://a.org/", "length": -1}]}, "enclosures[0].length: is a number of bytes"),
        ({"enclosures": [{"url": "http://a.org/", "length": True}]}, "enclosures[0].length: is a number of bytes"),
        ({"enclosures": [{"url": "http://a.org/", "type": "mp3"}]}, "enclosures[0].type: is not a media type"),
        ({"enclosures": [{"url": "http://a.org/", "size": 1}]}, "enclosures[0]: 'size' is not a key"),
        ({"content_html": ["x"]}, "content_html: is a list, not text"),
        ({"content_html": "x" * 600_000}, "content_html: has 600000 characters, at most 524288 are taken"),
        ({"sections": "life"}, "sections: is not a key of an article record (near: section)"),
    ],
)
def test_a_fault_is_named(context: ImportContext, keys: dict[str, Any], told: str) -> None:
    assert told in refused(context, **keys)


def test_all_faults_are_told_at_once(context: ImportContext) -> None:
    told = refused(context, title="", published="x", language="??", colour="red")
    assert [part.split(":")[0] for part in told.split("; ")] == ["colour", "title", "published", "language"]


def test_hostile_html_is_made_safe(context: ImportContext) -> None:
    markup = (
        '<p onclick="x()">ok<script>alert(1)</script><img src="pic.jpg" onerror="x()">'
        '<a href="javascript:x()">a</a><a href="../b">b</a><iframe src="http://evil"></iframe></p>'
    )
    html = made(context, content_html=markup, url="http://example.org/d/1.html").html
    assert html is not None
    for word in ("script", "onclick", "onerror", "javascript", "iframe", "evil"):
        assert word not in html
    assert 'src="http://example.org/d/pic.jpg"' in html and 'href="http://example.org/b"' in html


def test_the_original_is_the_base_where_there_is_no_address(context: ImportContext) -> None:
    html = made(context, content_html='<img src="a.png">', source_url="http://example.org/x/y.html").html
    assert html is not None and 'src="http://example.org/x/a.png"' in html


@pytest.mark.parametrize("markup", ["", "  ", "<script>x</script>", "<p> </p>", "<!-- x -->"])
def test_markup_that_shows_nothing_is_no_body(context: ImportContext, markup: str) -> None:
    assert made(context, content_html=markup).html is None


def test_text_becomes_paragraphs(context: ImportContext) -> None:
    article = made(context, content_text="One <b>\r\n\r\nTwo & /etc/passwd")
    assert article.html == "<p>One &lt;b&gt;</p><p>Two &amp; /etc/passwd</p>"
    assert article.summary == "One <b> Two & /etc/passwd"


def test_html_goes_before_text(context: ImportContext) -> None:
    assert made(context, content_html="<p>html</p>", content_text="text").html == "<p>html</p>"


def test_control_characters_never_enter(context: ImportContext) -> None:
    article = made(
        context, title="A\x00B\x1b[31m\u202e \ud800C", content_html="<p>a\x0bb\ufffe</p>", author="x\x08",
        categories=["k\x01"], source="s\x02", summary="y\x03", rights="z\x04",
    )  # fmt: skip
    texts = (article.title, article.html, article.author, *article.categories, article.source.label, article.summary)
    assert texts == ("AB[31m C", "<p>ab</p>", "x", "k", "s", "y")


def test_the_replacement_character_survives(context: ImportContext) -> None:
    assert made(context, title="113o;8′E \ufffd").title == "113o;8′E \ufffd"


def test_a_missing_summary_is_the_beginning(context: ImportContext) -> None:
    summary = made(context, content_html="<p>" + "word " * 200 + "</p>").summary
    assert 200 < len(summary) <= 300 and summary.endswith("word…")


def test_a_date_alone_is_its_day(context: ImportContext) -> None:
    article = made(context, published="2023-12-06")
    assert (article.published.isoformat(), article.precision) == ("2023-12-06T00:00:00+08:00", "day")


def test_updated_is_never_before_published_nor_ahead_of_us(context: ImportContext) -> None:
    assert made(context, updated="2020-01-01").updated == made(context).published
    assert made(context, updated="2199-01-01").updated == context.now


def test_a_record_without_a_date_is_of_now(context: ImportContext) -> None:
    article = made(context, published=None)
    assert article.published == context.now
    later = replace(context, now=context.now + timedelta(days=1))
    assert article_from_record(LEAST | {"published": None}, "x:1", later).id == article.id


def test_sections_that_were_renamed_are_found(context: ImportContext) -> None:
    assert made(context, section=["life/wellness", "life/health"]).sections == ("life/health",)


class TestIds:
    def test_from_the_canonical_address(self, context: ImportContext) -> None:
        article = made(context, url="http://www.example.org/a?utm_source=x#top")
        assert article.id == sha256_hex(canonical_url("http://example.org/a").encode())[:16]
        assert made(context, url="https://example.org/a", title="Another").id == article.id

    def test_else_from_section_title_and_date(self, context: ImportContext) -> None:
        plain = made(context)
        assert made(context, content_text="body", source_url="http://example.org/") == replace(
            plain, html="<p>body</p>", summary="body", source_url="http://example.org/"
        )
        for other in ({"title": "Flu"}, {"section": "life"}, {"published": "2023-12-06"}):
            assert made(context, **other).id != plain.id

    def test_the_id_alone_is_the_id_of_the_whole(self, context: ImportContext) -> None:
        for keys in ({}, {"id": "x"}, {"url": "http://example.org/"}, {"published": None}):
            assert article_id(LEAST | keys, context) == made(context, **keys).id
        assert article_id(LEAST | {"title": ""}, context) is None

    def test_without_an_authority(self, context: ImportContext) -> None:
        bare = replace(context, id_authority=None)
        first, again = (article_from_record(LEAST, "x:1", bare).public_id for _ in range(2))
        assert first == again and first.startswith("urn:uuid:")
        assert made(bare, id="other").public_id != first

    def test_a_guid_is_verbatim(self, context: ImportContext) -> None:
        assert made(context, guid="http://Example.org/?a=1&b=雁 ").public_id == "http://Example.org/?a=1&b=雁 "


class TestSources:
    @pytest.mark.parametrize("label", ["衡阳新闻网", "www.e0734.com", " www.e0734.com\n"])
    def test_every_label_of_a_source_is_that_source(self, context: ImportContext, label: str) -> None:
        source = made(context, source=label).source
        assert source == Attribution("衡阳新闻网", "http://www.e0734.com/", None, label.strip())

    @pytest.mark.parametrize("label", ["hy", "e-Government", ""])
    def test_an_unknown_label_is_no_source_and_kept(self, context: ImportContext, label: str) -> None:
        assert made(context, source=label).source == Attribution(None, as_seen=label)

    def test_a_label_of_no_table_stands_as_it_is(self, context: ImportContext) -> None:
        assert made(context, source="FeedHub samples").source == Attribution(
            "FeedHub samples", as_seen="FeedHub samples"
        )
