"""The texts are true: links lead somewhere, every text is found from another, commands and targets exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from tests.house.tree import ROOT

OUTSIDE = (".venv", ".git", "feeds", "tests", "var")
TEXTS = sorted(
    file for file in ROOT.rglob("*.md") if not any(part in OUTSIDE for part in file.relative_to(ROOT).parts[:-1])
)
LINK = re.compile(r"\]\(<?([^)>\s#]+)[^)]*\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def links(text: Path) -> Iterator[Path]:
    """Where a text's relative links lead."""
    for target in LINK.findall(CODE.sub("", text.read_text(encoding="utf-8"))):
        if not re.match(r"[a-z]+:", target):
            yield (text.parent / unquote(target)).resolve()


def commands() -> dict[str, click.Command]:
    """Every command that does something, by its words after `feedhub`."""
    from feedhub.cli.main import feedhub

    def walk(group: click.Command, before: str) -> Iterator[tuple[str, click.Command]]:
        if isinstance(group, click.Group):
            context = click.Context(group)
            for name in group.list_commands(context):
                command = group.get_command(context, name)
                assert command is not None
                yield from walk(command, f"{before} {name}")
        else:
            yield before.strip(), group

    return dict(walk(feedhub, ""))


def test_links_lead_somewhere() -> None:
    dead = [f"{text.relative_to(ROOT)}: {target}" for text in TEXTS for target in links(text) if not target.exists()]
    assert not dead


def test_every_text_is_found_from_another() -> None:
    found = {target for text in TEXTS for target in links(text)}
    docs = [file for file in (ROOT / "docs").rglob("*") if file.is_file() and file.parent.name != "__pycache__"]
    assert not [str(file.relative_to(ROOT)) for file in docs if file not in found and file.parent not in found], (
        "link them"
    )


def test_every_target_spoken_of_exists() -> None:
    targets = set(re.findall(r"(?m)^([a-z][a-z-]*):", (ROOT / "Makefile").read_text()))
    told = {
        target
        for text in TEXTS
        for code in CODE.findall(text.read_text(encoding="utf-8"))
        for target in re.findall(r"\bmake ([a-z][a-z-]*)", code)
    }
    assert told <= targets, f"no such target: {told - targets}"


@pytest.mark.parametrize("name", ["README.md"])
def test_every_command_stands_in_the_readme(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    absent = [
        command
        for command in commands()
        if not any(re.search(r"feedhub " + r"\b.*\b".join(map(re.escape, command.split())), line) for line in lines)
    ]
    assert not absent, f"{name} does not tell of {absent}"


def test_every_command_spoken_of_exists() -> None:
    known = commands()
    words = {command.split()[0] for command in known}

    def spoken(start: str) -> bool:
        return any(f"{command} ".startswith(f"{start} ") for command in known)

    wrong = []
    for text in TEXTS:
        for code in CODE.findall(text.read_text(encoding="utf-8")):
            for first, second in re.findall(r"(?:^|[`/ ])feedhub ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*)\b)?", code):
                if first not in words or (first not in known and second and not spoken(f"{first} {second}")):
                    wrong.append(f"{text.relative_to(ROOT)}: feedhub {first} {second}")
    assert not wrong


def test_every_fixture_of_contributing_exists() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("| fixture")[2].partition("\n\n")[0]
    told = re.findall(r"(?m)^\| `(\w+)`", table)
    conftest = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    assert told
    assert not [name for name in told if f"\ndef {name}(" not in conftest]
