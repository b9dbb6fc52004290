"""What a reader of any form hands on: one record with its place, or what is wrong at that place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from feedhub.errors import RecordError

Form = Literal["jsonl", "markdown", "html", "portal"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read; `label` is its name in messages, `size` in bytes.

    `own_id` is the article id when the file's place gives one and the file itself says none.
    """

    path: Path
    label: str
    form: Form
    size: int
    own_id: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One record as it stood in a file, or the error in its stead; `consumed` bytes were read for it."""

    where: str
    consumed: int
    record: Mapping[str, object] | None = None
    error: RecordError | None = None


def bad_piece(where: str, consumed: int, problem: str) -> Piece:
    """A piece that could not be read."""
    return Piece(where, consumed, error=RecordError(where, problem))
