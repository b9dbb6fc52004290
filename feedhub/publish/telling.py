"""What a webhook is told of a change: the body of its message, made of the article as it stands (SEMANTICS 25)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from feedhub.basics.dates import fixed_offset, rfc3339
from feedhub.model.section import Portal
from feedhub.model.webhook import Event
from feedhub.publish.addresses import article_url
from feedhub.publish.pieces import written
from feedhub.store.article_reads import find_article


def message_body(tx: Connection, event: Event, portal: Portal) -> bytes | None:
    """`{"type", "timestamp", "data"}`; None when there is nothing to tell any more: what was withdrawn is never sent
    late."""
    data = _of_article(tx, event, portal) if event.article_id is not None else event.data
    if data is None:
        return None
    whole = {"type": event.type, "timestamp": rfc3339(event.at), "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _of_article(tx: Connection, event: Event, portal: Portal) -> dict[str, Any] | None:
    article = find_article(tx, event.article_id or "")
    if article is None:
        return None
    said: dict[str, Any] = {"id": article.public_id, "seq": event.seq, "sections": list(article.sections)}
    if event.type == "article.withdrawn":
        if article.state != "withdrawn":
            return None  # it is back, and its return is an event of its own
        said["when"] = rfc3339(fixed_offset(event.at))
        return said | ({"reason": article.withdrawn_reason} if article.withdrawn_reason else {})
    if article.state != "published":
        return None
    item = written(article, portal, "json", article.sections[0] if article.sections else "")
    if item is None:
        return None
    return said | {"url": article_url(portal, article), "item": json.loads(item)}
