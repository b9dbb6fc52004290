"""The import as a whole, on both databases: counts, errors, repeated ids, the same again, which files are read."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from feedhub.errors import UsageError
from feedhub.ingest.importing.records import ImportContext
from feedhub.ingest.importing.take_in import import_path
from feedhub.model.article import Article
from feedhub.store.article_reads import find_article, get_article, list_articles
from feedhub.store.articles import edit_article, release_due, withdraw_article
from feedhub.store.engine import Store
from feedhub.store.tables import changes
from tests.ingest.importing.conftest import NOW, ImportCall

LATER = NOW + timedelta(days=1)


def record(**keys: Any) -> dict[str, Any]:
    return {"section": "life/health", "title": "T", "published": "2023-12-06 11:33:20", **keys}


def lines(tmp_path: Path, *records: Any, name: str = "a.jsonl") -> Path:
    path = tmp_path / name
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in records]
    path.write_bytes(b"\n".join(texts))
    return path


def changed(store: Store) -> int:
    with store.read() as tx:
        return tx.execute(select(func.count()).select_from(changes)).scalar() or 0


def stored(store: Store, key: str) -> Article:
    with store.read() as tx:
        return get_article(tx, key)


def test_a_bad_record_is_told_and_the_rest_goes_in(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    path = lines(
        tmp_path, record(id="a"), b"{broken", record(id="b", section="nowhere"), b'"\xff"', record(id="c"),
        record(id="d", published="soon"),
    )  # fmt: skip
    report = take_in(path)
    assert (report.new, report.failed) == (2, 4)
    assert [error.where for error in report.errors] == [f"{path}:{line}" for line in (2, 3, 4, 6)]
    with store.read() as tx:
        assert {article.id for article in list_articles(tx)} == {"a", "c"}
    again = take_in(path)
    assert (again.unchanged, again.failed) == (2, 4)


def test_the_same_again_writes_no_change(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    path = lines(
        tmp_path, record(content_html="<p>x <a href='/y'>y</a></p>", url="http://example.org/"), record(guid="urn:g"),
        record(id="undated", published=None), record(id="ahead", published="2030-01-01"),
        record(id="ends", updated="2199-01-01", expires="2031-01-01", source="hy", categories=["a"]),
        record(id="files", enclosures=[{"url": "http://example.org/a.mp3"}], language="zh-cn"),
    )  # fmt: skip
    first = take_in(path)
    assert (first.new, first.scheduled, first.failed) == (5, 1, 0)
    before = changed(store)
    again = take_in(path, now=LATER)
    assert (again.unchanged, again.changed) == (6, False)
    assert changed(store) == before == 5


def test_another_text_is_a_correction_and_another_section_a_move(
    take_in: ImportCall, tmp_path: Path, store: Store
) -> None:
    take_in(lines(tmp_path, record(id="a"), record(id="b")))
    path = lines(tmp_path, record(id="a", title="U"), record(id="b", section=["life", "tourism"]))
    assert take_in(path, now=LATER).corrected == 2
    assert stored(store, "a").title == "U"
    assert stored(store, "a").updated > stored(store, "a").published
    assert stored(store, "b").sections == ("life", "tourism")


def test_a_date_ahead_or_an_embargo_waits(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    path = lines(tmp_path, record(id="a", published="2026-11-25"), record(id="b", embargo_until="2026-11-25 00:00"))
    assert take_in(path).scheduled == 2
    assert changed(store) == 0
    assert take_in(lines(tmp_path, record(id="a", published="2026-11-25", title="U"))).corrected == 1
    with store.write() as tx:
        assert sorted(release_due(tx, now=LATER)) == ["a", "b"]
    assert stored(store, "a").title == "U"


def test_what_expired_before_it_was_here_is_not_taken_in(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    report = take_in(lines(tmp_path, record(id="a", expires="2024-01-01")))
    assert (report.expired, report.new, report.failed) == (1, 0, 0)
    assert "expired before it was ever here" in report.notes[0]
    assert changed(store) == 0


def test_people_win_over_files(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    path = lines(tmp_path, record(id="edited"), record(id="gone"))
    take_in(path)
    with store.write() as tx:
        found = find_article(tx, "edited")
        assert found is not None
        edit_article(tx, Article(**{**_values(found), "title": "By hand"}), ["title"], now=NOW, by="ann")
        withdraw_article(tx, "gone", now=NOW, by="ann", reason="wrong")
    before = changed(store)
    report = take_in(path)
    assert (report.unchanged, report.withdrawn_kept) == (1, 1)
    report = take_in(lines(tmp_path, record(id="edited", title="New"), record(id="gone", title="New")))
    assert (report.unchanged, report.withdrawn_kept) == (1, 1)
    assert stored(store, "edited").title == "By hand"
    assert stored(store, "gone").state == "withdrawn"
    assert changed(store) == before


def _values(article: Article) -> dict[str, Any]:
    return {name: getattr(article, name) for name in Article.__dataclass_fields__}


class TestRepeatedIds:
    def test_the_last_one_counts_and_again_is_no_change(
        self, take_in: ImportCall, tmp_path: Path, store: Store
    ) -> None:
        path = lines(tmp_path, record(id="a", title="1"), record(id="b"), record(id="a", title="2"), record(id="a"))
        report = take_in(path)
        assert (report.new, report.superseded, report.failed) == (2, 2, 0)
        assert report.notes == (
            f"{path}:3: has the id 'a' of {path}:1; this one counts",
            f"{path}:4: has the id 'a' of {path}:3; this one counts",
        )
        assert stored(store, "a").title == "T"
        before = changed(store)
        again = take_in(path)
        assert (again.unchanged, again.changed, changed(store)) == (2, False, before)

    def test_across_files_and_batches(
        self, take_in: ImportCall, tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("feedhub.ingest.importing.take_in.BATCH", 20)
        lines(tmp_path, *(record(id=f"a{n}") for n in range(45)), name="a.jsonl")
        lines(tmp_path, record(id="a0", title="last"), name="b.jsonl")
        report = take_in(tmp_path)
        assert (report.new, report.superseded) == (45, 1)
        assert stored(store, "a0").title == "last"

    def test_a_bad_last_one_does_not_take_the_good_one_along(
        self, take_in: ImportCall, tmp_path: Path, store: Store
    ) -> None:
        report = take_in(lines(tmp_path, record(id="a", title="good"), record(id="a", language="??")))
        assert (report.new, report.failed) == (1, 1)
        assert stored(store, "a").title == "good"


def test_a_guid_of_another_article_fails_alone(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    path = lines(tmp_path, record(id="a", guid="urn:1"), record(id="b", guid="urn:1"), record(id="c"))
    report = take_in(path)
    assert (report.new, report.failed) == (2, 1)
    assert str(report.errors[0]) == f"{path}:2: the guid 'urn:1' is that of the article 'a'"


def test_a_huge_line_is_told_and_the_rest_goes_in(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    path = lines(tmp_path, record(id="a"), b'{"title": "' + b"x" * (17 * 1024 * 1024) + b'"}', record(id="b"))
    report = take_in(path)
    assert (report.new, report.failed) == (2, 1)
    assert str(report.errors[0]) == f"{path}:2: the line is longer than 16777216 bytes"


def test_hostile_text_reaches_the_store_clean(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    text = "a\x00b\x1b\ud800\ufffe"
    path = lines(
        tmp_path,
        record(
            id="a", title=text, content_html=f"<p onclick=x>{text}<script>x</script>", author=text, summary=text,
            categories=[text], source=text, rights=text,
        ),
    )  # fmt: skip
    assert take_in(path).new == 1
    found = stored(store, "a")
    assert (found.title, found.html, found.author, found.source.as_seen) == ("ab", "<p>ab</p>", "ab", "ab")


def test_progress_rises_to_its_total(store: Store, context: ImportContext, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = lines(tmp_path, *(record(id=str(n)) for n in range(20)), b"{bad")
    import_path(store, path, None, context, progress=lambda done, total: seen.append((done, total)), now=NOW)
    assert seen == sorted(seen)
    assert len(seen) > 20
    assert seen[-1] == (2 * path.stat().st_size, 2 * path.stat().st_size)


class TestFiles:
    def test_a_folder_gives_every_file_it_knows(self, take_in: ImportCall, tmp_path: Path, store: Store) -> None:
        front = "---\nid: {}\ntitle: T\nsection: life\n---\nbody *x*\n"
        (tmp_path / "sub").mkdir()
        (tmp_path / ".hidden").mkdir()
        for name in ("b.md", "sub/c.markdown", "d.html", "e.HTM", ".x.md", ".hidden/f.md"):
            (tmp_path / name).write_text(front.format(Path(name).name.replace(".", "-")))
        (tmp_path / "notes.txt").write_text("not read")
        lines(tmp_path, record(id="j"))
        lines(tmp_path, record(id="n"), name="n.ndjson")
        outside = tmp_path.parent / "outside.md"
        outside.write_text(front.format("outside"))
        (tmp_path / "link.md").symlink_to(outside)
        assert take_in(tmp_path).new == 6
        with store.read() as tx:
            found = {article.id: article.html for article in list_articles(tx)}
        assert set(found) == {"b-md", "c-markdown", "d-html", "e-HTM", "j", "n"}
        assert (found["b-md"], found["d-html"]) == ("<p>body <em>x</em></p>", "body *x*")

    def test_a_form_narrows_a_folder(self, take_in: ImportCall, tmp_path: Path) -> None:
        (tmp_path / "b.md").write_text("no front matter")
        lines(tmp_path, record(id="j"))
        report = take_in(tmp_path, "jsonl")
        assert (report.new, report.failed) == (1, 0)

    def test_a_form_reads_any_name(self, take_in: ImportCall, tmp_path: Path) -> None:
        assert take_in(lines(tmp_path, record(), name="export.data"), "jsonl").new == 1

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("nowhere.jsonl", "does not exist"),
            ("x.docx", "its name does not say its form"),
            ("empty", "holds no file to import"),
        ],
    )
    def test_nothing_to_read_is_wrong_use(self, take_in: ImportCall, tmp_path: Path, name: str, told: str) -> None:
        (tmp_path / "x.docx").write_text("x")
        (tmp_path / "empty").mkdir()
        with pytest.raises(UsageError, match=told):
            take_in(tmp_path / name)


def test_a_bulk_republication_announces_nothing(take_in: ImportCall, tmp_path: Path, store: Store) -> None:
    """The portal published 11 old articles again within 24 minutes: other dates, the same texts (SEMANTICS 16)."""
    names = [f"t28280{number:02}" for number in range(20)]
    take_in(lines(tmp_path, *(record(id=it, content_html=f"<p>{it}</p>", published="2018-01-09") for it in names)))
    before = changed(store)
    again = [
        record(id=it, content_html=f"<p>{it}</p>", published=f"2023-12-06 10:{2 * place:02}:47", updated="2023-12-06")
        for place, it in enumerate(names[:11])
    ]
    report = take_in(lines(tmp_path, *again, name="b.jsonl"), now=LATER)
    assert (report.unchanged, changed(store)) == (11, before)
    rewritten = record(id=names[0], content_html="<p>Another text.</p>", published="2023-12-06 10:00:47")
    earlier = record(id=names[1], content_html=f"<p>{names[1]}</p>", published="2017-05-01")
    report = take_in(lines(tmp_path, rewritten, earlier, name="c.jsonl"), now=LATER)
    assert report.corrected == 2
    assert stored(store, names[0]).published.isoformat() == "2018-01-09T00:00:00+08:00", "a correction moves no date"
    assert stored(store, names[0]).updated > stored(store, names[0]).published
    assert stored(store, names[1]).published.isoformat().startswith("2017-05-01"), "an earlier date is the first one"
