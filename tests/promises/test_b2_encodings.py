"""No markup appears by decoding: what other charsets would read as markup stays what its bytes are (PROMISES B2 30).

One by one: UTF-7, UTF-16 and UTF-32 without a byte order mark, overlong and broken UTF-8, escape-coded charsets, and
declarations that lie, in feeds, JSON Feed, list pages and JSON.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import html as lxml_html

from feedhub.errors import ParseError
from feedhub.ingest.extract import extract_document
from feedhub.model.extract import Extract
from feedhub.model.item import Item
from tests.ingest.parsing import a_request, parsed, rss
from tests.promises.test_b2_markup import assert_dead

LIVE = "<img src=x onerror=alert(1)>"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;"
OVERLONG = {
    "two bytes": b"\xc0\xbcimg src=x onerror=alert(1)\xc0\xbe",
    "three bytes": b"\xe0\x80\xbcimg src=x onerror=alert(1)\xe0\x80\xbe",
    "four bytes": b"\xf0\x80\x80\xbcimg src=x onerror=alert(1)\xf0\x80\x80\xbe",
    "half a character before": b"\xe8\xa1<img src=x onerror=alert(1)>",
    "a lead byte that takes the quote": b"<a title='\x81'>x</a><p title='" + LIVE.encode() + b"'>",
    "surrogates": b"\xed\xa0\xbc\xed\xb0\xbc<img src=x onerror=alert(1)>",
}
UTF_7 = "+ADw-img src+AD0-x onerror+AD0-alert(1)+AD4-"
SHIFTED = {
    "hz-gb-2312": b"~{<img src=x onerror=alert(1)>~}",
    "iso-2022-jp": b"\x1b$B<img src=x onerror=alert(1)>\x1b(B",
    "iso-2022-kr": b"\x1b$)C\x0e<img src=x onerror=alert(1)>\x0f",
    "iso-2022-cn": b"\x1b$)A\x0e<img src=x onerror=alert(1)>\x0f",
}


LIES = "utf-7 utf-16 utf-32 gbk big5 shift_jis iso-2022-jp x-user-defined ebcdic-cp-us IBM037".split()


def story(inside: bytes) -> bytes:
    head, tail = rss("<item><title>@</title><description>@</description></item>").encode().split(b"<title>@", 1)
    return head + b"<title>" + inside + tail.replace(b"@", inside, 1)


def shown(item: Item) -> str:
    """Nothing of an item is alive; its words."""
    assert_dead(lxml_html.fragment_fromstring(item.html or "x", create_parent="div"), str(item.html))
    assert "onerror=alert" not in (item.link or "")
    return f"{item.title} {item.summary}"


def items_of(body: bytes, **values: Any) -> tuple[Item, ...]:
    try:
        return parsed(body, **values).items
    except ParseError:
        return ()


@pytest.mark.parametrize("declared", ["utf-7", "UTF-7", "unicode-1-1-utf-7", "utf-8", "us-ascii", None])
def test_utf_7_is_never_read(declared: str | None) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>'.encode() if declared else b""
    content_type = f"text/xml; charset={declared}" if declared else "text/xml"
    (item,) = items_of(prolog + story(UTF_7.encode()), content_type=content_type)
    assert "+ADw-img" in shown(item)
    whole = rss("<item><title>T</title></item>").replace("<", "+ADw-").replace(">", "+AD4-").encode()
    assert not items_of(whole, content_type=content_type)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", None])
def test_wide_characters_without_a_mark(codec: str, declared: str | None) -> None:
    document = rss(f"<item><title>{ESCAPED}</title><description>{ESCAPED}</description></item>")
    for item in items_of(document.encode(codec), content_type=f"text/xml; charset={declared}" if declared else None):
        shown(item)
    # Wide characters in a narrow document: every second byte is nothing, the others spell a tag.
    for item in items_of(story(LIVE.encode(codec)), content_type="text/xml; charset=utf-8"):
        shown(item)


@pytest.mark.parametrize("name", OVERLONG)
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "big5", "windows-1252", None])
def test_overlong_and_broken_utf_8(name: str, declared: str | None) -> None:
    content_type = f"text/xml; charset={declared}" if declared else "text/xml"
    for inside in (OVERLONG[name], b"<![CDATA[" + OVERLONG[name] + b"]]>"):
        for item in items_of(story(inside), content_type=content_type):
            words = shown(item)
            if name.endswith("bytes"):
                assert "<img" not in words, "an overlong form is no character"


@pytest.mark.parametrize("name", SHIFTED)
@pytest.mark.parametrize("honest", [True, False])
def test_charsets_that_shift(name: str, honest: bool) -> None:
    content_type = f"text/xml; charset={name if honest else 'utf-8'}"
    for item in items_of(story(b"<![CDATA[" + SHIFTED[name] + b"]]>"), content_type=content_type):
        shown(item)


@pytest.mark.parametrize("declared", LIES)
def test_a_charset_that_lies(declared: str) -> None:
    text = f"会议 {ESCAPED}"
    for item in items_of(story(text.encode()), content_type=f"text/xml; charset={declared}"):
        shown(item)
    page = f"<meta charset={declared}><li><a href='/1'>{UTF_7} {ESCAPED}</a><i>{UTF_7}</i></li>".encode()
    extract = Extract(item="li", title="a", link="a", html="i")
    request = a_request(page, kind="html", content_type=f"text/html; charset={declared}", extract=extract)
    try:
        found = extract_document(request).items
    except ParseError:
        return  # read as what it says, it is no page at all
    for item in found:
        shown(item)


def test_json_that_spells_markup_in_escapes() -> None:
    text = json.dumps(f"{LIVE} {UTF_7} \u003cimg src=x onerror=alert(1)\u003e")
    feed = f'{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{{"id": "1", "title": {text}, '
    feed += f'"content_html": {text}, "summary": {text}}}]}}'
    for body in (feed.encode(), feed.encode("utf-16"), feed.replace("<", "\\u003c").encode()):
        for item in items_of(body, content_type="application/feed+json"):
            shown(item)
    rows = f'{{"rows": [{{"t": {text}, "u": "/1", "h": {text}}}]}}'.encode()
    extract = Extract(item="rows", title="t", link="u", html="h")
    (item,) = extract_document(a_request(rows, kind="json", extract=extract)).items
    shown(item)
