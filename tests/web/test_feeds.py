"""The addresses of feeds on a real server: validators, codings, cuts, 404, 301, 503, and nothing of it unkeyed."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from flask import request

from feedhub.publish.render import render_due
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.settings import set_last_tick
from feedhub.web.app import create_app
from tests.kit import LOCAL, NOW, StillClock, an_article
from tests.web.conftest import Running

RSS = f"/rss/{LOCAL}.xml"
TYPES = {
    f"/rss/{LOCAL}.xml": "application/xml; charset=utf-8",
    f"/atom/{LOCAL}.xml": "application/xml; charset=utf-8",
    f"/json/{LOCAL}.json": "application/feed+json",
    "/rss/all.xml": "application/xml; charset=utf-8",
}
SAFETY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@pytest.mark.parametrize("path", TYPES)
def test_a_document_with_all_it_says(running: Running, path: str) -> None:
    found = running.get(path)
    assert found.status == 200
    assert found.headers["content-type"] == TYPES[path]
    assert found.headers["cache-control"] == "public, max-age=60, stale-if-error=86400"
    assert found.headers["vary"] == "Accept-Encoding"
    assert found.headers["access-control-allow-origin"] == "*"
    assert f'<{running.site.portal.base_url}{path}>; rel="self"' in found.headers["link"]
    assert found.headers["etag"].startswith('"')
    assert found.headers["last-modified"].endswith(" GMT")
    assert "default-src 'none'" in found.headers["content-security-policy"]
    assert {name: found.headers.get(name) for name in SAFETY} == SAFETY
    assert "set-cookie" not in found.headers
    assert "feedhub-stale" not in found.headers


@pytest.mark.parametrize("path", [*TYPES, f"{RSS}?limit=3", "/opml.xml", "/", "/rss/", "/articles/hard", "/rss/no.xml"])
@pytest.mark.parametrize("coding", ["identity", "gzip, br, zstd"])
def test_head_equals_get(running: Running, path: str, coding: str) -> None:
    got = running.get(path, Accept_Encoding=coding)
    head = running.get(path, "HEAD", Accept_Encoding=coding)
    assert head.body == b""
    assert head.status == got.status
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}
    assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize(
    "path", [*TYPES, f"{RSS}?limit=3", f"{RSS}?lang=zh", "/opml.xml", "/rss/", "/static/feedhub.css"]
)
@pytest.mark.parametrize("coding", ["identity", "gzip", "br, gzip", "zstd, gzip"])
def test_304_from_every_form_of_the_etag(running: Running, path: str, coding: str) -> None:
    full = running.get(path, Accept_Encoding=coding)
    etag = full.headers["etag"]
    bare = etag.strip('"').partition("-")[0]
    for condition in (
        etag,
        f"W/{etag}",
        f'"x", {etag}',
        f'"{bare}"',
        f'"{bare}-gz"',
        f'"{bare}-br"',
        f'"{bare}-zst"',
        "*",
    ):
        found = running.get(path, Accept_Encoding=coding, If_None_Match=condition)
        assert (found.status, found.body) == (304, b""), condition
        for name in ("etag", "vary", "cache-control", "content-security-policy"):
            assert found.headers[name] == full.headers[name]
    assert running.get(path, If_None_Match='"else"').status == 200


def test_not_modified_since(running: Running) -> None:
    moment = running.get(RSS).headers["last-modified"]
    assert running.get(RSS, If_Modified_Since=moment).status == 304
    assert running.get(RSS, If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT").status == 200
    assert running.get(RSS, If_Modified_Since=moment, If_None_Match='"else"').status == 200


@pytest.mark.parametrize(
    ("coding", "suffix", "unpack"),
    [("gzip", "gz", gzip.decompress), ("br", "br", brotli.decompress), ("zstd", "zst", zstandard.decompress)],
)
@pytest.mark.parametrize("path", [RSS, f"{RSS}?limit=30"])
def test_every_coding_is_the_same_feed(
    running: Running, path: str, coding: str, suffix: str, unpack: Callable[[bytes], bytes]
) -> None:
    plain, small = running.get(path), running.get(path, Accept_Encoding=f"deflate, {coding}, identity;q=0.5")
    assert small.headers["content-encoding"] == coding
    assert unpack(small.body) == plain.body
    assert len(small.body) < len(plain.body) / 3
    assert small.headers["etag"] == f'{plain.headers["etag"][:-1]}-{suffix}"'
    assert small.headers["last-modified"] == plain.headers["last-modified"]


def test_two_if_none_match_lines_are_one_list(running: Running) -> None:
    etag = running.get(RSS).headers["etag"]
    raw = running.raw(
        f"GET {RSS} HTTP/1.1\r\nHost: a\r\n".encode()
        + f'If-None-Match: "x"\r\nIf-None-Match: {etag}\r\nConnection: close\r\n\r\n'.encode()
    )
    assert raw.startswith(b"HTTP/1.1 304")


@pytest.mark.parametrize("value", ["bytes=0-9", "bytes=-5", "items=1-2"])
def test_range_is_ignored(running: Running, value: str) -> None:
    whole, part = running.get(RSS), running.get(RSS, Range=value)
    assert (part.status, part.body) == (200, whole.body)
    assert part.headers["accept-ranges"] == "none"


UNKEYED_HEADERS = {
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/evil", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Server": "evil.example",
    "Forwarded": "host=evil.example;proto=https", "X-Host": "evil.example", "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil", "X-HTTP-Method-Override": "DELETE", "X-Original-Host": "evil.example",
    "Origin": "https://evil.example", "Referer": "https://evil.example/", "Cookie": "a=b", "Accept": "text/html",
    "Accept-Language": "zh-CN", "User-Agent": "<script>", "X-Requested-With": "XMLHttpRequest", "Range": "bytes=0-1",
    "Authorization": "Basic YTpi", "Proxy": "http://evil.example", "Via": "evil", "Pragma": "no-cache",
    "Cache-Control": "no-cache", "X-Real-IP": "127.0.0.1",
}  # fmt: skip
UNKEYED_PARAMETERS = [
    "utm_source=x", "callback=evil", "format=html", "host=evil.example", "_=123", "url=//evil.example",
    "x=%0d%0aX-Evil:1",
    "a[]=1&a[]=2", "%00", "&&&", "=", "LIMIT=3", "limit", "limits=3", "xlang=zh", "limit=many", "lang=%3Cb%3E",
    "&".join(f"p{n}=1" for n in range(60)),
]  # fmt: skip


@pytest.mark.parametrize("name", UNKEYED_HEADERS)
def test_no_header_field_poisons_a_feed(running: Running, name: str) -> None:
    plain, tried = running.get(RSS), running.get(RSS, **{name.replace("-", "_"): UNKEYED_HEADERS[name]})
    assert (tried.status, tried.body) == (200, plain.body)
    assert {**tried.headers, "date": ""} == {**plain.headers, "date": ""}


@pytest.mark.parametrize("query", UNKEYED_PARAMETERS)
def test_no_unknown_parameter_poisons_a_feed(running: Running, query: str) -> None:
    plain, tried = running.get(RSS), running.get(f"{RSS}?{query}")
    assert (tried.status, tried.body) == (200, plain.body)
    assert {**tried.headers, "date": ""} == {**plain.headers, "date": ""}


@pytest.mark.parametrize(
    "path", [f"{RSS}?limit=2", "/search?q=title", "/json/search.json?q=title", "/sections/life/?size=1"]
)
def test_what_is_ignored_is_ignored_whatever_it_holds(running: Running, path: str) -> None:
    plain = running.get(path)
    for name in ("x=%00", "%00=1", "utm_source=%ff%fe", "x=%0d%0aX-Evil:1"):
        tried = running.get(f"{path}&{name}")
        assert (tried.status, tried.body) == (plain.status, plain.body) == (200, plain.body), name


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "[::1]:99", "127.0.0.1"])
@pytest.mark.parametrize(
    "path", [RSS, "/rss", "/sections/life", "/", "/articles/hard", "/sections/old-news/local/", "/no"]
)
def test_a_forged_host_reaches_nothing(running: Running, host: str, path: str) -> None:
    raw = running.raw(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    own = running.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nConnection: close\r\n\r\n".encode())
    assert b"evil" not in raw
    assert b"[::1]" not in raw
    assert raw.partition(b"\r\n\r\n")[2] == own.partition(b"\r\n\r\n")[2]


def test_a_forged_host_reaches_nothing_behind_another_server_either(running: Running) -> None:
    app = create_app(running.site)
    app.add_url_rule("/where", view_func=lambda: request.url)
    client = app.test_client()
    assert client.get("/where", base_url="https://evil.example/evil").text == f"{running.site.portal.base_url}/where"
    for path in ("/rss", "/sections/life", "/rss/old-news/local.xml", "/", "/nowhere"):
        fields = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
        found = client.get(path, headers=fields)
        assert "evil" not in found.text + str(found.headers)
    assert client.get(RSS, base_url="https://evil.example/evil").data == running.get(RSS).body


def test_limit_and_lang(running: Running) -> None:
    def count(path: str) -> int:
        return len(ElementTree.fromstring(running.get(path).body).findall(".//item"))

    assert count(RSS) == 50
    assert count(f"{RSS}?limit=3") == 3
    assert count(f"{RSS}?limit=0") == count(f"{RSS}?limit=-9") == 1
    assert count(f"{RSS}?limit=1000000000") == 61
    assert count(f"{RSS}?lang=zh") == 1
    feed = json.loads(running.get(f"/json/{LOCAL}.json?limit=2&lang=en").body)
    assert [item["language"] for item in feed["items"]] == ["en", "en"]
    assert feed["feed_url"].endswith(f"/json/{LOCAL}.json")
    cut = running.get(f"{RSS}?limit=3&utm=1")
    assert cut.headers["etag"] == running.get(f"{RSS}?%6cimit=3").headers["etag"] != running.get(RSS).headers["etag"]


@pytest.mark.parametrize("path", ["/rss/local.xml", "/atom/life/healht.xml", "/json/nothing.json", f"/rss/{LOCAL}.json",
                                  f"/rss/{LOCAL}", f"/rss/{LOCAL}.xml/", "/atom/x/../../etc/passwd", "/rss/%00.xml",
                                  "/opml/none.xml", "/rss/" + "a/" * 400 + "x.xml"])  # fmt: skip
def test_an_unknown_feed_is_404_in_plain_text(running: Running, path: str) -> None:
    found = running.get(path)
    assert found.status == 404
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert found.headers["cache-control"] == "public, max-age=60"
    assert "<" not in found.text


def test_404_names_the_nearest_feeds(running: Running) -> None:
    assert f"{running.site.portal.base_url}{RSS}" in running.get("/rss/local.xml").text
    assert "/atom/life/health.xml" in running.get("/atom/life/healht.xml").text


def test_a_former_address_leads_on(running: Running) -> None:
    found = running.get("/rss/old-news/local.xml?limit=5&x=1")
    assert (found.status, found.headers["location"]) == (301, f"{RSS}?limit=5")
    assert running.get("/json/old-news/local.json").headers["location"] == f"/json/{LOCAL}.json"
    assert running.get("/sections/old-news/local/").headers["location"] == f"/sections/{LOCAL}/"
    injected = running.get("/rss/old-news/local.xml?limit=%0d%0aX-Evil:%201")
    assert "x-evil" not in injected.headers
    assert injected.headers["location"] == f"{RSS}?limit=%0D%0AX-Evil%3A+1"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_get_and_head(running: Running, method: str) -> None:
    found = running.get(RSS, method, body=b"x=1")
    assert found.status == 405
    assert "GET" in found.headers["allow"]
    assert found.headers["content-type"].startswith("text/plain")


def test_a_script_elsewhere_may_ask_conditionally(running: Running) -> None:
    found = running.get(RSS, "OPTIONS", Origin="https://reader.example", Access_Control_Request_Headers="if-none-match")
    assert found.status == 204
    assert found.headers["access-control-allow-headers"] == "A-IM, If-None-Match, If-Modified-Since"
    assert "access-control-allow-credentials" not in found.headers


def test_opml(running: Running) -> None:
    found = running.get("/opml.xml")
    outlines = ElementTree.fromstring(found.body).findall(".//outline")
    assert [outline.get("xmlUrl") for outline in outlines] == [
        f"{running.site.portal.base_url}/rss/{section}.xml" for section in running.site.sections
    ]
    part = ElementTree.fromstring(running.get("/opml/life.xml").body).findall(".//outline")
    assert [outline.get("text") for outline in part] == ["Life", "Health"]


def test_before_the_first_rendering(start: Callable[..., Running]) -> None:
    fresh = start(render=False)
    found = fresh.get(RSS)
    assert (found.status, found.headers["retry-after"]) == (503, "1")
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert found.headers["cache-control"] == "no-store"
    ready = fresh.get("/readyz")
    assert ready.status == 503
    assert json.loads(ready.body)["checks"]["documents"] == "18 of 18 are still to be made"
    render_due(fresh.store, fresh.style, StillClock())
    assert fresh.get(RSS).status == 200
    silent = json.loads(fresh.get("/readyz").body)
    assert silent["checks"]["worker"] == "no worker runs"
    with fresh.store.write() as tx:
        set_last_tick(tx, datetime.now(UTC))
    assert json.loads(fresh.get("/readyz").body)["ready"] is True
    with fresh.store.write() as tx:
        set_last_tick(tx, datetime.now(UTC) - timedelta(minutes=2))
    assert fresh.get("/readyz").status == 503


def test_a_change_is_seen_within_half_a_second_and_a_withdrawal_at_once(start: Callable[..., Running]) -> None:
    running = start()
    before = running.get(RSS)
    clock = StillClock(NOW + timedelta(seconds=30))
    with running.store.write() as tx:
        put_article(tx, an_article("fresh", published=NOW, updated=NOW), now=clock.now(), late=True, by="test")
        withdraw_article(tx, "n00", now=clock.now(), by="test", reason="wrong")
    assert running.get("/articles/n00").status == 410
    assert render_due(running.store, running.style, clock)
    written = time.monotonic()
    while running.get(RSS).headers["etag"] == before.headers["etag"]:
        assert time.monotonic() - written < 2
        time.sleep(0.02)
    assert time.monotonic() - written < 1.0  # 0.5 s promised; twice that on a busy machine
    after = running.get(RSS)
    assert b"/articles/fresh" in after.body
    assert b"/articles/n00" not in after.body
    assert running.get(RSS, If_None_Match=before.headers["etag"]).status == 200
