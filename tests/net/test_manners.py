"""How often a host is asked: pure, the test holds the time (PROMISES B8 121)."""

from __future__ import annotations

from feedhub.net.manners import Manners


def run(manners: Manners[str], *, until: float, lasts: float, step: float = 0.25) -> list[tuple[float, str]]:
    """Let time pass; every ticket takes `lasts` seconds. When each ticket went, in order."""
    went: list[tuple[float, str]] = []
    ends: list[tuple[float, str]] = []
    now = 0.0
    while now <= until:
        for end, host in [done for done in ends if done[0] <= now]:
            ends.remove((end, host))
            manners.done(host, now)
        for ticket in manners.let_go(now):
            went.append((now, ticket))
            ends.append((now + lasts, ticket.partition("/")[0]))
        now += step
    return went


def polite(at_once: int = 100) -> Manners[str]:
    return Manners(connections=2, per_second=1, at_once=at_once)


def test_one_host_is_asked_a_second_apart() -> None:
    manners = polite()
    for number in range(4):
        manners.ask("a", f"a/{number}", 0)
    assert run(manners, until=10, lasts=0.1) == [(0, "a/0"), (1, "a/1"), (2, "a/2"), (3, "a/3")]


def test_two_at_once_and_no_more() -> None:
    manners = polite()
    for number in range(4):
        manners.ask("a", f"a/{number}", 0)
    assert run(manners, until=20, lasts=5) == [(0, "a/0"), (1, "a/1"), (5, "a/2"), (6, "a/3")]


def test_500_for_one_host_hold_up_no_other() -> None:
    manners = polite(at_once=3)
    for number in range(500):
        manners.ask("busy", f"busy/{number}", 0)
    for number in range(20):
        manners.ask(f"h{number}", f"h{number}/0", 0)
    went = run(manners, until=9, lasts=0.2)
    others = [when for when, ticket in went if not ticket.startswith("busy")]
    assert len(others) == 20 and max(others) < 3
    busy = [ticket for _, ticket in went if ticket.startswith("busy")]
    assert busy == [f"busy/{n}" for n in range(len(busy))] and len(busy) >= 8


def test_all_hosts_together_are_bounded() -> None:
    manners = polite(at_once=3)
    for number in range(9):
        manners.ask(f"h{number}", f"h{number}/0", 0)
    assert len(manners.let_go(0)) == 3
    assert manners.let_go(0) == [] and manners.next_at() is None
    manners.done("h0", 0)
    assert manners.next_at() == 0 and manners.let_go(0) == ["h3/0"]


def test_the_next_hop_of_a_request_comes_before_new_ones() -> None:
    manners = polite()
    manners.ask("a", "first", 0)
    manners.ask("a", "second", 0)
    assert manners.let_go(0) == ["first"]
    manners.done("a", 0.5)
    manners.ask_first("a", "first's next hop", 0.5)
    assert manners.let_go(0.9) == [] and manners.next_at() == 1
    assert manners.let_go(1) == ["first's next hop"]


def test_it_says_when_to_ask_again() -> None:
    manners = polite()
    assert manners.next_at() is None
    manners.ask("a", "one", 5)
    assert manners.next_at() == 5
    manners.let_go(5)
    assert manners.next_at() is None
    manners.ask("a", "two", 5.5)
    assert manners.next_at() == 6


def test_spacing_outlives_an_idle_moment() -> None:
    manners = polite()
    manners.ask("a", "one", 0)
    manners.let_go(0)
    manners.done("a", 0.1)
    manners.ask("a", "two", 0.2)
    assert manners.let_go(0.2) == [] and manners.let_go(1) == ["two"]


def test_hosts_are_forgotten() -> None:
    manners = polite()
    for number in range(50_000):
        host = f"h{number}"
        manners.ask(host, host, number)
        assert manners.let_go(number) == [host]
        manners.done(host, number)
    assert len(manners._hosts) <= 2048
