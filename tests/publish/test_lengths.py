"""A text is cut between paragraphs or not at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.basics.text import plain_text
from feedhub.model.feed import FORMATS
from feedhub.model.safehtml import SafeHtml, make_safe
from feedhub.publish.fragments import fragment
from feedhub.publish.lengths import cut_at_paragraph, length_of
from tests.publish.material import PORTAL, article


@pytest.mark.parametrize(
    ("html", "most", "kept"),
    [
        ("<p>one</p><p>two</p>", 8, "<p>one</p><p>two</p>"),
        ("<p>one</p><p>two</p>", 7, "<p>one</p><p>two</p>"),
        ("<p>one</p><p>two</p>", 6, "<p>one</p>"),
        ("<p>one <b>two</b> three</p><p>four</p>", 5, "<p>one <b>two</b> three</p>"),
        ("<p>one</p><h2>Two</h2><p>three</p>", 8, "<p>one</p>"),
        ("<div><p>one</p><p>two</p></div><p>three</p>", 4, "<div><p>one</p></div>"),
        ("<p>one</p><ul><li>two</li><li>three</li></ul>", 9, "<p>one</p>"),
        ("<p>one</p><blockquote><p>two</p><p>three</p></blockquote>", 9, "<p>one</p>"),
        ("<p>一二三</p><p>四五六</p>", 4, "<p>一二三</p>"),
        ("words without paragraphs", 5, "words without paragraphs"),
    ],
)
def test_where_it_is_cut(html: str, most: int, kept: str) -> None:
    assert cut_at_paragraph(SafeHtml(html), most) == kept


BLOCK = st.builds(
    lambda tag, words: f"<{tag}>{words}</{tag}>",
    st.sampled_from(["p", "div", "h2", "blockquote", "pre"]),
    st.text("ab 一&<", min_size=1, max_size=20).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
)


@settings(max_examples=60)
@given(blocks=st.lists(BLOCK, min_size=1, max_size=8), most=st.integers(1, 60))
def test_what_is_kept_is_a_beginning_of_whole_blocks(blocks: list[str], most: int) -> None:
    html = make_safe("".join(blocks))
    kept = cut_at_paragraph(html, most)
    assert kept in {make_safe("".join(blocks[:count])) for count in range(len(blocks) + 1)}
    whole = [block for block in blocks if plain_text(block)]
    assert length_of(kept) <= max(most, length_of(html) if len(whole) < 2 else 0) or kept == cut_at_paragraph(kept, 1)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_feed_carries_as_much_as_is_configured_and_links_to_the_whole(language: str) -> None:
    portal = replace(PORTAL, longest_text=300)
    long = "".join(f"<p>{number} {'word ' * 30}</p>" for number in range(9))
    it = article("long", html=make_safe(long), language=language)
    for format_ in FORMATS:
        piece = fragment(it, portal, format_).decode()
        assert "0 word" in piece
        assert "3 word" not in piece
    html = json.loads(fragment(it, portal, "json"))["content_html"]
    link = '<a href="http://127.0.0.1:8080/articles/long" rel="noopener noreferrer nofollow">Title of long</a></p>'
    assert html.endswith(("The text goes on here: " if language == "en" else "全文：") + link)
    assert fragment(it, PORTAL, "json") != fragment(it, portal, "json")
    short = article("short")
    assert fragment(short, PORTAL, "json") == fragment(short, portal, "json")
