"""The whole site as files: what is written says what the service says, and follows what changes."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa
import zstandard

from feedhub.basics.dates import http_date
from feedhub.model.question import Question, SavedFeed
from feedhub.ports.clock import SystemClock
from feedhub.publish.file_tree import FileTree
from feedhub.publish.render import render_due
from feedhub.store.articles import put_article, restore_article, withdraw_article
from feedhub.store.engine import Store
from feedhub.store.page_list import page_count
from feedhub.store.saved import sync_saved
from feedhub.store.sections import sync_sections
from feedhub.web.cache import DocumentCache
from feedhub.web.exporting import Exporter, Tally
from tests.kit import LOCAL, NOW, an_article
from tests.web.conftest import Running, build, the_style


def silent(_done: int, _whole: int | None) -> None:
    pass


class Export:
    """A site, and the directory it is exported to; `next()` is what the next process finds."""

    def __init__(self, running: Running, root: Path) -> None:
        self.running, self.root = running, root
        self.tree = FileTree(root)
        self.exporter = Exporter(running.site, running.style.digest, self.tree)

    def next(self) -> Exporter:
        self.tree.close()
        self.tree = FileTree(self.root)
        self.exporter = Exporter(self.running.site, self.running.style.digest, self.tree)
        return self.exporter

    def changes(self) -> Tally | None:
        render_due(self.running.store, self.running.style, _Later())
        return self.exporter.changes(silent)

    def text(self, path: str) -> str:
        return (self.root / path).read_text()

    def files(self) -> dict[str, tuple[bytes, float]]:
        """Every file that is served, with its time."""
        return {
            str(file.relative_to(self.root)): (file.read_bytes(), file.stat().st_mtime)
            for file in self.root.rglob("*")
            if file.is_file() and ".feedhub" not in file.parts
        }


class _Later:
    """A clock a minute ahead, so that no document has to wait for its second."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=1)

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def export(start: Callable[..., Running], tmp_path: Path) -> Iterator[Export]:
    made = Export(start(), tmp_path / "out")
    yield made
    made.tree.close()


def test_the_files_say_what_the_service_says(export: Export) -> None:
    tally = export.exporter.everything(silent)
    assert tally.written > 100
    running, files = export.running, export.files()
    asked = {
        f"rss/{LOCAL}.xml": f"/rss/{LOCAL}.xml",
        f"json/{LOCAL}/archive/1.json": f"/json/{LOCAL}/archive/1.json",
        "opml/life.xml": "/opml/life.xml",
        "index.html": "/",
        "rss/index.html": "/rss/",
        f"sections/{LOCAL}/index.html": f"/sections/{LOCAL}/",
        "articles/hard.html": "/articles/hard",
        "sitemap.xml": "/sitemap.xml",
        "static/feedhub.css": "/static/feedhub.css",
    }
    for path, address in asked.items():
        served = running.get(address)
        packed = running.get(address, Accept_Encoding="gzip")
        body, at = files[path]
        assert body == served.body, path
        assert files[f"{path}.gz"] == (packed.body, at), path
        assert brotli.decompress(files[f"{path}.br"][0]) == body, path
        assert zstandard.decompress(files[f"{path}.zst"][0]) == body, path
        if "last-modified" in served.headers:
            assert http_date(datetime.fromtimestamp(at, UTC)) == served.headers["last-modified"], path
    for path, (body, _) in files.items():
        if path.endswith(".gz"):
            assert gzip.decompress(body) == files[path.removesuffix(".gz")][0]
    assert "articles/gone.html" not in files
    assert "articles/later.html" not in files
    assert export.text(".feedhub/gone/articles/gone.html") == running.get("/articles/gone").text


def test_a_second_run_writes_nothing(export: Export) -> None:
    export.exporter.everything(silent)
    before = export.files()
    tally = export.next().everything(silent)
    assert (tally.written, tally.removed) == (0, 0)
    assert export.next().changes(silent) is None
    assert export.files() == before


@pytest.mark.long
def test_what_is_lost_comes_back_and_what_is_stale_goes(export: Export) -> None:
    export.exporter.everything(silent)
    whole = export.files()
    (export.root / "articles" / "hard.html").unlink()
    (export.root / f"rss/{LOCAL}.xml").write_text("")
    (export.root / "robots.txt.gz").write_text("operator")
    (export.root / "own.html").write_text("operator")
    export.next().everything(silent)
    found = export.files()
    assert {path: body for path, (body, _) in found.items() if path in whole} == {
        path: body for path, (body, _) in whole.items()
    }
    assert export.text("own.html") == "operator"


def test_a_publication_a_correction_a_withdrawal_and_a_restoration(export: Export) -> None:
    export.exporter.everything(silent)
    store = export.running.store
    with store.write() as tx:
        put_article(tx, an_article("fresh", title="Fresh tea"), now=NOW, late=False, by="test")
    tally = export.changes()
    assert tally is not None
    assert 10 < tally.written < 150, "not the whole site"
    for path in (f"rss/{LOCAL}.xml", "atom/all.xml", "articles/fresh.html", "index.html", "sitemap-1.xml"):
        assert "fresh" in export.text(path), path
    assert 'rel="prev-archive"' in export.text(".feedhub/nginx/links.conf")

    before = (export.root / f"rss/{LOCAL}.xml").stat().st_mtime
    with store.write() as tx:
        put_article(tx, an_article("fresh", title="Fresher tea"), now=NOW, late=False, by="test")
    export.changes()
    assert "Fresher tea" in export.text(f"rss/{LOCAL}.xml")
    assert "Fresher tea" in export.text("articles/fresh.html")
    assert (export.root / f"rss/{LOCAL}.xml").stat().st_mtime >= before + 1

    with store.write() as tx:
        withdraw_article(tx, "fresh", now=NOW, by="test", reason="wrong date")
    export.changes()
    assert not (export.root / "articles/fresh.html").exists()
    assert not (export.root / "articles/fresh.html.gz").exists()
    assert "wrong date" in export.text(".feedhub/gone/articles/fresh.html")
    assert "fresh" not in export.text("rss/all.xml")
    assert "deleted-entry" in export.text(f"atom/{LOCAL}.xml")
    export.exporter._lists_at = 0.0
    export.exporter.changes(silent)
    assert "fresh" not in export.text("sitemap-1.xml")

    with store.write() as tx:
        restore_article(tx, "fresh", now=NOW, by="test")
    export.changes()
    assert "Fresher tea" in export.text("articles/fresh.html")
    assert not (export.root / ".feedhub/gone/articles/fresh.html").exists()
    assert export.changes() is None


@pytest.mark.long
def test_what_changed_while_nobody_looked_is_followed(export: Export) -> None:
    export.exporter.everything(silent)
    with export.running.store.write() as tx:
        put_article(tx, an_article("meanwhile"), now=NOW, late=False, by="test")
        withdraw_article(tx, "hard", now=NOW, by="test", reason="wrong")
    export.next()
    tally = export.changes()
    assert tally is not None
    assert tally.written < 150
    assert "meanwhile" in export.text(f"json/{LOCAL}.json")
    assert not (export.root / "articles/hard.html").exists()


@pytest.mark.long
def test_documents_that_are_rendered_late_are_not_missed(export: Export) -> None:
    """An archive of an earlier generation comes after the export has looked: the look did not stand beyond it."""
    export.exporter.everything(silent)
    with export.running.store.write() as tx:
        for number in range(120):
            day = NOW - timedelta(days=40, hours=number)
            piece = an_article(f"o{number}", published=day, updated=day)
            put_article(tx, piece, now=NOW, late=False, by="test")
    export.exporter.changes(silent)
    for _ in range(4):
        export.changes()
    with export.running.store.read() as tx:
        paths = tx.execute(sa.text("SELECT path, body FROM documents WHERE kind = 'archive'")).all()
    assert len(paths) > 6
    for path, body in paths:
        assert (export.root / path.removeprefix("/")).read_bytes() == bytes(body), path


@pytest.mark.long
def test_the_same_bytes_from_a_copy_of_the_store(export: Export, tmp_path: Path) -> None:
    export.exporter.everything(silent)
    running = export.running
    with running.store.write():  # nobody writes meanwhile
        shutil.copy(tmp_path / "web.db", tmp_path / "copy.db")
        shutil.copy(tmp_path / "web.db-wal", tmp_path / "copy.db-wal")
    store, clock = Store(f"sqlite:///{tmp_path / 'copy.db'}"), SystemClock()
    site = replace(running.site, store=store, cache=DocumentCache(store, clock))
    other = Export(replace(running, site=site, store=store), tmp_path / "other")
    other.exporter.everything(silent)
    files, restored = export.files(), other.files()
    assert {path: body for path, (body, _) in files.items()} == {path: body for path, (body, _) in restored.items()}
    feeds = [path for path in files if path.startswith(("rss/", "atom/", "json/")) and ".html" not in path]
    assert {path: files[path] for path in feeds} == {path: restored[path] for path in feeds}
    other.tree.close()
    store.close()


@pytest.mark.long
def test_another_look_of_the_portal_is_a_whole_export(tmp_path: Path) -> None:
    site, style = build(tmp_path)
    tree = FileTree(tmp_path / "out")
    Exporter(site, style.digest, tree).everything(silent)
    portal = replace(site.portal, title="Another name")
    other, restyled = replace(site, portal=portal), the_style(site.store, portal)
    render_due(site.store, restyled, _Later())
    tally = Exporter(other, restyled.digest, tree).changes(silent)
    with site.store.read() as tx:
        assert tally is not None
        assert tally.written > page_count(tx)
    assert "Another name" in (tmp_path / "out/articles/hard.html").read_text()
    assert "Another name" in (tmp_path / "out/rss/life.xml").read_text()
    tree.close()
    site.store.close()


@pytest.mark.long
def test_saved_feeds_stand_while_they_are_declared(tmp_path: Path) -> None:
    saved = SavedFeed("tea", "Tea", None, Question(terms=("tea",)))
    site, _ = build(tmp_path, render=False, saved=(saved,))
    with site.store.write() as tx:
        sync_sections(tx, tuple(site.portal.feeds()), NOW)
        sync_saved(tx, (saved,), 50, NOW)
    style = the_style(site.store, site.portal)
    render_due(site.store, style, _Later())
    tree = FileTree(tmp_path / "out")
    exporter = Exporter(site, style.digest, tree)
    exporter.changes(silent)
    feed = tmp_path / "out" / "rss" / "saved" / "tea.xml"
    assert feed.exists()
    assert (tmp_path / "out" / "rss" / "subscribe" / "saved" / "tea.html").exists()
    with site.store.write() as tx:
        put_article(tx, an_article("fresh", title="Fresh tea"), now=NOW, late=False, by="test")
    render_due(site.store, style, _Later())
    exporter.changes(silent)
    assert "Fresh tea" in feed.read_text()
    with site.store.write() as tx:
        sync_saved(tx, (), 50, NOW)
        put_article(tx, an_article("other"), now=NOW, late=False, by="test")
    render_due(site.store, style, _Later())
    exporter.changes(silent)
    assert not feed.exists()
    tree.close()
    site.store.close()
