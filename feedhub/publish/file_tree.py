"""A directory of files as a web server reads it: each replaced as a whole, its compressed forms beside it.

A file is written beside the tree, synced, given its time and moved into place, so that whoever reads sees the old one
or the new one whole. A few wait for each other, to be synced together and moved in their order. A rewrite moves the
time by a second at least (SEMANTICS 19). Only files that stand in our own manifest are ever replaced or removed.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from feedhub.errors import UsageError
from feedhub.publish.manifest import ExportFault, Manifest, Written

# Everything of ours that is not to be served stands here.
OWN = ".feedhub"
# So many files wait for each other, and so many are synced at once: disks write several as fast as one. For less than
# a few each a thread costs more than it saves.
_TOGETHER = 32
_SYNCING = 8
_A_SHARE = 3
_PATH = re.compile(r"(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*|\.feedhub)(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One file: its path below the root, and its bytes by suffix ("" plain, ".gz" …).

    `version` tells this state from another; `modified` is its time in seconds since 1970.
    """

    path: str
    bodies: dict[str, bytes]
    version: str
    modified: int


class FileTree:
    """The tree below `root`. One at a time may write to it; `close()` lets go."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._own = root / OWN
        self._temporary = self._own / "tmp"
        self._dirty: set[Path] = set()
        self._waiting: dict[str, _Waiting] = {}
        self._pool = ThreadPoolExecutor(_SYNCING, thread_name_prefix="sync")
        try:
            self._temporary.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._own, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise ExportFault(f"{root} cannot be written to: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise UsageError(f"Another export is writing to {root}. Stop it, or name another directory.") from error
        for left in self._temporary.iterdir():  # by whoever was killed
            left.unlink()
        self.manifest = Manifest(self._own / "manifest")
        self.foreign: set[str] = set()

    def close(self) -> None:
        """Let another export in."""
        self._pool.shutdown()
        self.manifest.close()
        os.close(self._lock)

    def stands(self, path: str, version: str) -> bool:
        """Whether this state of the path was written already."""
        known = self.manifest.paths.get(path)
        return known is not None and known.version == version

    def whole(self) -> bool:
        """Whether every file is there as it was written; what is not is forgotten, so that it is written anew."""
        found = True
        for path, known in list(self.manifest.paths.items()):
            for suffix, length in known.lengths.items():
                try:
                    state = Path(f"{self.root}/{path}{suffix}").stat()
                except OSError:
                    state = None
                if state is None or state.st_size != length or int(state.st_mtime) != known.modified:
                    self.manifest.note(path, Written("", known.modified, known.lengths))
                    found = False
                    break
        return found

    def write(self, file: Exported) -> bool:
        """Put a file into place, with the next `settle` at the latest, unless it stands there; False when it does, or
        when the path is somebody else's. OSError when it cannot be written: the old one stands.
        """
        if not _PATH.fullmatch(file.path) or ".." in file.path.split("/"):
            raise ValueError(f"no path of ours: {file.path!r}")
        if file.path in self._waiting:
            self._move()
        known = self.manifest.paths.get(file.path)
        if known is not None and known.version == file.version and known.lengths.keys() == file.bodies.keys():
            return False
        target = self.root / file.path
        if known is None:
            if any(os.path.lexists(f"{target}{suffix}") for suffix in file.bodies):
                self.foreign.add(file.path)
                return False
            self.manifest.note(file.path, Written("", 0, {}))
        modified = self._next_time(target, file, known)
        lengths = {suffix: len(body) for suffix, body in file.bodies.items()}
        if modified is None:
            modified = known.modified if known and known.version else int(target.stat().st_mtime)
            self.manifest.note(file.path, Written(file.version, modified, lengths))
            return True
        self._prepare(target, file, Written(file.version, modified, lengths), known)
        if len(self._waiting) >= _TOGETHER:
            self._move()
        return True

    def remove(self, path: str) -> bool:
        """Take a file of ours away with its compressed forms, and folders that it leaves empty."""
        self._move()
        known = self.manifest.paths.get(path)
        if known is None:
            return False
        target = self.root / path
        for suffix in sorted({*known.lengths, "", ".gz", ".br", ".zst"}, reverse=True):
            Path(f"{target}{suffix}").unlink(missing_ok=True)
        self.manifest.forget(path)
        for folder in target.parents:
            if folder == self.root or not _empty(folder):
                break
            folder.rmdir()
        return True

    def keep_only(self, paths: Collection[str]) -> int:
        """Remove every file of ours that is not among the paths; returns how many."""
        return sum(self.remove(path) for path in list(self.manifest.paths) if path not in paths)

    def settle(self, standing: dict[str, str]) -> None:
        """Put into place what waits, sync the folders that changed, and remember up to where the export stands."""
        self._move()
        while self._dirty:
            folder = self._dirty.pop()
            try:
                handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self.manifest.stand(standing)
        self.manifest.close()

    def _next_time(self, target: Path, file: Exported, known: Written | None) -> int | None:
        """The time of the file to be written; None when all of it stands already (we were killed before we said so)."""
        if known is not None and known.version:
            return max(file.modified, known.modified + 1)
        times = []
        same = True
        for suffix, body in file.bodies.items():
            try:
                with Path(f"{target}{suffix}").open("rb") as stream:
                    times.append(int(os.fstat(stream.fileno()).st_mtime))
                    same = same and stream.read() == body
            except FileNotFoundError:
                same = False
        before = max([*times, known.modified if known else 0])
        if not same:
            return max(file.modified, before + 1) if before else file.modified
        return None if len(set(times)) == 1 and before >= file.modified else max(file.modified, before)

    def _prepare(self, target: Path, file: Exported, written: Written, known: Written | None) -> None:
        """Write the bytes beside the tree. Compressed forms first: once the plain file is new, all of it is."""
        made: list[tuple[Path, str]] = []
        dropped = set(known.lengths) - set(file.bodies) if known else set()
        self._waiting[file.path] = _Waiting(target, written, made, dropped)
        try:
            for number, (suffix, body) in enumerate(sorted(file.bodies.items(), reverse=True)):
                temporary = self._temporary / f"{len(self._waiting)}-{number}"
                made.append((temporary, f"{target}{suffix}"))
                _write(temporary, body, written.modified)
        except OSError:
            self._abandon()
            raise

    def _move(self) -> None:
        """Sync what waits and put it into place."""
        waiting = list(self._waiting.values())
        temporaries = [temporary for one in waiting for temporary, _ in one.made]
        try:
            shares = min(_SYNCING, len(temporaries) // _A_SHARE + 1)
            list(self._pool.map(_sync, [temporaries[first::shares] for first in range(shares)]))
            for path, one in list(self._waiting.items()):
                one.target.parent.mkdir(parents=True, exist_ok=True)
                for suffix in one.dropped:
                    Path(f"{one.target}{suffix}").unlink(missing_ok=True)
                for temporary, final in one.made:
                    temporary.replace(final)
                self._dirty.add(one.target.parent)
                self.manifest.note(path, one.written)
                del self._waiting[path]
        except OSError:
            self._abandon()
            raise

    def _abandon(self) -> None:
        """What is half written must not keep a full disk full."""
        for one in self._waiting.values():
            for temporary, _ in one.made:
                temporary.unlink(missing_ok=True)
        self._waiting.clear()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file that was written beside the tree: where each of its forms goes, and the forms that are no more."""

    target: Path
    written: Written
    made: list[tuple[Path, str]]
    dropped: set[str]


def _write(file: Path, body: bytes, modified: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(body)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.utime(handle, (modified, modified))
    finally:
        os.close(handle)


def _sync(files: Sequence[Path]) -> None:
    for file in files:
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError:
        return False
