"""How often one host is asked: at most so many at once, so far apart, and every host in turn (SEMANTICS 30).

Pure: given `now` in seconds, it says who may go. A host is its name, or its literal address; a host that has just had
its turn comes after those that wait longer, so 500 requests for one hold up no other.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Ticket = TypeVar("Ticket")
_SWEEP = 1024


@dataclass(slots=True)
class _Host(Generic[Ticket]):
    free_at: float
    active: int = 0
    queued: bool = False
    waiting: deque[Ticket] = field(default_factory=deque)


class Manners(Generic[Ticket]):
    """Tickets wait here until their host may be asked again; `at_once` bounds those of all hosts together."""

    def __init__(self, *, connections: int, per_second: float, at_once: int) -> None:
        self._connections, self._spacing, self._at_once = connections, 1 / per_second, at_once
        self._hosts: dict[str, _Host[Ticket]] = {}
        self._turns: list[tuple[float, int, str]] = []
        self._active = 0
        self._turn = 0
        self._sweep_above = _SWEEP

    def ask(self, host: str, ticket: Ticket, now: float) -> None:
        """Queue a ticket behind its host's others."""
        known = self._known(host, now)
        known.waiting.append(ticket)
        self._queue(host, known, now)

    def ask_first(self, host: str, ticket: Ticket, now: float) -> None:
        """Queue a ticket before its host's others: the next hop of a request that had its turn."""
        known = self._known(host, now)
        known.waiting.appendleft(ticket)
        self._queue(host, known, now)

    def let_go(self, now: float) -> list[Ticket]:
        """The tickets that may go now; each is active until `done` is called for its host."""
        going: list[Ticket] = []
        while self._turns and self._turns[0][0] <= now and self._active < self._at_once:
            host = heapq.heappop(self._turns)[2]
            known = self._hosts[host]
            known.queued = False
            going.append(known.waiting.popleft())
            known.active += 1
            self._active += 1
            known.free_at = now + self._spacing
            self._queue(host, known, now)
        return going

    def done(self, host: str, now: float) -> None:
        """A ticket of this host, let go earlier, has ended."""
        known = self._hosts[host]
        known.active -= 1
        self._active -= 1
        self._queue(host, known, now)

    def next_at(self) -> float | None:
        """When `let_go` is worth calling next; None when only an `ask` or a `done` can change anything."""
        return self._turns[0][0] if self._turns and self._active < self._at_once else None

    def _known(self, host: str, now: float) -> _Host[Ticket]:
        known = self._hosts.get(host)
        if known is None:
            if len(self._hosts) >= self._sweep_above:
                self._forget_idle(now)
            known = self._hosts[host] = _Host(free_at=now)
        return known

    def _queue(self, host: str, known: _Host[Ticket], now: float) -> None:
        if known.waiting and not known.queued and known.active < self._connections:
            known.queued = True
            self._turn += 1
            heapq.heappush(self._turns, (max(known.free_at, now), self._turn, host))

    def _forget_idle(self, now: float) -> None:
        idle = [
            host
            for host, known in self._hosts.items()
            if not known.active and not known.waiting and known.free_at <= now
        ]
        for host in idle:
            del self._hosts[host]
        self._sweep_above = max(_SWEEP, 2 * len(self._hosts))
