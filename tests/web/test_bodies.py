"""A stored body as a page shows it."""

from __future__ import annotations

import pytest

from feedhub.model.safehtml import SafeHtml, make_safe
from feedhub.web.bodies import for_page


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("<p>a &amp; b &lt;c&gt; &#8217;</p>", "<p>a &amp; b &lt;c&gt; ’</p>"),
        (
            '<img src="https://x.example/a.jpg" alt="A &quot;view&quot; <b>">',
            '<a class="picture" href="https://x.example/a.jpg" rel="noopener noreferrer nofollow">'
            "Picture: A &quot;view&quot; &lt;b&gt;</a>",
        ),
        (
            '<img src="https://x.example/a.jpg">',
            '<a class="picture" href="https://x.example/a.jpg" rel="noopener noreferrer nofollow">'
            "Picture at x.example</a>",
        ),
        (
            '<a href="https://y.example/">go <img src="https://x.example/a.jpg" alt="map"></a>',
            '<a href="https://y.example/" rel="noopener noreferrer nofollow">go '
            '<span class="picture">Picture: map</span></a>',
        ),
        ('<img alt="no address">', "no address"),
        ("<h2>as it is</h2>", "<h2>as it is</h2>"),
        ("<h1>One</h1><h2>Two</h2><h6>Six</h6>", "<h2>One</h2><h3>Two</h3><h6>Six</h6>"),
        ("a<br>b<hr>c", "a<br>b<hr>c"),
    ],
)
def test_a_body_on_a_page(stored: str, shown: str) -> None:
    assert for_page(SafeHtml(stored)) == shown


@pytest.mark.parametrize("stored", [None, "", "  \n"])
def test_no_body(stored: str | None) -> None:
    assert for_page(SafeHtml(stored) if stored is not None else None) is None


@pytest.mark.parametrize(
    "edited",
    [
        "<script>alert(1)</script>",
        '<p onclick="x()">a</p>',
        '<a href="javascript:x()">a</a>',
        '<img src="x" onerror="x()">',
        '<img src="javascript:x()" alt="a">',
        '<h1 style="position:fixed">a</h1>',
        "<svg onload=x()>",
        "<iframe src=//e></iframe>",
        '<img src="https://e.example/a" alt="--><script>x()</script>">',
    ],
)
def test_a_row_edited_by_hand_does_no_harm(edited: str) -> None:
    shown = str(for_page(SafeHtml(edited)) or "")
    tags = shown.replace("&lt;", "")
    for live in ("<script", "onclick", "javascript:", "<img", "style=", "<svg", "<iframe"):
        assert live not in tags


def test_what_may_be_wide_scrolls_by_keyboard_too() -> None:
    shown = for_page(make_safe("<pre>a</pre><table><tr><td>b</td></tr></table>"))
    assert '<pre tabindex="0">' in str(shown)
    assert '<table tabindex="0">' in str(shown)


def test_a_pictures_label_is_in_the_pages_language() -> None:
    picture = make_safe('<p><img src="https://x.example/a.jpg" alt="江"></p>')
    assert ">图片： 江</a>" in str(for_page(picture, language="zh", spoken="zh"))
    assert '><span lang="en">Picture:</span> 江</a>' in str(for_page(picture, language="zh", spoken="en"))
