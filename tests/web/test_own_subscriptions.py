"""/hub/subscriptions: a partner sees its own, under its key, and nobody else's."""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from feedhub.model.hub import SubscriptionRequest
from feedhub.model.webhook import Webhook
from feedhub.store.subscription_requests import list_requests
from feedhub.store.subscriptions import confirm
from feedhub.store.topics import ensure_topic
from feedhub.store.webhooks import add_webhook
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
    subscribes_only = add(site.store, "writer", scopes=("subscribe",))
    refused = site.get("/hub/subscriptions", Authorization=f"Bearer {subscribes_only}")
    assert (refused.status, "not for read" in refused.text) == (403, True)
    refused = site.get("/hub", "POST", b"hub.mode=x", Content_Type=FORM, Authorization="Bearer fhk_wrong")
    assert refused.status == 401


def test_of_every_dialect(start: Callable[..., Running]) -> None:
    site = start()
    key = {"Authorization": f"Bearer {add(site.store)}"}
    topic = site.site.portal.base_url + RSS
    form = f"port=80&path=/x&protocol=http-post&domain=receiver.example&url1={topic}".encode()
    assert 'success="true"' in site.get("/rsscloud/pleaseNotify", "POST", form, Content_Type=FORM, **key).text
    call = xmlrpc.client.dumps(("go", 80, "/y", "xml-rpc", [topic], "receiver.example"), "rssCloud.pleaseNotify")
    assert "<boolean>1" in site.get("/RPC2", "POST", call.encode(), Content_Type="text/xml", **key).text
    wrong = {"Authorization": "Bearer fhk_wrong"}
    assert "not known" in site.get("/rsscloud/pleaseNotify", "POST", form, Content_Type=FORM, **wrong).text
    assert "fault" in site.get("/RPC2", "POST", call.encode(), Content_Type="text/xml", **wrong).text
    hook = Webhook(id="", name="hook", url="https://a.example/hook", secret="whsec_hush", created_at=NOW)
    with site.store.write() as tx:
        for asked in list_requests(tx):
            assert asked.partner == "news-site"
            confirm(tx, asked, lease=timedelta(hours=25), answer_ms=1, now=NOW)
        add_webhook(tx, replace(hook, partner="news-site"))
        add_webhook(tx, replace(hook, name="other"))
    found = json.loads(site.get("/hub/subscriptions", **key).text)
    assert sorted((one["dialect"], one["callback"]) for one in found) == [
        ("rsscloud", "http://receiver.example:80/x"),
        ("rsscloud", "http://receiver.example:80/y"),
        ("webhook", "https://a.example/hook"),
    ]
    assert "hush" not in site.get("/hub/subscriptions", **key).text
    (one,) = json.loads(site.get("/hub/subscriptions?callback=hook", **key).text)
    assert (one["id"], one["waiting"], one["given_up"]) == ("hook", 0, 0)


def _subscribed(site: Running, partner: str) -> None:
    with site.store.write() as tx:
        topic = ensure_topic(tx, RSS, foreign=False, seq=0)
        asked = SubscriptionRequest(
            id="1", mode="subscribe", topic_id=topic.id, topic=RSS, asked_topic=RSS, callback="https://a.example/x",
            host="a.example", dialect="websub", lease_seconds=1, secret="never shown", asked_at=NOW, next_try=NOW,
        )  # fmt: skip
        confirm(tx, replace(asked, partner=partner), lease=timedelta(days=1), answer_ms=1, now=NOW)
