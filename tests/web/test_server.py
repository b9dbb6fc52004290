"""Starting and stopping: a port that is taken, a stop that nobody can hold up, signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from feedhub.errors import FeedHubError
from feedhub.web.server import serve
from tests.web.conftest import Running, build, served
from tests.web.test_door import open_lines

ROOT = Path(__file__).resolve().parents[2]


def test_a_port_that_is_taken_is_a_clear_error(running: Running, tmp_path: Path) -> None:
    site, _ = build(tmp_path, render=False, filled=False)
    stop = threading.Event()
    threading.Timer(5, stop.set).start()
    with pytest.raises(FeedHubError, match=rf"Cannot listen on 127\.0\.0\.1:{running.port}: .*server\.port") as caught:
        serve(site, "127.0.0.1", running.port, stop)
    assert caught.value.code == "cannot_listen"
    assert running.get("/healthz").status == 200


def test_a_host_that_is_not_ours(tmp_path: Path) -> None:
    site, _ = build(tmp_path, render=False, filled=False)
    with pytest.raises(FeedHubError, match="Cannot listen"):
        serve(site, "192.0.2.1", 8080, threading.Event())


def test_nobody_holds_up_the_end(tmp_path: Path) -> None:
    site, style = build(tmp_path)
    with ExitStack() as clients:
        with served(site, style) as running:
            lines = clients.enter_context(open_lines(running.port, 300, b"POST / HTTP/1.1\r\nHost: a\r\n"))
            for line in lines[:100]:
                line.sendall(b"Content-Length: 100\r\n\r\nx")
            for line in lines[200:]:
                line.sendall(b"Content-Length: 0\r\n\r\n")
            began = time.monotonic()
        # the block stops the server while its clients hold on
        assert time.monotonic() - began < 8


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    program = textwrap.dedent(
        f"""
        import logging, sys
        from pathlib import Path
        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s %(message)s")
        from tests.web.conftest import build
        from feedhub.web.server import serve
        from feedhub.wiring.parent import leave
        site, _ = build(Path({str(tmp_path)!r}))
        port = int(site.portal.base_url.rpartition(":")[2])
        serve(site, "127.0.0.1", port, ready=lambda: print(port, flush=True))
        print("ended", flush=True)
        leave()
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert child.stdout is not None
    port = int(child.stdout.readline())
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
        child.send_signal(number)
        out, error = child.communicate(timeout=15)
    assert (child.returncode, out) == (0, "ended\n"), error
    assert f"feedhub.web listening on http://127.0.0.1:{port}\n" in error
    assert "Traceback" not in error


def test_two_sites_in_one_process(start: Callable[..., Running], running: Running) -> None:
    assert start().get("/healthz").text == running.get("/healthz").text == "ok\n"
