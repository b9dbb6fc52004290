"""One request over all its hops: the curl handle is set up, watched and judged here; the loop only drives it."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pycurl

from feedhub.errors import (
    AddressRefused,
    BadResponse,
    Deadline,
    FetchError,
    RedirectRefused,
    TooLarge,
    TooManyRedirects,
    Unreachable,
    UsageError,
)
from feedhub.net.address import Reach
from feedhub.net.decode import Decoder
from feedhub.net.target import Target, read_target, same_site
from feedhub.ports.web import Hop, WebRequest, WebResponse

MOST_HEADERS = 200
MOST_HEADER_BYTES = 64 * 1024
_CA_FILES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_CA_FILE = next((name for name in _CA_FILES if Path(name).is_file()), None)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = re.compile(
    r"host|connection|keep-alive|proxy-.*|x-forwarded-.*|forwarded|remote-user|content-length|transfer-encoding|"
    r"te|trailer|upgrade|expect|cookie|authorization|accept-encoding",
    re.IGNORECASE,
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BROKEN = {1, 8, 18, 52, 56, 61}


def check_headers(headers: Mapping[str, str]) -> None:
    """UsageError names a request header that only we may set, or one that would break the request."""
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
            raise UsageError(f"The request header {name!r} cannot be sent: its name or value breaks the form of HTTP.")
        if _OURS.fullmatch(name):
            raise UsageError(f"The request header {name!r} is not for sources to set.")


@dataclass(slots=True, eq=False)
class Transfer:
    """A request under way. `addresses` are those of the present hop, judged and not tried yet."""

    request: WebRequest
    future: Future[WebResponse]
    reach: Reach
    own_hosts: frozenset[tuple[str, int]]
    target: Target
    manners_key: str
    started: float = 0.0
    deadline: float = 0.0
    hops: list[Hop] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    wire: int = 0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    header_bytes: int = 0
    header_count: int = 0
    decoder: Decoder | None = None
    fault: FetchError | None = None
    peer: str = ""

    def judge(self, addresses: tuple[str, ...]) -> None:
        """Take the whole answer of the resolver, or refuse it whole when one address in it is not to be reached."""
        if (self.target.host, self.target.port) in self.own_hosts:
            raise self._refused(f"{self.target.url} is this very service.", "self_reference")
        for address in addresses:
            code = self.reach.refusal(address, self.target.port)
            if code == "port_not_allowed":
                raise self._refused(
                    f"Port {self.target.port} of {self.target.host} is not fetched from; net.ports lists further ports.",
                    code,
                )
            if code is not None:
                raise self._refused(
                    f"{self.target.host} has the address {address}, which is not public; "
                    "net.source_reach.allow lists private networks that may be reached.",
                    code,
                )
        self.addresses = list(addresses)

    def set_up(self, curl: Any, user_agent: str, now: float) -> None:
        """Prepare a (fresh or reset) curl handle for the next address of the present hop."""
        target, request = self.target, self.request
        address = self.addresses.pop(0)
        self.peer = address
        self._forget_answer()
        option = curl.setopt
        option(pycurl.URL, target.url)
        literal = f"[{address}]" if ":" in address else address
        own = f"[{target.host}]" if ":" in target.host else target.host
        option(pycurl.CONNECT_TO, [f"{own}:{target.port}:{literal}:{target.port}"])
        option(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        option(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        option(pycurl.FOLLOWLOCATION, 0)
        option(pycurl.PROXY, "")
        option(pycurl.NOPROXY, "*")
        option(pycurl.NETRC, pycurl.NETRC_IGNORED)
        option(pycurl.NOSIGNAL, 1)
        option(pycurl.PATH_AS_IS, 1)
        option(pycurl.USERAGENT, user_agent)
        if _CA_FILE:
            option(pycurl.CAINFO, _CA_FILE)
        left = max(self.deadline - now, 0.001)
        option(pycurl.TIMEOUT_MS, max(int(left * 1000), 1))
        option(pycurl.CONNECTTIMEOUT_MS, max(int(min(left, 5.0 if self.addresses else left) * 1000), 1))
        fields = {"Accept-Encoding": "gzip, deflate", "Expect": "", **request.headers}
        if request.credentials is not None and self._first_origin():
            option(pycurl.HTTPAUTH, pycurl.HTTPAUTH_BASIC)
            option(pycurl.USERNAME, request.credentials[0])
            option(pycurl.PASSWORD, request.credentials[1])
        if request.method == "HEAD":
            option(pycurl.NOBODY, 1)
        elif request.method != "GET":
            body = request.body or b""
            option(pycurl.CUSTOMREQUEST, request.method)
            option(pycurl.POSTFIELDSIZE_LARGE, len(body))
            option(pycurl.COPYPOSTFIELDS, body)
            fields.setdefault("Content-Type", "application/octet-stream")
        option(pycurl.HTTPHEADER, [f"{name}: {value}" if value else f"{name}:" for name, value in fields.items()])
        option(pycurl.HEADERFUNCTION, self._on_header)
        option(pycurl.WRITEFUNCTION, self._on_body)
        option(pycurl.OPENSOCKETFUNCTION, self._on_open)
        curl.transfer = self

    def ended(self, code: int, message: str) -> Target | WebResponse | None:
        """Judge a hop that ended: the next hop's target, the answer, or None to try the next address.

        FetchError when the request has failed.
        """
        if self.fault is not None:
            raise self.fault
        if code:
            self._failed(code, message)
            return None
        location = self.headers.get("location")
        if self.status in _REDIRECTS and location and self.request.follow_redirects and self._is_safe():
            return self._next_hop(location)
        assert self.decoder is not None or self.status
        body = b"" if self.decoder is None or self.request.method == "HEAD" else self.decoder.finish()
        return WebResponse(
            url=self.target.url,
            status=self.status,
            headers=dict(self.headers),
            body=body,
            hops=tuple(self.hops),
            address=self.peer,
            wire_bytes=self.wire,
        )

    def _failed(self, code: int, message: str) -> None:
        url = self.target.url
        never_connected = code in (pycurl.E_COULDNT_CONNECT, pycurl.E_OPERATION_TIMEDOUT) and not self.status
        if never_connected and self.addresses:
            return
        if code == pycurl.E_OPERATION_TIMEDOUT:
            raise deadline_passed(self)
        if code in _BROKEN:
            raise BadResponse(f"The answer of {url} breaks HTTP or breaks off: {message}.", url=url)
        raise Unreachable(f"{url} cannot be reached: {message}.", url=url)

    def _next_hop(self, location: str) -> Target:
        url = self.target.url
        if len(self.hops) >= self.request.bounds.redirects:
            raise TooManyRedirects(f"{self.request.url} is redirected more than {len(self.hops)} times.", url=url)
        following = read_target(location, self.target)
        allowed = same_site(following.host, self.target.host) or following.host in self.request.allow_hosts
        if not allowed:
            raise RedirectRefused(
                f"{url} redirects to {following.url}, another host. If that is right, list {following.host} "
                "under allow_hosts of the source.",
                url=following.url,
            )
        if self.target.scheme == "https" and following.scheme == "http" and not self.request.allow_tls_downgrade:
            raise RedirectRefused(f"{url} redirects from https to {following.url}.", url=url, code="tls_downgrade")
        seen = {self.request.url, *(hop.url for hop in self.hops)}
        self.hops.append(Hop(self.status, following.url))
        if following.url in seen or following == self.target:
            raise TooManyRedirects(f"{self.request.url} is redirected in a circle.", url=following.url)
        self.target = following
        return following

    def _is_safe(self) -> bool:
        return self.request.method in ("GET", "HEAD")

    def _first_origin(self) -> bool:
        return self.target.origin == read_target(self.request.url).origin

    def _forget_answer(self) -> None:
        self.status, self.headers, self.header_bytes, self.header_count = 0, {}, 0, 0
        self.decoder, self.fault = None, None

    def _on_open(self, _purpose: int, address: Any) -> Any:
        """The last look, at the very address the socket is for."""
        host, port = str(address.addr[0]), int(address.addr[1])
        if self.reach.refusal(host.partition("%")[0] if host.startswith("fe80") else host, port) is not None:
            self.fault = self._refused(f"The connection to {host}:{port} was refused at the socket.", "private_address")
            return pycurl.SOCKET_BAD
        return socket.socket(address.family, address.socktype, address.protocol)

    def _on_header(self, line: bytes) -> int | None:
        self.header_bytes += len(line)
        self.header_count += 1
        if self.header_bytes > MOST_HEADER_BYTES or self.header_count > MOST_HEADERS:
            return self._break("sends more header fields than we read")
        text = line.decode("latin-1").rstrip("\r\n")
        if text.startswith("HTTP/"):
            match = re.match(r"HTTP/1\.[01] (\d{3})(?: |$)", text)
            if not match:
                return self._break("begins with no HTTP/1 status line")
            self.status, self.headers = int(match[1]), {}
            return None
        name, colon, value = text.partition(":")
        if colon:
            name, value = name.strip().lower(), value.strip()
            before = self.headers.get(name)
            if name == "content-length" and before is not None and before != value:
                return self._break("states two lengths")
            self.headers[name] = value if before is None or name == "content-length" else f"{before}, {value}"
            if "content-length" in self.headers and "transfer-encoding" in self.headers:
                return self._break("states a length and comes in chunks")
        return None

    def _on_body(self, data: bytes) -> int | None:
        self.wire += len(data)
        bounds, url = self.request.bounds, self.target.url
        try:
            if self.wire > bounds.wire_bytes:
                raise TooLarge(
                    f"{url} sends more than {bounds.wire_bytes // 1024} KiB; the download was stopped.", url=url
                )
            if self.decoder is None:
                self.decoder = Decoder(self.headers.get("content-encoding", ""), bounds.plain_bytes, url)
            self.decoder.feed(data)
        except FetchError as error:
            self.fault = error
            return -1
        return None

    def _break(self, what: str) -> int:
        self.fault = BadResponse(f"The answer of {self.target.url} {what}.", url=self.target.url)
        return -1

    def _refused(self, message: str, code: str) -> AddressRefused:
        via = f" (redirected from {self.request.url})" if self.hops else ""
        return AddressRefused(message + via, url=self.target.url, code=code)


def deadline_passed(transfer: Transfer) -> Deadline:
    """The error of a request whose time is up."""
    seconds = transfer.request.bounds.seconds
    return Deadline(f"{transfer.target.url} did not answer in full within {seconds:g} s.", url=transfer.target.url)
