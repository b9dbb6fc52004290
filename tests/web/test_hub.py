"""/hub over HTTP: what is answered, and how feeds advertise it (WebSub §4, §5.1)."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest
from lxml import etree

from feedhub.store.subscription_requests import list_requests
from tests.kit import LOCAL
from tests.web.conftest import Reply, Running

FORM = "application/x-www-form-urlencoded"
FEEDS = {"rss": f"/rss/{LOCAL}.xml", "atom": f"/atom/{LOCAL}.xml", "json": f"/json/{LOCAL}.json"}
ATOM = "{http://www.w3.org/2005/Atom}link"


def ask(running: Running, content_type: str = FORM, **form: str) -> Reply:
    topic = running.site.portal.base_url + FEEDS["rss"]
    whole = {"hub_mode": "subscribe", "hub_topic": topic, "hub_callback": "https://s.example/cb"} | form
    body = urlencode({name.replace("_", ".", 1): value for name, value in whole.items() if value}).encode()
    return running.get("/hub", method="POST", body=body, Content_Type=content_type)


def test_accepted_is_202_whatever_the_callback_will_say(running: Running) -> None:
    for callback in ("https://s.example/cb", "https://nobody.invalid/"):
        reply = ask(running, hub_callback=callback, foo="bar", hub_foo="bar")
        assert (reply.status, reply.headers["content-type"]) == (202, "text/plain; charset=utf-8")
        assert reply.headers["cache-control"] == "no-store"
    with running.store.read() as tx:
        assert list_requests(tx, limit=1)[0].callback == "https://nobody.invalid/"


@pytest.mark.parametrize(
    ("status", "said", "form"),
    [
        (400, "hub.mode", {"hub_mode": "dance"}),
        (400, "hub.topic is missing", {"hub_topic": ""}),
        (400, "hub.callback is missing", {"hub_callback": ""}),
        (400, "Content-Type", {"content_type": "application/json"}),
        (404, "does not serve", {"hub_topic": "https://other.example/feed.xml"}),
        (422, "loopback", {"hub_callback": "http://127.0.0.1/"}),
        (422, "scheme|fetched", {"hub_callback": "ftp://s.example/"}),
        (422, "200 bytes", {"hub_secret": "s" * 200}),
    ],
)
def test_an_error_says_in_plain_text_what_is_wrong(
    running: Running, status: int, said: str, form: dict[str, str]
) -> None:
    reply = ask(running, **form)
    assert (reply.status, reply.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert re.search(said, reply.text)


def test_markup_in_a_request_is_not_markup_in_the_answer(running: Running) -> None:
    reply = ask(running, hub_mode="<script>alert(1)</script>")
    assert (
        reply.headers["content-type"].startswith("text/plain") and reply.headers["x-content-type-options"] == "nosniff"
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PUT", "/hub", 405, "GET, HEAD, OPTIONS, POST"),
        ("GET", "/rsscloud/pleaseNotify", 405, "OPTIONS, POST"),
        ("GET", "/RPC2", 405, "OPTIONS, POST"),
        ("POST", "/hub/subscriptions", 405, "GET, HEAD, OPTIONS"),
        ("GET", "/hub/nothing", 404, None),
        ("GET", "/hub/in/a%00b", 404, None),
        ("GET", "/hub/events?topic=http://127.0.0.1/%00", 404, None),
    ],
)
def test_programs_are_refused_in_plain_text(
    running: Running, method: str, path: str, status: int, allow: str | None
) -> None:
    reply = running.get(path, method=method)
    assert (reply.status, reply.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert reply.headers.get("allow") == allow
    assert "only answers GET" not in reply.text or allow == "GET, HEAD, OPTIONS"


def test_a_nul_is_nowhere_read(running: Running) -> None:
    for path, status in (("/articles/a%00b", 404), ("/sections/%00/", 404), ("/search?q=a%00", 400)):
        found = running.get(path)
        assert found.status == status
        assert b"\0" not in found.body


def test_a_ping_is_taken(running: Running) -> None:
    topic = running.site.portal.base_url + FEEDS["rss"]
    for form in ({"hub_url": topic, "hub_topic": ""}, {"hub_topic": topic}):
        assert ask(running, hub_mode="publish", hub_callback="", **form).status == 202
    assert ask(running, hub_mode="publish", hub_topic="https://other.example/").status == 404


def test_people_get_a_page_and_programs_a_line(running: Running) -> None:
    page = running.get("/hub", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert page.headers["content-type"].startswith("text/html") and "How to subscribe" in page.text
    for accept in ("*/*", "text/plain", "application/json"):
        line = running.get("/hub", Accept=accept)
        assert (line.status, line.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert "Accept" in line.headers["vary"]


def test_every_feed_names_one_hub_and_one_self(running: Running) -> None:
    base = running.site.portal.base_url
    for format_, path in FEEDS.items():
        for method in ("GET", "HEAD"):
            reply = running.get(path, method=method)
            assert [name for name, _ in reply.fields].count("link") == 1
            links = re.findall(r'<([^>]+)>; rel="(hub|self)"', reply.headers["link"])
            assert sorted(links) == sorted([(base + path, "self"), (f"{base}/hub", "hub")])
        body = running.get(path).body
        if format_ == "json":
            assert json.loads(body)["hubs"] == [{"type": "WebSub", "url": f"{base}/hub"}]
            assert json.loads(body)["feed_url"] == base + path
        else:
            root = etree.fromstring(body)
            found = [(it.get("rel"), it.get("href")) for it in (root if format_ == "atom" else root[0]).iter(ATOM)]
            assert [href for rel, href in found if rel == "hub"] == [f"{base}/hub"]
            assert [href for rel, href in found if rel == "self"] == [base + path]


def test_what_is_no_topic_names_no_hub(running: Running) -> None:
    for path in ("/", "/rss/", f"/sections/{LOCAL}/", "/articles/n00", "/rss/search.xml?q=body"):
        reply = running.get(path)
        assert reply.status == 200
        assert 'rel="hub"' not in reply.headers.get("link", "") and 'rel="hub"' not in reply.text
