"""/hub: subscribers ask here and publishers ping here (WebSub §5.1); for people, a page that explains it.

What is wrong is answered in plain text (WebSub §5.1.2). Accepted is 202: whether the callback means it is found out
afterwards.
"""

from __future__ import annotations

from flask import Flask, Response, request

from feedhub.errors import HubRefused
from feedhub.hub.rules import HUB_PATH
from feedhub.hub.subscribing import take_request
from feedhub.web.front import Front
from feedhub.web.replies import page, reply

_STATUS = {"topic_refused": 404, "callback_refused": 422, "secret_refused": 422, "too_many": 429}
_VARY = (("vary", "Accept"),)
_SHORT = (
    "This is a WebSub hub (https://www.w3.org/TR/websub/). POST a form here with hub.mode=subscribe, hub.topic and\n"
    "hub.callback. Topics are the feeds of this site at exactly the addresses that they state as rel=self.\n"
)


def register(app: Flask, site: Front) -> None:
    """Add the hub to the application."""

    @app.post(HUB_PATH)
    def ask() -> Response:
        try:
            words = take_request(
                site.store,
                site.hub_rules,
                request.get_data(cache=False),
                request.headers.get("Content-Type", ""),
                now=site.clock.now(),
            )
        except HubRefused as refused:
            response = _text(_STATUS.get(refused.code, 400), refused.message)
            if refused.retry_after is not None:
                response.headers["Retry-After"] = str(refused.retry_after)
            return response
        return _text(202, words)

    @app.get(HUB_PATH)
    def explain() -> Response:
        if request.accept_mimetypes.best_match(["text/plain", "text/html"], default="text/plain") != "text/html":
            response = _text(200, _SHORT.rstrip())
        else:
            example = next(iter(site.sections.values()))
            response = reply(page("hub.html", hub=site.absolute(HUB_PATH), feeds=site.feeds_of(example)))
        response.headers["Vary"] = "Accept, Accept-Encoding"
        return response


def _text(status: int, words: str) -> Response:
    response = Response(f"{words}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
