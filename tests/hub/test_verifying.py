"""Verification of intent, and that nothing changes before it (PROMISES B5 65 to 67, 69, 73; WebSub §5.3)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network

import pytest

from feedhub.errors import HubRefused
from feedhub.hub.verifying import counted_as, denial
from feedhub.net.address import Reach
from feedhub.store.subscription_requests import list_requests
from feedhub.store.subscriptions import deny
from tests.hub.conftest import Hub
from tests.hub.receivers import Behaviour, Receivers
from tests.kit import NOW

ELSEWHERE = Reach((ip_network("127.0.0.2/32"),))


def outcomes(hub: Hub) -> list[str | None]:
    with hub.store.read() as tx:
        return [one.outcome for one in list_requests(tx)]


@pytest.mark.parametrize(
    "manners",
    [
        Behaviour(verify_body=b"x" * 43),
        Behaviour(verify_body=b""),
        Behaviour(verify_body=b"c" * 1025),
        Behaviour(verify_status=302, headers={"Location": "/other"}),
        Behaviour(verify_status=301, headers={"Location": "http://127.0.0.1:1/"}),
        Behaviour(verify_status=404),
        Behaviour(verify_status=400),
    ],
    ids=lambda it: f"{it.verify_status}-{len(it.verify_body or b'challenge')}",
)
def test_what_does_not_confirm_is_not_subscribed(hub: Hub, manners: Behaviour) -> None:
    hub.receivers.behave["a"] = manners
    hub.subscribe("a")
    assert hub.subscriptions() == []
    assert len(hub.receivers.verifications["a"]) == 1
    assert hub.receivers.verifications["other"] == []
    assert (outcomes(hub)[0] or "").startswith("not verified")


def test_whoever_does_not_answer_is_asked_twice_with_two_challenges(hub: Hub) -> None:
    hub.receivers.behave["a"] = Behaviour(verify_status=500)
    hub.subscribe("a")
    for _ in range(4):
        hub.clock.pass_(seconds=6)
        hub.verify()
    challenges = [dict(taken.query)["hub.challenge"] for taken in hub.receivers.verifications["a"]]
    assert len(challenges) == len(set(challenges)) == 2
    assert hub.subscriptions() == []


def test_neither_challenge_nor_query_is_kept_or_logged(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        hub.ask("http://127.0.0.1:1/cb?key=hush")
        hub.verify()
    said = f"{outcomes(hub)} {caplog.text}"
    assert "No connection to http://127.0.0.1:1/cb" in said and "hush" not in said and "challenge" not in said


def test_an_old_request_is_not_verified(hub: Hub) -> None:
    hub.ask(hub.receivers.at("a"))
    hub.clock.pass_(minutes=11)
    hub.verify()
    assert hub.receivers.verifications["a"] == [] and outcomes(hub) == ["no answer within its time"]


@pytest.mark.parametrize("secret", ["", "another"])
def test_a_renewal_that_is_not_verified_changes_nothing(both: Hub, secret: str) -> None:
    both.subscribe("a", hub_secret="the first", hub_lease_seconds="7200")
    before = both.subscriptions()
    both.receivers.behave["a"] = Behaviour(verify_status=404)
    both.clock.pass_(minutes=5)
    for mode in ("subscribe", "unsubscribe"):
        both.ask(both.receivers.at("a"), mode=mode, hub_secret=secret, hub_lease_seconds="864000")
        both.verify()
    assert both.subscriptions() == before


def test_a_renewal_that_is_verified_changes_all(hub: Hub) -> None:
    hub.subscribe("a", hub_secret="the first", hub_lease_seconds="7200")
    hub.clock.pass_(minutes=5)
    hub.subscribe("a")
    (one,) = hub.subscriptions()
    assert (one.secret, one.lease_until) == (None, hub.clock.now() + timedelta(days=10))
    hub.subscribe("a", hub_secret="the third", feedhub_signature="sha512")
    (one,) = hub.subscriptions()
    assert (one.secret, one.signature) == ("the third", "sha512")


def test_the_later_request_wins_whichever_is_verified_last(hub: Hub) -> None:
    hub.receivers.behave["a"] = Behaviour(verify_status=500)
    hub.subscribe("a", hub_secret="earlier")
    hub.receivers.behave["a"] = Behaviour()
    hub.subscribe("a", hub_secret="later")
    hub.clock.pass_(seconds=6)
    hub.verify()
    assert len(hub.receivers.verifications["a"]) == 3
    (one,) = hub.subscriptions()
    assert one.secret == "later"


def test_an_unsubscription_undoes_the_requests_before_it(hub: Hub) -> None:
    hub.receivers.behave["a"] = Behaviour(verify_status=500)
    hub.subscribe("a")
    hub.receivers.behave["a"] = Behaviour()
    hub.ask(hub.receivers.at("a"), mode="unsubscribe")
    hub.verify()
    hub.clock.pass_(seconds=6)
    hub.verify()
    assert hub.subscriptions() == [] and outcomes(hub) == ["verified", "overtaken by an unsubscription"]


def test_twenty_at_once_are_all_kept(both: Hub) -> None:
    names = [f"s{number}" for number in range(20)]
    threads = [threading.Thread(target=both.ask, args=(both.receivers.at(name),)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    both.verify()
    assert sorted(one.callback for one in both.subscriptions()) == sorted(both.receivers.at(name) for name in names)
    both.publish()
    both.deliver()
    assert [len(both.got(name)) for name in names] == [1] * 20


def test_what_is_published_before_the_verification_is_delivered(hub: Hub) -> None:
    hub.ask(hub.receivers.at("a"))
    hub.publish("between")
    hub.verify()
    hub.deliver()
    assert b"between" in hub.got("a")[0].body


def test_the_callbacks_query_is_kept_and_called_with_the_same_names(hub: Hub) -> None:
    hub.ask(hub.receivers.at("a", "?hub.mode=mine&x=%2F"))
    hub.verify()
    (taken,) = hub.receivers.verifications["a"]
    assert taken.target.startswith("/a?hub.mode=mine&x=%2F&hub.mode=subscribe&")
    hub.publish()
    hub.deliver()
    assert hub.got("a")[0].target == "/a?hub.mode=mine&x=%2F"


def test_an_escaped_topic_is_the_same_topic_and_is_repeated_as_written(hub: Hub) -> None:
    written = hub.topic().replace("local", "%6Cocal").replace("http://", "HTTP://")
    hub.subscribe("a", hub_topic=written)
    assert dict(hub.receivers.verifications["a"][0].query)["hub.topic"] == written
    hub.subscribe("a")
    assert len(hub.subscriptions()) == 1


def test_a_lease_ends(both: Hub) -> None:
    both.subscribe("a", hub_lease_seconds="3600")
    assert dict(both.receivers.verifications["a"][0].query)["hub.lease_seconds"] == "3600"
    both.clock.pass_(hours=1, seconds=1)
    both.publish("after")
    both.deliver()
    both.jobs.upkeep()
    both.deliver()
    assert both.got("a") == []
    assert [one.state for one in both.subscriptions()] == ["expired"]
    both.subscribe("a")
    both.deliver()
    assert b"after" in both.got("a")[0].body  # caught up on renewal (SEMANTICS 27)


# --- whose host is called ---


def test_a_private_callback_is_refused_and_not_called(make_hub: Callable[..., Hub], receivers: Receivers) -> None:
    hub = make_hub(reach=Reach())
    for callback in (receivers.at("a"), "http://[::1]/", "http://2130706433/", "http://10.1.2.3/", "ftp://s.example/"):
        with pytest.raises(HubRefused) as refused:
            hub.ask(callback)
        assert refused.value.code == "callback_refused"
    # A name is looked at when it is called: it is never connected to.
    hub.ask(f"http://localhost:{receivers.port}/a")
    hub.verify()
    assert receivers.connections == 0 and "not verified" in (outcomes(hub)[0] or "")


def test_a_subscription_whose_address_is_no_longer_allowed_is_not_called(
    make_hub: Callable[..., Hub], receivers: Receivers
) -> None:
    hub = make_hub()
    hub.subscribe("a")
    hub.fan._refuses = Reach().refusal
    seen = receivers.connections
    hub.publish()
    hub.deliver()
    assert receivers.connections == seen
    (one,) = hub.subscriptions()
    assert one.tries == 1 and "loopback" in (one.reason or "")


def test_a_host_that_does_not_confirm_is_left_alone(make_hub: Callable[..., Hub], receivers: Receivers) -> None:
    """Ten thousand requests for one victim are as sixty (PROMISES B5 66): a few are kept, ten asked in a minute."""
    hub = make_hub(reach=Reach((), frozenset({receivers.port})), most_waiting=20)
    refused = 0
    for number in range(60):
        try:
            hub.ask(f"http://victim.example:{receivers.port}/{number}")
        except HubRefused as error:
            assert (error.code, error.retry_after) == ("too_many", 60)
            refused += 1
    assert refused == 40
    for _ in range(5):
        hub.jobs.verify()
        while hub.jobs.verifier._under_way:
            threading.Event().wait(0.02)
    with hub.store.read() as tx:
        tried = sum(one.tries for one in list_requests(tx, limit=1000))
    assert tried == 10
    with pytest.raises(HubRefused, match="Too many"):
        hub.ask(f"http://victim.example:{receivers.port}/more")


class Wildcard:
    """A name server by which every name is one of a few addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.asked = addresses, 0

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        self.asked += 1
        return self.addresses


def asked_of(hub: Hub) -> int:
    while hub.jobs.verifier._under_way:
        threading.Event().wait(0.02)
    return sum(len(taken) for taken in hub.receivers.verifications.values())


def test_a_host_of_many_names_is_left_alone_too(make_hub: Callable[..., Hub], store_url: str) -> None:
    hub = make_hub(store_url)
    hub.receivers.behave.default_factory = lambda: Behaviour(verify_status=404)
    hub.resolver = names = Wildcard("127.0.0.1")
    hub.jobs = hub.worker("me")
    for number in range(30):
        hub.ask(f"http://n{number}.victim.example:{hub.receivers.port}/{number}")
    for seconds, asked in ((0, 10), (30, 10), (31, 20), (61, 30), (61, 30)):
        hub.clock.pass_(seconds=seconds)
        for _ in range(3):
            hub.jobs.verify()
            asked_of(hub)
        assert asked_of(hub) == asked
    assert {(outcome or "")[-12:] for outcome in outcomes(hub)} == {"answered 404"}
    assert names.asked >= 30 and hub.subscriptions() == []


def test_it_is_asked_at_the_address_that_was_counted(hub: Hub) -> None:
    """A name that is another address the next time it is looked up leads nobody astray."""
    hub.resolver = Wildcard("127.0.0.1")
    hub.jobs = hub.worker("me")
    hub.ask(f"http://no-such-name.invalid:{hub.receivers.port}/a")  # which the client's own name server does not know
    hub.jobs.verify()
    assert asked_of(hub) == 1 and len(hub.subscriptions()) == 1


def test_a_bad_address_among_others_refuses_all(hub: Hub) -> None:
    hub.resolver = Wildcard("127.0.0.1", "10.1.2.3")
    hub.jobs = hub.worker("me")
    hub.ask(f"http://mixed.example:{hub.receivers.port}/a")
    hub.jobs.verify()
    assert asked_of(hub) == 0 and "10.1.2.3" in (outcomes(hub)[0] or "")


def test_an_ipv6_network_is_one_host() -> None:
    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff:1") != counted_as("2001:db8:0:1::1")
    assert counted_as("::ffff:192.0.2.1") == counted_as("192.0.2.1") == "192.0.2.1"


def test_a_listed_host_is_exempt(hub: Hub) -> None:
    hub.receivers.behave.default_factory = lambda: Behaviour(verify_status=404)
    for number in range(30):
        hub.ask(hub.receivers.at(f"s{number}"))
    hub.verify()
    assert sum(len(taken) for taken in hub.receivers.verifications.values()) == 30


def test_caps_per_topic_and_subscriber(make_hub: Callable[..., Hub]) -> None:
    hub = make_hub(most_per_topic=2)
    hub.subscribe("a")
    hub.subscribe("b")
    with pytest.raises(HubRefused) as refused:
        hub.ask(hub.receivers.at("c"))
    assert refused.value.code == "too_many"
    hub.ask(hub.receivers.at("a"))  # whoever has one renews it


def test_a_secret_over_http(make_hub: Callable[..., Hub]) -> None:
    strict = make_hub(secret_needs_https=True, reach=Reach((), frozenset({80})))
    with pytest.raises(HubRefused, match="plain http"):
        strict.ask("http://s.example/cb", hub_secret="hush")
    strict.ask("https://s.example/cb", hub_secret="hush")
    strict.ask("http://s.example/cb")


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("http://other.example/feed.xml", "does not serve"),
        ("{base}/rss/none.xml", "no topic"),
        ("{base}/", "no topic"),
        ("{base}/rss/search.xml?q=river", "no topic"),
        ("{base}/rss/life.xml?limit=3", "no parameters"),
    ],
)
def test_what_is_no_topic(hub: Hub, topic: str, said: str) -> None:
    for mode in ("subscribe", "publish"):
        with pytest.raises(HubRefused, match=said) as refused:
            hub.ask(hub.receivers.at("a"), topic.format(base=hub.base), mode=mode)
        assert refused.value.code == "topic_refused"
    assert hub.receivers.connections == 0


def test_a_storm_of_pings_is_one_fetch_in_ten_seconds(make_hub: Callable[..., Hub]) -> None:
    from tests.flows.conftest import Answer, Origin

    origin = Origin()
    hub = make_hub(foreign_topics=frozenset({origin.url("/t")}))
    origin.answers["/t"] = Answer(b"one")
    for _ in range(40):
        hub.ask("", origin.url("/t"), mode="publish")
        hub.jobs.fetch()
        hub.clock.pass_(seconds=0.5)
    origin.close()
    assert 2 <= len(origin.requests) <= 3


def test_a_challenge_is_256_bits_and_new(hub: Hub) -> None:
    for name in ("a", "b"):
        hub.subscribe(name)
    found = {dict(hub.receivers.verifications[name][0].query)["hub.challenge"] for name in ("a", "b")}
    assert len(found) == 2 and all(len(challenge) >= 43 for challenge in found)
    assert hub.clock.now() == NOW


def test_asking_again_before_the_first_is_verified_misses_nothing(hub: Hub) -> None:
    """Found by the interleavings: the second request was verified first, with a later place to begin from."""
    hub.receivers.behave["a"] = Behaviour(verify_status=500)
    hub.subscribe("a")
    hub.publish("between")
    hub.receivers.behave["a"] = Behaviour()
    hub.clock.pass_(seconds=-4)
    hub.subscribe("a")
    hub.deliver()
    assert b"between" in hub.got("a")[0].body


def test_a_denial_is_told(hub: Hub) -> None:
    hub.subscribe("a")
    topic, callback = hub.topic(), hub.receivers.at("a", "?mine=1")
    assert hub.web.send(denial(topic, callback, "no agreement")).status == 200
    said = dict(hub.receivers.verifications["a"][-1].query)
    assert said == {"mine": "1", "hub.mode": "denied", "hub.topic": topic, "hub.reason": "no agreement"}
    with hub.store.write() as tx:
        deny(tx, hub.subscriptions()[0].id, "no agreement", hub.clock.now())
    hub.publish()
    hub.deliver()
    assert hub.got("a") == [] and hub.subscriptions()[0].state == "denied"
