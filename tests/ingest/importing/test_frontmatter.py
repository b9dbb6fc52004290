"""Markdown and HTML files with front matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.errors import RecordError
from feedhub.ingest.importing.frontmatter import LARGEST, read_front_matter, record_of_text
from feedhub.ingest.importing.pieces import Form, InputFile
from feedhub.ingest.importing.records import ImportContext, article_from_record
from feedhub.model.item import Enclosure


def file(form: Form = "markdown", own_id: str | None = None) -> InputFile:
    return InputFile(Path("a.md"), "a.md", form, 0, own_id)


def test_markdown_with_tables(context: ImportContext) -> None:
    text = (
        '\ufeff---\nid: x\ntitle: "A: b"\nsection: [life/health, all]\npublished: 2024-01-02\n---  \n\n'
        "# Head\n\nA *b* <script>x</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\nend"
    ).removeprefix("\ufeff")
    article = article_from_record(record_of_text(text, file()), "a.md:1", context)
    assert article.html is not None
    assert "<h1>Head</h1>" in article.html and "<td>1</td>" in article.html and "<hr>" in article.html
    assert "script" not in article.html
    assert article.sections == ("life/health", "all")
    assert (article.published.isoformat(), article.precision) == ("2024-01-02T00:00:00+08:00", "day")


def test_html(context: ImportContext) -> None:
    front = "---\r\ntitle: T\r\nsection: life\r\npublished: 2024-01-02 10:00\r\n---\r\n"
    text = front + "<html><head><title>x</title></head><body><p>*a*</p>"
    article = article_from_record(record_of_text(text, file("html")), "a.html:1", context)
    assert article.html == "<p>*a*</p>"


def test_scalars_are_the_text_that_stands_there(context: ImportContext) -> None:
    keys = "title: no\nsection: life\nauthor: 010\nsummary: 12:30\nrights:\ncategories: [yes, 1e3]\n"
    text = f"---\n{keys}---\n"
    article = article_from_record(record_of_text(text, file()), "a.md:1", context)
    assert (article.title, article.author, article.summary, article.rights) == ("no", "010", "12:30", None)
    assert article.categories == ("yes", "1e3")
    assert article.html is None


def test_a_length_is_a_number(context: ImportContext) -> None:
    text = "---\ntitle: T\nsection: life\nenclosures:\n- url: http://example.org/a.mp3\n  length: 12\n---\n"
    article = article_from_record(record_of_text(text, file()), "a.md:1", context)
    assert article.enclosures == (Enclosure("http://example.org/a.mp3", "audio/mpeg", 12),)


def test_the_place_gives_the_id_where_the_file_says_none() -> None:
    assert record_of_text("---\ntitle: T\n---\n", file(own_id="a"))["id"] == "a"
    assert record_of_text("---\nid: b\n---\n", file(own_id="a"))["id"] == "b"


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        ("# T\n", "a.md:1", "begins with no front matter"),
        ("", "a.md:1", "begins with no front matter"),
        ("---\ntitle: T\n", "a.md:1", "the front matter has no end"),
        ("---\n---\n", "a.md:2", "the front matter is no map"),
        ("---\n- a\n---\n", "a.md:2", "the front matter is no map"),
        ("---\ntitle: T\nsection: [a\n---\n", "a.md:", "is not YAML"),
        ("---\ntitle: T\nx: !!python/object/apply:os.system [id]\n---\n", "a.md:3", "the tag tag:yaml.org,2002:python"),
        ("---\ntitle: T\nx: !own y\n---\n", "a.md:3", "the tag !own is not used here"),
        ("---\na: &x [1]\nb: *x\n---\n", "a.md:3", "anchors and aliases are not used here"),
        ("---\ntitle: T\ntitle: U\n---\n", "a.md:3", "title: stands here a second time"),
        ("---\n? [a]\n: b\n---\n", "a.md:2", "a key is a plain word"),
        ("---\na: " + "[" * 60 + "]" * 60 + "\n---\n", "a.md:2", "is nested deeper than 50 levels"),
        ("---\na: " + "[" * 1000 + "\n---\n", "a.md:", "is not YAML"),
        ("---\ncontent_html: x\n---\nbody", "a.md:1", "content_html: the body stands below"),
    ],
)
def test_a_fault_has_its_line(text: str, where: str, told: str) -> None:
    with pytest.raises(RecordError) as caught:
        record_of_text(text, file())
    assert caught.value.where.startswith(where) and told in caught.value.problem


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"---\ntitle: \xb9\xa4\n---\n", "is not UTF-8"),
        (b"x" * (LARGEST + 1), "is larger than 2097152 bytes"),
    ],
    ids=["gbk", "large"],
)
def test_a_file_that_is_no_text_is_one_error(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(content)
    [piece] = read_front_matter(InputFile(path, "a.md", "markdown", len(content)))
    assert piece.error is not None and told in str(piece.error)
