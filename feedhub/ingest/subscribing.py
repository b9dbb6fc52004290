"""Our subscriptions at hubs, walked on by a job and by the hubs' own verifications:

    wanted ─→ asked (the hub verifies at our callback) ─→ active ─→ renewed under another callback ─→ leaving ─→ gone
                └── refused, unreachable: again later          └── lease over: polls are as before, and it is asked anew

Each lease has a callback and a secret of its own, both unguessable (WebSub §5, §8.1).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection

from feedhub.basics.backoff import LONGEST, backoff
from feedhub.errors import FetchError
from feedhub.ingest.incoming import LEASE_ASKED, lease_of, renew_after
from feedhub.ingest.means import Ingest
from feedhub.model.incoming import Incoming
from feedhub.ports.web import Bounds, WebRequest
from feedhub.store import incoming
from feedhub.store.pushes import distrust, takes_pushes
from feedhub.store.sources import get_source, make_due

MOST = 20
# A hub that took the request but never verifies is asked again.
UNVERIFIED = timedelta(minutes=15)
LEAVING_TRIES = 3


def callback(base_url: str, token: str) -> str:
    """The address that a hub calls."""
    return f"{base_url}/hub/in/{token}"


def walk_subscriptions(ingest: Ingest) -> list[str]:
    """Ask, renew and leave what is due; returns sentences for the log."""
    now = ingest.clock.now()
    with ingest.store.read() as tx:
        if not incoming.anything_to_do(tx, now):
            return []
    with ingest.store.write() as tx:
        due = incoming.claim(tx, now=now, most=MOST, again=now + UNVERIFIED)
        asked = [one for one in due if _goes_on(ingest, tx, one, now)]
    return [_ask(ingest, one) for one in asked]


def confirm(tx: Connection, token: str, *, mode: str, topic: str, lease_seconds: str | None, now: datetime) -> bool:
    """Whether we meant what a hub verifies; if so it stands from now on (WebSub §5.3)."""
    one = incoming.find(tx, token)
    if one is None or one.topic != topic:
        return False
    if mode == "subscribe" and one.state == "asked":
        lease = lease_of(lease_seconds)
        incoming.confirm(tx, one, lease=lease, renew_at=now + renew_after(lease), now=now)
        return True
    if mode == "unsubscribe" and one.state == "leaving":
        incoming.forget(tx, token)
        return True
    return False


def denied(tx: Connection, token: str, *, topic: str, reason: str, now: datetime) -> bool:
    """The hub denies or ends a subscription (WebSub §5.2): it is asked again in a day, and polls are as before."""
    one = incoming.find(tx, token)
    if one is None or one.topic != topic:
        return False
    if one.state == "leaving":
        incoming.forget(tx, token)
        return True
    if one.state == "active":
        _as_before(tx, one.source, now)
    said = f"the hub denied it: {reason[:200]}" if reason else "the hub denied it"
    incoming.postpone(tx, token, state="wanted", next_try=now + LONGEST, error=said)
    return True


def _goes_on(ingest: Ingest, tx: Connection, one: Incoming, now: datetime) -> bool:
    """Whether the hub is to be asked about this one; what needs no asking is done here."""
    over = one.lease_until is not None and one.lease_until <= now
    if one.state == "leaving":
        if over or one.tries > LEAVING_TRIES:
            incoming.forget(tx, one.token)
            return False
        return True
    if not takes_pushes(tx, one.source):
        incoming.forget(tx, one.token)  # its hub is told 410; after `source resume` the next poll wants it anew
        return False
    if one.state != "active":
        return True
    if over:
        incoming.forget(tx, one.token)
        _as_before(tx, one.source, now)
    else:
        incoming.postpone(tx, one.token, state="active", next_try=one.lease_until or now, error=None)
    # Whatever is asked for already goes on by itself.
    source = get_source(tx, one.source)
    if source.push != "off" and not incoming.is_asked_for(tx, one.source):
        token, secret = ingest.dice.token(), ingest.dice.token()
        incoming.add(tx, one.source, one.hub, one.topic, token=token, secret=secret, now=now)
    return False


def _as_before(tx: Connection, source: str, now: datetime) -> None:
    distrust(tx, source)
    if takes_pushes(tx, source):
        make_due(tx, source, now)


def _ask(ingest: Ingest, one: Incoming) -> str:
    leaving = one.state == "leaving"
    form = {
        "hub.mode": "unsubscribe" if leaving else "subscribe",
        "hub.topic": one.topic,
        "hub.callback": callback(ingest.base_url, one.token),
    }
    if not leaving:
        form |= {"hub.secret": one.secret, "hub.lease_seconds": str(int(LEASE_ASKED.total_seconds()))}
    request = WebRequest(
        one.hub,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode(),
        bounds=Bounds(wire_bytes=64 * 1024, plain_bytes=64 * 1024),
    )
    error: str | None = None
    try:
        response = ingest.web.send(request)
        if not 200 <= response.status < 300:
            said = response.body[:200].decode("utf-8", "replace").strip()
            error = f"the hub answered {response.status}" + (f": {said}" if said else "")
    except FetchError as failure:
        error = str(failure)
    now = ingest.clock.now()
    wait = UNVERIFIED if error is None else backoff(one.tries, ingest.dice.fraction())
    with ingest.store.write() as tx:
        incoming.settle(tx, one, next_try=now + wait, error=error)
    return f"source {one.source}: {form['hub.mode']} at {one.hub}: {error or 'asked'}"
