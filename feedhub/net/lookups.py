"""Names to addresses beside the loop: a few daemon threads, so that a slow name holds up nobody else.

They are daemons because a name server that never answers must not hold up the end of the process either.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from feedhub.ports.resolver import Resolver

Answer = tuple[str, ...] | Exception
_Asked = tuple[str, int, Callable[[Answer], None]]
MOST_THREADS = 32


class Lookups:
    """Asks the Resolver; threads are started as they are needed and stay."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._lock = threading.Lock()

    def find(self, host: str, port: int, found: Callable[[Answer], None]) -> None:
        """Resolve once; `found` is called in another thread with the addresses, or with what went wrong."""
        with self._lock:
            self._busy += 1
            if self._busy > len(self._threads) < MOST_THREADS:
                thread = threading.Thread(target=self._run, name="feedhub-lookup", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._asked.put((host, port, found))

    def close(self) -> None:
        """Let the threads end, each after the name it is at; nobody waits for them."""
        for _ in self._threads:
            self._asked.put(None)

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            host, port, found = asked
            answer: Answer
            try:
                answer = self._resolver.resolve(host, port)
            except Exception as error:  # whatever the resolver raises, the request must hear of it
                answer = error
            with self._lock:
                self._busy -= 1
            found(answer)
