"""/hub/in/<token>: hubs verify our subscriptions here and deliver to them (WebSub §5.3, §7).

Answered at once; what was delivered is kept as a row, and a job walks it on. Nothing that a delivery says of itself,
its Link header least of all, decides what it belongs to: the token does.
"""

from __future__ import annotations

from flask import Flask, Response, request

from feedhub.basics.text import one_line
from feedhub.ingest.incoming import genuine, takes_sha1
from feedhub.ingest.subscribing import confirm, denied
from feedhub.store.incoming import find
from feedhub.store.pushes import count_refused, keep_push, takes_pushes, waiting
from feedhub.store.sources import recall_source
from feedhub.web.front import Front

MOST_WAITING = 20
_LONGEST_CHALLENGE = 4096


def register(app: Flask, site: Front) -> None:
    """Add the callback of our subscriptions to the application."""

    @app.get("/hub/in/<token>")
    def verify(token: str) -> Response:
        asked = request.args
        mode, topic, challenge = asked.get("hub.mode", ""), asked.get("hub.topic", ""), asked.get("hub.challenge", "")
        reason = one_line(asked.get("hub.reason", ""))
        now = site.clock.now()
        with site.store.read() as tx:
            if find(tx, token) is None:
                return _answer(404, "No such subscription was asked for.")
        with site.store.write() as tx:
            if mode == "denied":
                known = denied(tx, token, topic=topic, reason=reason, now=now)
                return _answer(200 if known else 404, "")
            if not 0 < len(challenge) <= _LONGEST_CHALLENGE:
                return _answer(404, "There is nothing to verify.")
            lease = asked.get("hub.lease_seconds")
            meant = confirm(tx, token, mode=mode, topic=topic, lease_seconds=lease, now=now)
        return _answer(200, challenge) if meant else _answer(404, "No such subscription was asked for.")

    @app.post("/hub/in/<token>")
    def deliver(token: str) -> Response:
        body = request.get_data(cache=False)
        with site.store.read() as tx:
            one = find(tx, token)
        if one is None or one.state not in ("active", "leaving", "publisher"):
            return _answer(410, "There is no such subscription.")
        with site.store.write() as tx:
            source, _ = recall_source(tx, one.source)
            proof = genuine(request.headers.get("X-Hub-Signature"), one.secret, body, sha1=takes_sha1(source))
            if proof != "good":
                count_refused(tx, one.source)
                # Taken and thrown away (WebSub §7.1); one without any signature is no delivery of ours.
                return _answer(202, "") if proof == "wrong" else _answer(403, "The delivery is not signed.")
            if not body.strip() or not takes_pushes(tx, one.source):
                return _answer(202, "")
            if waiting(tx, one.source) >= MOST_WAITING:
                return _answer(503, "Too much waits here for this source.")
            keep_push(tx, one, body, request.headers.get("Content-Type"), now=site.clock.now())
        return _answer(202, "")


def _answer(status: int, words: str) -> Response:
    response = Response(words, status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = "60"
    return response
