"""What an export wrote: one line of JSON for every file and every change, the last one of a path counts.

A path is noted before its first file is made, and again with its state when all of it stands: whoever is killed in
between finds it in the list without a state, and makes it anew. A line that was cut off by a full disk or a crash is
passed over.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from feedhub.errors import FeedHubError

_STANDING = "seq"
_SLACK = 1000


@dataclass(frozen=True, slots=True)
class Written:
    """The state of one path: what tells it from another, its time in seconds, and by suffix how long each file is.

    `version` is empty while it is not known whether all of it stands.
    """

    version: str
    modified: int
    lengths: dict[str, int]


class Manifest:
    """The list, in memory and on disk."""

    def __init__(self, file: Path) -> None:
        self._file, self._lines, self._torn = file, 0, False
        self.paths: dict[str, Written] = {}
        self.standing: dict[str, str] = {}
        self._read()
        if self._lines > 2 * len(self.paths) + _SLACK:
            self.compact()
        self._stream: int | None = None

    def close(self) -> None:
        """Let go of the file until there is more to note: an idle export holds up no remount."""
        if self._stream is not None:
            os.close(self._stream)
            self._stream = None

    def note(self, path: str, written: Written) -> None:
        """Remember the state of a path."""
        self._append({"path": path, "version": written.version, "at": written.modified, "files": written.lengths})
        self.paths[path] = written

    def forget(self, path: str) -> None:
        """The path is gone."""
        self._append({"path": path})
        self.paths.pop(path, None)

    def stand(self, standing: dict[str, str]) -> None:
        """Remember up to where the whole export stands."""
        if standing != self.standing:
            self._append({_STANDING: standing})
            self.standing = dict(standing)

    def compact(self) -> None:
        """Write the list anew, a line for each path."""
        fresh = self._file.with_name(f"{self._file.name}.new")
        try:
            with fresh.open("w", encoding="utf-8") as stream:
                for path, one in self.paths.items():
                    line = {"path": path, "version": one.version, "at": one.modified, "files": one.lengths}
                    stream.write(json.dumps(line) + "\n")
                stream.write(json.dumps({_STANDING: self.standing}) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(self._file)
        except OSError:
            fresh.unlink(missing_ok=True)  # the long list does as well

    def _append(self, value: dict[str, object]) -> None:
        line = (b"\n" if self._torn else b"") + json.dumps(value).encode() + b"\n"
        if self._stream is None:
            self._stream = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._torn = True
        if os.write(self._stream, line) != len(line):
            raise OSError(28, "No space left on device")
        self._torn = False

    def _read(self) -> None:
        try:
            text = self._file.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return
        self._torn = bool(text) and not text.endswith("\n")
        for line in text.splitlines():
            self._lines += 1
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                continue

    def _take(self, value: dict[str, object]) -> None:
        if _STANDING in value:
            standing = value[_STANDING]
            if not isinstance(standing, dict):
                raise ValueError("no map")
            self.standing = {str(name): str(said) for name, said in standing.items()}
            return
        path = str(value["path"])
        if "version" not in value:
            self.paths.pop(path, None)
            return
        files = value["files"]
        if not isinstance(files, dict):
            raise ValueError("no map")
        lengths = {str(suffix): int(length) for suffix, length in files.items()}
        self.paths[path] = Written(str(value["version"]), int(str(value["at"])), lengths)


class ExportFault(FeedHubError):
    """Files could not be written; what stood there stands."""

    code = "export_failed"
