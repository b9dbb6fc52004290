"""The hub's commands without a service: what they print as JSON and for people, and what they set going."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from feedhub.hub.signing import delivery_id
from feedhub.model.hub import Attempt, Subscription, SubscriptionRequest
from feedhub.store.attempts import record_attempts
from feedhub.store.engine import Store
from feedhub.store.hub_tables import subscriptions
from feedhub.store.subscription_requests import add_request
from feedhub.store.subscriptions import confirm, list_subscriptions
from feedhub.store.topics import document_seq, ensure_topic
from tests.flows.conftest import Home

TOPIC, OTHER, SECRET = "/rss/life/health.xml", "/json/life/health.json", "never shown"
SHOWN = {name for name in Subscription.__dataclass_fields__ if name not in ("secret", "fence")} | {"signed"}


@pytest.fixture
def listed(home: Home) -> Home:
    """Three subscriptions: one that took everything, one given up, one of another topic given up."""
    home.run("section", "list")
    store, now = Store(f"sqlite:///{home.folder}/var/feedhub.db"), datetime.now(UTC)
    with store.write() as tx:
        for number, path in ((1, TOPIC), (2, TOPIC), (3, OTHER)):
            topic = ensure_topic(tx, path, foreign=False, seq=document_seq(tx, path) or 0)
            asked = SubscriptionRequest(
                id=str(number), mode="subscribe", topic_id=topic.id, topic=path, asked_topic=home.base + path,
                callback=f"http://127.0.0.1:9/{number}", host="127.0.0.1", dialect="websub", lease_seconds=864_000,
                secret=SECRET, asked_at=now, next_try=now,
            )  # fmt: skip
            add_request(tx, asked)
            confirm(tx, asked, lease=timedelta(days=10), answer_ms=1, now=now)
        row = subscriptions.c
        taken = {"last_status": 204, "last_at": now, "acked_seq": 7}
        tx.execute(update(subscriptions).where(row.id == 1).values(**taken))
        given_up = {"stopped_seq": 9, "stopped_at": now, "reason": "it answered 500", "last_status": 500}
        tx.execute(update(subscriptions).where(row.id > 1).values(**given_up, last_at=now))
        for one in list_subscriptions(tx, stopped=True):
            tried = {"topic": one.topic, "callback": one.callback, "catch_up": False, "answer_ms": 3}
            record_attempts(tx, [
                Attempt(id="", subscription_id=one.id, delivery_id="dlv_x", seq=9, at=now, number=11,
                        outcome="gave_up", status=500, reason="it answered 500", **tried)
            ])  # fmt: skip
    store.close()
    return home


def stopped(home: Home) -> list[str]:
    return [one["id"] for one in home.json("hub", "list", "--stopped")]


def test_json_of_every_list_and_show(listed: Home) -> None:
    found: list[dict[str, Any]] = listed.json("hub", "list")
    assert [one["id"] for one in found] == ["1", "2", "3"]
    assert all(set(one) == SHOWN and one["signed"] is True for one in found)
    assert [one["id"] for one in listed.json("hub", "list", "--topic", listed.base + TOPIC)] == ["1", "2"]
    requests = listed.json("hub", "list", "--requests")
    assert [one["id"] for one in requests] == ["3", "2", "1"] and {one["secret"] for one in requests} == {None}
    one = listed.json("hub", "show", "1")
    assert set(one) == SHOWN | {"topic_seq", "attempts"}
    (made,) = one["attempts"]
    assert (made["outcome"], made["number"], made["seq"], made["status"]) == ("delivered", 1, 7, 204)
    assert made["delivery_id"] == delivery_id("1", 7)
    tries = listed.json("hub", "deliveries")
    assert sorted((it["subscription_id"], it["outcome"]) for it in tries) == [
        ("1", "delivered"), ("2", "gave_up"), ("3", "gave_up")
    ]  # fmt: skip
    assert all(set(it) == set(Attempt.__dataclass_fields__) for it in tries)
    assert [it["subscription_id"] for it in listed.json("hub", "deliveries", "--subscription", "3")] == ["3"]
    assert listed.json("hub", "canary") == [] == listed.json("hub", "webhook", "list")
    words = listed.run("hub", "show", "1").stdout + listed.run("hub", "deliveries").stdout
    assert "delivered" in words and "204" in words and SECRET not in words + str(found)


def test_what_was_given_up_is_set_going(listed: Home) -> None:
    assert stopped(listed) == ["2", "3"]
    assert listed.run("hub", "replay", "--stopped", "--topic", listed.base + OTHER).stdout == "to be sent now: 1\n"
    assert stopped(listed) == ["2"]
    assert listed.run("hub", "replay", "--stopped").stdout == "to be sent now: 1\n"
    assert stopped(listed) == [] and listed.json("hub", "show", "2")["acked_seq"] == 0
    assert listed.run("hub", "replay", "--stopped").stdout == "to be sent now: 0\n"
    for words in (("replay",), ("replay", "1", "--stopped"), ("replay", "1", "--topic", TOPIC),
                  ("replay", "1", "--since", "1", "--last", "2"), ("replay", "1", "--since", "9" * 19),
                  ("replay", "1", "--since", "yesterday")):  # fmt: skip
        assert listed.run("hub", *words, check=False).returncode == 2, words
    missing = listed.run("hub", "replay", "77", check=False)
    assert missing.returncode == 1 and "77" in missing.stderr


def test_webhooks_and_callbacks_as_json(listed: Home) -> None:
    reach = {"FEEDHUB__NET__CALLBACK_REACH__ALLOW": json.dumps(["127.0.0.0/8"])}
    listed.environ |= reach
    made = listed.json("partner", "add", "daily")
    hook = listed.json("hub", "webhook", "add", "hook", "http://127.0.0.1:9/", "--partner", "daily")
    (one,) = listed.json("hub", "webhook", "list")
    assert (one["partner"], one["waiting"], one["given_up"]) == ("daily", 0, 0) and "secret" not in one
    assert hook["secret"] not in str(one) and made["key"] not in str(listed.json("partner", "list"))
    assert listed.json("hub", "webhook", "events", "hook") == []
    assert listed.json("hub", "webhook", "rotate", "hook")["secret"] != hook["secret"]
    assert listed.run(
        "hub", "webhook", "add", "x", "http://127.0.0.1:9/", "--partner", "nobody", check=False
    ).returncode
    tested = listed.run("hub", "test-callback", "http://127.0.0.1:9/", "--json", check=False)
    assert tested.returncode == 1
    assert [(it["step"], it["passed"]) for it in json.loads(tested.stdout)] == [("address", True), ("reachable", False)]
