"""JSON Lines: what a line can be, and what is said of one that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.ingest.importing.jsonl import read_jsonl
from feedhub.ingest.importing.pieces import InputFile, Piece


def pieces(tmp_path: Path, content: bytes, longest: int = 1000) -> list[Piece]:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    return list(read_jsonl(InputFile(path, "a.jsonl", "jsonl", len(content)), longest))


def test_one_object_a_line(tmp_path: Path) -> None:
    found = pieces(tmp_path, '\ufeff{"a": 1}\r\n\n  \n{"b": "雁\u2028"}'.encode())
    assert [(piece.where, piece.record) for piece in found] == [
        ("a.jsonl:1", {"a": 1}),
        ("a.jsonl:4", {"b": "雁\u2028"}),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"a": ', "column 7 is not JSON: Expecting value"),
        (b'{"a": 1} x', "column 10 is not JSON: Extra data"),
        (b'{"a": "\xb9\xa4"}', "byte 8 is not UTF-8 text"),
        (b"[1]", "is a list, not an object"),
        (b"null", "is nothing, not an object"),
        (b'{"a": NaN}', "is not JSON: NaN is no number"),
        (b'{"a": 1, "a": 2}', "is not JSON: the key 'a' stands twice"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON: Exceeds the limit"),
        (b"[" * 200_000, "is nested too deeply"),
        (b'{"a": "' + b"x" * 2_000_000 + b'"}', "the line is longer than 1000000 bytes"),
    ],
)
def test_a_bad_line_is_told_and_the_next_is_read(tmp_path: Path, line: bytes, told: str) -> None:
    found = pieces(tmp_path, line + b'\n{"a": 1}\n', 1_000_000)
    assert [piece.where for piece in found] == ["a.jsonl:1", "a.jsonl:2"]
    assert found[0].error is not None and found[0].error.problem.startswith(told)
    assert found[1].record == {"a": 1}


def test_every_byte_is_accounted_for(tmp_path: Path) -> None:
    content = b'{"a": 1}\n' + b"x" * 5000 + b'\n{"b": 2}'
    assert sum(piece.consumed for piece in pieces(tmp_path, content)) == len(content)


def test_a_line_of_exactly_the_bound_is_read(tmp_path: Path) -> None:
    line = b'{"a": "' + b"x" * 991 + b'"}'
    assert len(line) == 1000
    assert all(piece.error is None for piece in pieces(tmp_path, line + b"\n" + line))
    assert pieces(tmp_path, line.replace(b"xx", b"xxx", 1))[0].error is not None


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    [piece] = read_jsonl(InputFile(tmp_path / "none", "none", "jsonl", 0))
    assert piece.error is not None and str(piece.error) == "none: cannot be read: No such file or directory"
