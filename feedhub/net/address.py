"""Which addresses may be connected to: pure rules over literal addresses and ports (SEMANTICS 30).

The registries of special addresses (RFC 6890, RFC 8190) say what is not public; for IPv6 only 2000::/3 can be public
at all. Forms that carry an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo) are refused whatever they
carry: a network that needs one lists its CIDR.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

WEB_PORTS = frozenset({80, 443})
MAIL_PORTS = frozenset({465, 587, 993})  # submission and reading, with TLS (RFC 8314)
IMAP_PORTS = frozenset({143, 993})
# ssh, smtp, redis, memcached: a request line is a command to some of them, so no list opens them.
NEVER_PORTS = frozenset({22, 25, 6379, 11211})
_LIST_NETWORK = " If it is meant, list its network under net.source_reach.allow or net.callback_reach.allow."
_LIST_PORT = " If it is meant, list the port under net.ports."

_SPECIAL_4 = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "an address of this host"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a carrier's shared address"),
        ("127.0.0.0/8", "a loopback address"),
        ("168.63.129.16/32", "a cloud's metadata address"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a protocol assignment"),
        ("192.0.2.0/24", "a documentation address"),
        ("192.31.196.0/24", "an AS112 address"),
        ("192.52.193.0/24", "an AMT relay"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private address"),
        ("192.175.48.0/24", "an AS112 address"),
        ("198.18.0.0/15", "a benchmarking address"),
        ("198.51.100.0/24", "a documentation address"),
        ("203.0.113.0/24", "a documentation address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved or broadcast address"),
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("2001::/32", "a Teredo address"),
        ("2001::/23", "a protocol assignment"),
        ("2001:db8::/32", "a documentation address"),
        ("2002::/16", "a 6to4 address"),
        ("2620:4f:8000::/48", "an AS112 address"),
        ("3fff::/20", "a documentation address"),
        # The rest lies outside 2000::/3 and is named only so that the message says what it is.
        ("::1/128", "a loopback address"),
        ("::ffff:0:0/96", "an IPv4-mapped address"),
        ("::/96", "an unspecified or IPv4-compatible address"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a NAT64 address"),
        ("5f00::/16", "a segment routing address"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a site-local address"),
        ("ff00::/8", "a multicast address"),
    )
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an address or port is not connected to: a code of AddressRefused, the words, and what can be done."""

    code: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be connected to: `allow` although not public, on any port but four; else 80, 443 and `ports`.

    `exact` are single addresses with their ports: our own listener's, and nothing beside it.
    """

    allow: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset()
    exact: frozenset[tuple[str, int]] = frozenset()

    def refusal(self, address: str, port: int) -> Refusal | None:
        """Why `address` (literal text) may not be connected to on `port`; None when it may."""
        try:
            parsed = _parsed(address)
        except ValueError:
            return Refusal("bad_address", f"{address} is no IP address")
        if (address, port) in self.exact:
            return None
        if not _within(parsed, self.allow):
            if special := _special(parsed):
                return Refusal("private_address", f"{address} is {special}", _LIST_NETWORK)
            if port not in WEB_PORTS and port not in self.ports:
                return Refusal("port_not_allowed", f"port {port} is neither 80 nor 443", _LIST_PORT)
        return port_refusal(port)

    def lists(self, address: str) -> bool:
        """Whether `address` (literal text) is one of those that `allow` names."""
        return _within(_parsed(address), self.allow)


def port_refusal(port: int) -> Refusal | None:
    """Why `port` is refused whatever the address; None when the address decides."""
    return Refusal("port_not_allowed", f"port {port} is never connected to") if port in NEVER_PORTS else None


def why_not_public(address: str) -> str | None:
    """What a literal address is when it is not a public one (`a loopback address`); None for a public one.

    ValueError when the text is no address.
    """
    return _special(_parsed(address))


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    # A scope id makes it another address than the one that a CIDR can list.
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    return any(address in network for network in networks if network.version == address.version)


@lru_cache(maxsize=32768)
def _parsed(address: str) -> Address:
    return ip_address(address)


@lru_cache(maxsize=32768)
def _special(address: Address) -> str | None:
    if isinstance(address, IPv4Address):
        return next((what for network, what in _SPECIAL_4 if address in network), None)
    if address.scope_id is not None:
        return "an address with a scope"
    special = next((what for network, what in _SPECIAL_6 if address in network), None)
    return special or (None if address in _GLOBAL_6 else "outside the public IPv6 space")
