"""The one guarded outbound client: pycurl multi in a thread of its own (DESIGN, decision 7).

Requests come in by `submit`, wait for their host's turn, are resolved once per hop in a small pool of threads,
judged, pinned to the judged address and driven by curl. One wall-clock deadline holds for all hops.
"""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pycurl

from feedhub.errors import FetchError, Unreachable
from feedhub.net.address import Reach
from feedhub.net.manners import Manners
from feedhub.net.target import read_target
from feedhub.net.transfer import Transfer, check_headers, deadline_passed
from feedhub.ports.clock import Clock
from feedhub.ports.resolver import Resolver
from feedhub.ports.web import WebRequest, WebResponse

_RESOLVERS = 8
_IDLE = 1.0


class CurlWeb:
    """Sends requests under the rules of `reaches` (by the request's `reach`); thread-safe."""

    def __init__(
        self,
        resolver: Resolver,
        clock: Clock,
        reaches: Mapping[str, Reach],
        *,
        user_agent: str = "FeedHub",
        connections_per_host: int = 2,
        per_second_per_host: float = 1.0,
        own_hosts: frozenset[tuple[str, int]] = frozenset(),
    ) -> None:
        self._resolver, self._clock, self._reaches = resolver, clock, dict(reaches)
        self._user_agent, self._own_hosts = user_agent, own_hosts
        self._manners: Manners[Transfer] = Manners(connections_per_host, per_second_per_host)
        self._inbox: deque[Any] = deque()
        self._lookups = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve")
        self._idle_handles: list[Any] = []
        self._running: dict[Transfer, Any] = {}
        self._under_way: set[Transfer] = set()
        self._deadlines: list[tuple[float, int, Transfer]] = []
        self._count = itertools.count()
        self._curl_timer: float | None = None
        self._closing = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        self._thread = threading.Thread(target=self._run, name="outbound", daemon=True)
        self._thread.start()

    def send(self, request: WebRequest) -> WebResponse:
        """Send one request and wait for its answer."""
        return self.submit(request).result()

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        """Queue one request; the future carries the answer or the FetchError."""
        check_headers(request.headers)
        future: Future[WebResponse] = Future()
        try:
            target = read_target(request.url)
            transfer = Transfer(
                request, future, self._reaches[request.reach], self._own_hosts, target, manners_key=target.host
            )
            if target.is_literal:
                transfer.judge((target.host,))
        except FetchError as error:
            future.set_exception(error)
            return future
        self._post(("new", transfer, None))
        return future

    def close(self) -> None:
        """End every request under way with an error and stop the thread."""
        self._closing = True
        self._wake()
        self._thread.join(5)
        self._lookups.shutdown(wait=False, cancel_futures=True)

    # Everything below runs in the client's own thread, but for _post and _resolve.

    def _post(self, message: Any) -> None:
        self._inbox.append(message)
        self._wake()

    def _wake(self) -> None:
        try:
            self._wake_in.send(b"x")
        except (BlockingIOError, OSError):
            return  # the pipe is full: the loop is about to look anyway

    def _run(self) -> None:
        while not self._closing:
            self._take_inbox()
            now = self._clock.monotonic()
            for transfer in self._manners.let_go(now):
                self._let_go(transfer, now)
            for key, events in self._selector.select(self._pause()):
                if key.fileobj is self._wake_out:
                    self._drain()
                    continue
                bits = (pycurl.CSELECT_IN if events & selectors.EVENT_READ else 0) | (
                    pycurl.CSELECT_OUT if events & selectors.EVENT_WRITE else 0
                )
                self._multi.socket_action(key.fd, bits)
            if self._curl_timer is not None and self._clock.monotonic() >= self._curl_timer:
                self._curl_timer = None
                self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
            self._collect()
            self._expire()
        self._shut_down()

    def _pause(self) -> float:
        now = self._clock.monotonic()
        moments = [self._curl_timer, self._manners.next_at(), self._deadlines[0][0] if self._deadlines else None]
        known = [moment for moment in moments if moment is not None]
        return max(min((moment - now for moment in known), default=_IDLE), 0.0) if not self._inbox else 0.0

    def _drain(self) -> None:
        try:
            while self._wake_out.recv(4096):
                pass
        except BlockingIOError:
            return

    def _take_inbox(self) -> None:
        while self._inbox:
            kind, transfer, value = self._inbox.popleft()
            if kind == "new":
                self._manners.add(transfer.manners_key, transfer)
            elif transfer not in self._under_way:
                continue  # its deadline passed while it was being resolved
            elif isinstance(value, FetchError):
                self._fail(transfer, value)
            else:
                self._guarded(transfer, lambda t=transfer, v=value: self._judged(t, v))

    def _let_go(self, transfer: Transfer, now: float) -> None:
        transfer.started, transfer.deadline = now, now + transfer.request.bounds.seconds
        self._under_way.add(transfer)
        heapq.heappush(self._deadlines, (transfer.deadline, next(self._count), transfer))
        self._begin_hop(transfer)

    def _begin_hop(self, transfer: Transfer) -> None:
        if transfer.target.is_literal:
            self._guarded(transfer, lambda: self._judged(transfer, (transfer.target.host,)))
        else:
            self._lookups.submit(self._resolve, transfer)

    def _resolve(self, transfer: Transfer) -> None:
        """In a thread of the pool: one resolution, whatever it brings is posted back."""
        target = transfer.target
        value: Any
        try:
            value = self._resolver.resolve(target.host, target.port)
            if not value:
                value = Unreachable(f"{target.host} has no address.", url=target.url)
        except (OSError, UnicodeError) as error:
            value = Unreachable(f"{target.host} cannot be found: {error}.", url=target.url)
        self._post(("resolved", transfer, value))

    def _judged(self, transfer: Transfer, addresses: tuple[str, ...]) -> None:
        transfer.judge(addresses)
        self._start(transfer)

    def _start(self, transfer: Transfer) -> None:
        curl = self._idle_handles.pop() if self._idle_handles else pycurl.Curl()
        transfer.set_up(curl, self._user_agent, self._clock.monotonic())
        self._running[transfer] = curl
        self._multi.add_handle(curl)

    def _collect(self) -> None:
        while True:
            waiting, good, bad = self._multi.info_read()
            for curl in good:
                self._ended(curl, 0, "")
            for curl, code, message in bad:
                self._ended(curl, code, message)
            if not waiting:
                return

    def _ended(self, curl: Any, code: int, message: str) -> None:
        transfer: Transfer = curl.transfer
        self._release(transfer)
        try:
            outcome = transfer.ended(code, message or "no reason given")
        except FetchError as error:
            self._fail(transfer, error)
            return
        if outcome is None:
            self._guarded(transfer, lambda: self._start(transfer))
        elif isinstance(outcome, WebResponse):
            self._leave(transfer)
            transfer.future.set_result(replace(outcome, seconds=self._clock.monotonic() - transfer.started))
        else:
            self._begin_hop(transfer)

    def _expire(self) -> None:
        now = self._clock.monotonic()
        while self._deadlines and (self._deadlines[0][0] <= now or self._deadlines[0][2] not in self._under_way):
            _, _, transfer = heapq.heappop(self._deadlines)
            if transfer in self._under_way:
                self._release(transfer)
                self._fail(transfer, deadline_passed(transfer))

    def _guarded(self, transfer: Transfer, step: Any) -> None:
        try:
            step()
        except FetchError as error:
            self._release(transfer)
            self._fail(transfer, error)

    def _release(self, transfer: Transfer) -> None:
        curl = self._running.pop(transfer, None)
        if curl is not None:
            self._multi.remove_handle(curl)
            curl.reset()
            curl.transfer = None
            self._idle_handles.append(curl)

    def _fail(self, transfer: Transfer, error: FetchError) -> None:
        self._leave(transfer)
        transfer.future.set_exception(error)

    def _leave(self, transfer: Transfer) -> None:
        self._under_way.discard(transfer)
        self._manners.done(transfer.manners_key)

    def _shut_down(self) -> None:
        gone = Unreachable("The outbound client is being closed.", url="")
        for transfer in list(self._under_way):
            self._release(transfer)
            self._fail(transfer, gone)
        for kind, transfer, _ in self._inbox:
            if kind == "new":
                transfer.future.set_exception(gone)
        for transfer in self._manners.queued():
            transfer.future.set_exception(gone)
        for curl in self._idle_handles:
            curl.close()
        self._multi.close()
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def _on_socket(self, what: int, fd: int, _multi: Any, _data: Any) -> None:
        events = {
            pycurl.POLL_IN: selectors.EVENT_READ,
            pycurl.POLL_OUT: selectors.EVENT_WRITE,
            pycurl.POLL_INOUT: selectors.EVENT_READ | selectors.EVENT_WRITE,
        }.get(what)
        known = fd in self._selector.get_map()
        if events is None:
            if known:
                self._selector.unregister(fd)
        elif known:
            self._selector.modify(fd, events)
        else:
            self._selector.register(fd, events)

    def _on_timer(self, milliseconds: int) -> None:
        self._curl_timer = None if milliseconds < 0 else self._clock.monotonic() + milliseconds / 1000
