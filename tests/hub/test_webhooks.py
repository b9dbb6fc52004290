"""Webhooks: events in the transaction of the change, signed, retried under one id, given up, replayed, rotated."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import update

from feedhub.hub.deliver import SCHEDULE
from feedhub.hub.webhooks import new_secret
from feedhub.jobs.webhooks import Webhooks
from feedhub.model.webhook import Event, Webhook
from feedhub.ports.dice import SystemDice
from feedhub.publish.telling import message_body
from feedhub.store.alerts import clear_alert, raise_alert
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.sources import add_source, set_condition
from feedhub.store.webhook_tables import webhook_events
from feedhub.store.webhooks import (
    add_webhook,
    claim_events,
    list_events,
    list_webhooks,
    note_source,
    replay_events,
    rotate_webhook,
)
from tests.hub.conftest import Hub
from tests.hub.receivers import Taken
from tests.kit import a_source, an_article

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def receiver() -> Iterator[ModuleType]:
    """The sample of the docs."""
    spec = importlib.util.spec_from_file_location(
        "webhook_receiver", ROOT / "docs" / "examples" / "webhook_receiver.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module


class Desk:
    """A hub with one webhook, beaten by hand."""

    def __init__(self, hub: Hub, **values: Any) -> None:
        self.hub = hub
        self.secret = new_secret(SystemDice().token())
        plain = {
            "id": "",
            "name": "p",
            "url": hub.receivers.at("p"),
            "secret": self.secret,
            "created_at": hub.clock.now(),
        }
        with hub.store.write() as tx:
            self.hook = add_webhook(tx, Webhook(**(plain | values)))
        make = partial(message_body, portal=hub.style.portal)
        self.job = Webhooks(hub.store, hub.web, hub.clock, SystemDice(), make)

    def beat(self, **later: float) -> list[Taken]:
        self.hub.clock.pass_(**later)
        self.job.beat()
        self.job.wait()
        return self.hub.receivers.deliveries["p"]

    def events(self) -> list[Event]:
        with self.hub.store.read() as tx:
            return list_events(tx, self.hook.id)[::-1]


@pytest.fixture
def desk(both: Hub) -> Iterator[Desk]:
    made = Desk(both)
    yield made
    made.job.close()


def said(taken: Taken) -> tuple[str, str | None]:
    whole = json.loads(taken.body)
    return whole["type"], whole["data"].get("id") or whole["data"].get("source")


def test_what_happens_is_told_in_order_and_signed(desk: Desk, receiver: ModuleType) -> None:
    hub = desk.hub
    hub.publish("a", "b")
    with hub.store.write() as tx:
        put_article(tx, an_article("a", title="Corrected"), now=hub.clock.now(), late=False, by="test")
    withdraw = partial(withdraw_article, now=hub.clock.now(), by="test", reason="over")
    with hub.store.write() as tx:
        withdraw(tx, "b")
        add_source(tx, a_source("s"), hub.clock.now())
        set_condition(tx, "s", "paused", now=hub.clock.now())
        raise_alert(tx, source="s", code="failing", text="It fails.", now=hub.clock.now())
        raise_alert(tx, source="s", code="failing", text="It still fails.", now=hub.clock.now())
        clear_alert(tx, source="s", code="failing", now=hub.clock.now())
    taken = desk.beat()
    tag = "tag:example.org,2018:article/"
    # b was withdrawn before it was told of: nothing withdrawn is sent late (SEMANTICS 25).
    assert [said(it) for it in taken] == [
        ("article.published", f"{tag}a"), ("article.corrected", f"{tag}a"), ("article.withdrawn", f"{tag}b"),
        ("source.state_changed", "s"), ("source.state_changed", "s"), ("source.state_changed", "s"),
    ]  # fmt: skip
    states = [json.loads(it.body)["data"]["state"] for it in taken[3:]]
    assert states == ["paused", "failing", "failing cleared"]
    assert json.loads(taken[1].body)["data"]["item"]["title"] == "Corrected"
    now = hub.clock.now().timestamp()
    for it in taken:
        status, event = receiver.take(desk.secret, it.headers, it.body, now)
        assert status == 200 and event == json.loads(it.body)
        assert receiver.take(desk.secret, it.headers, it.body, now) == (200, None)  # a repeat
        assert receiver.take(desk.secret, it.headers, it.body, now + 301) == (400, None)  # played again later
        assert receiver.take(desk.secret, it.headers, it.body + b" ", now) == (400, None)
        assert receiver.take(new_secret(SystemDice().token()), it.headers, it.body, now) == (400, None)
    assert {one.outcome for one in desk.events()} == {"taken", "overtaken"}
    assert desk.beat() == taken


def test_a_change_that_is_undone_leaves_no_event(desk: Desk) -> None:
    with pytest.raises(RuntimeError), desk.hub.store.write() as tx:
        put_article(tx, an_article("a"), now=desk.hub.clock.now(), late=False, by="test")
        raise RuntimeError
    assert desk.events() == []


def test_tries_have_one_id_and_one_body_and_end(desk: Desk) -> None:
    hub = desk.hub
    hub.receivers.behave["p"].status = 500
    hub.publish("a")
    for wait in SCHEDULE:
        desk.beat(seconds=wait.total_seconds() * 1.2 + 61)
    tries = hub.receivers.deliveries["p"]
    assert len(tries) == len(SCHEDULE)
    assert len({(it.headers["webhook-id"], it.body) for it in tries}) == 1
    assert len({it.headers["webhook-timestamp"] for it in tries}) == len(SCHEDULE)
    (event,) = desk.events()
    assert (event.outcome, event.tries, event.next_try) == ("given up", 11, None)
    hub.receivers.behave["p"].status = 200
    with hub.store.write() as tx:
        assert replay_events(tx, desk.hook.id, hub.clock.now(), since=None, last=None) == 1
    desk.beat()
    assert tries[-1].headers["webhook-id"] == event.message_id and len(tries) == 12
    assert [one.outcome for one in desk.events()] == ["taken"]


def test_a_dead_letter_of_many_is_replayed_in_order_once(desk: Desk) -> None:
    hub = desk.hub
    hub.receivers.behave["p"].status = 410
    hub.publish(*(f"n{number:03}" for number in range(60)))
    desk.beat()
    with hub.store.read() as tx:
        assert [one.state for one in list_webhooks(tx)] == ["gone"]
    hub.receivers.behave["p"].status = 200
    hub.receivers.deliveries["p"].clear()
    with hub.store.write() as tx:
        replay_events(tx, desk.hook.id, hub.clock.now(), since=None, last=60)
    taken = desk.beat()
    assert [it.headers["webhook-id"] for it in taken] == [one.message_id for one in desk.events()]
    assert len({it.headers["webhook-id"] for it in taken}) == 60


def test_ten_failures_hold_it_a_minute(make_hub: Callable[..., Hub]) -> None:
    desk = Desk(make_hub())
    desk.hub.receivers.behave["p"].status = 503
    desk.hub.publish(*(f"n{number:02}" for number in range(30)))
    assert len(desk.beat()) == 10
    desk.hub.receivers.behave["p"].status = 200
    assert len(desk.beat(seconds=30)) == 10
    assert len(desk.beat(seconds=40)) == 40
    desk.job.close()


def test_two_signatures_while_a_secret_changes(make_hub: Callable[..., Hub], receiver: ModuleType) -> None:
    desk = Desk(make_hub())
    hub, new = desk.hub, new_secret(SystemDice().token())
    with hub.store.write() as tx:
        rotate_webhook(tx, "p", new, hub.clock.now() + timedelta(days=7))
    hub.publish("a")
    (taken,) = desk.beat()
    assert taken.headers["webhook-signature"].count("v1,") == 2
    now = hub.clock.now().timestamp()
    assert receiver.verify(new, taken.headers, taken.body, now) == receiver.verify(
        desk.secret, taken.headers, taken.body, now
    )
    hub.clock.pass_(days=8)
    hub.publish("b")
    assert desk.beat()[-1].headers["webhook-signature"].count("v1,") == 1
    desk.job.close()


def test_it_hears_what_it_asked_for(make_hub: Callable[..., Hub]) -> None:
    desk = Desk(make_hub(), events=("article.withdrawn",), sections=("life",))
    hub = desk.hub
    hub.publish("here", sections=("life/health",))
    hub.publish("there")
    for id_ in ("here", "there"):
        hub.withdraw(id_)
    assert [said(it) for it in desk.beat()] == [("article.withdrawn", "tag:example.org,2018:article/here")]
    assert desk.secret not in repr(desk.hook)
    desk.job.close()


def test_a_retry_tells_nothing_that_was_withdrawn_meanwhile(desk: Desk) -> None:
    hub = desk.hub
    hub.receivers.behave["p"].status = 500
    hub.publish("a")
    assert [said(it)[0] for it in desk.beat()] == ["article.published"]
    hub.receivers.behave["p"].status = 200
    hub.withdraw("a")
    assert [said(it)[0] for it in desk.beat(seconds=60)][1:] == ["article.withdrawn"]
    assert [one.outcome for one in desk.events()] == ["overtaken", "taken"]


def test_a_retry_tells_no_older_text_after_a_newer_one(desk: Desk) -> None:
    hub = desk.hub
    hub.receivers.behave["p"].status = 500
    hub.publish("a", title="Older")
    desk.beat()
    hub.receivers.behave["p"].status = 200
    with hub.store.write() as tx:
        put_article(tx, an_article("a", title="Newer"), now=hub.clock.now(), late=False, by="test")
    desk.beat()
    taken = desk.beat(seconds=60)
    assert [json.loads(it.body)["data"]["item"]["title"] for it in taken] == ["Older", "Newer"]
    assert [one.outcome for one in desk.events()] == ["overtaken", "taken"]


def test_one_worker_at_a_time_tells_a_webhook(desk: Desk) -> None:
    hub = desk.hub
    hub.publish(*(f"n{number:02}" for number in range(30)))
    with hub.store.write() as tx:  # a worker that dies with its claim
        assert len(claim_events(tx, desk.hook.id, now=hub.clock.now(), lease=timedelta(minutes=2), most=20)) == 20
    assert desk.beat(seconds=60) == []
    taken = desk.beat(seconds=61)
    assert [it.headers["webhook-id"] for it in taken] == [one.message_id for one in desk.events()]


@pytest.mark.long
def test_ten_thousand_given_up_are_replayed_in_order_once(make_hub: Callable[..., Hub]) -> None:
    """PROMISES B10 140."""
    desk = Desk(make_hub())
    hub, now = desk.hub, desk.hub.clock.now()
    for first in range(0, 10_000, 1000):
        with hub.store.write() as tx:
            for number in range(first, first + 1000):
                note_source(tx, f"s{number}", "failing", now)
    with hub.store.write() as tx:
        tx.execute(update(webhook_events).values(outcome="given up", next_try=None, done_at=now, tries=11))
    assert desk.beat() == []
    with hub.store.write() as tx:
        assert replay_events(tx, desk.hook.id, now, since=None, last=None) == 10_000
    begun = time.process_time()
    taken = desk.beat()
    print(f"10,000 events replayed: {time.process_time() - begun:.1f} s of processor, both ends", file=sys.stderr)
    ids = [it.headers["webhook-id"] for it in taken]
    with hub.store.read() as tx:
        assert ids == [one.message_id for one in list_events(tx, desk.hook.id, limit=10_001)[::-1]]
    assert len(set(ids)) == 10_000
    desk.job.close()
