"""JSON Feed 1.0 and 1.1, and JSON that is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.errors import HostileDocument, NotAFeed
from feedhub.ingest.mend import MOST_ITEMS
from tests.ingest.parsing import as_expected, parsed


def feed(*items: Any, **values: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": list(items)} | values)


def test_a_whole_feed() -> None:
    read = parsed(
        feed(
            {
                "id": 7,
                "url": "/7",
                "external_url": "https://origin.example/7",
                "title": " A \n title ",
                "content_html": "<p>Body <img src='p.png' onerror='x()'></p><script>x()</script>",
                "summary": "Short",
                "date_published": "2026-05-06T07:08:09+02:00",
                "date_modified": "2026-05-07 08:00",
                "tags": ["a", "b", "a", 5],
                "language": "de",
                "authors": [{"name": "Ada Example"}, {"url": "https://x.example"}],
                "attachments": [{"url": "a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12}, "no"],
            },
            {"id": "t:2", "content_text": "One.\n\nTwo < three.", "date_published": "tomorrow-ish"},
            "no item",
            home_page_url="https://json.example/",
            feed_url="https://json.example/feed.json",
            language="zh_cn",
            author={"name": "The Editor of T"},
            hubs=[{"type": "WebSub", "url": "https://hub.example/"}, {"type": "rssCloud", "url": "https://c.example/"}],
        )
    )
    assert as_expected(read) == {
        "version": "json11",
        "title": "T",
        "link": "https://json.example/",
        "self_url": "https://json.example/feed.json",
        "id": "https://json.example/feed.json",
        "language": "zh-CN",
        "hubs": ["https://hub.example/"],
        "encoding": "utf-8 (nothing declared)",
        "date_kinds": ["zone"],
        "total": 3,
        "items": [
            {
                "guid": "7",
                "link": "https://json.example/7",
                "title": "A title",
                "html": '<p>Body <img src="https://json.example/p.png"></p>',
                "summary": "Short",
                "author": "Ada Example",
                "published": "2026-05-06T07:08:09+02:00",
                "updated": "2026-05-07T08:00:00+08:00",
                "categories": ["a", "b"],
                "enclosures": [{"url": "https://json.example/a.mp3", "type": "audio/mpeg", "length": 12}],
                "language": "de",
                "origin_url": "https://origin.example/7",
            },
            {
                "guid": "t:2",
                "html": "<p>One.</p><p>Two &lt; three.</p>",
                "summary": "One. Two < three.",
                "author": "The Editor of T",
                "language": "zh-CN",
                "notes": ["unreadable_date: tomorrow-ish"],
            },
        ],
    }


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": "token expired"}', 'no JSON Feed: it says "token expired"'),
        ("[1, 2]", "it is a list"),
        ("{}", "it is empty"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": 5}', "its keys are version, items"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "it is none"),
    ],
)
def test_json_that_is_no_feed(body: str, said: str) -> None:
    with pytest.raises(NotAFeed, match=said):
        parsed(body)


def test_json_nested_without_end() -> None:
    with pytest.raises(HostileDocument):
        parsed("[" * 200_000)


def test_items_are_bounded() -> None:
    read = parsed(feed(*({"id": str(number)} for number in range(MOST_ITEMS + 7))))
    assert (len(read.items), read.total, len(read.warnings)) == (MOST_ITEMS, MOST_ITEMS + 7, 1)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    "id url external_url title content_html content_text summary date_published tags authors author attachments "
    "language items hubs home_page_url feed_url".split()
)


@given(st.dictionaries(_KEYS, _ANYTHING, max_size=8), st.dictionaries(_KEYS, _ANYTHING, max_size=5))
def test_any_type_anywhere_is_taken_or_left_out(item: dict[str, Any], head: dict[str, Any]) -> None:
    assert parsed(feed(item, **{key: value for key, value in head.items() if key != "items"})).total == 1
