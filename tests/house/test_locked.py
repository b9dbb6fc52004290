"""What is imported at run time stands in the lock: an environment that was used for long hides what a new one lacks."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.house.tree import ROOT, Module, imported, modules, parsed


def normal(name: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _owners() -> dict[str, list[str]]:
    return dict(packages_distributions())


def not_locked(module: Module, locked: frozenset[str]) -> Iterator[str]:
    for line, name in imported(module):
        top = name.partition(".")[0]
        if top == "feedhub" or top in sys.stdlib_module_names:
            continue
        if not any(normal(owner) in locked for owner in _owners().get(top, ())):
            yield f"{module.path}:{line}: {name} stands in no line of requirements/run.txt"


@pytest.fixture(scope="module")
def locked() -> frozenset[str]:
    lines = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(normal(found[1]) for line in lines if (found := re.match(r"([A-Za-z0-9._-]+)==", line)))


def test_what_is_imported_is_locked(locked: frozenset[str]) -> None:
    assert not [fault for module in modules() for fault in not_locked(module, locked)]


@pytest.mark.parametrize("name", ["ruamel.yaml", "pytest"])
def test_an_import_that_only_this_machine_has_is_seen(locked: frozenset[str], name: str) -> None:
    assert list(not_locked(parsed("feedhub/x.py", f"import {name}"), locked))
