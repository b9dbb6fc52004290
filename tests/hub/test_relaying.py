"""Foreign topics: a ping is never lost, whatever happens between it and the fetch. Content that cannot be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from feedhub.errors import StoreAway
from feedhub.hub import relaying
from feedhub.hub.contents import Contents
from feedhub.model.hub import Content, Subscription, Topic
from feedhub.store.topics import find_topic
from tests.flows.conftest import Answer, Origin
from tests.hub.conftest import Hub


@pytest.fixture
def origin() -> Iterator[Origin]:
    made = Origin()
    yield made
    made.close()


@pytest.fixture
def relay(make_hub: Callable[..., Hub], store_url: str, origin: Origin) -> Hub:
    """A hub on both databases that serves `/t` of the origin."""
    return make_hub(store_url, foreign_topics=frozenset({origin.url("/t")}))


def ping(hub: Hub, origin: Origin) -> None:
    hub.ask("", origin.url("/t"), mode="publish")


def topic(hub: Hub, origin: Origin) -> Topic:
    with hub.store.read() as tx:
        found = find_topic(tx, origin.url("/t"))
    assert found is not None
    return found


def test_a_worker_that_dies_over_a_fetch_loses_no_ping(
    relay: Hub, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    origin.answers["/t"] = Answer(b"one")
    ping(relay, origin)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(relaying, "WebRequest", die)
        relay.jobs.fetch()
    relay.jobs.fetch()
    assert origin.requests == []  # it may still be under way
    relay.clock.pass_(seconds=61)
    relay.jobs.fetch()
    assert len(origin.requests) == 1 and topic(relay, origin).fetch_due is None


def test_a_ping_during_a_fetch_is_another_fetch(relay: Hub, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    origin.answers["/t"] = Answer(b"one")
    plain = relaying.WebRequest

    def asked(*values: Any) -> Any:
        ping(relay, origin)
        return plain(*values)

    ping(relay, origin)
    with monkeypatch.context() as patch:
        patch.setattr(relaying, "WebRequest", asked)
        relay.jobs.fetch()
    origin.answers["/t"] = Answer(b"two")
    relay.clock.pass_(seconds=11)
    relay.jobs.fetch()
    assert len(origin.requests) == 2 and topic(relay, origin).fetch_due is None


def test_a_ping_after_a_failure_waits_for_nothing(relay: Hub, origin: Origin) -> None:
    origin.answers["/t"] = Answer(status=503)
    ping(relay, origin)
    relay.jobs.fetch()
    assert topic(relay, origin).fetch_error == "it answered 503"
    origin.answers["/t"] = Answer(b"one")
    relay.clock.pass_(seconds=11)
    ping(relay, origin)
    relay.jobs.fetch()
    assert (topic(relay, origin).fetch_error, topic(relay, origin).fetch_due) == (None, None)


def test_a_topic_in_other_letters_is_relayed(make_hub: Callable[..., Hub], origin: Origin) -> None:
    hub = make_hub(foreign_topics=frozenset({origin.url("/衡阳?雁")}))
    path = "/%E8%A1%A1%E9%98%B3?%E9%9B%81"
    origin.answers[path] = Answer(b"one")
    hub.subscribe("a", hub_topic=origin.url("/衡阳?雁"))
    hub.ask("", origin.url("/衡阳?雁"), mode="publish")
    hub.jobs.fetch()
    hub.deliver()
    (taken,) = hub.got("a")
    assert taken.body == b"one" and f'<{origin.url(path)}>; rel="self"' in taken.headers["link"]


def test_a_topic_whose_content_cannot_be_made_keeps_nobody_waiting(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Contents.for_receiver

    def broken(contents: Contents, one: Subscription) -> Content | None:
        if one.topic == "/rss/life.xml":
            raise ArithmeticError
        return plain(contents, one)

    hub.subscribe("broken", hub_topic=hub.topic("/rss/life.xml"))
    hub.subscribe("whole", hub_topic=hub.topic("/rss/life/health.xml"))
    hub.publish(sections=("life/health",))
    with monkeypatch.context() as patch:
        patch.setattr(Contents, "for_receiver", broken)
        hub.deliver()
    assert (len(hub.got("broken")), len(hub.got("whole"))) == (0, 1)
    hub.clock.pass_(seconds=61)
    hub.deliver()
    assert len(hub.got("broken")) == 1


def test_hands_are_free_when_the_store_went_away(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise StoreAway("it is away")

    hub.subscribe("a")
    hub.publish()
    pump = hub.jobs.pump
    with monkeypatch.context() as patch, pytest.raises(StoreAway):
        patch.setattr(Contents, "for_receiver", away)
        hub.deliver()
    assert (pump._slow, +pump._hosts) == (0, {})
    hub.clock.pass_(seconds=46)
    hub.deliver()
    assert len(hub.got("a")) == 1
