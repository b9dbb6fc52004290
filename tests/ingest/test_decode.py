"""Bytes into text: which declaration is believed, and when the bytes know better."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.basics.charset_labels import codec_of
from feedhub.ingest.decode import decode_document

CHINESE = "衡阳市召开重点工作推进会，石鼓书院举行国学讲座，船山文化节开幕，南岳衡山旅游旺季客流创新高。"
TAIWAN = "衡陽市召開重點工作推進會，石鼓書院舉行國學講座，船山文化節開幕，南嶽衡山旅遊旺季。"
FRENCH = "Les élèves français étaient très gênés; à Noël, où dîner? L'été, c'est déjà fini."
RUSSIAN = "Съешь ещё этих мягких французских булок да выпей чаю, а потом пойдём домой спать."


def document(text: str, declared: str | None = None) -> str:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{prolog}<rss><channel><title>{text}</title></channel></rss>"


@pytest.mark.parametrize(
    ("text", "bytes_are", "prolog", "http", "used"),
    [
        (CHINESE, "utf-8", "utf-8", None, "utf-8 (declared utf-8 in the prolog)"),
        (CHINESE, "gbk", "gb2312", None, "gb18030 (declared gb2312 in the prolog)"),
        ("镕瑒玥" + CHINESE, "gbk", "gb2312", None, "gb18030 (declared gb2312 in the prolog)"),
        ("𠮷" + CHINESE, "gb18030", "GB2312", None, "gb18030 (declared gb2312 in the prolog)"),
        (TAIWAN + "嘅咗", "big5hkscs", "Big5", None, "big5hkscs (declared big5 in the prolog)"),
        (CHINESE, "gbk", "utf-8", "text/xml; charset=GBK", "gb18030 (declared gbk in the HTTP header)"),
        (CHINESE, "utf-8", "gb2312", 'text/xml; charset="utf-8"', "utf-8 (declared utf-8 in the HTTP header)"),
        (CHINESE, "utf-8", "gb2312", None, "utf-8 (valid, although declared gb2312 in the prolog)"),
        (CHINESE, "utf-8", None, "text/xml; charset=iso-8859-1", "utf-8 (valid, although declared iso-8859-1"),
        (CHINESE, "gbk", "utf-8", None, "gb18030 (detected, although declared utf-8 in the prolog)"),
        (CHINESE, "gbk", "gb2312", "text/xml; charset=iso-8859-1", "gb18030 (detected, although declared iso-8859-1"),
        (CHINESE, "gbk", None, "text/xml", "gb18030 (detected)"),
        (TAIWAN, "big5", None, None, "big5hkscs (detected)"),
        (CHINESE, "utf-8", None, "text/xml", "utf-8 (nothing declared)"),
        (CHINESE, "utf-8-sig", "gb2312", "text/xml; charset=gb2312", "utf-8 (byte order mark)"),
        (CHINESE, "utf-16", "utf-16", None, "utf-16le (byte order mark)"),
        (CHINESE, "utf-16-be", "utf-16", None, "utf-16be (by its first bytes)"),
        (FRENCH, "cp1252", "iso-8859-1", None, "cp1252 (declared iso-8859-1 in the prolog)"),
        (FRENCH, "cp1252", None, None, "cp1252 (detected)"),
        (RUSSIAN, "koi8-r", "koi8-r", None, "koi8-r (declared koi8-r in the prolog)"),
        (RUSSIAN, "cp1251", "windows-1251", None, "cp1251 (declared windows-1251 in the prolog)"),
        (CHINESE, "gbk", "x-unheard-of", None, "gb18030 (detected)"),
        ("plain", "ascii", "utf-16", None, "utf-8 (nothing declared)"),
    ],
)
def test_the_charset(text: str, bytes_are: str, prolog: str | None, http: str | None, used: str) -> None:
    decoded = decode_document(document(text, prolog).encode(bytes_are), http)
    assert decoded.encoding.startswith(used)
    assert text in decoded.text


def test_the_sources_own_setting_comes_first() -> None:
    body = document(CHINESE, "utf-8").encode("gbk")
    decoded = decode_document(body, "text/xml; charset=utf-8", "gbk")
    assert decoded.encoding == "gb18030 (set for this source)"
    assert CHINESE in decoded.text


@pytest.mark.parametrize(("codec", "prolog"), [("utf-8", "utf-8"), ("gbk", "gb2312")])
def test_half_a_character_does_not_change_the_decision(codec: str, prolog: str) -> None:
    whole = document(CHINESE, prolog).encode(codec)
    broken = whole.replace("，".encode(codec), "，".encode(codec)[:1] + b" ", 1)
    decoded = decode_document(broken, None)
    assert decoded.encoding.endswith(f"declared {prolog} in the prolog; 1 bad places replaced)")
    assert CHINESE[20:] in decoded.text


def test_labels_stand_for_what_is_meant() -> None:
    assert {codec_of(label) for label in ("GB2312", "gb_2312-80", " 'x-gbk' ", "GBK")} == {"gb18030"}
    assert codec_of("latin1") == "cp1252"
    assert codec_of("utf-7") is None


@given(st.binary(max_size=400), st.sampled_from([None, "text/xml; charset=gbk", "a; charset=utf-16", "charset="]))
def test_any_bytes_become_text(body: bytes, content_type: str | None) -> None:
    decoded = decode_document(body, content_type)
    decoded.text.encode("utf-8")
    assert "(" in decoded.encoding


@given(st.text("衡阳市召开重点工作推进会石鼓书院讲座", min_size=20, max_size=80))
def test_valid_utf8_is_never_taken_for_gbk(text: str) -> None:
    assert text in decode_document(document(text, "gb2312").encode(), "text/xml; charset=gbk").text
