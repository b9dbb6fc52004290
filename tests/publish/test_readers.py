"""Other people's readers see the same items with the same ids, titles, links, dates and authors, in every format.

Those that are no Debian package are set up under var/ beforehand: the tests themselves reach no network.
reader: `make bench-poll`. The two of npm: `npm install --prefix var/readers feedsmith@3.0.1 rss-parser@3.13.0`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from calendar import timegm
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import feedparser
import pytest

from feedhub.model.article import Article
from feedhub.model.feed import FORMATS, Format
from feedhub.publish.addresses import article_url
from feedhub.publish.document import assemble
from feedhub.publish.fragments import fragment
from feedhub.publish.views import make_view
from tests.conftest import missing
from tests.publish.material import BEIJING, FIXTURES, NOON, PORTAL, STYLE, article, read_fixture

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ENDINGS: dict[Format, str] = {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"}
Row = tuple[str, str, str, int, str | None]

ARTICLES: list[Article] = [
    article("plain", published=NOON - timedelta(days=1), updated=NOON, author="Li Hua"),
    article("zh", title="湘江边的雁城 & 石鼓", language="zh", author="李华", published=NOON - timedelta(9)),
    article("elsewhere", url="http://elsewhere.example/a?b=1&c=2", published=NOON.astimezone(BEIJING)),
    article("bodiless", html=None, summary="Only this", author="O'Neill & Sons", published=NOON - timedelta(days=400)),
    read_fixture(FIXTURES / "everything.json"),
    read_fixture(FIXTURES / "told-twice.json"),
]  # fmt: skip


def rows(articles: list[Article] = ARTICLES) -> set[Row]:
    return {
        (it.public_id, it.title, article_url(PORTAL, it), int(it.published.timestamp()), it.author) for it in articles
    }


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map: ClassVar = {".xml": "application/xml; charset=utf-8", ".json": "application/feed+json"}

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with the three documents, and where it is served."""
    folder = tmp_path_factory.mktemp("site")
    view = make_view(PORTAL, PORTAL.sections()["life/health"], ARTICLES, generation=1, changed_at=NOON)
    for format_ in FORMATS:
        pieces = [fragment(it, PORTAL, format_) for it in ARTICLES]
        (folder / ENDINGS[format_]).write_bytes(assemble(view, pieces, format_, STYLE, last_modified=NOON).body)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_feedparser(site: tuple[Path, str]) -> None:
    for format_ in ("rss", "atom"):
        read = feedparser.parse(io.BytesIO((site[0] / ENDINGS[format_]).read_bytes()))
        found = {(it.id, it.title, it.link, timegm(it.published_parsed), it.get("author")) for it in read.entries}
        assert found == rows()


@pytest.mark.long
@pytest.mark.parametrize("format_", ["rss", "atom"])
def test_newsboat(site: tuple[Path, str], tmp_path: Path, format_: Format, program: Callable[[str], str]) -> None:
    (tmp_path / "urls").write_text(f"{site[1]}/{ENDINGS[format_]}\n")
    (tmp_path / "config").write_text("")
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    files = ["-u", tmp_path / "urls", "-c", tmp_path / "cache.db", "-C", tmp_path / "config"]
    subprocess.run([program("newsboat"), *files, "-x", "reload"], env=environ, check=True, timeout=30)
    with closing(sqlite3.connect(tmp_path / "cache.db")) as cache:
        found = cache.execute("SELECT guid, title, url, pubDate, author FROM rss_item").fetchall()
    assert {(*row[:4], row[4] or None) for row in found} == rows()


@pytest.mark.long
def test_reader(site: tuple[Path, str]) -> None:
    python = ROOT / "var" / "bench" / "venv" / "bin" / "python"
    if not python.exists():
        missing("there is no reader: make bench-poll sets it up")
    urls = [f"{site[1]}/{ENDINGS[format_]}" for format_ in FORMATS]
    ran = subprocess.run([python, HERE / "readers_side.py", *urls], capture_output=True, check=True, timeout=60)
    for found in json.loads(ran.stdout):
        assert {tuple(row) for row in found} == rows()


@pytest.mark.long
@pytest.mark.parametrize(("name", "formats"), [("feedsmith", FORMATS), ("rss-parser", ("rss", "atom"))])
def test_javascript_readers(
    site: tuple[Path, str], name: str, formats: tuple[Format, ...], program: Callable[[str], str]
) -> None:
    folder = ROOT / "var" / "readers"
    if not (folder / "node_modules" / name).is_dir():
        missing(f"there is no {name}: see the top of this file")
    files = [site[0] / ENDINGS[format_] for format_ in formats]
    ran = subprocess.run(
        [program("node"), HERE / "readers.mjs", folder, name, *files], capture_output=True, check=True, timeout=60
    )
    for found in json.loads(ran.stdout):
        assert {tuple(row) for row in found} == rows()


@pytest.mark.long
@pytest.mark.parametrize("format_", ["rss", "atom"])
def test_liferea(site: tuple[Path, str], tmp_path: Path, format_: Format, program: Callable[[str], str]) -> None:
    folder = tmp_path / ".config" / "liferea"
    folder.mkdir(parents=True)
    url = f"{site[1]}/{ENDINGS[format_]}"
    (folder / "feedlist.opml").write_text(
        f'<opml version="1.0"><head><title>x</title></head><body><outline title="x" text="x" type="rss" xmlUrl="{url}" '
        f'id="feedhub1" sourceUpdate="true" updateInterval="1"/></body></opml>'
    )
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "GSETTINGS_BACKEND": "memory"}
    command = [program("xvfb-run"), "-a", program("dbus-run-session"), "--", program("liferea")]
    running = subprocess.Popen(
        command, env=environ, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        found: list[Any] = []
        ends = time.monotonic() + 60
        while len(found) < len(ARTICLES) and time.monotonic() < ends:
            time.sleep(0.5)
            found = _liferea_items(tmp_path)
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(15)
        shutil.rmtree(tmp_path / ".cache", ignore_errors=True)
    assert {tuple(row) for row in found} == rows()


def _liferea_items(home: Path) -> list[Any]:
    """What its database holds, as far as it is there."""
    for path in home.rglob("liferea.db"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            try:
                return database.execute(
                    "SELECT source_id, title, source, date, (SELECT value FROM metadata WHERE metadata.item_id = "
                    "items.item_id AND key IN ('author', 'creator')) FROM items"
                ).fetchall()
            except sqlite3.OperationalError:
                return []
    return []
