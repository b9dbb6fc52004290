"""The outbound client as the tests of this room use it, and names for loopback."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.ports.clock import SystemClock
from tests.net.wire import Trap, WireServer

PUBLIC = "127.0.0.2"  # stands for a public server; the rest of loopback stays private
REACH = Reach((ip_network(f"{PUBLIC}/32"),))


class Names:
    """A Resolver that says what the test wrote; each answer of a list is given once, the last for ever."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[str, ...]]] = {}
        self.asked: list[str] = []

    def say(self, host: str, *answers: tuple[str, ...]) -> None:
        self.answers[host] = list(answers)

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        answers = self.answers.get(host)
        if not answers:
            raise OSError(f"no such name: {host}")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def make_web(names: Names) -> Iterator[Callable[..., CurlWeb]]:
    """Clients that reach 127.0.0.2 alone, in a hurry; closed after the test."""
    made: list[CurlWeb] = []

    def make(**settings: Any) -> CurlWeb:
        settings = {"connections_per_host": 64, "per_second_per_host": 1000.0, "user_agent": "FeedHub/test"} | settings
        reaches = settings.pop("reaches", {"source": REACH, "callback": REACH})
        made.append(CurlWeb(settings.pop("resolver", names), SystemClock(), reaches, **settings))
        return made[-1]

    yield make
    for web in made:
        web.close()


@pytest.fixture
def web(make_web: Callable[..., CurlWeb]) -> CurlWeb:
    return make_web()


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


@pytest.fixture
def trap() -> Iterator[Trap]:
    """A trap that has caught nothing when the test is over."""
    trap = Trap()
    yield trap
    caught = trap.caught()
    trap.close()
    assert caught == 0, f"{caught} connections to where none may go"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate, its key and the authority in one file, for site.test and www.site.test."""
    from tests.conftest import missing

    if shutil.which("openssl") is None:
        missing("there is no openssl to make a certificate with")
    file = tmp_path_factory.mktemp("tls") / "site.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=site.test"
    names = ["-addext", "subjectAltName=DNS:site.test,DNS:www.site.test"]
    subprocess.run([*command.split(), *names, "-keyout", file, "-out", f"{file}.crt"], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
