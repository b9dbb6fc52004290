"""Push proof: our own subscriber over the same rows; what it measures, and the alarm when nothing arrives."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from feedhub.errors import HubRefused
from feedhub.hub.canary import spans_of
from feedhub.jobs.canary import CanaryJob
from feedhub.model.canary import Canary
from feedhub.net.address import Reach
from feedhub.net.loopback import Loopback
from feedhub.store.alerts import list_alerts
from feedhub.store.articles import put_article
from feedhub.store.canaries import list_canaries
from feedhub.store.subscriptions import CANARY, list_subscriptions
from feedhub.web.cache import DocumentCache
from feedhub.web.front import Front
from feedhub.web.health import ready
from tests.hub.conftest import RSS, Hub
from tests.kit import an_article
from tests.web.conftest import STYLE


class Proof:
    """A hub with its canary, beaten by hand."""

    def __init__(self, hub: Hub, owner: str = "me", gone: tuple[str, ...] = ()) -> None:
        self.hub = hub
        self.job = CanaryJob(hub.store, hub.clock, f"token-{owner}", owner, gone.__contains__)
        self.listener = Loopback(self.job.arrived)
        self.job.port = self.listener.port
        self.job.beat()

    def beat(self, **later: float) -> None:
        self.hub.clock.pass_(**later)
        self.job.beat()

    def deliver(self) -> None:
        self.hub.deliver()
        time.sleep(0.05)
        self.job.beat()

    def canary(self, topic: str = RSS) -> Canary:
        with self.hub.store.read() as tx:
            return next(one for one in list_canaries(tx) if one.topic == topic)

    def alarms(self) -> list[str]:
        with self.hub.store.read() as tx:
            return [alert.text for alert in list_alerts(tx) if alert.code == "push_late"]

    def readyz(self) -> str:
        hub = self.hub
        cache = DocumentCache(hub.store, hub.clock)
        site = Front(portal=hub.style.portal, store=hub.store, clock=hub.clock, cache=cache, style_directory=STYLE)
        return ready(site)["pushes"]


@pytest.fixture
def proof(both: Hub) -> Iterator[Proof]:
    made = Proof(both)
    yield made
    made.listener.close()


def test_every_topic_is_measured(proof: Proof) -> None:
    hub = proof.hub
    with hub.store.read() as tx:
        mine = list_subscriptions(tx, partner=CANARY)
        assert list_subscriptions(tx) == []  # nobody who lists subscribers means them
    assert len(mine) == 3 * len(hub.style.portal.sections())
    hub.publish("a")
    proof.hub.clock.pass_(seconds=2)
    proof.deliver()
    one = proof.canary()
    assert (one.received, len(one.latencies), one.waits_since) == (1, 1, None)
    assert 2000 <= one.latencies[0] < 3000
    assert proof.canary("/rss/life.xml").received == 0
    assert (proof.alarms(), proof.readyz()) == ([], "ok")


def test_when_nothing_is_delivered_it_is_an_alarm_within_a_minute(proof: Proof) -> None:
    hub = proof.hub
    proof.beat(seconds=60)
    hub.publish("a")  # and no worker delivers
    proof.beat(seconds=29)
    assert (proof.alarms(), proof.readyz()) == ([], "ok")
    proof.beat(seconds=4)
    (text,) = proof.alarms()
    assert "late or lost" in text and "/" in text
    assert proof.readyz().startswith("late at 12 topics since 2026-11-24T04:01:06")
    proof.deliver()
    assert (proof.alarms(), proof.readyz()) == ([], "ok")
    assert proof.canary().latencies[-1] >= 33_000


def test_a_worker_that_begins_anew_goes_on_where_it_was(proof: Proof) -> None:
    hub = proof.hub
    hub.publish("a")
    proof.listener.close()
    beside = Proof(hub, "other")  # another worker leaves them to the one that has them
    beside.listener.close()
    hub.clock.pass_(seconds=60)
    hub.jobs = hub.worker("anew")
    again = Proof(hub, "anew", gone=("me",))
    assert again.alarms() == []  # what waited while nobody was there is not held against it
    again.deliver()
    assert again.canary().received == 1 and again.canary().latencies[0] < 1000
    again.job.port = 0
    again.beat()  # switched off
    with hub.store.read() as tx:
        assert list_canaries(tx) == [] == list_subscriptions(tx, partner=CANARY)
    again.listener.close()


def test_a_worker_of_a_machine_that_is_no_more_loses_them(proof: Proof) -> None:
    """As a container that begins anew under another name: only silence tells that the one before has ended."""
    hub = proof.hub
    beside = Proof(hub, "other")
    for _ in range(4):
        proof.beat(seconds=12)
        beside.job.beat()  # while the first one says that it runs, it has them
    hub.publish("a")
    proof.deliver()
    assert proof.canary().received == 1
    for received, name, now_has in ((2, "other", beside), (3, "me", proof)):
        hub.clock.pass_(seconds=26)
        hub.publish(name)
        hub.jobs = hub.worker(name)
        now_has.beat()
        now_has.deliver()
        assert (now_has.canary().received, now_has.alarms(), now_has.readyz()) == (received, [], "ok")
    beside.listener.close()


def test_a_worker_that_dies_again_and_again_is_an_alarm(proof: Proof) -> None:
    """Each begins anew before the one before it was missed, and none lives to deliver anything."""
    hub = proof.hub
    proof.beat(seconds=60)
    hub.publish("a")
    proof.listener.close()
    for _ in range(6):
        hub.clock.pass_(seconds=9)
        again = Proof(hub)
        again.listener.close()
    assert again.readyz().startswith("late at 12 topics since")
    assert len(again.alarms()) == 1


def test_a_holder_that_is_killed_over_a_push_is_an_alarm_within_a_minute(proof: Proof) -> None:
    """On another machine, so that silence alone tells; and whoever takes over delivers nothing either."""
    hub = proof.hub
    beside = Proof(hub, "other")
    proof.beat(seconds=60)  # it says that it runs, and is killed
    with hub.store.write() as tx:
        put_article(tx, an_article("a"), now=hub.clock.now(), late=False, by="test")
    hub.clock.pass_(seconds=1)
    hub.render()
    waited = 1
    while not beside.alarms() and waited < 100:
        beside.beat(seconds=2)
        waited += 2
    assert 30 < waited < 55 and beside.readyz().startswith("late at 12 topics")
    beside.listener.close()


def test_what_a_killed_worker_took_and_did_not_write_down_is_no_alarm_for_ever(proof: Proof) -> None:
    hub = proof.hub
    hub.publish("a")
    hub.deliver()  # acknowledged, and killed before the next beat of the canary
    proof.listener.close()
    assert proof.canary().received == 0
    again = Proof(hub)
    again.deliver()
    again.beat(seconds=60)
    again.listener.close()
    assert (again.canary().received, again.canary().waits_since) == (1, None)
    assert (again.alarms(), again.readyz()) == ([], "ok")


def test_the_rule_is_for_its_address_alone(hub: Hub) -> None:
    reach = Reach((), frozenset(), frozenset({("127.0.0.1", 4567)}))
    assert reach.refusal("127.0.0.1", 4567) is None
    for address, port in (("127.0.0.1", 4568), ("127.0.0.2", 4567), ("::1", 4567)):
        assert reach.refusal(address, port) is not None


def test_nobody_else_can_have_it_called(make_hub: object) -> None:
    hub = make_hub(reach=Reach())  # type: ignore[operator]
    listener = Loopback(lambda path, fields: None)
    with pytest.raises(HubRefused, match="loopback"):
        hub.ask(f"http://127.0.0.1:{listener.port}/token/1")
    listener.close()


@pytest.mark.parametrize(
    ("latencies", "expected"), [([7], (7, 7, 7)), (list(range(1, 101)), (50, 95, 99)), ([3, 1, 2], (2, 3, 3))]
)
def test_percentiles(latencies: list[int], expected: tuple[int, int, int]) -> None:
    spans = spans_of(latencies)
    assert spans is not None and (spans.p50, spans.p95, spans.p99) == expected
