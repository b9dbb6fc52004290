"""Outbound URLs: one reading of each, or none (PROMISES B1 2, 12 to 14)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pycurl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.errors import AddressRefused
from feedhub.net.url import LONGEST, canonical_host, parse_outbound, shown

GOOD = {
    "http://example.org": "http://example.org/",
    "HTTP://EXAMPLE.ORG./A?b#c": "http://example.org/A?b",
    "https://example.org:443/": "https://example.org/",
    "http://example.org:443/": "http://example.org:443/",
    "http://example.org:/x": "http://example.org/x",
    "http://example.org?q=1": "http://example.org/?q=1",
    "http://8.8.8.8/": "http://8.8.8.8/",
    "http://[2606:4700:0::1111]:8080/": "http://[2606:4700::1111]:8080/",
    "http://衡阳.中国/新闻?栏=本地": "http://xn--4n2a06z.xn--fiqs8s/%E6%96%B0%E9%97%BB?%E6%A0%8F=%E6%9C%AC%E5%9C%B0",
    "http://straße.example/": "http://xn--strae-oqa.example/",
    "http://ｅｘａｍｐｌｅ．ｏｒｇ/": "http://example.org/",
    "http://example。org/": "http://example.org/",
    "http://аpple.example/": "http://xn--pple-43d.example/",
    "http://xn--pple-43d.example/": "http://xn--pple-43d.example/",
    "http://a_b.example/": "http://a_b.example/",
    " http://example.org/a b%2Fc%zz ": "http://example.org/a%20b%2Fc%25zz",
    "http://example.org/@x?a@b:c": "http://example.org/@x?a@b:c",
    "http://www.e0734.com/index.php?m=content&c=rss&rssid=707": (
        "http://www.e0734.com/index.php?m=content&c=rss&rssid=707"
    ),
}
# The same private address in other words: refused as what it is.
SPELLINGS = """
http://2130706433/ http://0177.0.0.1/ http://0x7f000001/ http://0x7f.0.0.1/ http://127.1/ http://127.0.1/ http://0/
http://0x0/ http://127.0.0.1./ http://127。0。0。1/ http://127．0．0．1/ http://127｡0｡0｡1/ http://①②⑦.0.0.1/
http://１２７.0.0.1/ http://017700000001/ http://3232235777/ http://0xa9fea9fe/ http://[fe80::1%lo]/
http://[fe80::1%25lo]/ http://0300.0250.1/ http://0X7F.1/
""".split()
BAD = [
    "",
    "example.org",
    "//example.org/",
    "http:example.org",
    "http:/example.org",
    "http://",
    "http:///path",
    "http://:80/",
    "http://pub@127.0.0.1/",
    "http://user:secret@example.org/",
    "http://@example.org/",
    "http://127.0.0.1\\@pub/",
    "http://example.org\\.evil/",
    "http://example.org/\\x",
    "http://pub%00.evil/",
    "http://pub%2e.evil/",
    "http://%31%32%37.0.0.1/",
    "http://exa mple.org/",
    "http://exam\tple.org/",
    "http://example.org/\r\nHost: evil",
    "http://example.org/\x00",
    "http://example.org/\x7f",
    "http://example.org/\u2028",
    "http://example.org/\ud800",
    "http://example.org:0/",
    "http://example.org:65536/",
    "http://example.org:8o/",
    "http://example.org:80:80/",
    "http://example.org:-1/",
    "http://example.org:８０/",
    "http://[::1/",
    "http://::1/",
    "http://[::1]x/",
    "http://[v1.x]/",
    "http://[127.0.0.1]/",
    "http://1.2.3.4.5/",
    "http://256.1.1.1/",
    "http://08.1.1.1/",
    "http://4294967296/",
    "http://example.1/",
    "http://example.0x1/",
    "http://8.8.2056/",
    "http://0x08080808/",
    "http://a..b/",
    "http://.example/",
    "http://exa$mple/",
    "http://exa<mple/",
    "http://exa\u200bmple.org/",
    "http://exa\u00admple.org/",
    "http://exa\u202emple.org/",
    "http://💩.example/",
    "http://xn--/",
    "http://xn--local-/",
    "http://xn--localhost-/",
    "http://xn--127-0-/",
    "http://xn--a/",
    f"http://{'a' * 64}.example/",
    f"http://{'a.' * 127}example/",
    "http://example.org/" + "a" * LONGEST,
]
SCHEMES = """
file:///etc/passwd file:/etc/passwd ftp://127.0.0.1/ gopher://127.0.0.1:70/_x data:text/xml,<rss/> dict://127.0.0.1:1/
unix:///run/x.sock jar:http://127.0.0.1!/ feed:javascript:alert(1) feed:http://127.0.0.1/ javascript://host/%0aalert(1)
ws://127.0.0.1/ tftp://127.0.0.1/x ldap://127.0.0.1/ smb://127.0.0.1/x http+unix://x/ httpx://127.0.0.1/
view-source:http://127.0.0.1/
""".split()


@pytest.mark.parametrize(("text", "rebuilt"), GOOD.items())
def test_a_good_one_is_rebuilt(text: str, rebuilt: str) -> None:
    parsed = parse_outbound(text)
    assert parsed.text == rebuilt
    assert parse_outbound(rebuilt) == parsed


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_private_address_in_other_words_is_named_as_one(text: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        parse_outbound(text)
    assert refused.value.code == "private_address"


@pytest.mark.parametrize("text", BAD)
def test_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        parse_outbound(text)
    assert refused.value.code == "bad_address"
    assert refused.value.url.isprintable() and len(refused.value.url) < 400
    assert "secret" not in str(refused.value) + refused.value.url


@pytest.mark.parametrize("text", SCHEMES)
def test_other_schemes_are_refused(text: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        parse_outbound(text)
    assert refused.value.code == "scheme_not_allowed"


def test_a_fragment_cannot_move_the_host() -> None:
    assert parse_outbound("http://8.8.8.8#@pub/").host == "8.8.8.8"
    assert parse_outbound("http://8.8.8.8?@pub/").host == "8.8.8.8"
    assert parse_outbound("http://8.8.8.8/@pub/").host == "8.8.8.8"


@pytest.mark.parametrize(
    "name", ["localhost.", "ｌｏｃａｌｈｏｓｔ", "LOCALHOST", "loc\u2139lhost".replace("\u2139", "a")]
)
def test_names_for_this_host_are_one_name_that_the_resolver_judges(name: str) -> None:
    assert canonical_host(name) == "localhost"


_hostile = st.text(st.sampled_from("http:/\\@#?%[]. ①ａß。-_0x7f1localhost\t\x00é衡"), max_size=30)


@given(_hostile)
def test_what_passes_is_read_alike_by_two_other_parsers(rest: str) -> None:
    try:
        parsed = parse_outbound("http://" + rest)
    except AddressRefused:
        return
    other = urlsplit(parsed.text)
    assert (other.hostname, other.port or 80, other.username) == (parsed.host, parsed.port, None)
    assert parsed.text.isascii() and parse_outbound(parsed.text) == parsed
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, parsed.text)
    handle.close()


def test_shown_hides_userinfo_and_control_characters() -> None:
    assert shown("http://u:p@h/\r\n\x1b[31m") == "http://…@h/\\r\\n\\x1b[31m"
    assert len(shown("http://h/" + "a" * 5000)) < 310
