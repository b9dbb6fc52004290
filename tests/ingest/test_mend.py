"""Broken XML that is mended, and what is refused before any parser sees it."""

from __future__ import annotations

import xml.sax

import pytest

from feedhub.errors import HostileDocument
from feedhub.ingest.doctype import take_out_doctype
from feedhub.ingest.mend import MOST_ITEMS, MOST_NAMES, drop_junk, mend
from tests.ingest.parsing import parsed, rss


def well_formed(text: str) -> str:
    """The text, which expat takes."""
    xml.sax.parseString(text.encode(), xml.sax.ContentHandler())
    return text


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        ("<r>a & b &c &amp; &#38; &nbsp;&copy;&unheard; &#0;&#xFFFE;&#55296;</r>", "&amp; b &amp;c &amp; &#38;"),
        ("<r>a\x00b\x0bc\x1f</r>", "abc"),
        ("<r>1 < 2 <3 <= 4</r>", "1 &lt; 2 &lt;3"),
        ("<r>x ]]> y</r>", "]]&gt;"),
        ("<r><![CDATA[a & b < c]]></r>", "<![CDATA[a & b < c]]>"),
        ("<r><!-- & < --><?php echo 1 ?>x</r>", "<r>x</r>"),
        ("<r><!x>y</r>", "&lt;!x>y"),
        ("<r>a</r><script src=x>", "<r>a</r>"),
        ("<r><media:a xlink:href='x'>b</media:a></r>", 'xmlns:media="http://search.yahoo.com/mrss/"'),
        ("<r><a><b>cut", "cut</b></a></r>"),
        ("<r><a><![CDATA[cut &", "<![CDATA[cut &]]></a></r>"),
        ("<r><a>cut</a><b attribute='x", "<a>cut</a></r>"),
        ("<r><!-- never closed <b/></r>", "&lt;!-- never closed"),
        ("<r><item>a<x><item>b</item></x>c</item></r>", "<r><item>a<x></x>c</item></r>"),
        ("<r><entry><![CDATA[<entry>]]></entry><entry/></r>", "<r><entry><![CDATA[<entry>]]></entry><entry/></r>"),
        ("<r><link x='y' uri='at://z'> http://a/</link><link uri='b'/></r>", "<link> http://a/</link><link uri='b'/>"),
        ("<r><guid a='b'><p>1</p></guid></r>", "<guid a='b'>&lt;p&gt;1&lt;/p&gt;</guid>"),
    ],
)
def test_what_is_mended(broken: str, kept: str) -> None:
    assert kept in well_formed(mend(broken).text)


def test_an_item_that_is_never_closed_is_no_item_around_the_next() -> None:
    broken = "<channel><item><title>1</title><item><title>2</title></item></channel>"
    assert "<title>1</title><item><title>2</title>" in mend(broken).text
    assert [item.title for item in parsed(f"<rss version='2.0'>{broken}</rss>").items] == ["1", "2"]


def test_junk_before_the_document_is_dropped() -> None:
    document = '<?xml version="1.0"?><rss></rss>'
    for junk in ("", "\ufeff \n", "Warning: no database on line 3\n", "<br />\n<b>Notice</b>: x<br />\n"):
        assert drop_junk(junk + document) == document
    for page in ("<!DOCTYPE html><html><body><code><rss></code>", "<html><rss>", "<!-- a comment --><rss></rss>"):
        assert drop_junk(page) == page


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE l [<!ENTITY a "b">]>',
        '<!DOCTYPE l [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>',
        '<?xml version="1.0"?><!-- > --><?x ?>\n<!doctype l SYSTEM "]>" [<!-- ]> --><!entity a SYSTEM "http://127.0.0.1/">]>',
        "<!DOCTYPE l [%remote;]>",
        '<!DOCTYPE l [<!ENTITY a "b"',
    ],
)
def test_entities_are_refused(declaration: str) -> None:
    with pytest.raises(HostileDocument, match="entities"):
        take_out_doctype(declaration + "<rss><channel/></rss>")
    with pytest.raises(HostileDocument, match="entities"):
        parsed(declaration + rss(""))


def test_a_dtd_without_entities_is_taken_out() -> None:
    dtd = '<!DOCTYPE rss PUBLIC "-//x > y//EN" "http://127.0.0.1/x.dtd" [<!ELEMENT rss ANY> <!-- > ]> -->]>'
    assert take_out_doctype(f"<!-- c -->{dtd}<rss/>") == ("<!-- c --><rss/>", dtd)
    text = "<rss><description><![CDATA[ <!DOCTYPE x [<!ENTITY a 'b'>]> ]]></description></rss>"
    assert take_out_doctype(text) == (text, "")


def test_items_are_bounded_before_they_cost() -> None:
    item = "<item><title>n</title><description><![CDATA[<item> <item>]]></description></item>"
    feed = parsed(rss(item * (MOST_ITEMS + 500) + "<ttl>60</ttl>"))
    assert (len(feed.items), feed.total, feed.ttl_minutes) == (MOST_ITEMS, MOST_ITEMS + 500, 60)
    assert feed.warnings == ("only the first 1000 items were read, 500 more were left out",)


def test_categories_are_bounded_before_they_cost() -> None:
    many = "".join(f"<category><![CDATA[c{number}]]></category>" for number in range(MOST_NAMES + 50))
    mended = mend(rss(f"<item>{many}</item><item>{many}</item>"))
    assert mended.text.count("<category>") == 2 * MOST_NAMES
