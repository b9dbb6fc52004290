"""Markdown and HTML files with YAML front matter: the keys of an article record, then the body.

The front matter stands between a first line `---` and the next line `---`. As in all our YAML a scalar is the
text that stands there (`no` is a word, `2024-01-02` is text that the record's rules read). Markdown is
CommonMark 0.31 with tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt

from feedhub.config.yaml_nodes import parse_yaml
from feedhub.errors import RecordError
from feedhub.ingest.importing.pieces import InputFile, Piece, bad_piece

LARGEST = 2 * 1024 * 1024
_LARGEST_FRONT = 64 * 1024
_FENCE = re.compile(r"(?:---|\.\.\.)[ \t]*")


def read_front_matter(file: InputFile) -> Iterator[Piece]:
    """The one piece of the file."""
    where = f"{file.label}:1"
    try:
        if file.size > LARGEST:
            raise RecordError(file.label, f"is larger than {LARGEST} bytes")
        record = record_of_text(file.path.read_bytes().decode("utf-8-sig"), file)
    except OSError as error:
        yield bad_piece(file.label, file.size, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        yield bad_piece(file.label, file.size, f"byte {error.start + 1} is not UTF-8 text")
    except RecordError as error:
        yield Piece(where, file.size, error=error)
    else:
        yield Piece(where, file.size, record)


def record_of_text(text: str, file: InputFile) -> dict[str, Any]:
    """The record that a file's text says; RecordError with the line of what is wrong in its front matter."""
    lines = re.split(r"\r\n|\r|\n", text)
    if not _FENCE.fullmatch(lines[0]) or not lines[0].startswith("-"):
        raise RecordError(f"{file.label}:1", "begins with no front matter: a line `---`, the keys, a line `---`")
    end = next((number for number, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), None)
    if end is None:
        raise RecordError(f"{file.label}:1", "the front matter has no end: a second line `---`")
    record = _front_matter("\n".join(lines[1:end]), file.label)
    if file.own_id is not None and record.get("id") is None:
        record["id"] = file.own_id
    body = "\n".join(lines[end + 1 :])
    if body.strip():
        for key in ("content_html", "content_text"):
            if record.get(key) is not None:
                raise RecordError(f"{file.label}:1", f"{key}: the body stands below the front matter already")
        record["content_html"] = markup_of(body) if file.form == "markdown" else body
    return record


def markup_of(text: str) -> str:
    """Markdown as HTML, raw HTML in it included: whoever takes it makes it safe."""
    return str(MarkdownIt("commonmark").enable("table").render(text))


def _front_matter(text: str, label: str) -> dict[str, Any]:
    if len(text) > _LARGEST_FRONT:
        raise RecordError(f"{label}:1", f"the front matter is longer than {_LARGEST_FRONT} characters")
    file = parse_yaml(text, label)
    if file.faults:
        fault = file.faults[0]
        what = fault.problem if fault.path == "(file)" else f"{fault.path}: {fault.problem}"
        # The line of the fence comes before.
        raise RecordError(f"{label}:{fault.line + 1}", what)
    if not isinstance(file.value, dict):
        raise RecordError(f"{label}:2", "the front matter is no map of keys such as `title: …`")
    record: dict[str, Any] = file.value
    enclosures = record.get("enclosures")
    for enclosure in enclosures if isinstance(enclosures, list) else ():
        length = enclosure.get("length") if isinstance(enclosure, dict) else None
        if isinstance(length, str) and re.fullmatch(r"0|[1-9]\d{0,15}", length):
            enclosure["length"] = int(length)
    return record
