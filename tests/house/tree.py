"""The source tree as the house's rules see it: every module read and parsed once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Module:
    """`path` is relative to the root, with slashes; `room` the folder or file under feedhub/ it belongs to."""

    path: str
    source: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.path.removeprefix("feedhub/").partition("/")[0].removesuffix(".py")


def parsed(path: str, source: str) -> Module:
    """A module from its text; a rule is proved with one that is on no disk."""
    return Module(path, source, ast.parse(source))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of feedhub."""
    files = sorted((ROOT / "feedhub").rglob("*.py"))
    return tuple(parsed(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files)


def imported(module: Module) -> Iterator[tuple[int, str]]:
    """(line, full dotted name) of everything the module imports, wherever it does so."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def spelled(node: ast.AST) -> str:
    """`a.b.c` for a chain of attributes on a name, else an empty string."""
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def words(name: str) -> list[str]:
    """The words of a snake_case or CamelCase name, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
