"""Which addresses may be shown, and when two are one (PROMISES B2 34, 35)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.basics import urls
from feedhub.basics.urls import canonical_url, web_url


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://a.example", "http://a.example"),
        (" \tHTTP://A.example:8080/x y ", "http://a.example:8080/x%20y"),
        ("//b.example/c", "https://b.example/c"),
        ("../up", "https://base.example/up"),
        ("?q=衡阳", "https://base.example/d/?q=%E8%A1%A1%E9%98%B3"),
        ("http://例子.cn/衡", "http://xn--fsqu00a.cn/%E8%A1%A1"),
        ("http://user:secret@h.example/", "http://h.example/"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/"),
        ("http://h.example/100%", "http://h.example/100%"),
        ("java\nscript:alert(1)", None),
        ("\x01javascript:alert(1)", None),
        ("JavaScript:alert(1)", None),
        ("javascript://h.example/%0aalert(1)", None),
        ("data:text/html,x", None),
        ("vbscript:x", None),
        ("file:///etc/passwd", None),
        ("feed:http://h.example/", None),
        ("ftp://h.example/", None),
        ("mailto:a@h.example", None),
        ("blob:http://h.example/x", None),
        ("http://h.example\\@evil.example/", None),
        ("http://", None),
        ("http://:80/", None),
        ("http://h.example:99999/", None),
        ("http://[::1/", None),
        ("", None),
        (None, None),
        ("http://h.example/" + "x" * 3000, None),
    ],
)
def test_only_absolute_http_addresses_come_out(address: str | None, expected: str | None) -> None:
    assert web_url(address, "https://base.example/d/") == expected


@given(st.text(max_size=60))
def test_whatever_comes_in_what_comes_out_is_http_and_stable(text: str) -> None:
    for address in (text, f"http://{text}", f"http://h.example/{text}"):
        out = web_url(address, "https://base.example/")
        if out is not None:
            assert out.startswith(("http://", "https://"))
            assert out.isascii()
            assert not set(out) & set(" \t\r\n<>\"'\\^`{|}") - {"'"}
            assert web_url(out) == out


def test_one_piece_under_many_addresses() -> None:
    forms = [
        "http://www.e0734.com/a/b.html",
        "https://e0734.com/a/b.html",
        "http://e0734.com:80/a/b.html#top",
        "http://e0734.com/a/b.html?utm_source=x&spm=1.2.3",
        "http://e0734.com/a/b.html/",
    ]
    assert len({canonical_url(form) for form in forms}) == 1
    assert canonical_url("http://h/a?id=1") != canonical_url("http://h/a?id=2")


@given(st.from_regex(urls._PLAIN, fullmatch=True), st.sampled_from([None, "http://h.example/d/x", "https://h.example"]))
def test_a_plain_address_is_what_the_long_way_makes_of_it(address: str, base: str | None) -> None:
    assert urls._resolved(address, base) == address


@given(
    st.text("aZ0/.-_~%+=?&#:@ü ", max_size=24),
    st.sampled_from(["http://a.example/", "https://www.b.example:8080/d/e.html?x=1#y", "http://C.example/", None]),
)
def test_what_is_told_at_a_glance_is_what_taking_it_apart_gives(rest: str, base: str | None) -> None:
    for address in (rest, f"/{rest}", f"http://h.example:80{rest}", f"https://www.h.example/{rest}"):
        assert web_url(address, base) == (urls._resolved(address, base) if address else None)


@given(st.text("awZ0/.-_~%+=?&#:;ü", max_size=24))
def test_a_canonical_address_does_not_depend_on_the_way_it_was_told(rest: str) -> None:
    for address in (f"http://www.h.example/{rest}", f"https://h.example:8080{rest}", f"http://h.example:80/{rest}"):
        try:
            by_parts = urls._canonical_by_parts(address)
        except ValueError:
            continue
        assert canonical_url(address) == by_parts
