"""The source kind `files`: a folder a partner drops feeds into, read as if it had been fetched.

Regular files only, no hidden ones, no links that lead out; a file that is still being written is taken at the
next poll, since a changed folder is a changed document.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feedhub.basics.digests import digest, sha256_hex
from feedhub.errors import FetchError, TooLarge
from feedhub.ingest.fetched import Fetched
from feedhub.model.source import Source, SourceState

SUFFIXES = {
    ".xml": "application/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".rdf": "application/rdf+xml",
    ".json": "application/feed+json",
}
LARGEST = 5 * 1024 * 1024
MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class Dropped:
    """One file: its name, its bytes, the type its suffix stands for."""

    name: str
    body: bytes
    content_type: str


def fetch_folder(source: Source, state: SourceState | None, directory: Path) -> Fetched:
    """What stands in the folder of a source below `directory`; FetchError if it cannot be read."""
    files, notes = read_folder(directory / str(source.path))
    same = folder_digest(files)
    if state is not None and same == state.body_digest:
        return Fetched(fresh="same_bytes", body_digest=same, notes=notes)
    documents = tuple((file.body, file.content_type, source.home or f"file:{file.name}") for file in files)
    return Fetched(documents=documents, body_digest=same, notes=notes)


def read_folder(folder: Path) -> tuple[tuple[Dropped, ...], tuple[str, ...]]:
    """The feeds in a folder, by name, and sentences about files left alone; FetchError if it cannot be read."""
    notes: list[str] = []
    found: list[Dropped] = []
    try:
        root = folder.resolve(strict=True)
        paths = sorted(path for path in root.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise FetchError(
            f"The folder {folder} cannot be read: {error.strerror}. Create it, or mend `path`.",
            url=str(folder),
            code="folder_away",
        ) from error
    for path in paths[:MOST_FILES]:
        if path.name.startswith(".") or path.is_symlink() or not path.is_file():
            notes.append(f"{path.name}: left alone, it is hidden, a link or no regular file")
            continue
        try:
            found.append(Dropped(path.name, _read(path), SUFFIXES[path.suffix.lower()]))
        except (OSError, TooLarge) as error:
            notes.append(f"{path.name}: left alone, {error}")
    if len(paths) > MOST_FILES:
        notes.append(f"{len(paths) - MOST_FILES} files beyond the first {MOST_FILES} were left alone")
    return tuple(found), tuple(notes)


def folder_digest(files: tuple[Dropped, ...]) -> str:
    """What the folder says now, as a body's digest would."""
    return digest(*(part for file in files for part in (file.name, sha256_hex(file.body))))


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        body = stream.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge(f"it is larger than {LARGEST // (1024 * 1024)} MiB", url=str(path))
    return body
