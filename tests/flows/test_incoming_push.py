"""A real hub on loopback: the running service subscribes to it, is verified, and takes in what it delivers."""

from __future__ import annotations

import hmac
import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from tests.flows.conftest import Answer, Home, Origin, rss

ONE = ("1", "http://news.example/1.html", "Story one", "<p>What the first story says is told at some length.</p>")
TWO = ("2", "http://news.example/2.html", "Story two", "<p>The second has other words, and enough of them too.</p>")


class Hub:
    """Takes subscriptions, verifies each before it answers, as a hub may, and delivers when told to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.verified: list[bool] = []
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                asked = {name: values[0] for name, values in form.items()}
                hub.asked.append(asked)
                query = {"hub.mode": asked["hub.mode"], "hub.topic": asked["hub.topic"], "hub.challenge": "c" * 32}
                query["hub.lease_seconds"] = asked["hub.lease_seconds"]
                with urllib.request.urlopen(f"{asked['hub.callback']}?{urlencode(query)}", timeout=10) as reply:
                    hub.verified.append(reply.read() == b"c" * 32)
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def deliver(self, body: bytes, secret: str | None = None) -> int:
        key = (secret or self.asked[-1]["hub.secret"]).encode()
        fields = {"X-Hub-Signature": f"sha256={hmac.new(key, body, 'sha256').hexdigest()}", "Content-Type": "text/xml"}
        request = urllib.request.Request(self.asked[-1]["hub.callback"], body, fields)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as error:
            return error.code

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub()
    yield server
    server.close()


@pytest.mark.long
def test_a_push_is_published_within_seconds(home: Home, origin: Origin, hub: Hub) -> None:
    links = f'<{hub.url}>; rel="hub", <{origin.url("/feed.xml")}>; rel="self"'
    origin.answers["/feed.xml"] = Answer(rss(ONE), headers={"Link": links})
    home.start()
    where = ("--section", "current-news/hot-news/local", "--language", "en", "--policy", "auto", "--every", "1h")
    home.run("source", "add", origin.url("/feed.xml"), "--key", "pushed", *where, "--yes")
    home.wait(lambda: hub.verified == [True], 20)
    polls = len(origin.requests)

    def titles() -> list[str]:
        return [one["title"] for one in home.json("entry", "list", "--source", "pushed", "--state", "published")]

    assert hub.deliver(rss(TWO), "no secret of ours") == 202
    assert hub.deliver(rss(TWO)) == 202
    home.wait(lambda: titles() == ["Story two", "Story one"], 10)
    assert len(origin.requests) == polls
    shown = home.json("source", "show", "pushed")["pushes"]
    (one,) = shown["subscriptions"]
    assert (one["hub"], one["state"]) == (hub.url, "active")
    tally = shown["tally"]
    assert (tally["pushes"], tally["push_news"], tally["refused"]) == (1, 1, 1)
    said = home.run("source", "show", "pushed").stdout
    assert f"subscribed at {hub.url} until" in said and "1 pushes brought 1 items" in said
    for secret in (hub.asked[-1]["hub.secret"], hub.asked[-1]["hub.callback"].rpartition("/")[2]):
        assert secret not in said and secret not in home.log.read_text()
    assert "pushed by the hub" in home.run("source", "history", "pushed").stdout
