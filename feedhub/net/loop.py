"""The one thread that owns curl: sockets, timers and calls from other threads, in turn (Linux: epoll).

Everything about a request happens here, so nothing about it needs a lock. What other threads want is posted and runs
before the next wait for sockets: a handle freed by one answer carries the next request at once.

curl looks at a kept connection before it uses it again only once a second, so the loop watches the kept ones itself:
one that the server closed, or on which it went on talking, is taken away from curl.
"""

from __future__ import annotations

import contextlib
import heapq
import logging
import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial

import pycurl

from feedhub.ports.clock import Clock

Call = Callable[[], None]
log = logging.getLogger(__name__)
_IDLE_CONNECTIONS = 256
_EVENTS = {
    pycurl.POLL_NONE: 0,
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_TROUBLE = select.EPOLLERR | select.EPOLLHUP


class Timer:
    """A call at a later time, until it is cancelled."""

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call: Call | None = call

    def cancel(self) -> None:
        """Forget the call."""
        self.call = None


class CurlLoop:
    """Runs easy handles; `post` and `close` are for everyone, all else is for calls inside the loop."""

    def __init__(self, clock: Clock) -> None:
        self._pace = Pace(clock)
        self._posted: deque[Call] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = 0
        self._closing = False
        self._awake = False
        self._waking = threading.Lock()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._epoll = select.epoll()
        self._epoll.register(self._reader, select.EPOLLIN)
        self._kept: dict[int, int] = {}
        self._serving: int | None = None
        self._running: set[pycurl.Curl] = set()
        self._curl_wakes_at: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_curl_timer)
        self._multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_NOTHING)
        self._multi.setopt(pycurl.M_MAXCONNECTS, _IDLE_CONNECTIONS)
        self._thread = threading.current_thread()
        self._begin()

    def post(self, call: Call) -> None:
        """Run `call` in the loop's thread, soon."""
        self._posted.append(call)
        self._wake()

    def close(self) -> None:
        """Run what was posted, then end the thread; handles under way must have been stopped by such a call."""
        self._closing = True
        self._wake()
        self._end()
        self._multi.close()
        self._epoll.close()
        with self._waking:  # a late answer to a look-up must not write into a number that is someone else's by now
            os.close(self._reader)
            os.close(self._writer)
            self._writer = -1

    def is_here(self) -> bool:
        """Whether the caller is the loop's own thread, which must not wait for itself."""
        return threading.current_thread() is self._thread

    def now(self) -> float:
        """Seconds that never step back."""
        return self._pace.now()

    def at(self, when: float, call: Call) -> Timer:
        """Run `call` when `now()` has reached `when`."""
        timer = Timer(call)
        self._order += 1
        heapq.heappush(self._timers, (when, self._order, timer))
        return timer

    def start(self, easy: pycurl.Curl) -> None:
        """Let an easy handle go; its attribute `ended` is called with curl's code and message, 0 for success."""
        self._running.add(easy)
        self._multi.add_handle(easy)

    def stop(self, easy: pycurl.Curl) -> None:
        """Take back a handle that is under way; its connection is closed, `ended` is not called."""
        self._running.discard(easy)
        self._multi.remove_handle(easy)

    def doom(self, easy: pycurl.Curl) -> None:
        """End a handle from inside one of curl's own calls, where `stop` is not possible; `ended` is called soon."""
        self._posted.append(partial(self._end_doomed, easy))

    def more_there(self) -> tuple[str, int] | None:
        """The local end of the socket that curl is being called for, when more bytes lie on it; for curl's callbacks.

        curl may be busy with another handle meanwhile: whoever asks compares it with its own local end later.
        """
        if self._serving is None:
            return None
        # Named as IPv6 only for the room that its addresses take; the kernel says which kind it is.
        looked_at = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 0, fileno=self._serving)
        try:
            return looked_at.getsockname()[:2] if looked_at.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) else None
        except OSError:
            return None
        finally:
            looked_at.detach()

    def _wake(self) -> None:
        if not self._awake:
            self._awake = True
            with self._waking, contextlib.suppress(BlockingIOError):  # a full pipe is awake enough
                if self._writer >= 0:
                    os.write(self._writer, b"w")

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name="feedhub-net", daemon=True)
        self._thread.start()

    def _end(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._awake = False
            self._run_posted()
            self._run_timers()
            if self._closing and not self._posted:
                return
            self._serve_sockets(self._wait())

    def _serve_sockets(self, wait: float | None) -> None:
        self._handle(self._epoll.poll(wait))
        if self._curl_wakes_at is not None and self._curl_wakes_at <= time.monotonic():
            self._curl_wakes_at = None
            self._act(pycurl.SOCKET_TIMEOUT, 0)
        self._collect()

    def _run_posted(self) -> None:
        for _ in range(len(self._posted)):
            self._guarded(self._posted.popleft())

    def _run_timers(self) -> None:
        while self._timers and (self._timers[0][2].call is None or self._timers[0][0] <= self.now()):
            if call := heapq.heappop(self._timers)[2].call:
                self._guarded(call)

    def _wait(self) -> float | None:
        """Seconds until something is due; None for as long as it takes."""
        if self._posted:
            return 0
        waits = [self._timers[0][0] - self.now()] if self._timers else []
        if self._curl_wakes_at is not None:
            waits.append(self._curl_wakes_at - time.monotonic())
        return max(0.0, min(waits)) if waits else None

    def _handle(self, events: list[tuple[int, int]]) -> None:
        # Kept connections first: what curl does next may be to use one of them.
        for descriptor, _ in events:
            if descriptor in self._kept:
                self._take_away(descriptor)
        for descriptor, event in events:
            if descriptor == self._reader:
                os.read(self._reader, 4096)
            elif descriptor not in self._kept:
                bits = (
                    (pycurl.CSELECT_IN if event & select.EPOLLIN else 0)
                    | (pycurl.CSELECT_OUT if event & select.EPOLLOUT else 0)
                    | (pycurl.CSELECT_ERR if event & _TROUBLE else 0)
                )
                self._serving = descriptor
                self._act(descriptor, bits)
                self._serving = None

    def _act(self, descriptor: int, bits: int) -> None:
        # A socket that curl closed while it served another of the same round is none of its sockets any more.
        try:
            self._multi.socket_action(descriptor, bits)
        except pycurl.error:
            return

    def _collect(self) -> None:
        """Hand on what has ended."""
        left = 1
        while left:
            left, done, failed = self._multi.info_read()
            for easy in done:
                self.stop(easy)
                self._guarded(partial(easy.ended, 0, ""))
            for easy, code, message in failed:
                self.stop(easy)
                self._guarded(partial(easy.ended, code, message))

    def _end_doomed(self, easy: pycurl.Curl) -> None:
        if easy in self._running:
            self.stop(easy)
            easy.ended(pycurl.E_WRITE_ERROR, "stopped")

    def _guarded(self, call: Call) -> None:
        try:
            call()
        except Exception:
            log.exception("a call of the outbound client failed; the others go on")

    # --- what curl calls ---

    def _watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        """curl says what it waits for on a socket; POLL_REMOVE also when it keeps the connection for later."""
        if what == pycurl.POLL_REMOVE:
            self._keep(descriptor)
            return
        self._kept.pop(descriptor, None)
        events = _EVENTS[what]
        # The kernel forgets a socket when it is closed, and its number comes back: it alone knows.
        try:
            self._epoll.modify(descriptor, events)
        except FileNotFoundError:
            self._epoll.register(descriptor, events)

    def _set_curl_timer(self, milliseconds: int) -> None:
        self._curl_wakes_at = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000

    # --- connections that are kept ---

    def _keep(self, descriptor: int) -> None:
        """Go on watching: whatever comes now, the end included, makes the connection useless."""
        with contextlib.suppress(OSError):  # curl also watches what is no socket
            kept = socket.socket(fileno=descriptor)
            family = kept.family
            kept.detach()
            if family in (socket.AF_INET, socket.AF_INET6):
                self._kept[descriptor] = os.fstat(descriptor).st_ino
                self._epoll.modify(descriptor, select.EPOLLIN | select.EPOLLRDHUP)
                return
        with contextlib.suppress(OSError):
            self._epoll.unregister(descriptor)

    def _take_away(self, descriptor: int) -> None:
        """Put a dead socket in the place of one that curl keeps: it finds the connection closed, and opens another.

        Only this thread closes curl's sockets, so a number that still has the same inode is still that socket.
        """
        inode = self._kept.pop(descriptor)
        with contextlib.suppress(OSError):
            if os.fstat(descriptor).st_ino == inode:
                ours, other = socket.socketpair()
                other.close()
                os.dup2(ours.fileno(), descriptor, inheritable=False)
                ours.close()


class SteppedLoop(CurlLoop):
    """A loop without a thread of its own: whoever made it runs it, step by step.

    A thread that computes much would else take turns with the loop's at every callback of curl, and each turn waits
    for Python's switch interval (measured: 600 deliveries a second instead of several thousand).
    """

    def step(self, seconds: float) -> None:
        """Do what is due, and wait for sockets for at most so long."""
        self._awake = False
        self._run_posted()
        self._run_timers()
        wait = self._wait()
        self._serve_sockets(seconds if wait is None else min(wait, seconds))

    def _begin(self) -> None:
        """Nothing runs until it is stepped."""
        self._watched: set[int] = set()

    def _watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        """Its handles forbid that a connection is used again, so none is kept: what is new is registered."""
        new = descriptor not in self._watched
        try:
            if what == pycurl.POLL_REMOVE:
                self._watched.discard(descriptor)
                self._epoll.unregister(descriptor)
            elif new:
                self._watched.add(descriptor)
                self._epoll.register(descriptor, _EVENTS[what])
            else:
                self._epoll.modify(descriptor, _EVENTS[what])
        except OSError:
            if what != pycurl.POLL_REMOVE:
                super()._watch(what, descriptor, _multi, _data)

    def _end(self) -> None:
        self._run_posted()


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
