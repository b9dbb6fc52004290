"""The one thread that owns curl: sockets, timers and calls from other threads, in turn.

Everything about a request happens here, so nothing about it needs a lock. What other threads want is posted and runs
before the next wait for sockets: a handle freed by one answer carries the next request at once.
"""

from __future__ import annotations

import contextlib
import heapq
import logging
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable

import pycurl

from feedhub.ports.clock import Clock

Call = Callable[[], None]
log = logging.getLogger(__name__)
_IDLE_CONNECTIONS = 256


class Timer:
    """A call at a later time, until it is cancelled."""

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call: Call | None = call

    def cancel(self) -> None:
        """Forget the call."""
        self.call = None


class CurlLoop:
    """Runs easy handles; `start` and `stop`, `at` and `now` are for calls inside the loop, `post` is for everyone."""

    def __init__(self, clock: Clock) -> None:
        self._pace = Pace(clock)
        self._posted: deque[Call] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = 0
        self._closing = False
        self._awake = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._reader, selectors.EVENT_READ)
        self._curl_wakes_at: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_curl_timer)
        self._multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_NOTHING)
        self._multi.setopt(pycurl.M_MAXCONNECTS, _IDLE_CONNECTIONS)
        self._thread = threading.Thread(target=self._run, name="feedhub-net", daemon=True)
        self._thread.start()

    def post(self, call: Call) -> None:
        """Run `call` in the loop's thread, soon; a call posted after `close` does not run."""
        self._posted.append(call)
        self._wake()

    def at(self, when: float, call: Call) -> Timer:
        """Run `call` when `now()` has reached `when`."""
        timer = Timer(call)
        self._order += 1
        heapq.heappush(self._timers, (when, self._order, timer))
        return timer

    def now(self) -> float:
        """Seconds that never step back."""
        return self._pace.now()

    def start(self, easy: pycurl.Curl) -> None:
        """Let an easy handle go; its attribute `ended` is called with curl's code and message, 0 for success."""
        self._multi.add_handle(easy)

    def stop(self, easy: pycurl.Curl) -> None:
        """Take back a handle that is under way; its connection is closed, `ended` is not called."""
        self._multi.remove_handle(easy)

    def is_here(self) -> bool:
        """Whether the caller is the loop's own thread, which must not wait for itself."""
        return threading.current_thread() is self._thread

    def close(self) -> None:
        """End the thread; handles under way must have been stopped by a call posted before."""
        self._closing = True
        self._wake()
        self._thread.join()
        self._multi.close()
        self._selector.close()
        os.close(self._reader)
        os.close(self._writer)

    def _wake(self) -> None:
        if not self._awake:
            self._awake = True
            with contextlib.suppress(BlockingIOError, OSError):  # full is awake enough; closed has no one to wake
                os.write(self._writer, b"w")

    def _run(self) -> None:
        while True:
            self._awake = False
            self._run_posted()
            self._run_timers()
            if self._closing and not self._posted:
                return
            for key, events in self._selector.select(self._wait()):
                if key.fd == self._reader:
                    os.read(self._reader, 4096)
                else:
                    self._multi.socket_action(key.fd, events)  # EVENT_READ and _WRITE are curl's CSELECT_IN and _OUT
            if self._curl_wakes_at is not None and self._curl_wakes_at <= time.monotonic():
                self._curl_wakes_at = None
                self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
            self._collect()

    def _run_posted(self) -> None:
        for _ in range(len(self._posted)):
            self._guarded(self._posted.popleft())

    def _run_timers(self) -> None:
        while self._timers and (self._timers[0][2].call is None or self._timers[0][0] <= self.now()):
            if call := heapq.heappop(self._timers)[2].call:
                self._guarded(call)

    def _wait(self) -> float | None:
        if self._posted:
            return 0
        waits = [self._timers[0][0] - self.now()] if self._timers else []
        if self._curl_wakes_at is not None:
            waits.append(self._curl_wakes_at - time.monotonic())
        return max(0.0, min(waits)) if waits else None

    def _collect(self) -> None:
        """Hand on what has ended."""
        left = 1
        while left:
            left, done, failed = self._multi.info_read()
            for easy in done:
                self._multi.remove_handle(easy)
                self._guarded(lambda easy=easy: easy.ended(0, ""))
            for easy, code, message in failed:
                self._multi.remove_handle(easy)
                self._guarded(lambda easy=easy, code=code, message=message: easy.ended(code, message))

    def _guarded(self, call: Call) -> None:
        try:
            call()
        except Exception:
            log.exception("a call of the outbound client failed; the others go on")

    def _watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        """curl says what it waits for on a socket."""
        if what == pycurl.POLL_REMOVE:
            with contextlib.suppress(KeyError):
                self._selector.unregister(descriptor)
            return
        try:
            self._selector.modify(descriptor, what)
        except KeyError:
            self._selector.register(descriptor, what)

    def _set_curl_timer(self, milliseconds: int) -> None:
        self._curl_wakes_at = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000


class Pace:
    """Seconds by which requests are spaced and ended: those of the machine, and more where the Clock runs ahead.

    Sockets wait in real time. A Clock that stands still, in a test, must not make a deadline last for ever; one that
    is moved on must not be waited for.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = clock.monotonic() - time.monotonic()

    def now(self) -> float:
        """Seconds that never step back."""
        real = time.monotonic()
        self._ahead = max(self._ahead, self._clock.monotonic() - real)
        return real + self._ahead
