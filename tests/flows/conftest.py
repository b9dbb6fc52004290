"""The real application in processes of its own, and origins on loopback that behave as they are told."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.flows.forked import Forked

ROOT = Path(__file__).resolve().parents[2]
FORKED = Forked(ROOT)
SHIPPED: list[Home] = []


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture(scope="session", autouse=True)
def forked_commands() -> Iterator[None]:
    yield
    FORKED.close()


@dataclass
class Answer:
    """What an origin answers on one path."""

    body: bytes = b""
    content_type: str = "application/rss+xml"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    delay: float = 0.0


class Origin:
    """A real HTTP server on 127.0.0.1; `answers` by path can be changed while it runs; every request is kept."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str], int]] = []
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer = origin.answers.get(self.path, Answer(status=404))
                time.sleep(answer.delay)
                headers = {name.lower(): value for name, value in self.headers.items()}
                fresh = answer.etag is not None and headers.get("if-none-match") == answer.etag
                status = 304 if fresh else answer.status
                origin.requests.append((self.path, headers, status))
                self.send_response(status)
                if answer.etag:
                    self.send_header("ETag", answer.etag)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Type", answer.content_type)
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def statuses(self, path: str) -> list[int]:
        return [status for asked, _, status in self.requests if asked == path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def origin() -> Iterator[Origin]:
    server = Origin()
    yield server
    server.close()


@dataclass
class Reply:
    """An HTTP answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


SECTIONS = """
sections:
  - id: current-news
    title: {en: Current News}
    sections:
      - id: current-news/hot-news
        title: {en: Hot News}
        sections: [{id: current-news/hot-news/local, title: {en: Local, zh: 本地}, languages: [en, zh]}]
  - id: life
    title: {en: Life}
    sections: [{id: life/health, title: {en: Health}}]
  - {id: all, title: {en: Everything}, languages: [any]}
"""


class Home:
    """A working directory with its own config, feeds and store; commands and the service run in it."""

    def __init__(self, folder: Path, store_url: str | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        shutil.copytree(ROOT / "feeds", folder / "feeds")
        shutil.copy(ROOT / "config.yaml", folder / "config.yaml")
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDHUB_")} | {
            "PYTHONPATH": str(ROOT),
            "FEEDHUB__SERVER__PORT": str(self.port),
            "FEEDHUB__SERVER__BASE_URL": self.base,
            "FEEDHUB__NET__SOURCE_REACH__ALLOW": '["127.0.0.0/8"]',
            "FEEDHUB__NET__PER_HOST": '{"connections": 8, "per_second": 100}',
        }
        if store_url is not None:
            self.environ["FEEDHUB__STORE__URL"] = store_url
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "log"

    def reduce(self) -> None:
        """Leave six sections of the shipped tree, no source and no article: a start is quick, nothing else moves."""
        for name in ("sources", "articles", "inbox", "portal"):
            shutil.rmtree(self.folder / "feeds" / name)
        (self.folder / "feeds" / "sources").mkdir()
        (self.folder / "feeds" / "redirects.yaml").unlink()
        (self.folder / "feeds" / "sections.yaml").write_text(SECTIONS, "utf-8")

    def run(self, *words: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        done = subprocess.CompletedProcess(
            words, *FORKED.run(list(words), cwd=self.folder, environ=self.environ, stdin=stdin)
        )
        if check:
            assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def start(self, *words: str) -> None:
        """Start the service and wait until it is able to serve."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "feedhub", *(words or ("serve",))],
                cwd=self.folder,
                env=self.environ,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.wait(lambda: self.get("/readyz").status == 200, 60)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the service; SIGKILL goes to the whole group."""
        assert self.process is not None
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.send_signal(number)
        code = self.process.wait(15)
        self.process = None
        return code

    def end(self, number: int) -> None:
        """A signal ends everything within ten seconds, with exit code 0."""
        group = self.process.pid if self.process else 0
        began = time.monotonic()
        assert self.stop(number) == 0
        assert time.monotonic() - began < 10
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)

    def wait(self, happened: Callable[[], Any], seconds: float = 15.0) -> Any:
        """Wait until something is so; its value."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                value = happened()
            except OSError:
                value = None
            if value:
                return value
            if time.monotonic() > deadline:
                log = self.log.read_text() if self.log.exists() else ""
                pytest.fail(f"it did not happen within {seconds} s; the log says:\n{log[-3000:]}")
            time.sleep(0.1)

    def get(self, path: str, **headers: str) -> Reply:
        """GET a path of the service; no redirect is followed, an error status is an answer."""
        request = urllib.request.Request(
            self.base + path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        opener = urllib.request.build_opener(_Unredirected, urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def titles(self, section: str = "current-news/hot-news/local") -> list[str]:
        """The titles in a section's JSON feed."""
        return [item["title"] for item in json.loads(self.get(f"/json/{section}.json").body)["items"]]


class _Unredirected(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    if made.process is not None:
        made.stop(signal.SIGKILL)


@pytest.fixture
def small(home: Home) -> Home:
    """A house with six sections and no sources, for what does not grow with the tree."""
    home.reduce()
    return home


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("shipped"))
    SHIPPED.append(home)
    yield home
    if home.process is not None:
        home.stop()


@pytest.fixture
def shipped(shipped_home: Home) -> Home:
    """The service as it is shipped, running, one per worker: whoever takes it leaves it able to serve."""
    if shipped_home.process is None:
        shipped_home.start()
    return shipped_home


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """It ends when the next test is none of this folder: idle, it would cost the others a twentieth of a processor."""
    if nextitem is None or nextitem.path.parent != Path(__file__).parent:
        for home in SHIPPED:
            if home.process is not None:
                home.stop()


def rss(*items: tuple[str, str, str, str], title: str = "衡阳新闻", charset: str = "utf-8") -> bytes:
    """An RSS document of (guid, link, title, html), dated an hour ago without a zone."""
    when = formatdate(time.time() - 3600, usegmt=True)
    rows = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><link>{link}</link><title>{head}</title>"
        f"<description><![CDATA[{html}]]></description><pubDate>{when}</pubDate></item>"
        for guid, link, head, html in items
    )
    text = (
        f"<?xml version='1.0' encoding='{charset}'?><rss version='2.0'><channel><title>{title}</title>"
        f"<link>http://www.e0734.com/</link><description>d</description>{rows}</channel></rss>"
    )
    return text.encode(charset)
