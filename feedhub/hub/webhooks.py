"""Signed webhooks in the form of Standard Webhooks 1.0: how a message is signed, and where an event stands after a try.

Pure, given `now`. Retries as in `deliver.py`; 410 ends the webhook; ten failures within reach of each other hold it a
minute.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from feedhub.basics.backoff import retry_after
from feedhub.errors import UsageError
from feedhub.hub.breaker import FAILURES, OPEN_FOR
from feedhub.hub.deliver import SCHEDULE, Answered, next_wait
from feedhub.model.webhook import Event, Webhook

PREFIX = "whsec_"
# How long the secret before the last still signs.
CHANGE_OVER = timedelta(days=7)


def new_secret(token: str) -> str:
    """A secret of 256 bits; `token` is base64url without padding, as the dice throw it."""
    return PREFIX + base64.b64encode(base64.urlsafe_b64decode(token + "=")).decode()


def key_of_secret(secret: str) -> bytes:
    """The bytes that sign; UsageError when they are not 24 to 64."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise UsageError(f"A secret is {PREFIX} and the base64 of 24 to 64 random bytes.")
    return key


def message_fields(one: Webhook, event: Event, body: bytes, now: datetime) -> dict[str, str]:
    """The header fields of a message; the time of this try is signed, so that an old one cannot be played again."""
    stamp = str(int(now.timestamp()))
    secrets = [one.secret]
    if one.old_secret is not None and one.old_until is not None and now < one.old_until:
        secrets.append(one.old_secret)
    signed = f"{event.message_id}.{stamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(key_of_secret(it), signed, "sha256")).decode() for it in secrets)
    return {
        "Content-Type": "application/json",
        "webhook-id": event.message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{it}" for it in signatures),
    }


def after_message(
    one: Webhook, event: Event, answered: Answered, *, now: datetime, fraction: float
) -> tuple[Webhook, Event]:
    """The webhook and the event after a try; `fraction` in [0, 1) is the dice."""
    tried = replace(event, tries=event.tries + 1, status=answered.status or None)
    if 200 <= answered.status < 300:
        taken = replace(tried, next_try=None, outcome="taken", done_at=now)
        return replace(one, failures=0, held_until=None), taken
    why = answered.error or f"it answered {answered.status}"
    if answered.status == 410:
        return replace(one, state="gone"), replace(tried, next_try=None, outcome="given up", done_at=now)
    failures = one.failures + 1
    held = now + OPEN_FOR if failures >= FAILURES else one.held_until
    webhook = replace(one, failures=failures, held_until=held)
    if tried.tries >= len(SCHEDULE):
        return webhook, replace(tried, next_try=None, outcome="given up", done_at=now)
    wait = next_wait(tried.tries, fraction)
    asked = retry_after(answered.retry_after, now)
    return webhook, replace(tried, next_try=now + (max(wait, asked) if asked else wait), outcome=why[:300])
