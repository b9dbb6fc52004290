"""Claims, leases and fences; what files declare and what operators add (SEMANTICS 11, PROMISES 113)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from feedhub.errors import Conflict, NotFound, Provisioned
from feedhub.store import sources
from feedhub.store.engine import Store
from feedhub.store.leases import free_leases
from tests.kit import NOW, a_source

LEASE = timedelta(seconds=60)


def test_each_due_source_is_claimed_once_by_many_workers(store: Store) -> None:
    with store.write() as tx:
        for number in range(60):
            sources.add_source(tx, a_source(f"s{number:02}"), NOW)
    claims: list[str] = []
    lock = threading.Lock()

    def work(owner: str) -> None:
        while True:
            with store.write() as tx:
                got = sources.claim_due(tx, owner=owner, now=NOW, lease=LEASE, most=7, per_host=100)
            if not got:
                return
            with lock:
                claims.extend(source.key for source, _ in got)

    crew = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    assert sorted(claims) == [f"s{number:02}" for number in range(60)]


def test_a_lease_that_ran_out_is_taken_over_and_the_old_fence_refused(store: Store) -> None:
    with store.write() as tx:
        sources.add_source(tx, a_source(), NOW)
        ((_, first),) = sources.claim_due(tx, owner="a", now=NOW, lease=LEASE, most=5, per_host=100)
        assert sources.claim_one(tx, "s1", owner="b", now=NOW, lease=LEASE) is None
    with store.write() as tx:
        ((_, second),) = sources.claim_due(tx, owner="b", now=NOW + LEASE, lease=LEASE, most=5, per_host=100)
    with pytest.raises(Conflict), store.write() as tx:
        sources.hold_fence(tx, "s1", first.fence)
    with store.write() as tx:
        sources.hold_fence(tx, "s1", second.fence)
        sources.settle_poll(tx, "s1", {"next_due": NOW + timedelta(hours=1)})
        assert sources.first_due(tx, now=NOW, before=NOW + timedelta(minutes=59)) is None
        assert sources.first_due(tx, now=NOW, before=NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)


def test_what_a_file_declares_is_read_only_and_keeps_its_state(store: Store) -> None:
    declared = a_source(declared_at="feeds/sources/x.yaml:3")
    with store.write() as tx:
        sources.sync_declared(tx, [declared], NOW)
        sources.set_condition(tx, "s1", "paused", now=NOW)
    with pytest.raises(Provisioned, match=r"feeds/sources/x\.yaml:3"), store.write() as tx:
        sources.remove_source(tx, "s1")
    with store.write() as tx:
        sources.sync_declared(tx, [a_source(declared_at="feeds/sources/x.yaml:3", name="New name")], NOW)
        assert sources.get_source(tx, "s1").name == "New name"
        assert sources.get_state(tx, "s1").condition == "paused"
        assert sources.sync_declared(tx, [], NOW) == ("s1",)
    with pytest.raises(NotFound), store.read() as tx:
        sources.get_source(tx, "s1")


def test_another_address_forgets_the_old_ones_validators(store: Store) -> None:
    with store.write() as tx:
        sources.sync_declared(tx, [a_source(declared_at="f:1")], NOW)
        sources.settle_poll(tx, "s1", {"etag": '"x"', "body_digest": "d", "next_due": NOW + timedelta(days=1)})
        sources.sync_declared(tx, [a_source(declared_at="f:1", url="http://127.0.0.1:9/other.xml")], NOW)
        state = sources.get_state(tx, "s1")
    assert (state.etag, state.body_digest, state.next_due) == (None, None, NOW)


def test_an_operators_source_can_be_removed_and_added_again(store: Store) -> None:
    with store.write() as tx:
        sources.add_source(tx, a_source(), NOW)
    with pytest.raises(Conflict), store.write() as tx:
        sources.add_source(tx, a_source(), NOW)
    with store.write() as tx:
        sources.remove_source(tx, "s1")
        sources.add_source(tx, a_source(name="Second"), NOW)
        assert [source.name for source, _ in sources.list_sources(tx)] == ["Second"]


def test_a_source_comes_back_as_it_was_declared(store: Store) -> None:
    from feedhub.model.source import Reprint, Schedule

    full = a_source(
        schedule=Schedule(adaptive=(timedelta(minutes=5), timedelta(hours=4))),
        reprint=Reprint(True, "12", "2026-11-01", "E"),
        allow_hosts=("b.example",),
    )
    with store.write() as tx:
        sources.add_source(tx, full, NOW)
        assert sources.get_source(tx, "s1") == full


def test_leases_of_the_dead_are_given_back_and_their_writer_refused(store: Store) -> None:
    with store.write() as tx:
        for key in ("dead", "alive"):
            sources.add_source(tx, a_source(key), NOW)
            sources.claim_one(tx, key, owner=f"host:{key}", now=NOW, lease=LEASE)
        assert free_leases(tx, lambda owner: owner == "host:dead") == ["dead"]
        assert [
            source.key for source, _ in sources.claim_due(tx, owner="b", now=NOW, lease=LEASE, most=5, per_host=100)
        ] == ["dead"]
    with pytest.raises(Conflict), store.write() as tx:
        sources.hold_fence(tx, "dead", 1)


def test_one_host_with_hundreds_due_takes_no_more_than_its_share(store: Store) -> None:
    with store.write() as tx:
        for number in range(500):
            sources.add_source(tx, a_source(f"big{number:03}", url=f"http://big.example/{number}.xml"), NOW)
        for number in range(3):
            late = NOW + timedelta(seconds=1)
            sources.add_source(tx, a_source(f"small{number}", url=f"http://small{number}.example/feed.xml"), late)
        sources.add_source(tx, a_source("folder", url=None, kind="files", path="inbox"), NOW)
        sources.add_source(tx, a_source("folder2", url=None, kind="files", path="inbox2"), NOW)
    soon = NOW + timedelta(seconds=2)

    def claim(most: int, now: datetime = soon) -> list[str]:
        with store.write() as tx:
            got = sources.claim_due(tx, owner="w", now=now, lease=LEASE, most=most, per_host=2)
        return sorted(source.key for source, _ in got)

    assert claim(8) == ["big000", "big001", "folder", "folder2", "small0", "small1", "small2"]
    assert claim(8) == []
    with store.write() as tx:
        sources.settle_poll(tx, "big000", {"next_due": NOW + timedelta(hours=1)})
    assert claim(8) == ["big002"]
    # A lease that ran out no longer counts against its host.
    assert [key for key in claim(8, soon + LEASE) if key.startswith("big")] == ["big001", "big002"]
