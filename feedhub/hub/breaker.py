"""A breaker per host: ten failures within a minute and it is left alone for a minute, whoever is waiting for it."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

FAILURES = 10
WITHIN = timedelta(seconds=60)
OPEN_FOR = timedelta(seconds=60)
_MOST_HOSTS = 10_000


class Breakers:
    """What is known of hosts that fail; one that answers is forgotten. Given `now`, it asks nobody."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[datetime]] = {}
        self._open_until: dict[str, datetime] = {}
        self._tried: set[str] = set()

    def open_until(self, host: str, now: datetime) -> datetime | None:
        """Until when a host is left alone; None when it may be asked."""
        until = self._open_until.get(host)
        if until is not None and until <= now:
            # One more failure and it is left alone again, one answer and it is forgotten.
            del self._open_until[host]
            self._tried.add(host)
            return None
        return until

    def failed(self, host: str, now: datetime) -> None:
        """A try at this host failed."""
        if len(self._failures) >= _MOST_HOSTS and host not in self._failures:
            self._forget(now)
        recent = self._failures.setdefault(host, deque(maxlen=FAILURES))
        recent.append(now)
        if host in self._tried or (len(recent) == FAILURES and now - recent[0] <= WITHIN):
            self._tried.discard(host)
            self._open_until[host] = now + OPEN_FOR

    def answered(self, host: str) -> None:
        """A receiver at this host took a delivery."""
        self._failures.pop(host, None)
        self._open_until.pop(host, None)
        self._tried.discard(host)

    def _forget(self, now: datetime) -> None:
        """Hosts whose failures are old tell nothing any more."""
        for host in [it for it, recent in self._failures.items() if now - recent[-1] > WITHIN]:
            self.answered(host)
