"""What a request may say, and what is said of one that is wrong: pure."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from feedhub.errors import HubRefused
from feedhub.hub.asking import Asked, Ping, lease_of, normal_address, read_request, with_query

FORM = "application/x-www-form-urlencoded"
WHOLE = {
    "hub.mode": "subscribe",
    "hub.topic": "https://f.example/rss/a.xml",
    "hub.callback": "https://s.example/cb?a=1",
}


def read(**more: str) -> Asked | Ping:
    form = WHOLE | {name.replace("_", ".", 1): value for name, value in more.items()}
    return read_request(urlencode(form).encode(), FORM)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("", 864_000), ("1", 3600), ("-1", 3600), ("0", 3600), ("7200", 7200), ("315360000", 864_000),
        ("soon", 864_000), ("1e9", 864_000), ("9" * 40, 864_000), ("9" * 50, 864_000), ("٣٦٠٠", 864_000),
    ],
)  # fmt: skip
def test_leases_are_an_hour_to_ten_days(asked: str, granted: int) -> None:
    assert lease_of(asked) == timedelta(seconds=granted)


def test_a_secret_has_less_than_200_bytes() -> None:
    for secret in ("s" * 199, "雁" * 66):
        found = read(hub_secret=secret)
        assert isinstance(found, Asked) and found.secret == secret
    for secret in ("s" * 200, "雁" * 67):
        with pytest.raises(HubRefused, match="200 bytes"):
            read(hub_secret=secret)


def test_a_secret_is_in_no_representation() -> None:
    assert "hush" not in repr(read(hub_secret="hush"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"hub_mode": "dance"}, "hub.mode"),
        ({"hub_mode": ""}, "hub.mode is missing"),
        ({"hub_topic": ""}, "hub.topic is missing"),
        ({"hub_callback": ""}, "hub.callback is missing"),
        ({"hub_callback": "https://s.example/a#b"}, "fragment"),
        ({"hub_callback": "https://s.example/a b"}, "spaces"),
        ({"hub_callback": "https://s.example/" + "a" * 2000}, "longer"),
        ({"hub_secret": "a\0b"}, "NUL"),
        ({"feedhub_signature": "md5"}, "feedhub.signature"),
        ({"feedhub_since": "yesterday"}, "feedhub.since"),
        ({"feedhub_since": "2026-11-24T04:00:00"}, "feedhub.since"),
        ({"feedhub_last": "0000000019999"}, "feedhub.last"),
        ({"feedhub_last": "000000001" + "0" * 5000}, "feedhub.last"),
    ],
)
def test_what_is_wrong_is_named(more: dict[str, str], said: str) -> None:
    with pytest.raises(HubRefused, match=said):
        read(**more)


def test_a_field_stands_there_once() -> None:
    with pytest.raises(HubRefused, match=r"hub\.callback stands there 2 times"):
        read_request((urlencode(WHOLE) + "&hub.callback=https://x.example/").encode(), FORM)


@pytest.mark.parametrize("body", [b"hub.mode=\xff", b"a=1&" * 200, b"%FF=%FF&hub.mode=subscribe"])
def test_a_form_is_utf_8_and_bounded(body: bytes) -> None:
    with pytest.raises(HubRefused, match="cannot be read"):
        read_request(body, FORM)


def test_only_a_form_is_read() -> None:
    with pytest.raises(HubRefused, match="Content-Type"):
        read_request(urlencode(WHOLE).encode(), "application/json")
    assert read_request(urlencode(WHOLE).encode(), "Application/X-WWW-form-urlencoded; charset=UTF-8")


def test_a_ping_names_topics_by_either_word() -> None:
    form = "hub.mode=publish&hub.url=https://a.example/1&hub.topic=https://a.example/2&hub.url=https://a.example/1"
    assert read_request(form.encode(), FORM) == Ping(("https://a.example/1", "https://a.example/2"))
    with pytest.raises(HubRefused, match=r"hub\.url is missing"):
        read_request(b"hub.mode=publish", FORM)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTP://F.example:80/rss/%61.xml", "http://f.example/rss/a.xml"),
        ("https://f.example:443/%7Ea", "https://f.example/~a"),
        ("https://f.example", "https://f.example/"),
        ("https://f.example/%e9%9b%81", "https://f.example/%E9%9B%81"),
    ],
)
def test_addresses_that_mean_the_same_are_the_same(one: str, other: str) -> None:
    assert normal_address(one) == normal_address(other)
    assert normal_address("https://f.example/%2F") != normal_address("https://f.example//")


@pytest.mark.parametrize(
    "address",
    [
        "https://f.example/a\0",
        "https://f.example/\x01",
        "ftp://f.example/",
        "https:///a",
        "//f.example/a",
        "https://u@f.example/",
        "https://f.example:x/",
        "a",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(HubRefused):
        normal_address(address)


@pytest.mark.parametrize(
    "callback",
    [
        "https://s.example/cb",
        "https://s.example/cb?",
        "https://s.example/cb?a=1&hub.mode=mine",
        "https://s.example/?x=%26&y=a+b",
    ],
)
def test_the_callbacks_own_query_stays(callback: str) -> None:
    whole = with_query(callback, {"hub.mode": "subscribe", "hub.topic": "https://f.example/?a=b&c"})
    assert whole.startswith(callback)
    own = parse_qsl(urlsplit(callback).query, keep_blank_values=True)
    said = parse_qsl(urlsplit(whole).query, keep_blank_values=True)
    assert said == [*own, ("hub.mode", "subscribe"), ("hub.topic", "https://f.example/?a=b&c")]
