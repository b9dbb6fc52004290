"""JSON Lines: one object a line, UTF-8, read line by line so that no file is too long (jsonlines.org).

A line that is too long, not UTF-8, not JSON (RFC 8259) or not an object is reported with its number; blank
lines are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from feedhub.ingest.importing.fields import kind_of
from feedhub.ingest.importing.pieces import InputFile, Piece, bad_piece

LONGEST_LINE = 16 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


def read_jsonl(file: InputFile, longest: int = LONGEST_LINE) -> Iterator[Piece]:
    """A piece for every line that is not blank; `longest` bounds a line in bytes."""
    try:
        stream = file.path.open("rb")
    except OSError as error:
        yield bad_piece(file.label, file.size, f"cannot be read: {error.strerror}")
        return
    with stream:
        number = 0
        while line := stream.readline(longest + 1):
            number += 1
            where = f"{file.label}:{number}"
            if len(line) > longest and not line.endswith(b"\n"):
                consumed = len(line) + _skip_line(stream)
                yield bad_piece(where, consumed, f"the line is longer than {longest} bytes")
                continue
            content = line.removeprefix(_BOM) if number == 1 else line
            if content.strip():
                yield _piece(where, content, len(line))


def _skip_line(stream: BinaryIO) -> int:
    """Read on to the end of the line without keeping it; the bytes read."""
    skipped = 0
    while part := stream.readline(1024 * 1024):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def _piece(where: str, line: bytes, consumed: int) -> Piece:
    try:
        value = json.loads(line.rstrip(b"\r\n").decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        return bad_piece(where, consumed, f"byte {error.start + 1} is not UTF-8 text")
    except json.JSONDecodeError as error:
        return bad_piece(where, consumed, f"column {error.colno} is not JSON: {error.msg}")
    except RecursionError:
        return bad_piece(where, consumed, "is nested too deeply")
    except ValueError as error:
        return bad_piece(where, consumed, f"is not JSON: {str(error)[:200]}")
    if not isinstance(value, dict):
        return bad_piece(where, consumed, f"is {kind_of(value)}, not an object with section, title and so on")
    return Piece(where, consumed, value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:100]!r} stands twice")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
