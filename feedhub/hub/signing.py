"""What a delivery carries beside its bytes: signature, links, sequence (WebSub §7, SEMANTICS 25)."""

from __future__ import annotations

import hmac
import string
from urllib.parse import quote

from feedhub.basics.digests import digest
from feedhub.model.hub import Content, Cursor, Delivery, Signature

# A foreign topic may be written with other characters; a field of HTTP may not (RFC 3986 §2.1).
_ASCII = string.punctuation


def delivery_of(subscription: Cursor, content: Content) -> Delivery:
    """A try to bring content to a receiver. Its id follows from what it is, so all tries have the same, in whatever
    process, and there is nothing to store for it."""
    made = delivery_id(subscription.id, content.seq, catch_up=content.catch_up)
    return Delivery(id=made, subscription=subscription, content=content)


def delivery_id(subscription_id: str, seq: int, *, catch_up: bool = False) -> str:
    """The id of what brings a receiver up to a number."""
    found = digest("delivery", subscription_id, str(seq), "catch-up" if catch_up else "")
    return f"dlv_{found[:32]}"


def signature_of(secret: str, body: bytes, method: Signature) -> str:
    """X-Hub-Signature: `method=hex`, HMAC over the bytes of the body (WebSub §7.1)."""
    return f"{method}={hmac.digest(secret.encode(), body, method).hex()}"


def delivery_fields(delivery: Delivery, hub_url: str) -> dict[str, str]:
    """The header fields of a delivery; `FeedHub-Since` tells what the receiver had before: a gap can be seen."""
    subscription, content = delivery.subscription, delivery.content
    if subscription.dialect == "rsscloud":
        return {"Content-Type": content.content_type}
    fields = {
        "Content-Type": content.content_type,
        "Link": f'<{hub_url}>; rel="hub", <{quote(content.address, safe=_ASCII)}>; rel="self"',
        "FeedHub-Sequence": str(content.seq),
        "FeedHub-Since": str(subscription.acked_seq),
        "FeedHub-Delivery": delivery.id,
    }
    if content.catch_up:
        fields["FeedHub-Catch-Up"] = "1"
    if subscription.secret:
        fields["X-Hub-Signature"] = signature_of(subscription.secret, content.body, subscription.signature)
    return fields
