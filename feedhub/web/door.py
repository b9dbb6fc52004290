"""The door: an RSGI application that answers documents from memory and hands the rest to Flask in a bounded pool.

A document costs no thread and no database. Pages run in a few threads behind a bounded queue; bodies are read
here, bounded in bytes and time, so that a slow one holds nobody but itself (DESIGN decision 5, SEMANTICS 31).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from feedhub.web import streams
from feedhub.web.clients import client_of
from feedhub.web.conditional import Answer, Headers, Request, answer
from feedhub.web.deltas import Deltas
from feedhub.web.front import Front
from feedhub.web.headers import safety_headers
from feedhub.web.listening import Refusal
from feedhub.web.wsgi_bridge import Call, WsgiApp, call_application

log = logging.getLogger(__name__)

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The parameters that choose another cut of a document; every other one is ignored (SEMANTICS 20).
CUTS = frozenset({"limit", "lang"})
_DISCARD_SECONDS = 0.5


class Fields(Protocol):
    """A request's header fields."""

    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """What granian says of a request; `path` is percent-decoded, `authority` that of an absolute request line."""

    http_version: str
    client: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> Fields: ...


class Exchange(Protocol):
    """granian's half of the conversation: the body comes out of it, the answer goes in."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class Refused(Exception):
    """The door turns the request away; pages never see it."""

    def __init__(self, status: int, words: str, extra: Headers = ()) -> None:
        super().__init__(words)
        self.status, self.words, self.extra = status, words, extra


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much the door takes: pages at once and waiting, bytes and seconds of a body, bytes of all bodies, seconds
    of a page."""

    threads: int = 8
    waiting: int = 64
    body_bytes: int = 1024 * 1024
    body_seconds: float = 10.0
    all_bodies_bytes: int = 64 * 1024 * 1024
    page_seconds: float = 30.0


class Door:
    """The application granian serves. `close()` lets go of its threads."""

    def __init__(self, site: Front, application: WsgiApp, bounds: Bounds) -> None:
        self._cache, self._application = site.cache, application
        self._bounds = bounds
        self._deltas = Deltas() if site.delta else None
        self._streams = streams.Streams(site)
        # Who is at the other end of a line that comes through the gate, by the address that it has in here.
        self.clients: dict[str, str] = {}
        self._pool = ThreadPoolExecutor(bounds.threads, thread_name_prefix="page")
        self._busy = 0
        self._reading: set[asyncio.Future[bytes]] = set()
        self._ending = False
        self._bodies_left = bounds.all_bodies_bytes
        self._trusted = site.trusted_proxies
        self._safety = safety_headers(secure=site.secure)
        public = urlsplit(site.portal.base_url)
        self._scheme, self._host = public.scheme, public.netloc
        self._healthy = Answer(
            200,
            (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"), ("content-length", "3")),
            b"ok\n",
        )

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request; nothing that goes wrong leaves the client without an answer."""
        try:
            if scope.path == streams.PATH:
                _check_address(scope, scope.headers.items())
                await self._streams.serve(scope, exchange, list(self._safety), self._client(scope))
                return
            reply = self._at_once(scope) or await self._page(scope, exchange)
        except (Refused, Refusal) as refusal:
            extra = refusal.extra if isinstance(refusal, Refused) else _later(refusal.status)
            reply = _plain(refusal.status, refusal.words, extra)
        except Exception:
            log.exception("%s %s failed at the door", scope.method, scope.path[:200])
            reply = _plain(500, "Something went wrong here; it was written to the log.")
        headers = self.with_safety(reply.headers)
        if scope.method == "HEAD" or reply.status in (204, 304):
            exchange.response_empty(reply.status, headers)
        else:
            exchange.response_bytes(reply.status, headers, reply.body)

    def with_safety(self, headers: Headers) -> list[tuple[str, str]]:
        """The fields of an answer, with those that stand on every answer and not on this one."""
        names = {name for name, _ in headers}
        return [*headers, *(field for field in self._safety if field[0] not in names)]

    def known(self, path: str, query: str, asked: Request) -> Answer | None:
        """The answer to a plain GET or HEAD of a document in memory, or of the health of the process; else None."""
        if path == "/healthz":
            return self._healthy
        document = self._cache.held(path)
        if document is None or (query and _asks_for_cut(query)):
            return None
        stale_since = self._cache.stale_since
        part = self._deltas.answer(document, asked, stale_since) if self._deltas else None
        return part or answer(document, asked, stale_since)

    def end(self) -> None:
        """Wait for no more bodies, so that their senders do not hold up the end. Call it on the event loop."""
        self._ending = True
        self._streams.end()
        for reading in tuple(self._reading):
            reading.cancel()

    def close(self) -> None:
        """Take no more pages; those under way end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._streams.close()

    def _at_once(self, scope: Scope) -> Answer | None:
        """A document or the health of the process, answered on the event loop; None for everything else."""
        fields = scope.headers.items()
        _check_address(scope, fields)
        if scope.method not in ("GET", "HEAD") or any(name == "transfer-encoding" for name, _ in fields):
            # granian hides the Content-Length that may stand beside a Transfer-Encoding, so smuggling cannot be told
            # from an honest chunked body: all are refused, nothing that is served here needs one (RFC 9112 §6.1).
            return None
        return self.known(scope.path, scope.query_string, conditions(fields))

    async def _page(self, scope: Scope, exchange: Exchange) -> Answer:
        """Everything that is no document: Flask, in a thread."""
        if scope.method not in _METHODS:
            raise Refused(501, f"The method {scope.method[:20]} is not known here.")
        fields = tuple(scope.headers.items())
        body = await self._body(scope, exchange, dict(fields))
        if self._busy >= self._bounds.threads + self._bounds.waiting:
            raise Refused(503, "Too many pages are being made at this moment.", (("retry-after", "1"),))
        client = self._client(scope)
        call = Call(scope.method, scope.path, scope.query_string, fields, body, client, self._host, self._scheme)
        self._busy += 1
        loop = asyncio.get_running_loop()
        running = self._pool.submit(call_application, self._application, call)
        running.add_done_callback(lambda _: self._one_less_on(loop))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(running), self._bounds.page_seconds)
        except TimeoutError:
            raise Refused(503, "This page took too long.", (("retry-after", "5"),)) from None

    def _client(self, scope: Scope) -> str:
        line = self.clients.get(scope.client, scope.client)
        return client_of(line, scope.headers.items(), self._trusted) if self._trusted else line

    def _one_less_on(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(RuntimeError):  # the server has ended before the page did
            loop.call_soon_threadsafe(self._one_less)

    def _one_less(self) -> None:
        self._busy -= 1

    async def _body(self, scope: Scope, exchange: Exchange, fields: dict[str, str]) -> bytes:
        """The request's body, bounded in bytes and seconds; the bodies of all requests together are bounded too."""
        if "transfer-encoding" in fields:
            await _discard(exchange)
            raise Refused(400, "Send a Content-Length: chunked bodies are not taken.", _CLOSE)
        length = fields.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 15:
            raise Refused(400, "The Content-Length is no number.", _CLOSE)
        if int(length) > self._bounds.body_bytes:
            await _discard(exchange)
            raise Refused(413, f"A body has at most {self._bounds.body_bytes} bytes here.", _CLOSE)
        if int(length) == 0 or scope.method in ("GET", "HEAD"):
            return b""
        if int(length) > self._bodies_left:
            raise Refused(503, "Too many bodies are being sent at this moment.", (("retry-after", "5"), *_CLOSE))
        self._bodies_left -= int(length)
        reading = asyncio.ensure_future(_read(exchange))
        self._reading.add(reading)
        try:
            return await asyncio.wait_for(reading, self._bounds.body_seconds)
        except asyncio.CancelledError:
            if not self._ending:
                raise
            raise Refused(503, "This server is about to end.", _CLOSE) from None
        except TimeoutError:
            raise Refused(408, f"The body did not arrive within {self._bounds.body_seconds:g} s.", _CLOSE) from None
        finally:
            self._reading.discard(reading)
            self._bodies_left += int(length)


_CLOSE: Headers = (("connection", "close"),)


def _later(status: int) -> Headers:
    return {405: (("allow", "GET, HEAD"),), 429: (("retry-after", "60"),), 503: (("retry-after", "5"),)}.get(status, ())


def conditions(fields: list[tuple[str, str]]) -> Request:
    """The fields that decide how a document is answered; a repeated list field is one list (RFC 9110 §5.3)."""
    match = since = encoding = manipulations = agent = None
    for name, value in fields:
        if name == "if-none-match":
            match = value if match is None else f"{match}, {value}"
        elif name == "accept-encoding":
            encoding = value if encoding is None else f"{encoding}, {value}"
        elif name == "a-im":
            manipulations = value if manipulations is None else f"{manipulations}, {value}"
        elif name == "if-modified-since":
            since = value
        elif name == "user-agent":
            agent = value
    return Request(match, since, encoding, manipulations, agent)


async def _read(exchange: Exchange) -> bytes:
    return b"".join([chunk async for chunk in exchange])


async def _discard(exchange: Exchange) -> None:
    """Let a body go by for a moment: a client that is still sending would not see why it was refused."""

    async def drain() -> None:
        async for _ in exchange:
            pass

    with contextlib.suppress(TimeoutError, RuntimeError):
        await asyncio.wait_for(drain(), _DISCARD_SECONDS)


def _check_address(scope: Scope, fields: list[tuple[str, str]]) -> None:
    """Exactly one well-formed Host, the same as in an absolute request line (RFC 9112 §3.2). It names nothing here."""
    hosts = [value for name, value in fields if name == "host"]
    if len(hosts) != 1:
        if not hosts and scope.http_version in ("1", "1.0"):
            return
        raise Refused(400, "A request has one Host.", _CLOSE)
    if not _HOST.fullmatch(hosts[0]):
        raise Refused(400, "The Host is not a host name.", _CLOSE)
    if scope.authority is not None and scope.authority.lower() != hosts[0].lower():
        raise Refused(400, "The address and the Host name different hosts.", _CLOSE)
    if not scope.path.startswith("/"):
        raise Refused(400, "The address is not a path.", _CLOSE)


def _asks_for_cut(query: str) -> bool:
    try:
        return any(name in CUTS for name, _ in parse_qsl(query, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return False


def _plain(status: int, words: str, extra: Headers = ()) -> Answer:
    body = f"{words}\n".encode()
    fields: Headers = (
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
    )
    return Answer(status, (*fields, *extra), body)
