"""The one guarded outbound client: what may be asked, and the thread that asks (SEMANTICS 29, 30).

    web = CurlWeb(resolver, clock, {"source": Reach(), "callback": Reach()}, user_agent="…")
    answer = web.send(WebRequest("https://example.org/feed.xml"))

A request is checked in the caller's thread as far as its words go; all else happens in the loop.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Protocol, Self

from feedhub.errors import FetchError, Unreachable, UsageError
from feedhub.net.address import Reach
from feedhub.net.exchange import Exchange
from feedhub.net.head import check_request_fields
from feedhub.net.lookups import Lookups
from feedhub.net.loop import CurlLoop, Timer
from feedhub.net.mail_in import read_mailbox
from feedhub.net.mail_out import MailTransfer
from feedhub.net.manners import Manners
from feedhub.net.transfer import Transfer
from feedhub.net.url import MAIL, MAILBOX, OutboundUrl, canonical_host, parse_outbound
from feedhub.ports.clock import Clock
from feedhub.ports.mailbox import MailboxAnswer, MailboxRequest
from feedhub.ports.resolver import Resolver
from feedhub.ports.web import Hop, WebRequest, WebResponse

_AT_ONCE = 256
_LOOKS_UP = 0.5
_METHOD = re.compile(r"[A-Z]{1,20}")
_NO_METHODS = frozenset({"CONNECT", "TRACE"})


class CurlWeb:
    """Sends requests under the Reach that they name; spacing and connections are per host, for every Reach."""

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
        ca_bundle: str | None = None,
    ) -> None:
        """`own_hosts`: our public host and port, refused as a source. `ca_bundle`: a file instead of the system's."""
        self._reaches = dict(reaches)
        self._loop = CurlLoop(clock)
        self._room = _Room(
            self._loop,
            Lookups(resolver),
            Manners(connections=connections_per_host, per_second=per_second_per_host, at_once=_AT_ONCE),
            user_agent=user_agent,
            own_hosts=frozenset((_canonical(host), port) for host, port in own_hosts),
            ca_bundle=ca_bundle,
        )
        self._life = threading.Lock()
        self._closed = False

    def send(self, request: WebRequest) -> WebResponse:
        """Send one request and wait for its answer; FetchError or UsageError."""
        if self._loop.is_here():
            raise UsageError("send() waits, so it cannot be called from a callback of the client; use submit().")
        return self.submit(request).result()

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        """Queue one request; the future carries the answer or the FetchError. UsageError at once."""
        if not _METHOD.fullmatch(request.method) or request.method in _NO_METHODS:
            raise UsageError(f"The method {request.method!r} is not sent.")
        if request.reach not in self._reaches:
            raise UsageError(f"There is no reach {request.reach!r}; there are {', '.join(sorted(self._reaches))}.")
        check_request_fields(request.headers)
        try:
            url = parse_outbound(request.url, MAIL) if request.envelope else parse_outbound(request.url)
            exchange = Exchange(self._room, request, url, self._reaches[request.reach])
        except FetchError as error:
            refused: Future[WebResponse] = Future()
            refused.set_exception(error)
            return refused
        with self._life:
            if self._closed:
                raise UsageError("The outbound client is closed.")
            self._loop.post(lambda: self._room.add(exchange))
        return exchange.future

    def read_mail(self, request: MailboxRequest) -> MailboxAnswer:
        """Read a mailbox in this thread, when its host's turn has come; FetchError or UsageError."""
        if self._loop.is_here():
            raise UsageError("read_mail() waits, so it cannot be called from a callback of the client.")
        url = parse_outbound(request.url, MAILBOX)
        turn = _Turn()
        self._post(lambda: self._room.wait_turn(turn, url.host))
        while not turn.come.wait(_LOOKS_UP):
            if self._closed:
                raise Unreachable(f"{url.text} was not read: the client is closing.", url=url.text)
        try:
            return self._room.read_mail(request, url, self._reaches["source"])
        finally:
            self._post(lambda: self._room.end_turn(turn, url.host))

    def _post(self, call: Callable[[], None]) -> None:
        with self._life:
            if not self._closed:
                self._loop.post(call)

    def close(self) -> None:
        """End what is under way with Unreachable, and the thread; again is nothing."""
        with self._life:
            if self._closed:
                return
            self._closed = True
            self._loop.post(self._room.close)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Waits(Protocol):
    """What waits for its host's turn; what has made a hop already had one."""

    @property
    def hops(self) -> Sequence[Hop]: ...

    def let_go(self) -> None: ...


class _Turn:
    """The turn of what is not done in the loop."""

    hops: Sequence[Hop] = ()

    def __init__(self) -> None:
        self.come = threading.Event()

    def let_go(self) -> None:
        self.come.set()


class _Room:
    """What the exchanges share; but for the constructor it lives in the loop's thread."""

    def __init__(
        self,
        loop: CurlLoop,
        lookups: Lookups,
        manners: Manners[_Waits],
        *,
        user_agent: str,
        own_hosts: frozenset[tuple[str, int]],
        ca_bundle: str | None,
    ) -> None:
        self.user_agent, self.own_hosts = user_agent, own_hosts
        self._loop, self._lookups, self._manners, self._ca_bundle = loop, lookups, manners, ca_bundle
        self._free: list[Transfer] = []
        self._open: set[Exchange] = set()
        self._turns_due: tuple[float, Timer] | None = None

    def add(self, exchange: Exchange) -> None:
        self._open.add(exchange)
        exchange.begin()

    def now(self) -> float:
        return self._loop.now()

    def wait_turn(self, exchange: _Waits, host: str) -> None:
        if exchange.hops:
            self._manners.ask_first(host, exchange, self.now())
        else:
            self._manners.ask(host, exchange, self.now())
        self._plan_turns()

    def end_turn(self, exchange: _Waits, host: str) -> None:
        self._manners.done(host, self.now())
        self._plan_turns()

    def at(self, when: float, exchange: Exchange) -> Timer:
        return self._loop.at(when, exchange.expire)

    def look_up(self, exchange: Exchange, host: str, port: int) -> None:
        url = exchange.url
        self._lookups.find(host, port, lambda answer: self._loop.post(lambda: exchange.found(url, answer)))

    def read_mail(self, request: MailboxRequest, url: OutboundUrl, reach: Reach) -> MailboxAnswer:
        """Not in the loop's thread: it waits."""
        return read_mailbox(request, url, reach, lookups=self._lookups, now=self.now, ca_bundle=self._ca_bundle)

    def take(self, mail: bool) -> Transfer:
        if mail:
            return MailTransfer(self._loop, self._ca_bundle)
        return self._free.pop() if self._free else Transfer(self._loop, self._ca_bundle)

    def give_back(self, transfer: Transfer) -> None:
        if isinstance(transfer, MailTransfer):
            transfer.close()
        else:
            self._free.append(transfer)

    def forget(self, exchange: Exchange) -> None:
        self._open.discard(exchange)

    def close(self) -> None:
        for exchange in list(self._open):
            exchange.fail(_closed(exchange))
        for transfer in self._free:
            transfer.close()
        self._lookups.close()

    def _plan_turns(self) -> None:
        """Have `_give_turns` called when the next turn is due; at once means after what is going on now."""
        due = self._manners.next_at()
        if due is None or (self._turns_due is not None and self._turns_due[0] <= due):
            return
        if self._turns_due is not None:
            self._turns_due[1].cancel()
        self._turns_due = (due, self._loop.at(due, self._give_turns))

    def _give_turns(self) -> None:
        self._turns_due = None
        for exchange in self._manners.let_go(self.now()):
            exchange.let_go()
        self._plan_turns()


def _closed(exchange: Exchange) -> Unreachable:
    return Unreachable(f"{exchange.url.text} was not fetched: the client is closing.", url=exchange.url.text)


def _canonical(host: str) -> str:
    try:
        return canonical_host(host)
    except ValueError:
        return host.lower()
