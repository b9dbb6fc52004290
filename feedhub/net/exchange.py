"""One request over its hops, inside the loop:

    admit ─→ wait for the host's turn ─→ look up ─→ judge the whole answer ─→ transfer ─┬─→ answer
      ↑      (does not count as time)     (once)       (one bad refuses all)            ├─→ next address of the name
      └───────────────────────── redirect, checked like a first URL ←───────────────────┘

The deadline runs from the moment the request is let go, over all hops, whatever it waits for but its host's turn.
"""

from __future__ import annotations

from base64 import b64encode
from concurrent.futures import Future
from typing import Protocol

from feedhub.errors import AddressRefused, Deadline, FetchError, RedirectRefused, TooManyRedirects, Unreachable
from feedhub.net.address import Reach, Refusal, port_refusal
from feedhub.net.decode import ACCEPT_ENCODING
from feedhub.net.head import SECRETS
from feedhub.net.lookups import Answer
from feedhub.net.loop import Timer
from feedhub.net.redirect import PERMANENT, STATUSES, check_redirect, next_method, redirect_target
from feedhub.net.transfer import HopAnswer, HopCall, NotConnected, Outcome, Transfer
from feedhub.net.url import OutboundUrl
from feedhub.ports.web import Hop, WebRequest, WebResponse

_MOST_ADDRESSES = 4
# An address of several that does not answer must leave time for the next.
_CONNECT_SECONDS = 5.0


class Room(Protocol):
    """What an exchange needs of the client around it."""

    user_agent: str
    own_hosts: frozenset[tuple[str, int]]

    def now(self) -> float:
        """Seconds that never step back."""
        ...

    def wait_turn(self, exchange: Exchange, host: str) -> None:
        """Call `let_go` of the exchange when its host may be asked."""
        ...

    def end_turn(self, exchange: Exchange, host: str) -> None:
        """The exchange leaves the host alone again."""
        ...

    def at(self, when: float, exchange: Exchange) -> Timer:
        """Call `expire` of the exchange then."""
        ...

    def look_up(self, exchange: Exchange, host: str, port: int) -> None:
        """Call `found` of the exchange with the answer."""
        ...

    def take(self, mail: bool) -> Transfer:
        """A handle that is free; one for mail is not used for anything else."""
        ...

    def give_back(self, transfer: Transfer) -> None:
        """The handle is free again."""
        ...

    def forget(self, exchange: Exchange) -> None:
        """The exchange has ended."""
        ...


class Exchange:
    """A request under way; `future` gets the answer or the error, once."""

    def __init__(self, room: Room, request: WebRequest, url: OutboundUrl, reach: Reach) -> None:
        self.future: Future[WebResponse] = Future()
        self.hops: list[Hop] = []
        self._room, self._request, self._reach = room, request, reach
        self.url, self._method, self._body = url, request.method, request.body
        self._keeps_secrets = True
        self._seconds_left = request.bounds.seconds
        self._wire_left = request.bounds.wire_bytes
        self._seen = {(request.method, url.text)}
        self._addresses: list[str] = []
        self._address = ""
        self._let_go_at: float | None = None
        self._timer: Timer | None = None
        self._transfer: Transfer | None = None
        self._running = self._ended = False
        self.admit(url)

    def admit(self, url: OutboundUrl) -> None:
        """AddressRefused when the URL alone tells that we do not go there; nothing is looked up for it."""
        if self._request.reach == "source" and (url.host, url.port) in self._room.own_hosts:
            raise AddressRefused(
                f"{url.text} is our own public address; a source of ourselves would feed on itself.",
                url=url.text,
                code="self_reference",
            )
        refusal = self._reach.refusal(url.address, url.port) if url.address else port_refusal(url.port)
        if refusal is not None:
            raise self._refused(url, refusal)

    def begin(self) -> None:
        """Ask for the host's turn."""
        self._room.wait_turn(self, self.url.host)

    def let_go(self) -> None:
        """The host may be asked: from now on time counts."""
        if not self._may_answer():
            self._room.end_turn(self, self.url.host)
            self._finish()
            return
        self._let_go_at = self._room.now()
        self._timer = self._room.at(self._let_go_at + self._seconds_left, self)
        if self.url.address is not None:
            self._connect([self.url.address])
        elif self._request.addresses and not self.hops:
            self.found(self.url, self._request.addresses)
        else:
            self._room.look_up(self, self.url.host, self.url.port)

    def found(self, url: OutboundUrl, answer: Answer) -> None:
        """The look-up of `url`'s host has ended; it may be too late for us."""
        if self._ended or self._let_go_at is None or url is not self.url or self._transfer is not None:
            return
        if isinstance(answer, Exception) or not answer:
            why = f" ({answer})" if isinstance(answer, Exception) else ""
            self.fail(
                Unreachable(
                    f"{url.text} cannot be reached: there is no address for {url.host}{why}. "
                    "Check the spelling, or the name server.",
                    url=url.text,
                )
            )
            return
        for address in answer:
            refusal = self._reach.refusal(address, url.port)
            if refusal is not None:
                self.fail(self._refused(url, refusal))
                return
        self._connect(list(answer[:_MOST_ADDRESSES]))

    def expire(self) -> None:
        """The deadline has passed."""
        doing = self._transfer.stage if self._transfer else f"looking up {self.url.host} took too long"
        self.fail(
            Deadline(
                f"{self.url.text} was not done within {self._request.bounds.seconds:g} s: {doing}.",
                url=self.url.text,
            )
        )

    def fail(self, error: FetchError) -> None:
        """End with an error, whatever is under way."""
        if self._ended:
            return
        if self._transfer is not None:
            self._transfer.stop()
        self._leave_hop()
        self._finish()
        if self._may_answer():
            self.future.set_exception(error)

    def _may_answer(self) -> bool:
        """From the first call on the future cannot be cancelled; False when it has been."""
        self._running = self._running or self.future.set_running_or_notify_cancel()
        return self._running

    def _connect(self, addresses: list[str]) -> None:
        self._address, *self._addresses = addresses
        room, request = self._room, self._request
        assert self._let_go_at is not None
        left = self._seconds_left - (room.now() - self._let_go_at)
        call = HopCall(
            url=self.url,
            address=self._address,
            reach=self._reach,
            method=self._method,
            fields=self._fields(),
            body=self._body,
            connect_seconds=min(left, _CONNECT_SECONDS) if self._addresses else left + 1,
            wire_bytes=self._wire_left,
            plain_bytes=request.bounds.plain_bytes,
            drops_redirect_body=request.follow_redirects,
            envelope=request.envelope,
            credentials=request.credentials,
        )
        self._transfer = room.take(request.envelope is not None)
        self._transfer.start(call, self._transferred)

    def _fields(self) -> tuple[str, ...]:
        request = self._request
        fields = {"user-agent": f"User-Agent: {self._room.user_agent}", "expect": "Expect:"}
        fields["accept-encoding"] = f"Accept-Encoding: {ACCEPT_ENCODING}"
        for name, value in request.headers.items():
            # curl takes `Name;` for a field without a value and `Name:` for one to leave out.
            fields[name.lower()] = f"{name}: {value}" if value.strip() else f"{name};"
        if request.credentials is not None:
            basic = b64encode(":".join(request.credentials).encode()).decode("ascii")
            fields["authorization"] = f"Authorization: Basic {basic}"
        if not self._keeps_secrets:
            for name in SECRETS:
                fields.pop(name, None)
        if self._body is None:
            fields.pop("content-type", None)
        return tuple(fields.values())

    def _transferred(self, outcome: Outcome) -> None:
        transfer, self._transfer = self._transfer, None
        assert transfer is not None
        self._wire_left -= transfer.wire_bytes
        self._room.give_back(transfer)
        if isinstance(outcome, NotConnected) and self._addresses:
            self._connect(self._addresses)
            return
        self._leave_hop()
        if isinstance(outcome, NotConnected):
            self.fail(outcome.error)
        elif isinstance(outcome, FetchError):
            self.fail(outcome)
        else:
            self._go_on(outcome)

    def _go_on(self, answer: HopAnswer) -> None:
        try:
            following = self._following(answer)
        except FetchError as error:
            self.fail(error)
            return
        if following is not None:
            self.url = following
            self._room.wait_turn(self, following.host)
            return
        self._finish()
        bounds = self._request.bounds
        self.future.set_result(
            WebResponse(
                url=self.url.text,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                hops=tuple(self.hops),
                address=self._address,
                seconds=bounds.seconds - self._seconds_left,
                wire_bytes=bounds.wire_bytes - self._wire_left,
            )
        )

    def _following(self, answer: HopAnswer) -> OutboundUrl | None:
        """Where a redirect leads; None for an answer that is no redirect to follow."""
        location = answer.headers.get("location")
        if answer.status not in STATUSES or location is None or not self._request.follow_redirects:
            return None
        if len(self.hops) >= self._request.bounds.redirects:
            raise TooManyRedirects(
                f"{self._request.url} leads through more than {len(self.hops)} redirects; stopped at {self.url.text}.",
                url=self.url.text,
            )
        target = redirect_target(self.url, location)
        self.admit(target)
        try:
            check_redirect(self.url, target, self._request)
        except RedirectRefused as error:
            error.permanent = all(status in PERMANENT for status in (answer.status, *(h.status for h in self.hops)))
            raise
        method = next_method(answer.status, self._method)
        if (method, target.text) in self._seen:
            raise TooManyRedirects(f"{self.url.text} redirects in a circle, to {target.text}.", url=target.text)
        self._seen.add((method, target.text))
        self._method, self._body = method, self._body if method == self._method else None
        self._keeps_secrets = self._keeps_secrets and target.origin == self.url.origin
        self.hops.append(Hop(answer.status, target.text))
        return target

    def _refused(self, url: OutboundUrl, refusal: Refusal) -> AddressRefused:
        whose = "" if url.address or refusal.code == "port_not_allowed" else f", an address of {url.host}"
        way = f" (from {self.url.text})" if url is not self.url else ""
        return AddressRefused(
            f"{url.text}{way} is refused: {refusal.reason}{whose}.{refusal.remedy}", url=url.text, code=refusal.code
        )

    def _leave_hop(self) -> None:
        """Stop the time, give everything back."""
        if self._let_go_at is None:
            return
        self._seconds_left -= self._room.now() - self._let_go_at
        self._let_go_at = None
        if self._timer is not None:
            self._timer.cancel()
        if self._transfer is not None:
            self._room.give_back(self._transfer)
            self._transfer = None
        self._room.end_turn(self, self.url.host)

    def _finish(self) -> None:
        self._ended = True
        self._room.forget(self)
