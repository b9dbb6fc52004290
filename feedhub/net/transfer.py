"""One hop on one curl handle: curl is told exactly what to do, and every byte it brings is counted as it comes.

The address is pinned by CONNECT_TO, which also keeps a kept connection to itself: it is used again only for the same
name at the same address. The socket that curl asks for is judged once more, so nothing curl does can lead elsewhere.
curl's debug callback alone sees what the server really put on the wire behind the head, so the wire bound and the lie
of a Content-Length that is too short are found there.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pycurl

from feedhub.errors import AddressRefused, BadResponse, FetchError, TooLarge, Unreachable
from feedhub.net.address import Reach, Refusal
from feedhub.net.decode import Plain, body_decoder
from feedhub.net.head import Head
from feedhub.net.loop import CurlLoop
from feedhub.net.redirect import STATUSES
from feedhub.net.url import OutboundUrl
from feedhub.ports.web import Envelope

_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_RECEIVE_BUFFER = 128 * 1024
_NO_BODY = frozenset({204, 304})
_BROKEN_HTTP = frozenset({1, 8, 18, 23, 52, 56, 61})  # unsupported, weird, partial, write, nothing, receive, coding
_NO_TLS = frozenset({35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98})


@dataclass(frozen=True, slots=True)
class HopCall:
    """What one hop asks: the address is judged and pinned, `fields` are whole header lines, bounds are what is left."""

    url: OutboundUrl
    address: str
    reach: Reach
    method: str
    fields: tuple[str, ...]
    body: bytes | None
    connect_seconds: float
    wire_bytes: int
    plain_bytes: int
    drops_redirect_body: bool
    envelope: Envelope | None = None
    credentials: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class HopAnswer:
    """What one hop brought; `body` is unpacked."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NotConnected:
    """No connection to this address; another address of the name may answer."""

    error: Unreachable


Outcome = HopAnswer | NotConnected | FetchError
# Why an address may not be connected to on a port; None when it may.
Refuses = Callable[[str, int], Refusal | None]


class Transfer:
    """A curl handle that carries one hop after another; used inside the loop only."""

    def __init__(self, loop: CurlLoop, ca_bundle: str | None) -> None:
        self._loop = loop
        self._call: HopCall
        self._head: Head
        self._decoder: Plain | None = None
        self._fault: FetchError | None = None
        self._done: Callable[[Outcome], None]
        self._more_at: tuple[str, int] | None = None
        self.wire_bytes = 0
        self._curl = curl = pycurl.Curl()
        curl.ended = self._ended
        for option, value in STANDING_OPTIONS:
            curl.setopt(option, value)
        if bundle := ca_bundle or system_bundle():
            curl.setopt(pycurl.CAINFO, bundle)
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        curl.setopt(pycurl.HEADERFUNCTION, self._take_line)
        curl.setopt(pycurl.WRITEFUNCTION, self._take_body)
        curl.setopt(pycurl.DEBUGFUNCTION, self._count)

    def start(self, call: HopCall, done: Callable[[Outcome], None]) -> None:
        """Begin a hop; `done` is called with what it brought, or with what went wrong."""
        self._call, self._done = call, done
        self._head, self._decoder, self._fault = Head(call.url.text), None, None
        self._more_at, self.wire_bytes = None, 0
        curl, address = self._curl, call.address
        curl.setopt(pycurl.URL, call.url.text)
        curl.setopt(pycurl.CONNECT_TO, [f"::[{address}]:" if ":" in address else f"::{address}:"])
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(1, int(call.connect_seconds * 1000)))
        self._ask(call)
        self._loop.start(curl)

    def _ask(self, call: HopCall) -> None:
        """Tell curl what is asked, beyond where."""
        curl = self._curl
        curl.setopt(pycurl.HTTPGET, 1)
        curl.unsetopt(pycurl.CUSTOMREQUEST)
        if call.method == "HEAD":
            curl.setopt(pycurl.NOBODY, 1)
        elif call.body is not None or call.method == "POST":
            curl.setopt(pycurl.POST, 1)
            curl.setopt(pycurl.POSTFIELDS, call.body or b"")
        if call.method not in ("GET", "HEAD", "POST"):
            curl.setopt(pycurl.CUSTOMREQUEST, call.method)
        curl.setopt(pycurl.HTTPHEADER, list(call.fields))

    def stop(self) -> None:
        """End a hop that is under way, and its connection; `done` is not called."""
        self._loop.stop(self._curl)

    def close(self) -> None:
        """Free the handle."""
        self._curl.close()

    @property
    def stage(self) -> str:
        """How far the hop has come, for a message."""
        if self._head.complete:
            return f"{self.wire_bytes:,} bytes of the body had come"
        return "its headers were not complete" if self._head.status else "it had not answered"

    # --- what curl calls. An exception must not reach it: the fault is kept and the transfer ended. ---

    def _open_socket(self, _purpose: int, asked: Any) -> Any:
        opened = opened_for(asked, self._call.url, self._call.address, self._call.reach.refusal)
        if isinstance(opened, FetchError):
            self._fault = opened
            return pycurl.SOCKET_BAD
        return opened

    def _take_line(self, line: bytes) -> int:
        try:
            self._head.feed(line)
            if self._head.complete and self._decoder is None and self._head.status >= 200:
                self._decoder = self._choose_decoder()
        except FetchError as error:
            return self._fail(error)
        return len(line)

    def _choose_decoder(self) -> Plain:
        limit, url = self._call.plain_bytes, self._call.url.text
        if self._call.method == "HEAD" or self._head.status in _NO_BODY or self._drops_body():
            return Plain(limit, url)
        return body_decoder(self._head.value("content-encoding") or "", limit=limit, url=url)

    def _drops_body(self) -> bool:
        return self._call.drops_redirect_body and self._head.status in STATUSES and self._head.has("location")

    def _take_body(self, data: bytes) -> int:
        if self._fault is not None:
            return -1
        if self._decoder is not None and not self._drops_body():
            try:
                self._decoder.feed(data)
            except FetchError as error:
                return self._fail(error)
        return len(data)

    def _count(self, kind: int, data: bytes) -> None:
        if kind != pycurl.INFOTYPE_DATA_IN or self._fault is not None:
            return
        self.wire_bytes += len(data)
        url = self._call.url.text
        if self.wire_bytes > self._call.wire_bytes:
            self._fault = TooLarge(
                f"{url} sent more than {self._call.wire_bytes:,} bytes; the download was stopped.", url=url
            )
            # curl calls nobody while it skips what is no body, such as a chunk's extension.
            self._loop.doom(self._curl)
        length = self._head.content_length
        if length is None:
            return
        if self.wire_bytes == length:
            self._more_at = self._loop.more_there()
        elif self.wire_bytes > length:
            self._fault = self._lied_length()

    def _fail(self, error: FetchError) -> int:
        self._fault = error
        return -1

    def _ended(self, code: int, message: str) -> None:
        self._done(self._fault or self._outcome(code, message))

    def _outcome(self, code: int, message: str) -> Outcome:
        if code:
            return self._failure(code, message)
        if not self._head.complete or self._decoder is None:
            return BadResponse(f"{self._call.url.text} ended before its headers did.", url=self._call.url.text)
        if self._more_at is not None and self._more_is_ours():
            return self._lied_length()
        try:
            return HopAnswer(self._head.status, self._head.mapping(), self._decoder.finish())
        except FetchError as error:
            return error

    def _more_is_ours(self) -> bool:
        # Behind TLS the bytes may be a ticket or an alert.
        local = (self._curl.getinfo(pycurl.LOCAL_IP), self._curl.getinfo(pycurl.LOCAL_PORT))
        return self._call.url.scheme == "http" and local == self._more_at

    def _lied_length(self) -> BadResponse:
        url = self._call.url.text
        return BadResponse(f"{url} sent more bytes than its Content-Length of {self._head.content_length:,}.", url=url)

    def _failure(self, code: int, message: str) -> Outcome:
        url, at = self._call.url.text, self._call.address
        if code in _NO_TLS:
            return Unreachable(f"No secure connection to {url} ({at}): {message}. Check its certificate.", url=url)
        if not self._head.status and code in (pycurl.E_COULDNT_CONNECT, pycurl.E_OPERATION_TIMEDOUT):
            return NotConnected(Unreachable(f"No connection to {url} ({at}): {message}.", url=url))
        if code in _BROKEN_HTTP:
            return BadResponse(f"{url} broke off or answered what is not HTTP: {message or f'curl {code}'}.", url=url)
        return Unreachable(f"{url} ({at}) cannot be reached: {message or f'curl {code}'}.", url=url)


def opened_for(asked: Any, url: OutboundUrl, judged: str, refuses: Refuses) -> _Opened | FetchError:
    """The socket that curl asks for, when it leads to the address that was `judged`, and that is judged once more."""
    address, port = str(asked.addr[0]), int(asked.addr[1])
    refusal = refuses(address, port)
    if refusal is None and (address, port) != (judged, url.port):
        refusal = Refusal("private_address", f"{address} port {port} is not what was checked")
    if refusal is not None:
        return AddressRefused(f"{url.text} is refused: {refusal.reason}.", url=url.text, code=refusal.code)
    try:
        opened = socket.SocketType(asked.family, asked.socktype, asked.protocol)
    except OSError as error:
        return Unreachable(f"There is no socket for {url.text}: {error}.", url=url.text)
    # What a server can push before we say stop; the kernel would grow this to megabytes by itself.
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    return _Opened(opened)


class _Opened:
    """A new socket on its way to pycurl, which takes a duplicate of the descriptor and then lets go of this."""

    __slots__ = ("_socket",)

    def __init__(self, opened: socket.SocketType) -> None:
        self._socket = opened

    def fileno(self) -> int:
        return self._socket.fileno()

    def __del__(self) -> None:
        self._socket.close()


def system_bundle() -> str | None:
    """The system's file of certificate authorities; None leaves curl its own default."""
    return next((bundle for bundle in _BUNDLES if Path(bundle).is_file()), None)


STANDING_OPTIONS: tuple[tuple[int, Any], ...] = (
    (pycurl.NOSIGNAL, 1),
    (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
    (pycurl.REDIR_PROTOCOLS, 0),
    (pycurl.FOLLOWLOCATION, 0),
    # Nothing from the environment: no proxy of any form, no ~/.netrc.
    (pycurl.PROXY, ""),
    (pycurl.NOPROXY, "*"),
    (pycurl.NETRC, pycurl.NETRC_IGNORED),
    (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
    # Names are looked up by us. What curl keeps of addresses it reads from end to end before each connection.
    (pycurl.DNS_CACHE_TIMEOUT, 0),
    # Codings are undone by us, within bounds.
    (pycurl.HTTP_CONTENT_DECODING, 0),
    (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
    (pycurl.SSL_VERIFYPEER, 1),
    (pycurl.SSL_VERIFYHOST, 2),
    (pycurl.VERBOSE, 1),
)
