"""The flows of a hub as websub.rocks walks them, and what a delivery must be (shared checklist, Hub 100 to 106)."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from feedhub.hub.pump import CLAIM, LATE, Hands
from tests.hub.conftest import RSS, Hub
from tests.hub.receivers import Behaviour, Taken
from tests.kit import LOCAL

SECRET = "twenty characters of"


def check_verification(taken: Taken, hub: Hub, mode: str = "subscribe") -> None:
    said = dict(taken.query)
    assert said["hub.mode"] == mode
    assert said["hub.topic"] == hub.topic()
    assert len(said["hub.challenge"]) == 43
    assert ("hub.lease_seconds" in said) == (mode == "subscribe")


def check_delivery(taken: Taken, hub: Hub, path: str = RSS, content_type: str = "application/xml") -> None:
    assert taken.body == hub.document(path) != b""
    assert taken.headers["content-type"].startswith(content_type)
    links = re.findall(r'<([^>]+)>; rel="(\w+)"', taken.headers["link"])
    assert sorted(links, key=lambda link: link[1]) == [(f"{hub.base}/hub", "hub"), (hub.base + path, "self")]


def check_signature(taken: Taken, secret: str | None, method: str = "sha256") -> None:
    if secret is None:
        assert "x-hub-signature" not in taken.headers
    else:
        expected = hmac.new(secret.encode(), taken.body, method).hexdigest()
        assert taken.headers["x-hub-signature"] == f"{method}={expected}"


def test_100_subscribe_and_deliver(both: Hub) -> None:
    both.subscribe("a")
    (verification,) = both.receivers.verifications["a"]
    check_verification(verification, both)
    both.publish()
    both.deliver()
    (delivery,) = both.got("a")
    check_delivery(delivery, both)
    check_signature(delivery, None)
    assert [one.acked_seq for one in both.subscriptions()] == [delivery.seq]


@pytest.mark.parametrize("method", ["", "sha256", "sha384", "sha512", "sha1"])
def test_101_a_secret_signs(hub: Hub, method: str) -> None:
    hub.subscribe("a", hub_secret=SECRET, **({"feedhub_signature": method} if method else {}))
    hub.publish()
    hub.deliver()
    (delivery,) = hub.got("a")
    check_delivery(delivery, hub)
    check_signature(delivery, SECRET, method or "sha256")


def test_102_what_is_unknown_is_ignored(hub: Hub) -> None:
    hub.subscribe("a", foo="bar", hub_foo="hub.bar")
    hub.publish()
    hub.deliver()
    assert len(hub.got("a")) == 1


def test_103_asking_again_is_one_subscription(hub: Hub) -> None:
    hub.subscribe("a")
    hub.subscribe("a")
    assert len(hub.receivers.verifications["a"]) == 2
    hub.publish()
    hub.deliver()
    assert len(hub.got("a")) == 1
    assert len(hub.subscriptions()) == 1


def test_104_unsubscribed_is_left_alone(both: Hub) -> None:
    callback = both.subscribe("a")
    both.ask(callback, mode="unsubscribe", hub_lease_seconds="nonsense")
    both.verify()
    check_verification(both.receivers.verifications["a"][1], both, "unsubscribe")
    both.publish()
    both.deliver()
    assert both.got("a") == []
    assert [one.state for one in both.subscriptions()] == ["unsubscribed"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/plain", b"one line\n"), ("application/json", b'{"a": 1}'), ("text/xml", "<a>雁</a>".encode())],
)
def test_105_106_foreign_topics_are_relayed_byte_equal(make_hub: Callable[..., Hub], kind: str, body: bytes) -> None:
    from tests.flows.conftest import Answer, Origin

    origin = Origin()
    topic = origin.url("/topic")
    hub = make_hub(foreign_topics=frozenset({topic}))
    try:
        origin.answers["/topic"] = Answer(body, kind)
        hub.subscribe("a", hub_topic=topic, hub_secret=SECRET)
        for again in (1, 1, 2):
            if again == 2:
                body += b" "
                origin.answers["/topic"] = Answer(body, kind)
            hub.clock.pass_(seconds=20)
            hub.ask("", topic, mode="publish")
            hub.jobs.fetch()
            hub.deliver()
            assert len(hub.got("a")) == again
            last = hub.got("a")[-1]
            assert (last.body, last.headers["content-type"]) == (body, kind)
            check_signature(last, SECRET)
            assert f'<{topic}>; rel="self"' in last.headers["link"]
    finally:
        origin.close()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"/atom/{LOCAL}.xml", "application/xml"),
        (f"/json/{LOCAL}.json", "application/feed+json"),
        ("/rss/all.xml", "app"),
    ],
)
def test_every_format_is_a_topic(hub: Hub, path: str, kind: str) -> None:
    hub.subscribe("a", hub_topic=hub.topic(path))
    hub.publish()
    hub.deliver()
    (delivery,) = hub.got("a")
    check_delivery(delivery, hub, path, kind)


def test_a_claim_that_runs_out_under_way_goes_on_and_is_not_begun_twice(hub: Hub) -> None:
    """A clock that is set or a machine that sleeps costs no second push, and no worker its beat."""
    hub.subscribe("a")
    hub.receivers.behave["a"] = Behaviour(delay=0.8)
    hub.publish()
    with ThreadPoolExecutor(1) as other:
        beat = other.submit(hub.deliver)
        until = time.monotonic() + 20
        while not hub.got("a") and time.monotonic() < until:
            time.sleep(0.005)
        hub.clock.pass_(seconds=CLAIM.total_seconds() + 1)
        beat.result(20)
    hub.clock.pass_(minutes=2)
    hub.deliver()
    assert len(hub.got("a")) == 1
    (one,) = hub.subscriptions()
    assert (one.last_status, one.tries) == (200, 0)
    assert not hub.jobs.pump._hosts and not hub.jobs.pump._slow


def test_what_could_outlast_its_claim_is_not_begun(hub: Hub) -> None:
    """One that has waited too long for a hand is claimed anew, and sent what is current by then."""
    for name in ("a", "b"):
        hub.subscribe(name)
        hub.receivers.behave[name] = Behaviour(delay=0.3)
    hub.publish()
    pump = hub.worker("me", Hands(quick=1)).pump
    pump._turn()
    ((_, waiting),) = pump._ready
    hub.clock.pass_(seconds=LATE.total_seconds() + 1)
    hub.publish()
    pump.beat()
    (taken,) = hub.got(waiting.subscription.callback.rpartition("/")[2])
    check_delivery(taken, hub)
    assert not pump._hosts and not pump._slow
