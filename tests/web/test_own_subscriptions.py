"""/hub/subscriptions: a partner sees its own, under its key, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from feedhub.model.hub import SubscriptionRequest
from feedhub.store.subscriptions import confirm
from feedhub.store.topics import ensure_topic
from tests.hub.conftest import FORM, RSS
from tests.hub.test_partners import add
from tests.kit import NOW
from tests.web.conftest import Running


def test_one_sees_ones_own_alone(start: Callable[..., Running]) -> None:
    site = start()
    key, other = add(site.store), add(site.store, "other")
    found = site.get("/hub/subscriptions")
    assert (found.status, found.headers["www-authenticate"]) == (401, "Bearer")
    fields = {"Authorization": f"Bearer {key}"}
    assert site.get("/hub/subscriptions", **fields).text == "[]\n"
    _subscribed(site, "news-site")
    (one,) = json.loads(site.get("/hub/subscriptions?topic=local", **fields).text)
    assert one["topic"].endswith(RSS) and "secret" not in one and one["signed"] is True
    assert json.loads(site.get("/hub/subscriptions?topic=health", **fields).text) == []
    assert json.loads(site.get("/hub/subscriptions", Authorization=f"Bearer {other}").text) == []
    refused = site.get("/hub", "POST", b"hub.mode=x", Content_Type=FORM, Authorization="Bearer fhk_wrong")
    assert refused.status == 401


def _subscribed(site: Running, partner: str) -> None:
    with site.store.write() as tx:
        topic = ensure_topic(tx, RSS, foreign=False, seq=0)
        asked = SubscriptionRequest(
            id="1", mode="subscribe", topic_id=topic.id, topic=RSS, asked_topic=RSS, callback="https://a.example/x",
            host="a.example", dialect="websub", lease_seconds=1, secret="never shown", asked_at=NOW, next_try=NOW,
        )  # fmt: skip
        confirm(tx, replace(asked, partner=partner), lease=timedelta(days=1), answer_ms=1, now=NOW)
