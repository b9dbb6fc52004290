"""Keys, approval per topic, one's own subscriptions, replay by number of articles and by instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from feedhub.access.keys import digest_of, new_key, partner_of
from feedhub.errors import AccessRefused, Conflict, HubRefused
from feedhub.hub.subscribing import take_request
from feedhub.model.partner import SCOPES, Partner
from feedhub.ports.dice import SystemDice
from feedhub.store.engine import Store
from feedhub.store.partners import add_partner, list_partners, revoke_partner, rotate_partner
from feedhub.store.places import place_at, place_before_last
from feedhub.store.subscriptions import approve, deny
from tests.hub.conftest import FORM, RSS, Hub
from tests.kit import LOCAL, NOW, open_store


def add(store: Store, name: str = "news-site", **values: Any) -> str:
    key = new_key(SystemDice().token())
    with store.write() as tx:
        add_partner(tx, Partner(**({"name": name, "scopes": SCOPES, "created_at": NOW} | values)), digest_of(key))
    return key


def test_a_key_is_known_by_its_digest_alone(store_url: str) -> None:
    store = open_store(store_url)
    key = add(store)
    assert len(key) == 4 + 43
    week = timedelta(days=7)

    def who(said: str | None, later: timedelta = timedelta(0)) -> str | None:
        with store.read() as tx:
            found = partner_of(tx, said, "subscribe", NOW + later)
            return found.name if found else None

    assert who(f"Bearer {key}") == "news-site" and who(None) is None
    with store.read() as tx:
        rows = str(tx.exec_driver_sql("SELECT * FROM partners").all())
    assert key not in rows and key[4:] not in rows
    for wrong in (f"Bearer {key}x", "Bearer x", f"Basic {key}", f"Bearer {new_key(SystemDice().token())}"):
        with pytest.raises(AccessRefused):
            who(wrong)
    fresh = new_key(SystemDice().token())
    with store.write() as tx:
        rotate_partner(tx, "news-site", digest_of(fresh), old_until=NOW + week, now=NOW)
    assert who(f"Bearer {key}") == who(f"Bearer {fresh}") == "news-site"
    with pytest.raises(AccessRefused):
        who(f"Bearer {key}", week)
    with store.write() as tx:
        revoke_partner(tx, "news-site", NOW)
        assert [one.revoked_at for one in list_partners(tx)] == [NOW]
    with pytest.raises(AccessRefused, match="revoked"):
        who(f"Bearer {fresh}")
    narrow = add(store, "reader", scopes=("read",))
    with pytest.raises(AccessRefused, match="not for subscribe") as refused:
        who(f"Bearer {narrow}")
    assert refused.value.code == "key_not_for_this"
    store.close()


def test_open_key_only_and_approve_each(make_hub: Callable[..., Hub], store_url: str) -> None:
    hub = make_hub(store_url, approval={RSS: "key", "/atom/life.xml": "approve"})
    with pytest.raises(HubRefused, match="for partners") as refused:
        hub.ask(hub.receivers.at("a"))
    assert refused.value.code == "key_needed"
    body = f"hub.mode=subscribe&hub.topic={hub.topic()}&hub.callback={hub.receivers.at('a')}".encode()
    take_request(hub.store, hub.rules, body, FORM, now=hub.clock.now(), partner="news-site")
    hub.subscribe("b", topic=hub.topic("/json/life.json"))
    hub.subscribe("c", topic=hub.topic("/atom/life.xml"))
    states = {one.callback.rpartition("/")[2]: one for one in hub.subscriptions()}
    assert {name: one.state for name, one in states.items()} == {"a": "active", "b": "active", "c": "waiting"}
    assert states["a"].partner == "news-site"
    hub.publish("x", sections=("life/health",))
    hub.deliver()
    assert len(hub.got("b")) == 1 and not hub.got("c")
    with hub.store.write() as tx:
        approve(tx, states["c"].id, hub.clock.now())
    hub.deliver()
    assert len(hub.got("c")) == 1  # what came while it waited
    with pytest.raises(Conflict), hub.store.write() as tx:
        approve(tx, states["c"].id, hub.clock.now())
    hub.subscribe("c", topic=hub.topic("/atom/life.xml"))  # a renewal needs nobody again
    assert [one.state for one in hub.subscriptions()] == ["active"] * 3
    with hub.store.write() as tx:
        deny(tx, states["c"].id, "no", hub.clock.now())
    hub.subscribe("c", topic=hub.topic("/atom/life.xml"))
    assert [one.state for one in hub.subscriptions()] == ["active", "active", "waiting"]


def test_replay_of_the_last_articles_and_since_an_instant(both: Hub) -> None:
    hub = both
    for number in range(5):
        hub.publish(f"n{number}")
    half = hub.clock.now() - timedelta(seconds=9)
    with hub.store.read() as tx:
        assert place_before_last(tx, LOCAL, 2) == place_at(tx, LOCAL, half) == 3
        assert place_before_last(tx, LOCAL, 100) == 0 == place_at(tx, LOCAL, NOW)
    hub.subscribe("last", feedhub_last="2")
    hub.subscribe("instant", feedhub_since=half.isoformat().replace("+00:00", "Z"))
    hub.subscribe("none")
    hub.deliver()
    for name in ("last", "instant"):
        (taken,) = hub.got(name)
        assert taken.headers["feedhub-since"] == "3" and taken.body == hub.document()
    assert not hub.got("none")
    for wrong in ({"feedhub_last": "0"}, {"feedhub_last": "501"}, {"feedhub_since": "2026-11-24Tx"}):
        with pytest.raises(HubRefused, match=r"feedhub\."):
            hub.ask(hub.receivers.at("x"), **wrong)


def test_whoever_asks_again_while_it_waits_to_be_approved_misses_nothing(both: Hub) -> None:
    hub = both
    object.__setattr__(hub.rules, "approval", {"*": "approve"})
    hub.subscribe("a")
    hub.publish("between")
    hub.subscribe("a", hub_lease_seconds="7200")
    (one,) = hub.subscriptions()
    assert one.state == "waiting"
    with hub.store.write() as tx:
        approve(tx, one.id, hub.clock.now())
    hub.deliver()
    assert b"between" in hub.got("a")[0].body


def test_those_that_wait_to_be_approved_count(make_hub: Callable[..., Hub]) -> None:
    hub = make_hub(most_per_topic=2, approval={"*": "approve"})
    hub.subscribe("a")
    hub.subscribe("b")
    with pytest.raises(HubRefused, match="as many subscribers"):
        hub.ask(hub.receivers.at("c"))
    hub.ask(hub.receivers.at("a"))
