"""Who asks: the other end of the line, or whom a trusted proxy there names (PROMISES B6 92).

X-Forwarded-For grows at its right end, proxy by proxy; what stands left of the last address that is no trusted proxy
was written by whoever wanted to. Nobody's word counts but that of `server.trusted_proxies`.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

FORWARDED = "x-forwarded-for"
Networks = tuple[IPv4Network | IPv6Network, ...]


def client_of(line: str, fields: Iterable[tuple[str, str]], trusted: Networks) -> str:
    """The address, in the form of `line` (`host:port`, `[host]:port`); the port is 0 where a proxy named it."""
    if not trusted or not _within(address_of(line), trusted):
        return line
    client = line
    said = ",".join(value for name, value in fields if name.lower() == FORWARDED)
    for named in reversed(said.split(",")):
        address = address_of(named.strip())
        if address is None:
            break
        client = f"[{address}]:0" if address.version == 6 else f"{address}:0"
        if not _within(address, trusted):
            break
    return client


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address in `host`, `host:port` or `[host]:port`; None when there is none. IPv4 written as IPv6 is IPv4."""
    host = text
    if text.startswith("["):
        host = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        host = text.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _within(address: IPv4Address | IPv6Address | None, networks: Networks) -> bool:
    return address is not None and any(address in it for it in networks if it.version == address.version)
