"""The quick way for Atom says what feedparser says, for every document that it takes; the rest it leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.ingest import parse
from feedhub.ingest.plain_atom import read_plain_atom
from tests.ingest.test_plain_rss import DATES, FILES, LINKS, MARKUP, TEXT, a_request, same_both_ways

MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
NAMES = 'xmlns="http://www.w3.org/2005/Atom"'
TYPES = st.sampled_from(["", ' type="text"', ' type="html"', ' type="html"', ' type="text/html"', ' type="xhtml"'])
RELS = st.sampled_from(
    ["", ' rel="alternate"', ' rel="self"', ' rel="enclosure" length="12"', ' rel="next"', ' rel="hub"', ' rel="via"']
)
KINDS = st.sampled_from(["", "", ' type="text/html"', ' type="audio/mpeg"', ' type="application/xhtml+xml"'])


def texts(name: str) -> st.SearchStrategy[str]:
    return st.builds(f"<{name}{{}}>{{}}</{name}>".format, TYPES, MARKUP)


LINK = st.builds('<link href="{}"{}{}/>'.format, LINKS, RELS, KINDS)
CATEGORY = st.sampled_from(
    ['<category term="a"/>', '<category term="a" label="A"/>', '<category term="b" scheme="s"/>']
)
AUTHOR = st.builds(
    "<author><name>a{}</name>{}</author>".format,
    TEXT,
    st.sampled_from(["", "", "<uri>u</uri>", "<email>me@b.example</email>", "<x:y xmlns:x='urn:x' z='1'/>"]),
)
COMMON = (
    texts("title"),
    texts("rights"),
    LINK,
    LINK,
    LINKS.map("<id>{}</id>".format),
    DATES.map("<updated>{}</updated>".format),
    CATEGORY,
    AUTHOR,
)
IN_ENTRY = (
    *COMMON,
    AUTHOR,
    texts("summary"),
    st.builds(
        "<content{}{}>{}</content>".format, TYPES, st.sampled_from(["", ' xml:base="http://b.example/c/"']), MARKUP
    ),
    DATES.map("<published>{}</published>".format),
    FILES,
    st.sampled_from(["", '<x:y xmlns:x="urn:x">z</x:y>', '<x:y xmlns:x="urn:x" z="1">z</x:y>']),
)
ODD = st.sampled_from(["", "", "", "", "<odd/>", "<!-- a comment -->", "<title>again</title>", "bare text"])


def some(parts: tuple[st.SearchStrategy[str], ...]) -> st.SearchStrategy[list[str]]:
    return st.tuples(*(st.just("") | part for part in parts), ODD).flatmap(st.permutations)


@given(some(COMMON), st.lists(some(IN_ENTRY), max_size=2), st.sampled_from(["", ' xml:lang="zh_CN"', ' xml:lang="en"']))
def test_whatever_is_put_together(head: list[str], entries: list[list[str]], language: str) -> None:
    inner = "".join(head) + "".join(f"<entry>{''.join(parts)}</entry>" for parts in entries)
    same_both_ways(f"<feed {NAMES} {MEDIA}{language}>{inner}</feed>".encode("utf-8", "replace"))


@pytest.mark.parametrize(
    "inner",
    [
        '<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a</div></title></entry>',
        "<entry><title>a</title><title>b</title></entry>",
        '<entry xml:lang="zh"><title>a</title></entry>',
        '<entry><content src="http://x.example/"/></entry>',
        '<entry><content type="image/png">aGVsbG8=</content></entry>',
        "<entry><title>CafÃ©</title></entry>",
        "<entry><author><email>a@b.example</email></author></entry>",
        "<entry><author><name>a@b.example</name></author></entry>",
        "<entry><media:title>first</media:title><title>a</title></entry>",
        "<entry><media:group><media:keywords>a, b</media:keywords></media:group></entry>",
        "<entry><m:description xmlns:m='http://search.yahoo.com/mrss/'>a</m:description></entry>",
        "<entry><source><title>s</title></source></entry>",
        '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="x" when="2026-01-01T00:00:00Z"/>',
    ],
)
def test_what_it_is_not_sure_of_goes_to_feedparser(inner: str) -> None:
    text = f"<feed {NAMES} {MEDIA}><title>t</title>{inner}</feed>"
    assert read_plain_atom(text) is None
    assert parse.parse_document(a_request(text.encode())).read_by == "feedparser"


@pytest.mark.parametrize(
    "inner",
    [
        "<entry><id>http://a.example/1</id><title>no link</title></entry>",
        '<entry><link href="http://a.example/1"/><link href="http://a.example/2"/><id>urn:x</id></entry>',
        '<entry><content type="html">&lt;p&gt;only &lt;b&gt;content&lt;/b&gt;&lt;/p&gt;</content></entry>',
        '<entry><content type="html" xml:base="http://b.example/c/">&lt;img src="d.png"&gt; words</content></entry>',
        '<entry><summary type="html">short</summary><content>a &lt;b&gt; that is text</content></entry>',
        "<entry><author><name>A</name><uri>u</uri></author><author><name>B</name></author></entry>",
        '<entry><link rel="enclosure" href="http://a.example/a.mp3" type="audio/mpeg" length="7"/></entry>',
    ],
)
def test_what_it_is_sure_of_is_read_alike(inner: str) -> None:
    assert same_both_ways(f'<feed {NAMES} xml:lang="en-GB"><title>t</title>{inner}</feed>'.encode())
