"""The hub in the running service: subscribed over HTTP, verified, pushed within seconds, shown by the commands."""

from __future__ import annotations

import hmac
import json
import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.flows.conftest import Home
from tests.hub.receivers import Receivers

TOPIC = "/rss/life/health.xml"
SECRET = "a secret that is never shown"


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    made = Receivers()
    yield made
    made.close()


@pytest.fixture
def pushing(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    home.environ["FEEDHUB__NET__CALLBACK_REACH__ALLOW"] = '["127.0.0.0/8"]'
    yield home
    if home.process is not None:
        home.stop(9)


def ask(home: Home, **form: str) -> tuple[int, str]:
    body = urlencode({name.replace("_", ".", 1): value for name, value in form.items()}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(home.base + "/hub", body), timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.long
def test_an_article_reaches_a_subscriber_within_seconds(pushing: Home, receivers: Receivers) -> None:
    pushing.start()
    found = pushing.get(TOPIC)
    links = {rel: href for href, rel in re.findall(r'<([^>]+)>; rel="(self|hub)"', found.headers["link"])}
    assert links == {"self": pushing.base + TOPIC, "hub": pushing.base + "/hub"}
    callback = receivers.at("a", "?mine=1")
    form = {"hub_topic": links["self"], "hub_callback": callback, "hub_secret": SECRET}
    assert ask(pushing, hub_mode="subscribe", **form)[0] == 202
    pushing.wait(lambda: pushing.json("hub", "list"), 10)
    add = ("article", "add", "--section", "life/health", "--text", "From Monday at every clinic.")
    pushing.run(*add, "--title", "Flu vaccine arrives", "--id", "flu")
    (delivery,) = pushing.wait(lambda: receivers.deliveries["a"], 10)
    # What is in the store is in the web server's memory within half a second (SEMANTICS 2).
    pushing.wait(lambda: delivery.body == pushing.get(TOPIC).body, 5)
    assert b"Flu vaccine arrives" in delivery.body
    assert delivery.target == "/a?mine=1"
    signed = hmac.new(SECRET.encode(), delivery.body, "sha256").hexdigest()
    assert delivery.headers["x-hub-signature"] == f"sha256={signed}"

    (shown,) = pushing.wait(
        lambda: [one for one in pushing.json("hub", "list") if one["acked_seq"] == delivery.seq], 10
    )
    assert (shown["state"], shown["signed"], shown["last_status"]) == ("active", True, 200)
    words = "".join(
        pushing.run("hub", *words).stdout
        for words in (("list",), ("show", shown["id"]), ("deliveries",), ("list", "--requests"))
    )
    assert callback in words and "verified" in words
    assert SECRET not in words + pushing.log.read_text() + str(shown) + str(pushing.json("hub", "show", shown["id"]))

    pushing.run("hub", "replay", shown["id"], "--since", "0")
    pushing.wait(lambda: len(receivers.deliveries["a"]) >= 2, 10)
    tried = pushing.run("hub", "test-callback", receivers.at("b"))
    assert "anybody can subscribe it" in tried.stdout
    receivers.behave["b"].status = 500
    failed = pushing.run("hub", "test-callback", receivers.at("b"), check=False)
    assert (failed.returncode, "no  delivery: it answered 500" in failed.stdout) == (1, True)
    pushing.run("hub", "deny", shown["id"], "--reason", "no agreement")
    denied = dict(receivers.verifications["a"][-1].query)
    assert (denied["hub.mode"], denied["hub.reason"], denied["mine"]) == ("denied", "no agreement", "1")
    assert [one["state"] for one in pushing.json("hub", "list")] == ["denied"]
    assert pushing.stop() == 0


@pytest.mark.long
def test_what_is_wrong_is_said_in_plain_words(pushing: Home, receivers: Receivers) -> None:
    pushing.start()
    topic, callback = pushing.base + TOPIC, receivers.at("a")
    whole = {"hub_mode": "subscribe", "hub_topic": topic, "hub_callback": callback}
    for status, word, form in (
        (400, "hub.mode", whole | {"hub_mode": "dance"}),
        (400, "hub.callback is missing", whole | {"hub_callback": ""}),
        (404, "does not serve", whole | {"hub_topic": "http://other.example/feed.xml"}),
        (404, "no parameters", whole | {"hub_topic": topic + "?limit=3"}),
        (422, "callback", whole | {"hub_callback": "ftp://127.0.0.1/x"}),
        (422, "callback", whole | {"hub_callback": "http://10.0.0.1/x"}),
        (422, "200 bytes", whole | {"hub_secret": "s" * 200}),
    ):
        got, said = ask(pushing, **form)
        assert (got, word in said) == (status, True), (got, said)
    assert ask(pushing, **whole, hub_secret="s" * 199)[0] == 202
    assert ask(pushing, hub_mode="publish", hub_url=topic)[0] == 202
    assert "How to subscribe" in pushing.get("/hub", Accept="text/html").text
    assert pushing.get("/hub", Accept="*/*").headers["content-type"].startswith("text/plain")


@pytest.mark.long
def test_a_worker_that_stops_is_an_alarm_within_a_minute(home: Home) -> None:
    """The process is stopped, not ended: it would answer every question about itself with silence."""
    home.start()
    home.wait(lambda: json.loads(home.get("/readyz").body)["checks"]["pushes"] == "ok", 10)
    add = ("article", "add", "--section", "life/health", "--text", "From Monday at every clinic.", "--title")
    home.run(*add, "Flu vaccine arrives")
    (row,) = home.wait(lambda: [it for it in home.json("hub", "canary") if it["topic"] == TOPIC and it["received"]], 20)
    assert row["spans"]["p99"] < 15_000 and not row["late"]
    assert f'feedhub_push_received_total{{topic="{TOPIC}"}} 1' in home.get("/metrics").text
    worker = child_of(home, "worker")
    try:
        for _ in range(10):
            os.kill(worker, signal.SIGSTOP)
            began = time.monotonic()
            if home.run(*add, "Clinics open on Sunday", check=False).returncode == 0:
                break
            os.kill(worker, signal.SIGCONT)  # it was stopped while it held the lock of the database
            time.sleep(0.3)
        home.wait(lambda: "late at" in json.loads(home.get("/readyz").body)["checks"]["pushes"], 60)
        assert time.monotonic() - began < 60
        assert "\nfeedhub_push_late_topics 0\n" not in home.get("/metrics").text
    finally:
        os.kill(worker, signal.SIGCONT)
    home.wait(lambda: json.loads(home.get("/readyz").body)["checks"]["pushes"] == "ok", 30)


def child_of(home: Home, word: str) -> int:
    """The process of the service whose command line has the word."""
    assert home.process is not None
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == home.process.pid and word.encode() in words:
            return int(folder.name)
    raise AssertionError(f"there is no {word}")
