"""A subscriber and a publisher that others wrote (Flask-WebSub of PyPI) talk to the running hub."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing
from tests.flows.conftest import Home, free_port

PEERS = Path(__file__).with_name("websub_peers.py")
LIBRARY = ROOT / "var" / "interop"
FEED = "/atom/life/health.xml"


class Peer:
    """A process of the other library; what it prints is waited for."""

    def __init__(self, folder: Path, what: str, port: int, address: str) -> None:
        folder.mkdir(parents=True)
        self._said = folder / "said"
        self._out = self._said.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(PEERS), what, str(port), address],
            cwd=folder, env=os.environ | {"PYTHONPATH": str(LIBRARY)}, text=True,
            stdin=subprocess.PIPE, stdout=self._out, stderr=self._out,
        )  # fmt: skip

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)

    def lines(self, word: str) -> list[str]:
        return [line for line in self._said.read_text().splitlines() if line.startswith(word)]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._out.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Home]:
    if not LIBRARY.is_dir():
        missing("there is no other WebSub library: `make setup-interop` gets it")
    home = Home(tmp_path / "home")
    home.environ["FEEDHUB__NET__CALLBACK_REACH__ALLOW"] = '["127.0.0.0/8"]'
    yield home
    if home.process is not None:
        home.stop(9)


@pytest.mark.long
def test_another_librarys_subscriber(service: Home, tmp_path: Path) -> None:
    service.start()
    subscriber = Peer(tmp_path / "subscriber", "subscribe", free_port(), service.base + FEED)
    try:
        service.wait(lambda: subscriber.lines("subscribe"), 20)
        add = ("article", "add", "--section", "life/health", "--text", "From Monday at every clinic.")
        service.run(*add, "--title", "Flu vaccine arrives", "--id", "flu")
        (took,) = service.wait(lambda: subscriber.lines("took"), 15)
        service.wait(lambda: took == f"took {service.base}{FEED} {len(service.get(FEED).body)}", 5)
        subscriber.tell("renew")
        service.wait(lambda: len(subscriber.lines("subscribe")) == 2, 15)
        subscriber.tell("leave")
        service.wait(lambda: subscriber.lines("unsubscribe"), 15)
        service.run(*add, "--title", "Another article", "--id", "more")
        time.sleep(6)
        assert len(subscriber.lines("took")) == 1 and not subscriber.lines("error")
    finally:
        subscriber.close()


@pytest.mark.long
def test_another_librarys_publisher(service: Home, tmp_path: Path) -> None:
    port = free_port()
    topic = f"http://127.0.0.1:{port}/topic"
    service.environ["FEEDHUB__HUB__FOREIGN_TOPICS"] = f'["{topic}"]'
    service.start()
    publisher = Peer(tmp_path / "publisher", "publish", port, service.base + "/hub")
    try:
        time.sleep(1.5)
        subscriber = Peer(tmp_path / "subscriber", "subscribe", free_port(), topic)
        try:
            service.wait(lambda: subscriber.lines("subscribe"), 20)
            publisher.tell("second")
            service.wait(lambda: publisher.lines("pinged 202"), 15)
            assert service.wait(lambda: subscriber.lines("took"), 15) == [f"took {topic} {len('first.second')}"]
        finally:
            subscriber.close()
    finally:
        publisher.close()
