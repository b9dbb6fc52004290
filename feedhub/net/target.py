"""An outbound address taken apart once: what is checked is what is requested (PROMISES B1 12 to 14).

The request's URL is built anew from the checked parts, so no second parser gets to read it differently.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from feedhub.errors import AddressRefused

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_SAFE = "%/:@!$&'()*+,;=-._~?[]"
LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Target:
    """Scheme, host (a-label or literal without brackets), port and path with query of one hop."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_literal(self) -> bool:
        """Whether the host is an address rather than a name."""
        return ":" in self.host or _as_ipv4(self.host) is not None

    @property
    def origin(self) -> tuple[str, str, int]:
        """What credentials are bound to (RFC 6454 §4)."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The address as it is requested."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{host}{'' if self.port == default else f':{self.port}'}{self.path}"


def read_target(url: str, base: Target | None = None) -> Target:
    """Take an address apart; AddressRefused says what is wrong with it. `base` resolves a redirect's Location."""
    text = url.strip(" \t\r\n")
    if len(text) > LONGEST or _FORBIDDEN.search(text.split("?")[0].split("#")[0]):
        raise _refused(url, "it holds blanks, backslashes or control characters, or is too long", "bad_address")
    try:
        parts = urlsplit(urljoin(base.url, text) if base else text)
        port, hostname, netloc = parts.port, parts.hostname, parts.netloc
    except ValueError as error:
        raise _refused(url, str(error), "bad_address") from error
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        raise _refused(url, f"only http and https are fetched, not {scheme or 'this'}", "scheme_not_allowed")
    if "@" in netloc:
        raise _refused(
            url, "a name in front of the host hides where it leads; use username and password", "bad_address"
        )
    if not hostname or port == 0:
        raise _refused(url, "it names no host", "bad_address")
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return Target(scheme, _host(url, hostname), port or (443 if scheme == "https" else 80), path)


def _host(url: str, hostname: str) -> str:
    if ":" in hostname:
        try:
            return str(IPv6Address(hostname))
        except ValueError as error:
            raise _refused(url, f"[{hostname}] is no address", "bad_address") from error
    folded = unicodedata.normalize("NFKC", hostname).replace("。", ".").replace("．", ".").replace("｡", ".").lower()
    if not folded.isascii():
        try:
            folded = folded.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise _refused(url, f"{hostname!r} is no host name", "bad_address") from error
    folded = folded.removesuffix(".")
    literal = _as_ipv4(folded)
    if literal is not None:
        return str(literal)
    if not _NAME.fullmatch(folded) or re.fullmatch(r"0x[0-9a-f]*|\d+", folded.rpartition(".")[2]):
        raise _refused(url, f"{hostname!r} is no host name", "bad_address")
    return folded


def _as_ipv4(host: str) -> IPv4Address | None:
    """The address behind any of inet_aton's forms (2130706433, 0177.1, 0x7f000001), or None."""
    parts = host.split(".")
    if not 1 <= len(parts) <= 4:
        return None
    numbers: list[int] = []
    for part in parts:
        if re.fullmatch(r"0x[0-9a-f]{0,8}", part):
            numbers.append(int(part[2:] or "0", 16))
        elif re.fullmatch(r"0[0-7]{0,11}", part):
            numbers.append(int(part, 8))
        elif re.fullmatch(r"[1-9]\d{0,9}", part):
            numbers.append(int(part))
        else:
            return None
    *high, last = numbers
    if any(number > 255 for number in high) or last >= 256 ** (5 - len(numbers)):
        return None
    value = last
    for place, number in enumerate(high):
        value += number << (8 * (3 - place))
    return IPv4Address(value)


def same_site(one: str, other: str) -> bool:
    """Whether two hosts are the same give or take `www.` (SEMANTICS 29)."""
    return one.removeprefix("www.") == other.removeprefix("www.")


def _refused(url: str, why: str, code: str) -> AddressRefused:
    shown = url if len(url) <= 200 else url[:200] + "…"
    return AddressRefused(f"The address {shown!r} is not fetched: {why}.", url=shown, code=code)
