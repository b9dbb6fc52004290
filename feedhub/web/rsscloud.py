"""/rsscloud/pleaseNotify, /rsscloud/ping and /RPC2: the hub in the dialect of rssCloud (SEMANTICS 28).

REST answers in XML, or in JSON to those who ask for it; XML-RPC answers with true, or a fault that says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.sax.saxutils import quoteattr

from flask import Flask, Response, request

from feedhub.errors import AccessRefused, HubRefused
from feedhub.hub.rsscloud import Registration, ping, read_form, read_parameters
from feedhub.hub.rsscloud import register as take
from feedhub.hub.xmlrpc import Value, read_call, write_answer, write_fault
from feedhub.web.front import Front
from feedhub.web.keys import partner_here

_XML = "text/xml; charset=utf-8"


def register(app: Flask, site: Front) -> None:
    """Add the addresses to the application."""

    @app.post("/rsscloud/pleaseNotify")
    def please_notify() -> Response:
        form, caller = request.form.to_dict(), request.remote_addr or ""
        return _rest("notifyResult", lambda: _take(site, read_form(form, caller)))

    @app.post("/rsscloud/ping")
    def take_ping() -> Response:
        topic = request.form.get("url", "")
        return _rest("result", lambda: ping(site.store, site.hub_rules, topic, site.clock.now()))

    @app.post("/RPC2")
    def call() -> Response:
        try:
            method, values = read_call(request.get_data(cache=False))
            _called(site, method, values, request.remote_addr or "")
        except (HubRefused, AccessRefused) as refused:
            return _answer(write_fault(4, refused.message), _XML)
        return _answer(write_answer(good=True), _XML)


def _take(site: Front, asked: Registration) -> str:
    partner = partner_here(site, "subscribe")
    return take(site.store, site.hub_rules, asked, site.clock.now(), partner.name if partner else None)


def _called(site: Front, method: str, values: list[Value], caller: str) -> None:
    if method == "rssCloud.pleaseNotify":
        _take(site, read_parameters(values, caller))
    elif method == "rssCloud.ping" and len(values) == 1:
        ping(site.store, site.hub_rules, str(values[0]), site.clock.now())
    else:
        raise HubRefused(f"There is no method {method[:60]} with {len(values)} parameters here.")


def _rest(name: str, work: Callable[[], str]) -> Response:
    try:
        words, good = work(), True
    except (HubRefused, AccessRefused) as refused:
        words, good = refused.message, False
    if request.accept_mimetypes.best_match(["text/xml", "application/json"], default="text/xml") == "application/json":
        body = json.dumps({"success": good, "msg": words}, ensure_ascii=False) + "\n"
        return _answer(body.encode(), "application/json")
    said = f'<?xml version="1.0"?>\n<{name} success="{str(good).lower()}" msg={quoteattr(words)}/>\n'
    return _answer(said.encode(), _XML)


def _answer(body: bytes, content_type: str) -> Response:
    # The dialect says in its body whether it worked; its clients take another status for a broken server.
    response = Response(body, 200, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    return response
