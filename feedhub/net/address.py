"""Which addresses may be connected to: public unicast, and what the configuration lists (SEMANTICS 29, 30).

Every form in which a private address hides inside another one (mapped, compatible, NAT64, 6to4, Teredo) is
refused as a whole: nothing public is ever reached only through them.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
NEVER_PORTS = frozenset({22, 25, 6379, 11211})
WEB_PORTS = frozenset({80, 443})
_REFUSED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
        "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"
    ).split()
)
# All of IPv6 that is routed as public unicast; the rest (loopback, mapped, fc00, fe80, fec0, ff00, 5f00…) is not.
_GLOBAL_V6 = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose addresses may be reached: all public ones on web ports and `ports`, `allow` on any but a few ports."""

    allow: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset()

    def refusal(self, address: str, port: int) -> str | None:
        """The code of the reason not to connect there, or None: `private_address`, `port_not_allowed`."""
        if port in NEVER_PORTS:
            return "port_not_allowed"
        try:
            literal = ip_address(address)
        except ValueError:
            return "private_address"
        if isinstance(literal, IPv6Address) and literal.scope_id is not None:
            return "private_address"
        if any(literal in network for network in self.allow if network.version == literal.version):
            return None
        if not is_public(literal):
            return "private_address"
        return None if port in WEB_PORTS or port in self.ports else "port_not_allowed"


def is_public(literal: IPv4Address | IPv6Address) -> bool:
    """Whether the address is public unicast and hides no other address."""
    if literal.version == 6 and literal not in _GLOBAL_V6:
        return False
    return literal.is_global and not any(literal in net for net in _REFUSED if net.version == literal.version)
