"""Incoming WebSub: what is advertised, which push is genuine, and how pushes change polls (WEBSUB 45 to 59)."""

from __future__ import annotations

import hmac
from concurrent.futures import Future
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedhub.errors import FetchError
from feedhub.ingest.incoming import advertised, genuine, lease_of, may_call_us
from feedhub.ingest.pushed import walk_pushes
from feedhub.ingest.subscribing import walk_subscriptions
from feedhub.model.extract import Extract
from feedhub.model.incoming import Incoming, PushTally
from feedhub.model.item import ParsedFeed
from feedhub.model.poll import Poll
from feedhub.model.section import Portal
from feedhub.model.source import Schedule
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.engine import Store
from feedhub.store.incoming import subscriptions
from feedhub.store.pushes import due_pushes, tally_of
from feedhub.store.raw_documents import list_raw
from feedhub.store.sources import get_state, set_condition
from feedhub.web import incoming
from feedhub.web.front import Front
from tests.ingest.polling import URL, Watched, answer
from tests.kit import a_source

HUB = "https://hub.example/"
BODY = "<item><guid>{0}</guid><title>Story number {0}</title></item>"


def rss(*numbers: int, hub: str = HUB) -> str:
    links = f'<a:link rel="hub" href="{hub}"/><a:link rel="self" href="{URL}"/>' if hub else ""
    head = f'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>T</title>{links}'
    return head + "".join(BODY.format(n) for n in numbers) + "</channel></rss>"


# --- decisions ---------------------------------------------------------------------------------------------------


def test_headers_beat_the_document_and_https_hubs_are_preferred() -> None:
    feed = ParsedFeed(version="rss20", hubs=("http://a/", "https://b/"), self_url="http://t/doc")
    found = advertised({}, feed, URL)
    assert found is not None and (found.hub, found.topic) == ("https://b/", "http://t/doc")
    field = '</h>; rel="x hub", <http://t/head>; title="a, b"; rel=self'
    found = advertised({"link": field}, feed, URL)
    assert found is not None and (found.hub, found.topic) == ("http://site.example/h", "http://t/head")
    assert advertised({}, ParsedFeed(version="rss20", hubs=("http://a/",)), URL) is None
    assert advertised({"link": "<javascript:x>; rel=hub, <<<>; rel"}, ParsedFeed(version="rss20"), URL) is None


def test_a_hub_is_only_told_of_a_callback_that_it_can_reach() -> None:
    assert may_call_us("https://feeds.example.org", HUB)
    for at_home in (
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://feedhub.local",
        "http://[::1]",
        "http://box",
    ):
        assert not may_call_us(at_home, HUB)
        assert may_call_us(at_home, "http://10.0.0.7/hub")


def signed(body: bytes, secret: str, method: str = "sha256") -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_the_signature_is_that_of_its_own_method(method: str) -> None:
    assert genuine(signed(b"x", "s", method), "s", b"x", sha1=False) == "good"
    assert genuine(signed(b"x", "s", method).upper(), "s", b"x", sha1=False) == "good"
    assert genuine(signed(b"y", "s", method), "s", b"x", sha1=False) == "wrong"
    assert genuine(signed(b"x", "t", method), "s", b"x", sha1=False) == "wrong"


def test_sha1_and_nonsense_are_wrong() -> None:
    assert genuine(signed(b"x", "s", "sha1"), "s", b"x", sha1=False) == "wrong"
    assert genuine(signed(b"x", "s", "sha1"), "s", b"x", sha1=True) == "good"
    assert genuine(None, "s", b"x", sha1=True) == genuine("", "s", b"x", sha1=True) == "missing"
    for odd in ("md5=0", "sha256", "sha256=", "=", "shake_128=00", "sha256=\u00e9"):
        assert genuine(odd, "s", b"x", sha1=False) == "wrong"


def test_leases_are_kept_within_bounds() -> None:
    for said, days in (("86400", 1), (None, 10), ("soon", 10), ("-1", 10), ("1", 1 / 24), ("9" * 12, 30)):
        assert lease_of(said) == timedelta(days=days)


# --- the whole way -----------------------------------------------------------------------------------------------


class Hub:
    """A Web whose POSTs go to a hub that answers as it is told; all else is the source."""

    def __init__(self, watched: Watched) -> None:
        self.source, self.status = watched.web, 202
        self.asked: list[dict[str, str]] = []

    def send(self, request: WebRequest) -> WebResponse:
        if request.method != "POST":
            return self.source.send(request)
        if not self.status:
            raise FetchError("away", url=request.url, code="unreachable")
        self.asked.append({name: values[0] for name, values in parse_qs((request.body or b"").decode()).items()})
        return WebResponse(request.url, self.status, {}, b"no more than this")

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        raise NotImplementedError


class CountingDice:
    def __init__(self) -> None:
        self.thrown = 0

    def fraction(self) -> float:
        return 0.5

    def token(self) -> str:
        self.thrown += 1
        return f"{self.thrown:043d}"


class World:
    """A source with a hub, and our web side."""

    def __init__(self, store: Store, **declared: object) -> None:
        plain: dict[str, object] = {"schedule": Schedule(adaptive=(timedelta(minutes=15), timedelta(hours=4)))}
        self.store, self.watched = store, Watched(store, a_source(url=URL, **(plain | declared)))
        self.clock, self.hub = self.watched.clock, Hub(self.watched)
        for name, value in (("web", self.hub), ("dice", CountingDice()), ("base_url", "https://feeds.example")):
            object.__setattr__(self.watched.ingest, name, value)
        app = Flask("test")
        portal = Portal("p", "P", "en", "UTC", "", "", None, "https://feeds.example", (), {})
        incoming.register(
            app,
            Front(portal=portal, store=store, clock=self.clock, cache=None, style_directory=None),  # type: ignore[arg-type]
        )
        self.web: FlaskClient = app.test_client()

    def poll(self, body: str) -> Poll:
        return self.watched.poll(answer(body=body))

    def walk(self) -> list[str]:
        return walk_subscriptions(self.watched.ingest)

    def pushes(self) -> list[Poll]:
        return walk_pushes(self.watched.ingest, "me")

    @property
    def subs(self) -> list[Incoming]:
        with self.store.read() as tx:
            return subscriptions(tx, "s1")

    @property
    def tally(self) -> PushTally:
        with self.store.read() as tx:
            return tally_of(tx, "s1") or PushTally()

    def verify(self, asked: dict[str, str], **other: str) -> tuple[int, str]:
        query = {"hub.mode": asked["hub.mode"], "hub.topic": asked["hub.topic"], "hub.challenge": "echo<me>"}
        query |= {f"hub.{name}": value for name, value in other.items()}
        reply = self.web.get(asked["hub.callback"].removeprefix("https://feeds.example"), query_string=query)
        assert reply.content_type.startswith("text/plain")
        return reply.status_code, reply.get_data(as_text=True)

    def subscribe(self) -> dict[str, str]:
        self.poll(rss(1))
        self.walk()
        assert self.verify(self.hub.asked[-1], lease_seconds="864000") == (200, "echo<me>")
        return self.hub.asked[-1]

    def push(self, asked: dict[str, str], body: str, signature: str | None = "", **headers: str) -> int:
        raw = body.encode()
        fields = dict(headers)
        if signature is not None:
            fields["X-Hub-Signature"] = signature or signed(raw, asked["hub.secret"])
        path = asked["hub.callback"].removeprefix("https://feeds.example")
        return self.web.post(path, data=raw, headers=fields, content_type="application/rss+xml").status_code


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def test_a_hub_is_asked_verified_and_its_push_is_taken_like_a_poll(world: World) -> None:
    poll = world.poll(rss(1))
    assert any("it names the hub https://hub.example/" in note for note in poll.notes)
    assert world.walk() == ["source s1: subscribe at https://hub.example/: asked"]
    (asked,) = world.hub.asked
    assert asked["hub.topic"] == URL and asked["hub.lease_seconds"] == "864000"
    assert 20 <= len(asked["hub.secret"]) < 200
    assert asked["hub.callback"].startswith("https://feeds.example/hub/in/") and len(asked["hub.callback"]) > 70
    assert world.push(asked, rss(2)) == 410  # not before it is verified
    assert world.verify(asked | {"hub.topic": "http://other/"})[0] == 404
    assert world.verify(asked | {"hub.mode": "unsubscribe"})[0] == 404
    assert world.verify(asked, lease_seconds="864000") == (200, "echo<me>")
    assert world.verify(asked)[0] == 404  # it is pending no more
    before = world.watched.state
    assert world.push(asked, rss(1, 2)) == 202
    (poll,) = world.pushes()
    assert [line.outcome for line in poll.lines] == ["unchanged", "published"]
    assert poll.notes[0] == "pushed by the hub https://hub.example/"
    after = world.watched.state
    assert (after.next_due, after.body_digest, after.lease_until) == (before.next_due, before.body_digest, None)
    assert world.poll(rss(1, 2)).count("unchanged") == 2
    tally = world.tally
    assert (tally.pushes, tally.push_news, tally.poll_news, tally.last_push) == (1, 1, 0, world.clock.now())
    assert not any("it names the hub" in note for note in world.poll(rss(1, 2, 3)).notes)


def test_a_list_page_that_names_a_hub_is_pushed_as_a_list_page(store: Store) -> None:
    world = World(store, kind="html", extract=Extract(item="li", title="a", link="a"))

    def page(*numbers: int) -> str:
        links = f"<link rel='hub' href='{HUB}'><link rel=\"self\" href='{URL}'>"
        rows = "".join(f"<li><a href='/{n}.html'>Story number {n}</a></li>" for n in numbers)
        return f"<html><head>{links}</head><ul>{rows}<li></li></ul></html>"

    poll = world.watched.poll(answer(body=page(1, 2, 3), content_type="text/html"))
    assert any("it names the hub https://hub.example/" in note for note in poll.notes)
    world.walk()
    (asked,) = world.hub.asked
    assert asked["hub.topic"] == URL
    assert world.verify(asked, lease_seconds="864000")[0] == 200
    body = page(4, 1, 2)
    path = asked["hub.callback"].removeprefix("https://feeds.example")
    fields = {"X-Hub-Signature": signed(body.encode(), asked["hub.secret"])}
    assert world.web.post(path, data=body.encode(), headers=fields, content_type="text/html").status_code == 202
    (pushed,) = world.pushes()
    assert [line.outcome for line in pushed.lines] == ["published", "unchanged", "unchanged", "dropped"]
    with store.read() as tx:
        assert len(list_raw(tx, "s1")) == 2, "what was pushed is kept as it came, too"


def test_forged_repeated_and_unknown_pushes_leave_nothing(world: World) -> None:
    asked = world.subscribe()
    assert world.push(asked, rss(2), None) == 403
    assert world.push(asked, rss(2), signed(b"else", asked["hub.secret"])) == 202
    assert world.push(asked, rss(2), signed(rss(2).encode(), asked["hub.secret"], "sha1")) == 202
    assert world.push(asked | {"hub.callback": "https://feeds.example/hub/in/none"}, rss(2)) == 410
    assert world.push(asked, "  ") == 202
    assert world.pushes() == []
    assert (
        world.push(asked, rss(2), Link='<http://evil.example/>; rel="self"', Date="Mon, 01 Jan 2001 00:00:00 GMT")
        == 202
    )
    assert world.push(asked, rss(2)) == 202
    assert [len(poll.lines) for poll in world.pushes()] == [1]
    assert world.push(asked, rss(2)) == 202 and world.pushes() == []  # also when it was walked on already
    assert (world.tally.refused, world.tally.repeated, world.tally.pushes) == (3, 2, 1)
    with world.store.write() as tx:
        set_condition(tx, "s1", "frozen", now=world.clock.now())
    assert world.push(asked, rss(3)) == 202 and world.pushes() == []


def test_sha1_is_taken_where_a_person_says_so(store: Store) -> None:
    world = World(store, push="sha1")
    asked = world.subscribe()
    assert world.push(asked, rss(2), signed(rss(2).encode(), asked["hub.secret"], "sha1")) == 202
    assert len(world.pushes()) == 1


def test_polls_are_fewer_while_pushes_prove_true_and_as_before_when_they_stop(world: World) -> None:
    asked = world.subscribe()
    for number in (2, 3, 4):
        world.poll(rss(number - 1))
        assert world.watched.wait() <= 240 * 1.1
        world.push(asked, rss(number))
        world.pushes()
    world.poll(rss(4))
    assert world.watched.wait() == 12 * 60
    assert world.watched.poll(answer(304, body="")).outcome == "not_modified"
    assert world.watched.wait() == 12 * 60
    poll = world.poll(rss(5))
    assert "1 of its items came by no push, though a hub is subscribed to" in poll.notes
    assert (world.tally.poll_news, world.tally.trust) == (1, 0)
    assert world.watched.wait() < 240 * 1.1


def test_a_poll_that_overtakes_a_push_is_no_proof_against_it(world: World) -> None:
    asked = world.subscribe()
    world.push(asked, rss(2))
    world.poll(rss(2))
    assert world.tally.poll_news == 0
    assert [line.outcome for poll in world.pushes() for line in poll.lines] == ["unchanged"]
    assert world.tally.trust == 1


def test_every_and_cron_are_kept_to_the_letter(store: Store) -> None:
    world = World(store, schedule=Schedule(every=timedelta(minutes=30)))
    asked = world.subscribe()
    for number in (2, 3, 4, 5):
        world.push(asked, rss(number))
    world.pushes()
    world.poll(rss(5))
    assert world.tally.trust == 4 and world.watched.wait() < 32


def test_a_lease_is_renewed_under_another_callback_and_the_old_one_is_left(world: World) -> None:
    first = world.subscribe()
    world.clock.pass_(days=7.9)
    assert world.walk() == []
    world.clock.pass_(days=0.2)
    world.walk()
    world.walk()
    second = world.hub.asked[-1]
    assert second["hub.callback"] != first["hub.callback"] and second["hub.secret"] != first["hub.secret"]
    assert world.push(first, rss(2)) == 202  # it is good until the new one stands
    assert world.verify(second, lease_seconds="864000")[0] == 200
    world.walk()
    left = world.hub.asked[-1]
    assert (left["hub.mode"], left["hub.callback"]) == ("unsubscribe", first["hub.callback"])
    assert "hub.lease_seconds" not in left
    assert world.verify(left)[0] == 200
    assert world.push(first, rss(3)) == 410 and world.push(second, rss(3)) == 202
    assert [one.state for one in world.subs] == ["active"]


def test_a_lease_that_ends_brings_polls_back_and_is_asked_anew(world: World) -> None:
    asked = world.subscribe()
    for number in (2, 3, 4):
        world.push(asked, rss(number))
        world.pushes()
    world.poll(rss(4))
    world.hub.status = 500
    world.clock.pass_(days=8.1)
    for _ in range(4):
        world.walk()
    assert [one.state for one in world.subs] == ["active", "asked"]
    world.clock.pass_(days=2)
    world.walk()
    assert world.watched.state.next_due == world.clock.now() and world.tally.trust == 0
    assert world.push(asked, rss(9)) == 410
    (one,) = world.subs
    assert one.state == "asked" and "answered 500: no more than this" in str(one.last_error)


@pytest.mark.parametrize("status", [0, 400, 500])
def test_a_hub_that_refuses_is_asked_again_later(world: World, status: int) -> None:
    world.poll(rss(1))
    world.hub.status = status
    world.walk()
    assert world.walk() == [] and world.subs[0].last_error
    world.hub.status = 202
    world.clock.pass_(minutes=6)
    world.walk()
    assert len(world.hub.asked) == (1 if status == 0 else 2)
    world.clock.pass_(minutes=16)  # it took the request, but never verified
    world.walk()
    assert world.verify(world.hub.asked[-1])[0] == 200


def test_a_denial_ends_it_for_a_day(world: World) -> None:
    asked = world.subscribe()
    assert world.verify(asked | {"hub.mode": "denied", "hub.topic": "http://other/"})[0] == 404
    assert world.verify(asked | {"hub.mode": "denied"}, reason="no\nmore")[0] == 200
    assert world.push(asked, rss(2)) == 410
    assert world.walk() == []
    world.clock.pass_(days=1, minutes=1)
    assert len(world.walk()) == 1


def test_another_hub_none_any_more_or_switched_off(store: Store) -> None:
    world = World(store)
    world.subscribe()
    world.poll(rss(2, hub="https://second.example/"))
    assert {(one.hub, one.state) for one in world.subs} == {
        (HUB, "leaving"), ("https://second.example/", "wanted"),
    }  # fmt: skip
    world.poll(rss(3, hub=""))
    assert [one.state for one in world.subs] == ["leaving"]
    object.__setattr__(world.watched.ingest, "base_url", "http://127.0.0.1:8080")
    world.poll(rss(4))
    assert [one.state for one in world.subs] == ["leaving"]


def test_off_is_off(store: Store) -> None:
    world = World(store, push="off")
    world.poll(rss(1))
    assert world.subs == []


def test_an_unreadable_push_costs_the_trust_and_the_source_is_polled(world: World) -> None:
    asked = world.subscribe()
    world.push(asked, "<html><body>Log in</body></html>")
    (poll,) = world.pushes()
    assert (poll.outcome, poll.code) == ("failed", "not_a_feed")
    assert world.watched.state.next_due == world.clock.now() and world.watched.state.failures == 0
    with world.store.read() as tx:
        assert due_pushes(tx, most=5) == [] and get_state(tx, "s1").lease_until is None


def test_a_push_waits_while_the_source_is_being_polled(world: World) -> None:
    from feedhub.store.sources import claim_one

    asked = world.subscribe()
    world.push(asked, rss(2))
    with world.store.write() as tx:
        claim_one(tx, "s1", owner="other", now=world.clock.now(), lease=timedelta(seconds=60))
    assert world.pushes() == []
    world.clock.pass_(minutes=2)
    assert len(world.pushes()) == 1


def test_no_more_than_twenty_wait(world: World) -> None:
    asked = world.subscribe()
    assert [world.push(asked, rss(n)) for n in range(2, 23)] == [202] * 20 + [503]
