"""/hub/events on a real server: told as it comes, resumed where it was, polled, bounded, ended with the server."""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from feedhub.errors import StoreAway
from feedhub.publish.announcing import Announcement, announcement_since
from feedhub.publish.render import render_due
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.changes import announced_since
from feedhub.store.documents import generations, get_document
from feedhub.web import streams
from feedhub.web.front import StreamBounds
from tests.kit import LOCAL, NOW, StillClock, an_article, open_store
from tests.web.conftest import Running, a_portal, build, served, the_style
from tests.web.test_door import open_lines

RSS = f"/rss/{LOCAL}.xml"
RENDERING = StillClock(datetime.now(UTC))


def publish(site: Running, id_: str, **values: Any) -> None:
    with site.store.write() as tx:
        now = datetime.now(UTC)
        piece = an_article(id_, **({"published": now, "updated": now} | values))
        put_article(tx, piece, now=now, late=False, by="test")
    render(site)


def withdraw(site: Running, id_: str) -> None:
    with site.store.write() as tx:
        withdraw_article(tx, id_, now=datetime.now(UTC), by="test", reason="wrong\nperson")
    render(site)


def render(site: Running) -> None:
    # A document changes once a second at most (SEMANTICS 3): the renderer's clock runs ahead.
    RENDERING.instant = max(RENDERING.instant, datetime.now(UTC)) + timedelta(seconds=2)
    render_due(site.store, site.style, RENDERING)


class Listener:
    """An open stream."""

    def __init__(self, site: Running, topic: str = RSS, more: str = "", **headers: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        where = quote(site.site.portal.base_url + topic, safe="")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.line.request("GET", f"/hub/events?topic={where}{more}", headers={"Accept": "text/event-stream"} | named)
        self.reply = self.line.getresponse()

    def next(self) -> dict[str, str]:
        """The fields of the next block; comments are left out."""
        found: dict[str, str] = {}
        while line := self.reply.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            if name:
                found[name] = value
        return found or self.next()

    def close(self) -> None:
        self.reply.close()
        self.line.close()


@contextmanager
def listening(*args: Any, **more: str) -> Iterator[Listener]:
    listener = Listener(*args, **more)
    try:
        yield listener
    finally:
        listener.close()


def poll(site: Running, more: str, topic: str = RSS, **fields: str) -> tuple[int, Any]:
    where = quote(site.site.portal.base_url + topic, safe="")
    found = site.get(f"/hub/events?topic={where}{more}", Accept="application/json", **fields)
    return found.status, json.loads(found.body) if found.status == 200 else found.text


def test_what_comes_is_told_and_resumed(start: Callable[..., Running]) -> None:
    site = start()
    with listening(site) as one:
        assert one.reply.status == 200 and one.reply.headers["content-type"] == "text/event-stream"
        first = one.next()
        assert set(first) == {"retry", "id"}
        publish(site, "fresh", title="Zwei\nZeilen: 衡阳")
        event = one.next()
        told = json.loads(event["data"])
        assert int(event["id"]) == told["seq"] > int(first["id"])
        assert told["topic"] == site.site.portal.base_url + RSS
        (change,) = told["changes"]
        assert (change["kind"], change["item"]["id"]) == ("published", "tag:example.org,2018:article/fresh")
        in_feed = json.loads(site.get(f"/json/{LOCAL}.json").body)["items"][0]
        assert change["item"] == in_feed
    publish(site, "fresh", title="Corrected")
    withdraw(site, "n00")
    publish(site, "brief")
    withdraw(site, "brief")
    for way in ({"Last_Event_ID": event["id"]}, {}):
        with listening(site, RSS, "" if way else f"&lastEventId={event['id']}", **way) as one:
            assert one.next()["id"] == event["id"]
            told = json.loads(one.next()["data"])
        kinds = [(it["kind"], it.get("id") or it["item"]["id"]) for it in told["changes"]]
        name = "tag:example.org,2018:article/"
        assert kinds == [
            ("corrected", f"{name}fresh"), ("withdrawn", f"{name}n00"), ("withdrawn", f"{name}brief")
        ]  # fmt: skip
        assert told["changes"][1]["reason"] == "wrong person" and "item" not in told["changes"][1]


def test_polls_answer_at_once_or_wait(start: Callable[..., Running]) -> None:
    site = start()
    status, here = poll(site, "")
    assert status == 200 and here["changes"] == []
    began = time.monotonic()
    status, nothing = poll(site, f"&since={here['seq']}&wait=1")
    assert nothing == here and 0.9 < time.monotonic() - began < 3
    threading.Timer(0.5, publish, (site, "soon")).start()
    _, told = poll(site, f"&since={here['seq']}&wait=600")
    assert [it["item"]["title"] for it in told["changes"]] == ["Title soon"] and told["seq"] > here["seq"]
    assert poll(site, f"&since={here['seq']}&wait=30")[1] == told  # at once
    _, first = poll(site, "&since=0&mode=poll")
    assert len(first["changes"]) == 50 and first["more"] is True
    _, second = poll(site, f"&since={first['seq']}")
    assert "more" not in second and second["seq"] == told["seq"]
    ids = [it["item"]["id"] for it in [*first["changes"], *second["changes"]]]
    with site.store.read() as tx:
        standing = announced_since(tx, LOCAL, 0, second["seq"], 5000)
    assert [it.rpartition("/")[2] for it in ids] == [one.article_id for one in standing] and len(ids) >= 60


def test_news_that_could_not_be_read_are_read_again(
    start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = start()
    away = [True]

    def read(*arguments: Any) -> Announcement:
        if away:
            away.clear()
            raise StoreAway("it is away")
        return announcement_since(*arguments)

    monkeypatch.setattr(streams, "announcement_since", read)
    with listening(site) as one:
        place = one.next()["id"]
        publish(site, "fresh")
        assert one.reply.read() == b""  # it ends, and its listener comes back with its place
    with listening(site, Last_Event_ID=place) as one:
        one.next()
        assert "Title fresh" in one.next()["data"]


def test_a_look_that_failed_ends_no_watch(start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    site = start()
    broken = [True]

    def look(*arguments: Any) -> dict[str, int]:
        if broken:
            broken.clear()
            raise ArithmeticError
        return generations(*arguments)

    monkeypatch.setattr(streams, "generations", look)
    with listening(site) as one:
        one.next()
        publish(site, "fresh")
        assert "Title fresh" in one.next()["data"]


def test_a_line_without_news_is_heard_of(start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.3)
    site = start()
    with listening(site) as one:
        one.next()
        assert [one.reply.readline() for _ in range(4)] == [b": here\n", b"\n"] * 2


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("topic=", 400), ("topic=http://other.example/x.xml", 404), ("topic=/rss/all.xml", 404)],
)
def test_who_is_turned_away(running: Running, query: str, status: int) -> None:
    found = running.get(f"/hub/events?{query}")
    assert (found.status, found.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert "content-security-policy" in found.headers
    assert running.get("/hub/events", method="POST", body=b"x").status == 405


def test_streams_are_counted(tmp_path: Any) -> None:
    site, style = build(tmp_path)
    object.__setattr__(site, "streams", StreamBounds(all=2, address=1))
    with served(site, style) as running, listening(running), listening(running):
        assert poll(running, "")[0] == 503
    assert running.get  # the server has ended with streams open, within its time


@pytest.mark.long
def test_a_thousand_streams_hold_nobody_up(start: Callable[..., Running]) -> None:
    """SEMANTICS 31; then one change reaches all of them, and the server ends in time."""
    site = start()
    where = quote(site.site.portal.base_url + RSS, safe="")
    ask = f"GET /hub/events?topic={where} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    with ExitStack() as stack:
        lines = stack.enter_context(open_lines(site.port, 1000, ask))
        for line in lines:
            assert line.recv(4096).startswith(b"HTTP/1.1 200")
        spans = []
        for _ in range(100):
            began = time.monotonic()
            assert site.get("/healthz").status == 200
            spans.append(time.monotonic() - began)
        assert statistics.quantiles(spans, n=100)[98] < 1
        publish(site, "wide")
        for line in lines:
            line.settimeout(10)
            found = b""
            while b"Title wide" not in found:
                piece = line.recv(65536)
                assert piece
                found += piece


def test_news_on_both_databases(store_url: str) -> None:
    store = open_store(store_url)
    portal = a_portal(8080)
    style = the_style(store, portal)
    clock = StillClock(NOW)
    with store.write() as tx:
        for number in range(3):
            put_article(tx, an_article(f"a{number}"), now=NOW, late=False, by="test")
    render_due(store, style, clock)
    with store.write() as tx:
        withdraw_article(tx, "a1", now=NOW, by="test", reason=None)
        put_article(tx, an_article("a2", title="Better"), now=NOW, late=False, by="test")
    clock.pass_(seconds=5)
    with store.read() as tx:  # told as far as the document goes
        document = get_document(tx, RSS)
        assert document is not None
        assert announcement_since(tx, document, document.generation, portal).changes == ()
    render_due(store, style, clock)
    with store.read() as tx:
        moved = get_document(tx, RSS)
        assert moved is not None
        news = announcement_since(tx, moved, document.generation, portal)
    assert [json.loads(line)["kind"] for line in news.changes] == ["withdrawn", "corrected"]
    assert (news.seq, news.more, news.lost) == (moved.generation, False, False)
    store.close()
