"""The quick way says what feedparser says, for every document that it takes; what it is not sure of it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.errors import ParseError
from feedhub.ingest import parse
from feedhub.ingest.plain_rss import read_plain_rss
from feedhub.ingest.wire import ParseRequest
from feedhub.model.item import ParsedFeed

HERE = Path(__file__).parent
DC = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:odd="urn:odd"'
)


def a_request(body: bytes) -> ParseRequest:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    return ParseRequest(body, None, "http://h.example/feed.xml", "Asia/Shanghai", None, "en", now)


def same_both_ways(body: bytes) -> bool:
    """Whether the quick way took the document; it must then say what feedparser says."""
    try:
        quick = parse.parse_document(a_request(body))
    except ParseError:
        return False
    if quick.read_by == "feedparser":
        return False
    assert by_feedparser(body) == replace(quick, read_by="feedparser")
    return True


def by_feedparser(body: bytes) -> ParsedFeed:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "read_plain_rss", lambda text: None)
        patch.setattr(parse, "read_plain_atom", lambda text: None)
        return parse.parse_document(a_request(body))


def test_every_document_in_the_tree() -> None:
    files = [file for file in (HERE.parent).rglob("*") if file.suffix in (".xml", ".rss", ".atom") and file.is_file()]
    assert files
    for file in files:
        same_both_ways(file.read_bytes())


def test_every_document_of_the_corpus(material: Path) -> None:
    corpus = [file for file in (material / "corpus").rglob("*") if file.is_file() and file.stat().st_size < 1_000_000]
    for root, fewest in ((b"<rss", 20), (b"<feed", 5)):
        taken = sum(same_both_ways(file.read_bytes()) for file in corpus if root in file.read_bytes()[:2000])
        assert taken >= fewest


WORDS = st.text(
    st.sampled_from("ab <>&;/é“Ã©\xa0\n新聞#8217'\"=p")
    | st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]),
    max_size=30,
)
TEXT = WORDS.map(lambda words: escape(words).replace("]]>", "")) | WORDS.map(
    lambda words: f"<![CDATA[{words.replace(']]>', '')}]]>"
)
MARKUP = TEXT | st.sampled_from(
    ["<![CDATA[<p>one <b>two</b></p>]]>", "&lt;i&gt;x&lt;/i&gt;", "&amp;amp; &#8217;", "CafÃ©", ""]
)
LINKS = st.sampled_from(
    [
        "http://a.example/x?a=1&amp;b=2",
        "/relative",
        " http://a.example/ ",
        "",
        "http:///a",
        "urn:x",
        "http://a.example/?a=1&amp;amp;b=2&amp;x;",
    ]
)
DATES = st.sampled_from(["Mon, 23 Nov 2026 10:00:00 GMT", "2026-11-23", "2023年12月6日", "soon", ""])
FILES = st.builds(
    "<media:{0}>{1}{2}{3}</media:{0}>".format,
    st.sampled_from(["group", "content"]),
    st.sampled_from(
        ["", '<media:content url="http://b.example/a.jpg" medium="image" fileSize="12"/>', '<media:thumbnail url="t"/>']
    ),
    MARKUP.map("<media:description type='html'>{}</media:description>".format) | st.just(""),
    MARKUP.map("<media:title>{}</media:title>".format) | st.just("<media:credit role='r'>c</media:credit>"),
)
PODCAST = st.one_of(
    MARKUP.map("<itunes:summary>{}</itunes:summary>".format),
    TEXT.map("<itunes:subtitle>{}</itunes:subtitle>".format),
    TEXT.map("<itunes:author>{}</itunes:author>".format),
    st.sampled_from(
        [
            "<itunes:keywords>a, b,,c </itunes:keywords>",
            '<itunes:image href="http://a.example/i.jpg"/>',
            "<itunes:explicit>yes</itunes:explicit>",
            "<itunes:title>other</itunes:title>",
            '<odd:one more="x">y</odd:one>',
            "<odd:title>other</odd:title>",
        ]
    ),
)
PARTS = (
    FILES,
    PODCAST,
    PODCAST,
    DATES.map("<atom:updated>{}</atom:updated>".format),
    MARKUP.map("<title>{}</title>".format),
    LINKS.map("<link>{}</link>".format),
    MARKUP.map("<description>{}</description>".format),
    MARKUP.map("<content:encoded>{}</content:encoded>".format),
    LINKS.map("<guid>{}</guid>".format) | TEXT.map('<guid isPermaLink="false">{}</guid>'.format),
    DATES.map("<pubDate>{}</pubDate>".format),
    DATES.map("<dc:date>{}</dc:date>".format),
    TEXT.map("<dc:creator>a{}</dc:creator>".format) | TEXT.map("<author>me@a.example ({})</author>".format),
    TEXT.map('<category domain="d">c{}</category>'.format),
    TEXT.map("<category>c{}</category>".format),
    LINKS.map('<enclosure url="{}" type="audio/mpeg" length="12"/>'.format),
    TEXT.map('<source url="http://b.example/">{}</source>'.format),
)
HEADS = st.one_of(
    MARKUP.map("<title>{}</title>".format),
    LINKS.map("<link>{}</link>".format),
    st.sampled_from(["<language>zh_cn</language>", "<ttl>30</ttl>", "<image><title>T</title><url>u</url></image>"]),
    MARKUP.map("<copyright>{}</copyright>".format),
    DATES.map("<lastBuildDate>{}</lastBuildDate>".format),
    DATES.map("<pubDate>{}</pubDate>".format),
    TEXT.map("<webMaster>{}</webMaster>".format),
    st.sampled_from(
        [
            '<itunes:image href="http://a.example/i.jpg"/>',
            "<itunes:owner><itunes:name>N</itunes:name><itunes:email>n@a.example</itunes:email></itunes:owner>",
            '<itunes:category text="A"><itunes:category text="B"/></itunes:category>',
            "<itunes:author>N</itunes:author>",
            "<itunes:summary>S</itunes:summary>",
            "<odd:title>other</odd:title>",
            '<media:thumbnail url="t"/>',
        ]
    ),
)
BASES = st.sampled_from(["", "", "", ' xml:base="http://base.example/a/"', ' xml:base="/b/"'])


ODD = st.sampled_from(["", "", "", "", "<odd/>", "<!-- a comment -->", "<title>again</title>", "bare text"])
ITEM = st.tuples(*(st.just("") | part for part in PARTS), ODD).flatmap(st.permutations)


@given(st.lists(HEADS, max_size=3), st.lists(ITEM, max_size=2), BASES)
def test_whatever_is_put_together(head: list[str], items: list[list[str]], base: str) -> None:
    inner = "".join(head) + "".join(f"<item>{''.join(parts)}</item>" for parts in items)
    same_both_ways(f'<rss version="2.0" {DC}{base}><channel>{inner}</channel></rss>'.encode("utf-8", "replace"))


@pytest.mark.parametrize(
    "inner",
    [
        "<item><title>a<b>c</b></title></item>",
        "<item><title>a</title><title>b</title></item>",
        '<item xml:base="http://x.example/"><title>a</title></item>',
        "<item><title>a &#150; b</title></item>",
        "<item><title>CafÃ©</title></item>",
        "<item><dc:creator>a</dc:creator><author>me@b.example (b)</author></item>",
        "<item><media:title>first</media:title><title>a</title></item>",
        "<item><itunes:owner><itunes:name>a</itunes:name></itunes:owner></item>",
        "<item><!-- <item> --></item>",
        "<item><dcterms:created xmlns:dcterms='http://purl.org/dc/terms/'>2026-01-01</dcterms:created></item>",
        "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='x' when='2026-01-01T00:00:00Z'/>",
        '<item xmlns:dc="http://other.example/"><dc:creator>a</dc:creator></item>',
        "<skipHours><hour>1</hour></skipHours>",
    ],
)
def test_what_it_is_not_sure_of_goes_to_feedparser(inner: str) -> None:
    text = f'<rss version="2.0" {DC}><channel>{inner}</channel></rss>'
    assert read_plain_rss(text) is None
    assert parse.parse_document(a_request(text.encode())).read_by == "feedparser"


@pytest.mark.parametrize(
    "inner",
    [
        "<item><link>http://a.example/?a=1&amp;amp;b=2&amp;x;</link></item>",
        "<item><guid>http://a.example/1</guid><title>no link</title></item>",
        "<item><dc:creator>a</dc:creator><author>b</author><title>a</title></item>",
        "<item><title>a</title><media:description>only text</media:description></item>",
        "<itunes:image href='http://a.example/i.jpg'/><image><title>T</title></image><item><author>T</author></item>",
        "<image><title>T</title></image><itunes:image href='http://a.example/i.jpg'/><item><author>T</author></item>",
        "<!-- made by a program --><item><!-- one --><title>a</title></item>",
        "<item><content:encoded>&lt;p&gt;only content&lt;/p&gt;</content:encoded></item>",
        "<item><content:encoded>long and first</content:encoded><description>short</description></item>",
        "<item><title>a &amp;lt;b&amp;gt; &lt;i&gt;c&lt;/i&gt;</title><author>x@a.example (X)</author></item>",
        '<item><enclosure url="http://a.example/a.mp3" type="audio/mpeg" length="1"/><source url="u">S</source></item>',
    ],
)
def test_what_it_is_sure_of_is_read_alike(inner: str) -> None:
    assert same_both_ways(f'<rss version="2.0" {DC}><channel>{inner}</channel></rss>'.encode())
