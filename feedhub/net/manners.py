"""Manners towards hosts: so many requests at once, so much time between two, one queue per host."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Host(Generic[T]):
    queue: deque[T] = field(default_factory=deque)
    active: int = 0
    free_at: float = 0.0


class Manners(Generic[T]):
    """Lets work go host by host; a full queue at one host holds up no other. Not thread-safe: one loop owns it."""

    def __init__(self, connections: int, per_second: float) -> None:
        self._connections, self._gap = connections, 1.0 / per_second
        self._hosts: dict[str, _Host[T]] = {}

    def add(self, host: str, work: T) -> None:
        """Queue work for a host."""
        self._hosts.setdefault(host, _Host()).queue.append(work)

    def let_go(self, now: float) -> list[T]:
        """The work that may start now."""
        out: list[T] = []
        for name, host in list(self._hosts.items()):
            while host.queue and host.active < self._connections and host.free_at <= now:
                out.append(host.queue.popleft())
                host.active += 1
                host.free_at = max(host.free_at, now) + self._gap
            if not host.queue and not host.active and host.free_at <= now:
                del self._hosts[name]
        return out

    def done(self, host: str) -> None:
        """A request to the host has ended."""
        self._hosts[host].active -= 1

    def next_at(self) -> float | None:
        """When `let_go` may have something that waits for its time only, or None."""
        waiting = [h.free_at for h in self._hosts.values() if h.queue and h.active < self._connections]
        return min(waiting, default=None)

    def queued(self) -> list[T]:
        """All work that has not started."""
        return [work for host in self._hosts.values() for work in host.queue]
