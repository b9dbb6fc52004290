"""Nothing private is ever connected to: a real trap listens wherever the refused addresses lead (PROMISES B1)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network

import pytest

from feedhub.errors import AddressRefused, FetchError
from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.ports.resolver import SystemResolver
from feedhub.ports.web import WebRequest
from tests.net.conftest import PUBLIC, REACH, Names
from tests.net.wire import Trap, WireServer, ok, to

MakeWeb = Callable[..., CurlWeb]

# Hosts by item of PROMISES B1; where the system routes them at all, they lead to the trap.
HOSTS = {
    1: "127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 192.168.1.1",
    2: "2130706433 0177.0.0.1 0x7f000001 127.1 0 0.0.0.0 0x7f.1 017700000001",
    3: "169.254.169.254 [fd00:ec2::254] 192.0.0.192 100.100.100.200",
    5: "[::] [::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:0:0:1]",
    6: "[::127.0.0.1]",
    7: "[64:ff9b::a9fe:a9fe] [64:ff9b::7f00:1] [64:ff9b:1::1]",
    8: "[2002:a9fe:a9fe::1] [2002:7f00:1::] [2001::1] [2001:0:7f00:1::]",
    9: "[fc00::1] [fe80::1%lo] [fe80::1%25lo] [fe80::1] [fec0::1] [5f00::1] [2001:db8::1]",
    10: "100.64.0.1 198.18.0.1 192.88.99.1 192.0.2.1 240.0.0.1 255.255.255.255 224.0.0.1",
    13: "127。0。0。1 ①②⑦.0.0.1 １２７.0.0.1 127.0.0.1.",
}
FORMS = [host for hosts in HOSTS.values() for host in hosts.split()]
NAMES_FOR_US = ["localhost", "localhost.", "ｌｏｃａｌｈｏｓｔ", "LOCALHOST"]
CONFUSED = [
    "http://pub@127.0.0.1:{port}/",
    "http://pub:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@pub/",
    "http://127.0.0.1:{port}\\@pub/",
    "http://127.0.0.1:{port}\\.pub/",
    "http://pub%00.evil:{port}/",
    "http://127.0.0.1:{port}%2f@pub/",
    "http://127.0.0.1\t:{port}/",
    "http:\\\\127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
]
SCHEMES = """
file:///etc/passwd file://127.0.0.1/etc/passwd FILE:///etc/passwd ftp://127.0.0.1:{port}/ gopher://127.0.0.1:{port}/_x
data:text/xml,<rss/> dict://127.0.0.1:{port}/ unix:///run/x.sock jar:http://127.0.0.1:{port}!/ ws://127.0.0.1:{port}/
feed:javascript:alert(1) feed:http://127.0.0.1:{port}/ tftp://127.0.0.1:{port}/ telnet://127.0.0.1:{port}
""".split()
PUBLIC_NAME = "pub.test"


def refused(web: CurlWeb, request: WebRequest | str) -> FetchError:
    with pytest.raises(FetchError) as failed:
        web.send(WebRequest(request) if isinstance(request, str) else request)
    return failed.value


@pytest.mark.parametrize("host", FORMS)
def test_a_private_address_is_not_connected_to(web: CurlWeb, trap: Trap, names: Names, host: str) -> None:
    assert refused(web, f"http://{host}:{trap.port}/").code == "private_address"
    assert names.asked == []


@pytest.mark.parametrize("host", NAMES_FOR_US)
def test_names_of_this_host(make_web: MakeWeb, trap: Trap, host: str) -> None:
    web = make_web(resolver=SystemResolver())
    error = refused(web, f"http://{host}:{trap.port}/")
    assert (error.code, error.url) == (_code_for_localhost(), f"http://localhost:{trap.port}/")


def _code_for_localhost() -> str:
    """A machine without an /etc/hosts does not know the name at all."""
    try:
        SystemResolver().resolve("localhost", 80)
    except OSError:
        return "unreachable"
    return "private_address"


@pytest.mark.parametrize("form", CONFUSED)
def test_a_confused_url_is_refused(web: CurlWeb, trap: Trap, names: Names, form: str) -> None:
    names.say("pub", (PUBLIC,))
    assert refused(web, form.format(port=trap.port)).code in ("bad_address", "private_address")
    assert names.asked == []


@pytest.mark.parametrize("form", SCHEMES)
def test_another_scheme_is_refused_directly_and_as_a_redirect(
    web: CurlWeb, trap: Trap, server: WireServer, form: str
) -> None:
    url = form.format(port=trap.port)
    assert refused(web, url).code == "scheme_not_allowed"
    server.answers["/"] = to(url)
    error = refused(web, server.url())
    assert error.code == "scheme_not_allowed" and server.url() in str(error)


@pytest.mark.parametrize("host", [*FORMS, "localhost"])
@pytest.mark.parametrize("allowed", [False, True])
def test_a_redirect_there_is_refused_and_the_hop_named(
    web: CurlWeb, trap: Trap, server: WireServer, names: Names, host: str, allowed: bool
) -> None:
    names.say("localhost", ("127.0.0.1",))
    server.answers["/"] = (
        f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://{host}:{trap.port}/x\r\n\r\n".encode()
    )
    hosts = frozenset({host.strip("[]"), "localhost", "127.0.0.1", "::1"}) if allowed else frozenset[str]()
    error = refused(web, WebRequest(server.url(), allow_hosts=hosts))
    assert error.code == ("private_address" if allowed or host != "localhost" else "redirect_refused")
    assert f":{trap.port}/x" in error.url and error.url in str(error)
    assert names.asked == (["localhost"] if allowed and host == "localhost" else [])


@pytest.mark.parametrize("form", CONFUSED[:-1])
def test_a_confused_redirect_is_refused(web: CurlWeb, trap: Trap, server: WireServer, names: Names, form: str) -> None:
    names.say("pub", (PUBLIC,))
    names.say(PUBLIC_NAME, (PUBLIC,))
    server.answers["/"] = to(form.format(port=trap.port))
    request = WebRequest(f"http://{PUBLIC_NAME}:{server.port}/", allow_hosts=frozenset({"pub", "127.0.0.1"}))
    error = refused(web, request)
    assert error.code in ("bad_address", "private_address", "too_many_redirects") or server.paths[-1] != "/"


@pytest.mark.parametrize(
    "answer", [("127.0.0.1",), ("::1",), (PUBLIC, "127.0.0.1"), ("127.0.0.1", PUBLIC), (PUBLIC,) * 9 + ("10.0.0.1",)]
)
def test_one_private_address_in_the_answer_refuses_all(
    web: CurlWeb, trap: Trap, server: WireServer, names: Names, answer: tuple[str, ...]
) -> None:
    names.say("mixed.test", answer)
    error = refused(web, f"http://mixed.test:{trap.port}/")
    assert error.code == "private_address" and "mixed.test" in str(error)
    assert (names.asked, server.connects) == (["mixed.test"], 0)


def test_what_the_resolver_says_must_be_an_address(web: CurlWeb, trap: Trap, names: Names) -> None:
    for answer in ("localhost", "127.1", "fe80::1%lo", ""):
        names.say("odd.test", (answer,))
        assert isinstance(refused(web, f"http://odd.test:{trap.port}/"), AddressRefused)


def test_rebinding_cannot_move_a_request(make_web: MakeWeb, names: Names) -> None:
    """One resolution per hop, and the connection goes to the address that was checked."""
    with WireServer() as server, WireServer("127.0.0.1", server.port) as inside:
        web = make_web()
        server.answers |= {"/": to("/next"), "/next": ok(b"public")}
        names.say("rebind.test", (PUBLIC,), (PUBLIC,), ("127.0.0.1",))
        url = f"http://rebind.test:{server.port}/"
        assert web.send(WebRequest(url)).body == b"public"
        assert names.asked == ["rebind.test"] * 2
        assert refused(web, url).code == "private_address"
        assert names.asked == ["rebind.test"] * 3
        assert inside.connects == 0


def test_a_connection_is_used_again_only_for_the_address_it_was_checked_for(make_web: MakeWeb, names: Names) -> None:
    with WireServer() as one, WireServer("127.0.0.3", one.port) as other:
        web = make_web(reaches={"source": Reach((ip_network("127.0.0.0/29"),))})
        names.say("moves.test", (PUBLIC,), ("127.0.0.3",), (PUBLIC,))
        addresses = [web.send(WebRequest(f"http://moves.test:{one.port}/")).address for _ in range(3)]
        assert addresses == [PUBLIC, "127.0.0.3", PUBLIC]
        assert (one.connects, other.connects) == (1, 1)


def test_a_connection_of_one_reach_does_not_serve_another(make_web: MakeWeb, trap: Trap) -> None:
    with WireServer("127.0.0.1") as inside:
        web = make_web(reaches={"source": REACH, "callback": Reach((ip_network("127.0.0.1/32"),))})
        assert web.send(WebRequest(inside.url(), reach="callback")).status == 404
        assert refused(web, inside.url()).code == "private_address"
        assert len(inside.heads) == 1


def test_the_socket_is_judged_again(
    make_web: MakeWeb, trap: Trap, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the first look is blind, curl gets no socket to where none may go."""
    looks = [0]
    judge = Reach.refusal

    def blind_once(self: Reach, address: str, port: int) -> object:
        looks[0] += 1
        return None if looks[0] == 1 else judge(self, address, port)

    monkeypatch.setattr(Reach, "refusal", blind_once)
    names.say("late.test", ("127.0.0.1",))
    error = refused(make_web(), f"http://late.test:{trap.port}/")
    assert (error.code, looks[0]) == ("private_address", 2)


@pytest.mark.parametrize("port", [22, 25, 6379, 11211])
def test_four_ports_are_closed_everywhere(make_web: MakeWeb, names: Names, port: int) -> None:
    web = make_web(reaches={"source": Reach((ip_network("127.0.0.0/8"),), frozenset({port}))})
    names.say("site.test", (PUBLIC,))
    for host in (PUBLIC, "site.test"):
        assert refused(web, f"http://{host}:{port}/").code == "port_not_allowed"
    assert names.asked == []


def test_other_ports_of_public_addresses_are_closed(web: CurlWeb, names: Names) -> None:
    names.say("site.test", ("8.8.8.8",))
    for url in ("http://8.8.8.8:8080/", "http://site.test:8080/"):
        error = refused(web, url)
        assert error.code == "port_not_allowed" and "8080" in str(error)


@pytest.mark.parametrize("name", ["аpple.test", "xn--pple-43d.test"])
def test_a_look_alike_is_shown_as_what_it_is(web: CurlWeb, names: Names, name: str) -> None:
    error = refused(web, f"http://{name}/")
    assert names.asked == ["xn--pple-43d.test"] and error.url == "http://xn--pple-43d.test/"


def test_a_fault_in_a_name_is_no_fault_of_the_next(web: CurlWeb, server: WireServer) -> None:
    refused(web, f"http://127.0.0.1:{server.port}/")
    assert web.send(WebRequest(server.url())).status == 404
