"""Which files an import reads, in which order, in which form.

A folder gives its files sorted by path, with their subfolders; of the portal's form only the folder itself
(an export of it is one folder). Hidden files, and links that lead out of the folder, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from feedhub.errors import UsageError
from feedhub.ingest.importing.frontmatter import read_front_matter
from feedhub.ingest.importing.identity import id_from_path
from feedhub.ingest.importing.jsonl import read_jsonl
from feedhub.ingest.importing.pieces import Form, InputFile, Piece

_BY_SUFFIX: dict[str, Form] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
}  # fmt: skip
_PORTAL = frozenset({".jsonl", ".ndjson", ".txt"})


def find_files(path: Path, form: Form | None) -> list[InputFile]:
    """The files that `path` stands for; UsageError when there are none or their form cannot be told."""
    if path.is_dir():
        files = [
            InputFile(found, str(found), form or _BY_SUFFIX[found.suffix.lower()], found.stat().st_size)
            for found in _walk(path, form)
        ]
        if not files:
            wanted = ", ".join(sorted(_PORTAL if form == "portal" else _suffixes(form)))
            raise UsageError(f"{path} holds no file to import (looked for {wanted})")
        return files
    if not path.is_file():
        raise UsageError(f"{path} is no file and no folder" if path.exists() else f"{path} does not exist")
    known = form or _BY_SUFFIX.get(path.suffix.lower())
    if known is None:
        raise UsageError(f"{path}: its name does not say its form; name it with --form jsonl, markdown, html or portal")
    return [InputFile(path, str(path), known, path.stat().st_size)]


def declared_files(directory: Path) -> dict[str, InputFile]:
    """The files under feeds/articles/ by relative path; an article's id follows from it where none is stated."""
    if not directory.is_dir():
        return {}
    found: dict[str, InputFile] = {}
    for path in _walk(directory, None):
        name = path.relative_to(directory).as_posix()
        own = _BY_SUFFIX[path.suffix.lower()]
        found[name] = InputFile(path, str(path), own, path.stat().st_size, id_from_path(name))
    return found


def read_pieces(file: InputFile) -> Iterator[Piece]:
    """The pieces of a file in order; of the portal's form the header lines."""
    return read_front_matter(file) if file.form in ("markdown", "html") else read_jsonl(file)


def is_page(file: InputFile) -> bool:
    """Whether it is the text of one of the portal's pages, not a file of header lines."""
    return file.form == "portal" and file.path.suffix.lower() not in (".jsonl", ".ndjson")


def _suffixes(form: Form | None) -> set[str]:
    return {suffix for suffix, known in _BY_SUFFIX.items() if form in (None, known)}


def _walk(folder: Path, form: Form | None) -> list[Path]:
    inside = folder.resolve()
    wanted = _PORTAL if form == "portal" else _suffixes(form)
    return sorted(
        found
        for found in (folder.iterdir() if form == "portal" else folder.rglob("*"))
        if found.suffix.lower() in wanted
        and not any(part.startswith(".") for part in found.relative_to(folder).parts)
        and found.is_file()
        and found.resolve().is_relative_to(inside)
    )
