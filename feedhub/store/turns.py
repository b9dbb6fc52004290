"""Turns at writing an SQLite file: in the order of asking, within a process and, as far as it can be, beside others.

SQLite lets whoever waits for its write lock sleep and look again: a thread that writes one transaction after the other
takes it each time before the sleepers have looked, so that they wait for ever (measured: 30 s, then "database is
locked"). Threads of one process therefore queue here. Another process only looks now and then; so that it finds the
lock free, whoever has written for a while without a pause makes one.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

# Seconds: how often another process looks; longer than that is a pause, and so often there is one.
LOOKS = 0.005
_PAUSE = 2 * LOOKS
_EVERY = 0.5


class TooLong(Exception):
    """The turn did not come within its time."""


class Turns:
    """A lock that is handed on in the order of asking."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._taken = False
        self._began = self._ended = 0.0

    @contextmanager
    def mine(self, seconds: float) -> Iterator[None]:
        """Hold the turn; TooLong when it does not come within so many seconds."""
        self._take(seconds)
        try:
            self._pause()
            yield
        finally:
            self._ended = time.monotonic()
            self._hand_on()

    def _take(self, seconds: float) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            come = threading.Event()
            self._queue.append(come)
        if come.wait(seconds):
            return
        with self._lock:
            if come in self._queue:
                self._queue.remove(come)
                raise TooLong
        # It came while we gave up.

    def _hand_on(self) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._taken = False

    def _pause(self) -> None:
        now = time.monotonic()
        if now - self._ended > LOOKS:
            self._began = now
        elif now - self._began > _EVERY:
            time.sleep(_PAUSE)
            self._began = time.monotonic()
