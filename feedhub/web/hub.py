"""/hub: subscribers ask here and publishers ping here (WebSub §5.1); for people, a page that explains it.

What is wrong is answered in plain text (WebSub §5.1.2). Accepted is 202: whether the callback means it is found out
afterwards.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import Connection

from feedhub.basics.dates import rfc3339
from feedhub.errors import AccessRefused, HubRefused
from feedhub.hub.rules import HUB_PATH
from feedhub.hub.subscribing import take_request
from feedhub.model.hub import Subscription
from feedhub.model.webhook import Webhook
from feedhub.store.subscriptions import list_subscriptions
from feedhub.store.webhooks import count_waiting, list_webhooks
from feedhub.web.front import Front
from feedhub.web.keys import partner_here
from feedhub.web.replies import page, reply

_MOST = 10_000
_STATUS = {"key_needed": 401, "topic_refused": 404, "callback_refused": 422, "secret_refused": 422, "too_many": 429}
_SHORT = (
    "This is a WebSub hub (https://www.w3.org/TR/websub/). POST a form here with hub.mode=subscribe, hub.topic and\n"
    "hub.callback. Topics are the feeds of this site at exactly the addresses that they state as rel=self.\n"
)


def register(app: Flask, site: Front) -> None:
    """Add the hub to the application."""

    @app.post(HUB_PATH)
    def ask() -> Response:
        try:
            partner = partner_here(site, "subscribe")
            words = take_request(
                site.store,
                site.hub_rules,
                request.get_data(cache=False),
                request.headers.get("Content-Type", ""),
                now=site.clock.now(),
                partner=partner.name if partner else None,
            )
        except AccessRefused as refused:
            return _locked(refused)
        except HubRefused as refused:
            response = _text(_STATUS.get(refused.code, 400), refused.message)
            if refused.retry_after is not None:
                response.headers["Retry-After"] = str(refused.retry_after)
            return response
        return _text(202, words)

    @app.get(f"{HUB_PATH}/subscriptions")
    def mine() -> Response:
        try:
            partner = partner_here(site, "read")
        except AccessRefused as refused:
            return _locked(refused)
        if partner is None:
            return _locked(AccessRefused("Your subscriptions are listed under your key: Authorization: Bearer fhk_…"))
        asked = {name: request.args.get(name, "") for name in ("topic", "callback", "state")}
        with site.store.read() as tx:
            shown = [_shown(one, site) for one in list_subscriptions(tx, partner=partner.name, limit=_MOST)]
            shown += [_shown_webhook(tx, one) for one in list_webhooks(tx, partner=partner.name)]
        kept = [one for one in shown if all(value in str(one.get(name, "")) for name, value in asked.items())]
        response = Response(json.dumps(kept, ensure_ascii=False) + "\n", content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get(HUB_PATH)
    def explain() -> Response:
        if request.accept_mimetypes.best_match(["text/plain", "text/html"], default="text/plain") != "text/html":
            response = _text(200, _SHORT.rstrip())
        else:
            example = next(iter(site.sections.values()))
            response = reply(page("hub.html", hub=site.absolute(HUB_PATH), feeds=site.feeds_of(example)))
        response.headers["Vary"] = "Accept, Accept-Encoding"
        return response


def _locked(refused: AccessRefused) -> Response:
    response = _text(403 if refused.code == "key_not_for_this" else 401, refused.message)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _shown(one: Subscription, site: Front) -> dict[str, Any]:
    """A subscription as its subscriber may see it."""
    return {
        "id": one.id,
        "topic": site.hub_rules.address_of(one.topic, foreign=one.foreign),
        "callback": one.callback,
        "dialect": one.dialect,
        "state": one.state,
        "lease_until": rfc3339(one.lease_until),
        "sequence": one.acked_seq,
        "signed": one.secret is not None,
        "tries": one.tries,
        "stopped": one.stopped_seq is not None,
        "reason": one.reason,
    }


def _shown_webhook(tx: Connection, one: Webhook) -> dict[str, Any]:
    """A webhook as its partner may see it."""
    waiting, given_up = count_waiting(tx, one.id)
    return {
        "id": one.name,
        "callback": one.url,
        "dialect": "webhook",
        "state": one.state,
        "events": one.events,
        "sections": one.sections,
        "waiting": waiting,
        "given_up": given_up,
    }


def _text(status: int, words: str) -> Response:
    response = Response(f"{words}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
