"""Imports go down only: the contract in pyproject.toml holds, and it would notice one that goes up."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter, run on the package in `folder`."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-logo", "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_go_down_only() -> None:
    told = lint_imports(ROOT)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        ("basics/text.py", "import feedhub.store", "feedhub.basics is not allowed to import feedhub.store"),
        ("config/load.py", "import feedhub.store", "feedhub.config is not allowed to import feedhub.store"),
        ("attic/__init__.py", "", "attic"),  # a room that is on no floor
    ],
)
def test_the_contract_notices(tmp_path: Path, file: str, line: str, told: str) -> None:
    shutil.copytree(ROOT / "feedhub", tmp_path / "feedhub", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "feedhub" / file
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1
    assert told in answer.stdout
