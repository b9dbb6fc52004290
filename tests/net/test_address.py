"""Which addresses and ports may be connected to: PROMISES B1 1 to 10 and 19, as rules."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.net.address import NEVER_PORTS, Reach, why_not_public

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254
168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8 64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::1
100::1 2001::1 2001:0:4136:e378::1 2001:10::1 2001:20::1 2001:2::1 2001:db8::1 2002:a9fe:a9fe::1 2002:808:808::1
3fff::1 4000::1 5f00::1 2620:4f:8000::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo febf::1 fec0::1 ff02::1 ff0e::1
2600::1%eth0
""".split()
PUBLIC = (
    "1.1.1.1 8.8.8.8 9.255.255.255 100.63.255.255 100.128.0.1 172.32.0.1 198.20.0.1 2606:4700::1111 2a00::1".split()
)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address: str) -> None:
    refusal = Reach().refusal(address, 80)
    assert refusal is not None and refusal.code == "private_address"
    assert refusal.reason.startswith(f"{address} is ")


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_not(address: str) -> None:
    assert Reach().refusal(address, 80) is None
    assert why_not_public(address) is None


@given(st.ip_addresses())
def test_nothing_passes_that_the_standard_library_calls_special(address: object) -> None:
    if why_not_public(str(address)) is None:
        judged = ip_address(str(address))
        assert judged.is_global and not judged.is_multicast


@pytest.mark.parametrize(("port", "code"), [(80, None), (443, None), (8443, None), (8080, "port_not_allowed")])
def test_a_public_address_has_web_ports_and_the_configured_ones(port: int, code: str | None) -> None:
    refusal = Reach(ports=frozenset({8443})).refusal("8.8.8.8", port)
    assert (refusal and refusal.code) == code


@pytest.mark.parametrize("port", [1, 80, 5432, 65535])
def test_an_allowed_network_has_every_port(port: int) -> None:
    reach = Reach((ip_network("10.2.0.0/16"), ip_network("fd00::/8")))
    assert reach.refusal("10.2.3.4", port) is None
    assert reach.refusal("fd00::9", port) is None
    refused = reach.refusal("10.3.0.1", port)
    assert refused is not None and refused.code == "private_address"


@pytest.mark.parametrize("port", sorted(NEVER_PORTS))
def test_four_ports_are_never_connected_to(port: int) -> None:
    reach = Reach((ip_network("10.0.0.0/8"),), frozenset(NEVER_PORTS))
    for address in ("10.0.0.1", "8.8.8.8"):
        refusal = reach.refusal(address, port)
        assert refusal is not None and refusal.code == "port_not_allowed"


def test_an_allowed_network_does_not_bring_other_spellings_of_it() -> None:
    reach = Reach((ip_network("127.0.0.0/8"), ip_network("fe80::/10")))
    for address in ("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "fe80::1%lo"):
        assert reach.refusal(address, 80) is not None


def test_what_is_no_address_is_refused() -> None:
    for text in ("", "example.org", "127.1", "1.2.3.4.5", "[::1]"):
        refusal = Reach().refusal(text, 80)
        assert refusal is not None and refusal.code == "bad_address"
