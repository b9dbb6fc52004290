"""A real site on a real loopback server: real store, documents by the real renderer, granian behind the door."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from feedhub.errors import FeedHubError
from feedhub.model.article import Attribution
from feedhub.model.item import Enclosure
from feedhub.model.safehtml import make_safe
from feedhub.model.section import Portal
from feedhub.ports.clock import SystemClock
from feedhub.publish.render import render_due
from feedhub.publish.style import Style, make_style
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.engine import Store
from feedhub.store.settings import installation_id
from feedhub.web.cache import DocumentCache
from feedhub.web.door import Bounds
from feedhub.web.front import Front
from feedhub.web.server import serve
from tests.kit import LOCAL, NOW, TREE, StillClock, an_article, open_store

STYLE = Path(__file__).resolve().parents[2] / "feeds" / "style"
OLD_ENOUGH = NOW - timedelta(days=2)
BEFORE = NOW - timedelta(days=9)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_portal(port: int, **values: object) -> Portal:
    plain: dict[str, object] = {
        "name": "Hengyang",
        "title": "Hengyang, China",
        "language": "en",
        "time_zone": "Asia/Shanghai",
        "rights": "Texts remain with their sources.",
        "contact": "feeds@example.org",
        "id_authority": "example.org,2018",
        "base_url": f"http://127.0.0.1:{port}",
        "columns": TREE,
        "former_ids": {"old-news/local": LOCAL},
    }
    return Portal(**(plain | values))  # type: ignore[arg-type]


def the_style(store: Store, portal: Portal) -> Style:
    with store.read() as tx:
        installation = installation_id(tx)
    files = {file.name: file.read_bytes() for file in STYLE.iterdir() if file.is_file()}
    return make_style(portal, content_type="browser", style_files=files, installation=installation)


def fill(store: Store) -> None:
    """Sixty dated articles in LOCAL, one of each special kind elsewhere."""
    with store.write() as tx:
        for number in range(60):
            day = NOW - timedelta(days=3, hours=number)
            piece = an_article(f"n{number:02}", published=day, updated=day)
            put_article(tx, piece, now=OLD_ENOUGH, late=False, by="test")
        hard = an_article(
            "hard",
            title='<script>alert("1")</script> & friends',
            sections=("life/health",),
            published=NOW - timedelta(days=5),
            updated=NOW - timedelta(days=2),
            html=make_safe(
                '<h1>First</h1><p>Text <img src="https://pictures.example/a.jpg" alt="a &quot;view&quot;"></p>'
                '<p><a href="https://x.example/">go <img src="https://pictures.example/b.png"></a></p>'
            ),
            source=Attribution("衡阳新闻网", "http://www.e0734.com/"),
            source_url="http://www.e0734.com/x.html",
            author="Li Hua",
            categories=("城市", "parks"),
            enclosures=(
                Enclosure("https://x.example/talk.mp3", "audio/mpeg", 4096),
                Enclosure("https://x.example/%E4%BC%9A%E8%AE%AE.pdf", "application/pdf"),
            ),
        )
        put_article(tx, hard, now=OLD_ENOUGH, late=False, by="test")
        dates = {"published": NOW - timedelta(days=2, hours=20), "updated": NOW - timedelta(days=2, hours=20)}
        day_only = an_article(
            "day", title="湘江边的雁城", language="zh", precision="day", html=None, source_url="http://e.cn/1", **dates
        )
        put_article(tx, day_only, now=OLD_ENOUGH, late=False, by="test")
        put_article(tx, an_article("later", embargo_until=NOW + timedelta(days=3650)), now=NOW, late=False, by="test")
        put_article(tx, an_article("gone", sections=("life/health",), **dates), now=OLD_ENOUGH, late=False, by="test")
        withdraw_article(tx, "gone", now=OLD_ENOUGH, by="test", reason="the source took it back <b>")


@dataclass
class Reply:
    """An answer as it stood on the wire; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    fields: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Running:
    """A site being served."""

    site: Front
    store: Store
    style: Style
    port: int

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers={"Accept-Encoding": "identity"} | named)
            found = connection.getresponse()
            fields = [(name.lower(), value) for name, value in found.getheaders()]
            return Reply(found.status, dict(fields), found.read(), fields)
        finally:
            connection.close()

    def raw(self, request: bytes, seconds: float = 5.0) -> bytes:
        """Send bytes as they are; what came back until the server closed or `seconds` passed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as line:
            line.sendall(request)
            found = b""
            try:
                while piece := line.recv(65536):
                    found += piece
            except (TimeoutError, ConnectionResetError):
                pass
            return found


@contextmanager
def served(site: Front, style: Style, bounds: Bounds | None = None) -> Iterator[Running]:
    """The site on its own port until the end of the block."""
    port = int(site.portal.base_url.rpartition(":")[2])
    stop, up = threading.Event(), threading.Event()
    failed: list[FeedHubError] = []

    def run() -> None:
        try:
            serve(site, "127.0.0.1", port, stop, up.set, bounds or Bounds())
        except FeedHubError as error:
            failed.append(error)
            up.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert up.wait(20), "the server did not come up"
    assert not failed, failed
    try:
        yield Running(site, site.store, style, port)
    finally:
        stop.set()
        thread.join(15)
        assert not thread.is_alive(), "the server did not stop"


def build(folder: Path, *, render: bool = True, filled: bool = True, **portal_values: object) -> tuple[Front, Style]:
    """A site over a new store; `render` makes its documents."""
    file = folder / "web.db"
    if filled:
        file.write_bytes(_filled())
    store = Store(f"sqlite:///{file}") if filled else open_store(f"sqlite:///{file}", BEFORE)
    portal = a_portal(free_port(), **portal_values)
    style = the_style(store, portal)
    if render:
        render_due(store, style, StillClock())
    clock = SystemClock()
    cache = DocumentCache(store, clock)
    return Front(portal=portal, store=store, clock=clock, cache=cache, style_directory=STYLE), style


@cache
def _filled() -> bytes:
    """The database of a site that has its articles and no documents yet, to be copied."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/web.db", BEFORE)
        fill(store)
        store.close()
        return Path(folder, "web.db").read_bytes()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One site for all tests that change nothing."""
    site, style = build(tmp_path_factory.mktemp("web"))
    with served(site, style) as found:
        yield found
    site.store.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start a site of its own for one test: `start(bounds=…, render=…, base_url=…)`."""
    stack: list[object] = []

    def begin(bounds: Bounds | None = None, *, render: bool = True, **portal_values: object) -> Running:
        site, style = build(tmp_path, render=render, **portal_values)
        context = served(site, style, bounds)
        stack.append(context)
        return context.__enter__()

    yield begin
    for context in reversed(stack):
        context.__exit__(None, None, None)  # type: ignore[attr-defined]
