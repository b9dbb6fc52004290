"""No gap: whoever was away is sent what it missed, oldest first, and never what was withdrawn (SEMANTICS 16, 25)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from feedhub.errors import Conflict
from feedhub.hub import contents
from feedhub.model.feed import FeedDocument
from feedhub.model.question import Question, SavedFeed
from feedhub.store.articles import put_article
from feedhub.store.subscriptions import deny, set_cursor
from tests.hub.conftest import Hub
from tests.hub.receivers import Behaviour, Taken
from tests.kit import LOCAL, an_article

JSON = f"/json/{LOCAL}.json"


def ids(taken: Taken) -> list[str]:
    return [item["id"].rpartition("/")[2] for item in json.loads(taken.body)["items"]]


def away(hub: Hub, count: int, at_once: int = 10) -> list[str]:
    """The receiver is away while so many are published."""
    hub.receivers.behave["a"] = Behaviour(status=503)
    names = [f"n{number:03}" for number in range(count)]
    for first in range(0, count, at_once):
        hub.publish(*names[first : first + at_once])
        hub.deliver()
    return names


def back(hub: Hub) -> list[Taken]:
    """The receiver is back, and its next try is due; what it took."""
    hub.receivers.behave["a"] = Behaviour()
    hub.receivers.deliveries["a"].clear()
    hub.clock.pass_(days=2)
    hub.deliver()
    hub.clock.pass_(seconds=6)
    hub.deliver()
    return hub.got("a")


def test_what_the_document_still_shows_is_one_delivery(hub: Hub) -> None:
    hub.subscribe("a", hub_topic=hub.topic(JSON))
    names = away(hub, 30)
    (taken,) = back(hub)
    assert sorted(ids(taken)) == names and "feedhub-catch-up" not in taken.headers
    assert taken.body == hub.document(JSON)


@pytest.mark.parametrize("on", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def test_what_it_no_longer_shows_comes_first_oldest_first(
    on: str, make_hub: Callable[..., Hub], request: pytest.FixtureRequest
) -> None:
    both = make_hub(request.getfixturevalue("postgres_with_tables") if on == "postgresql" else "")
    both.subscribe("a", hub_topic=both.topic(JSON))
    names = away(both, 130, 44)
    *caught_up, last = back(both)
    found = [name for taken in caught_up for name in ids(taken)]
    assert all(taken.headers["feedhub-catch-up"] == "1" and len(ids(taken)) <= 50 for taken in caught_up)
    assert found == names[: len(found)] and len(caught_up) == 2
    assert set(found) | set(ids(last)) == set(names)
    assert last.body == both.document(JSON) and "feedhub-catch-up" not in last.headers
    seqs = [taken.seq for taken in (*caught_up, last)]
    assert seqs == sorted(set(seqs))
    sinces = [int(taken.headers["feedhub-since"]) for taken in (*caught_up, last)]
    assert sinces[1:] == seqs[:-1]


def test_a_withdrawn_article_is_never_sent_late(hub: Hub) -> None:
    hub.subscribe("a", hub_topic=hub.topic(JSON))
    names = away(hub, 120, 40)
    for name in (names[0], names[60], names[119]):
        hub.withdraw(name)
    taken = back(hub)
    found = {name for one in taken for name in ids(one)}
    assert found == set(names) - {names[0], names[60], names[119]}
    told = {stone["id"].rpartition("/")[2] for stone in json.loads(taken[-1].body)["_feedhub"]["deleted"]}
    assert told == {names[0], names[60], names[119]}


@pytest.mark.long
def test_since_names_what_a_subscriber_has(hub: Hub) -> None:
    hub.subscribe("a", hub_topic=hub.topic(JSON))
    seqs = []
    for number in range(80):
        hub.publish(f"n{number:03}")
        hub.deliver()
        seqs.append(hub.got("a")[-1].seq)
    hub.ask(hub.receivers.at("b"), hub.topic(JSON), feedhub_since=str(seqs[9]))
    hub.verify()
    hub.deliver()
    hub.clock.pass_(seconds=6)
    hub.deliver()
    found = [name for taken in hub.got("b") for name in ids(taken)]
    assert {f"n{number:03}" for number in range(10, 80)} <= set(found)
    assert ids(hub.got("b")[0])[0] == "n010"
    # On renewal too, by the subscriber that stands.
    hub.receivers.deliveries["a"].clear()
    hub.ask(hub.receivers.at("a"), hub.topic(JSON), feedhub_since=str(seqs[-2]))
    hub.verify()
    hub.deliver()
    assert [taken.seq for taken in hub.got("a")] == [seqs[-1]]
    hub.ask(hub.receivers.at("a"), hub.topic(JSON), feedhub_since="999999999")
    hub.verify()
    assert hub.subscriptions()[0].acked_seq == seqs[-1]


def test_history_that_is_imported_is_missed_by_nobody(hub: Hub) -> None:
    hub.publish(*(f"p{number:03}" for number in range(60)))
    hub.subscribe("a", hub_topic=hub.topic(JSON))
    hub.clock.pass_(seconds=6)
    old = hub.clock.now() - timedelta(days=900)
    with hub.store.write() as tx:
        for number in range(120):
            piece = an_article(f"old{number:03}", published=old, updated=old)
            put_article(tx, piece, now=hub.clock.now(), late=False, by="test")
    hub.render()
    for _ in range(3):
        hub.deliver()
        hub.clock.pass_(seconds=6)
    assert not [name for taken in hub.got("a") for name in ids(taken) if name.startswith("old")]
    assert len(hub.got("a")) <= 1


def test_a_burst_that_the_document_cannot_show_is_not_lost(hub: Hub) -> None:
    hub.publish(*(f"p{number:03}" for number in range(60)))
    hub.subscribe("a", hub_topic=hub.topic(JSON))
    names = [f"n{number:03}" for number in range(170)]
    hub.publish(*names)
    for _ in range(3):
        hub.deliver()
        hub.clock.pass_(seconds=6)
    assert {name for taken in hub.got("a") for name in ids(taken)} >= set(names)


def test_what_was_given_up_is_replayed_with_the_same_ids_in_order(hub: Hub) -> None:
    hub.subscribe("a", hub_topic=hub.topic(JSON))
    hub.receivers.behave["a"] = Behaviour(status=500)
    hub.publish(*(f"n{number:03}" for number in range(70)))
    for _ in range(11):
        hub.clock.pass_(days=2)
        hub.jobs.deliver()
        hub.store_lease()
    (one,) = hub.subscriptions()
    assert (one.stopped_seq is not None, one.state, one.tries) == (True, "active", 0)
    tried = {taken.headers["feedhub-delivery"] for taken in hub.got("a")}
    assert len(hub.got("a")) == 11 and len(tried) == 1
    hub.clock.pass_(days=1)
    hub.deliver()
    assert len(hub.got("a")) == 11, "what was given up is left alone"
    hub.receivers.deliveries["a"].clear()
    hub.receivers.behave["a"] = Behaviour()
    with hub.store.write() as tx:
        set_cursor(tx, one.id, one.acked_seq, hub.clock.now())
    hub.deliver()
    assert hub.got("a")[0].headers["feedhub-delivery"] in tried
    assert [name for taken in hub.got("a") for name in ids(taken)][:50] == [f"n{number:03}" for number in range(50)]
    seqs = [taken.seq for taken in hub.got("a")]
    assert seqs == sorted(set(seqs))


def test_a_stopped_receiver_is_tried_with_the_next_news_and_misses_nothing(hub: Hub) -> None:
    hub.subscribe("a", hub_topic=hub.topic(JSON))
    hub.receivers.behave["a"] = Behaviour(status=500)
    hub.publish("lost")
    for _ in range(11):
        hub.clock.pass_(days=2)
        hub.deliver()
        hub.store_lease()
    hub.receivers.behave["a"] = Behaviour()
    hub.receivers.deliveries["a"].clear()
    hub.publish("next")
    hub.deliver()
    (taken,) = hub.got("a")
    assert {"lost", "next"} <= set(ids(taken))


def test_one_topic_reaches_a_receiver_every_five_seconds_at_most(hub: Hub) -> None:
    hub.subscribe("a")
    hub.publish("one")
    hub.deliver()
    hub.clock.pass_(seconds=-5)
    hub.publish("two")  # a second after the first
    hub.deliver()
    assert len(hub.got("a")) == 1
    hub.clock.pass_(seconds=5)
    hub.deliver()
    assert len(hub.got("a")) == 2


@pytest.mark.parametrize("answer", [Behaviour(body=b"x" * 200_000), Behaviour(status=204), Behaviour(body=b"\xff\x00")])
def test_the_answers_body_is_nobodys_business(hub: Hub, answer: Behaviour) -> None:
    hub.subscribe("a")
    hub.receivers.behave["a"] = answer
    hub.publish()
    hub.deliver()
    (one,) = hub.subscriptions()
    assert (one.tries, one.last_status) == (0, answer.status)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_not_followed(hub: Hub, status: int) -> None:
    hub.subscribe("a")
    hub.receivers.behave["a"] = Behaviour(status=status, headers={"Location": hub.receivers.at("other")})
    hub.publish()
    hub.deliver()
    assert hub.got("other") == [] and hub.subscriptions()[0].tries == 1


def test_410_is_the_end(hub: Hub) -> None:
    hub.subscribe("a")
    hub.receivers.behave["a"] = Behaviour(status=410)
    hub.publish()
    hub.deliver()
    hub.receivers.behave["a"] = Behaviour()
    hub.publish()
    hub.deliver()
    assert len(hub.got("a")) == 1 and hub.subscriptions()[0].state == "gone"


def test_what_ended_is_neither_replayed_nor_denied(hub: Hub) -> None:
    hub.subscribe("a")
    hub.receivers.behave["a"] = Behaviour(status=410)
    hub.publish("a")
    hub.deliver()
    (one,) = hub.subscriptions()
    with hub.store.write() as tx, pytest.raises(Conflict, match="is gone: nothing is sent to it"):
        set_cursor(tx, one.id, 0, hub.clock.now())
    with hub.store.write() as tx, pytest.raises(Conflict, match="has ended already"):
        deny(tx, one.id, "no agreement", hub.clock.now())


def test_a_saved_feed_is_a_topic_like_a_section(make_hub: Callable[..., Hub]) -> None:
    river = SavedFeed("river", "River", None, Question(terms=("river",)))
    hub = make_hub(saved=(river,))
    path = "/json/saved/river.json"
    hub.subscribe("a", hub_topic=hub.topic(path))
    hub.receivers.behave["a"] = Behaviour(status=503)
    names = [f"r{number:03}" for number in range(70)]
    hub.publish(*names, title="The river rises")
    hub.publish("other", title="Something else")
    hub.deliver()
    *caught_up, last = back(hub)
    assert [name for taken in caught_up for name in ids(taken)] == names[:50]
    assert {name for taken in (*caught_up, last) for name in ids(taken)} == set(names)
    assert last.body == hub.document(path)


def test_what_a_section_does_not_carry_hides_nothing_behind_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "_LOOKED_AT", 10)
    path = "/json/life.json"
    hub.subscribe("a", hub_topic=hub.topic(path))
    hub.receivers.behave["a"] = Behaviour(status=503)
    hub.publish(*(f"z{number:03}" for number in range(20)), language="zh", sections=("life/health",))
    names = [f"n{number:03}" for number in range(70)]
    hub.publish(*names, sections=("life/health",))
    hub.deliver()
    assert {name for taken in back(hub) for name in ids(taken)} == set(names)


def test_what_cannot_be_shown_hides_nothing_behind_it(hub: Hub) -> None:
    hub.subscribe("a", hub_topic=hub.topic(JSON))
    names = away(hub, 120, 60)
    asked: list[list[str]] = []

    def make(tx: Connection, document: FeedDocument, article_ids: Sequence[str]) -> FeedDocument | None:
        asked.append(list(article_ids))
        return None if names[0] in article_ids else document

    with hub.store.read() as tx:
        (one,) = hub.subscriptions()
        found = contents.Contents(tx, hub.rules, lambda *_: True, make).for_receiver(one)
    assert asked == [names[:50], names[50:100]]
    assert found is not None and (found.catch_up, found.seq) == (True, one.acked_seq + 100)
