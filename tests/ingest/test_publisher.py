"""Fat pings: whoever publishes a source pushes its content here itself, signed; it goes the way of every push."""

from __future__ import annotations

import hmac

from feedhub.store.engine import Store
from feedhub.store.incoming import let_publish, stop_publishing
from tests.ingest.test_incoming import URL, World, rss
from tests.kit import open_store

TOKEN, SECRET = "t" * 43, "the publisher's secret"


def push(world: World, body: str, secret: str | None = SECRET, token: str = TOKEN) -> int:
    data = body.encode()
    fields = {"Content-Type": "application/rss+xml"}
    if secret is not None:
        fields["X-Hub-Signature"] = f"sha256={hmac.new(secret.encode(), data, 'sha256').hexdigest()}"
    return world.web.post(f"/hub/in/{token}", data=data, headers=fields).status_code


def open_world(store: Store) -> World:
    world = World(store)
    with store.write() as tx:
        let_publish(tx, "s1", token=TOKEN, secret=SECRET, topic=URL)
    return world


def test_signed_content_is_taken_once(store_url: str) -> None:
    store = open_store(store_url)
    world = open_world(store)
    assert push(world, rss(2)) == 202
    (poll,) = world.pushes()
    assert (poll.outcome, [line.outcome for line in poll.lines]) == ("ok", ["published"])
    assert push(world, rss(2)) == 202 and world.pushes() == []  # a repeat
    assert push(world, rss(3), "another secret") == 202 and world.pushes() == []  # thrown away
    assert push(world, rss(3), None) == 403
    assert push(world, rss(3), token="u" * 43) == 410
    assert (world.tally.pushes, world.tally.repeated, world.tally.refused) == (1, 1, 2)
    store.close()


def test_there_is_no_hub_to_ask(store_url: str) -> None:
    store = open_store(store_url)
    world = open_world(store)
    assert world.walk() == [] == world.subs
    world.subscribe()  # at the hub that the source names, beside it
    assert push(world, rss(2)) == 202
    with store.write() as tx:
        let_publish(tx, "s1", token="v" * 43, secret=SECRET, topic=URL)  # anew: the old address is over
    assert push(world, rss(3)) == 410 and push(world, rss(3), token="v" * 43) == 202
    with store.write() as tx:
        assert stop_publishing(tx, "s1")
    assert push(world, rss(4), token="v" * 43) == 410
    store.close()
