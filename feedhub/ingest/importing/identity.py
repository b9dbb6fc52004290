"""The id of an article whose record says none but whose place does."""

from __future__ import annotations

from feedhub.basics.digests import sha256_hex
from feedhub.model.ids import is_article_id


def id_from_path(path: str) -> str:
    """The id of an article that a file under feeds/articles/ declares without saying one: its relative path."""
    stem = path.rpartition(".")[0].replace("/", "-")
    return stem if is_article_id(stem) else sha256_hex(path.encode())[:16]
