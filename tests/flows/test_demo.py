"""`make demo-sources` runs by itself: fourteen origins of every kind by their addresses, a redesign, garbled text."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.flows.conftest import ROOT


@pytest.mark.long
def test_the_demo_of_sources_goes_through() -> None:
    done = subprocess.run(
        [sys.executable, "tools/demo_sources.py"], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "0 steps went wrong" in done.stdout
