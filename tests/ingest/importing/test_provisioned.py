"""feeds/articles/ at start, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedhub.ingest.importing.provisioned import import_declared
from feedhub.ingest.importing.records import ImportContext
from feedhub.model.article import Article
from feedhub.store.article_reads import get_article, list_articles
from feedhub.store.articles import edit_article, withdraw_article
from feedhub.store.changes import latest_seq
from feedhub.store.engine import Store
from tests.ingest.importing.conftest import FEEDS, NOW

LATER = NOW + timedelta(hours=1)
TEXT = "---\ntitle: One\nsection: life/health\npublished: 2024-01-02 10:00\n---\nbody\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    (folder / "sub").mkdir(parents=True)
    (folder / "one.md").write_text(TEXT)
    (folder / "sub" / "雁.md").write_text(TEXT.replace("One", "Two"))
    return folder


def stored(store: Store, key: str) -> Article:
    with store.read() as tx:
        return get_article(tx, key)


def test_new_files_go_in_once(store: Store, folder: Path, context: ImportContext) -> None:
    assert import_declared(store, folder, context, NOW).new == 2
    assert stored(store, "one").html == "<p>body</p>"
    again = import_declared(store, folder, context, LATER)
    assert (again.new, again.corrected, again.unchanged, again.failed) == (0, 0, 0, 0)


def test_a_changed_file_is_a_correction_also_of_the_title(store: Store, folder: Path, context: ImportContext) -> None:
    import_declared(store, folder, context, NOW)
    (folder / "one.md").write_text(TEXT.replace("One", "Uno").replace("body", "text"))
    report = import_declared(store, folder, context, LATER)
    assert (report.new, report.corrected, report.unchanged) == (0, 1, 0)
    assert (stored(store, "one").title, stored(store, "one").html) == ("Uno", "<p>text</p>")
    with store.read() as tx:
        assert len(list_articles(tx)) == 2


def test_an_unchanged_file_undoes_nothing(store: Store, folder: Path, context: ImportContext) -> None:
    import_declared(store, folder, context, NOW)
    with store.write() as tx:
        edit_article(tx, replace(get_article(tx, "one"), title="By hand"), [], now=NOW, by="ann")
    import_declared(store, folder, context, LATER)
    assert stored(store, "one").title == "By hand"


def test_what_is_withdrawn_stays_so_and_what_is_edited_too(store: Store, folder: Path, context: ImportContext) -> None:
    import_declared(store, folder, context, NOW)
    [other] = [article for article in _all(store) if article.id != "one"]
    with store.write() as tx:
        edit_article(tx, replace(get_article(tx, "one"), title="By hand"), ["title"], now=NOW, by="ann")
        withdraw_article(tx, other.id, now=NOW, by="ann", reason="wrong")
    for path in folder.rglob("*.md"):
        path.write_text(path.read_text().replace("title: ", "title: Newer ").replace("body", "text"))
    report = import_declared(store, folder, context, LATER)
    assert (report.corrected, report.withdrawn_kept) == (1, 1)
    assert (stored(store, "one").title, stored(store, "one").html) == ("By hand", "<p>text</p>")
    assert stored(store, other.id).state == "withdrawn"


def test_a_file_that_vanished_leaves_its_article(store: Store, folder: Path, context: ImportContext) -> None:
    import_declared(store, folder, context, NOW)
    (folder / "one.md").unlink()
    import_declared(store, folder, context, LATER)
    assert stored(store, "one").state == "published"


def test_a_faulty_file_is_tried_at_every_start(store: Store, folder: Path, context: ImportContext) -> None:
    (folder / "new.md").write_text(TEXT.replace("life/health", "life/space"))
    first, again = (import_declared(store, folder, context, NOW) for _ in range(2))
    assert [str(error).partition(";")[0] for error in (*first.errors, *again.errors)] == [
        f"{folder / 'new.md'}:1: section: there is no section 'life/space'"
    ] * 2
    assert (first.new, again.new) == (2, 0)
    wider = replace(context, sections=context.sections | {"life/space"})
    assert import_declared(store, folder, wider, LATER).new == 1


def test_no_folder_is_no_articles(store: Store, tmp_path: Path, context: ImportContext) -> None:
    assert import_declared(store, tmp_path / "none", context, NOW).failed == 0


def test_the_shipped_articles_all_go_in(store: Store, context: ImportContext) -> None:
    files = sorted((FEEDS / "articles").rglob("*.md"))
    report = import_declared(store, FEEDS / "articles", context, NOW)
    assert (report.new, report.failed, report.notes) == (len(files), 0, ())
    with store.read() as tx:
        before = latest_seq(tx)
    import_declared(store, FEEDS / "articles", context, LATER)
    with store.read() as tx:
        assert latest_seq(tx) == before


def _all(store: Store) -> list[Article]:
    with store.read() as tx:
        return list_articles(tx)
