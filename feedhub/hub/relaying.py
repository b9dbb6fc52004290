"""Foreign topics: what an operator allows beside our own is fetched when its publisher pings, and sent byte-equal."""

from __future__ import annotations

import logging
from datetime import timedelta

from feedhub.errors import FetchError
from feedhub.model.hub import Topic
from feedhub.ports.clock import Clock
from feedhub.ports.web import Web, WebRequest
from feedhub.store.engine import Store
from feedhub.store.topics import end_fetch, fetches_due, note_fetch_failed, store_foreign, take_fetch

log = logging.getLogger(__name__)
AGAIN = timedelta(minutes=5)
# Longer than a fetch takes: one that a worker did not live to end is due again then.
TAKEN = timedelta(minutes=1)


def fetch_foreign(store: Store, web: Web, clock: Clock) -> int:
    """Fetch the foreign topics that are due; returns how many had news."""
    with store.read() as tx:
        due = fetches_due(tx, clock.now())
    return sum(_fetch(store, web, clock, topic) for topic in due)


def _fetch(store: Store, web: Web, clock: Clock, topic: Topic) -> bool:
    now = clock.now()
    until = now + TAKEN
    with store.write() as tx:
        if not take_fetch(tx, topic, now, until):
            return False
    try:
        response = web.send(WebRequest(topic.name))
        error = None if response.status == 200 else f"it answered {response.status}"
    except FetchError as failure:
        error = str(failure)
    with store.write() as tx:
        if error is None:
            end_fetch(tx, topic, until, None)
            kind = response.headers.get("content-type", "")
            kind = kind if kind.isascii() and kind.isprintable() and kind else "application/octet-stream"
            return store_foreign(tx, topic, response.body, kind, clock.now())
        note_fetch_failed(tx, topic, error)
        end_fetch(tx, topic, until, None if topic.fetch_error else clock.now() + AGAIN)
    log.warning("the foreign topic %s cannot be fetched: %s", topic.name, error)
    return False
