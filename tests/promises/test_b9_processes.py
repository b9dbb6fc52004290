"""The real service, stopped and woken (PROMISES B9 133)."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from tests.flows.conftest import Answer, Home, Origin, home, origin, rss  # noqa: F401
from tests.flows.test_bad_input import declare


@pytest.mark.long
def test_stopped_and_woken_each_due_source_is_polled_once(home: Home, origin: Origin) -> None:  # noqa: F811
    """Long enough that every source was due several times and its lease ran out."""
    names = [f"s{number}" for number in range(6)]
    for name in names:
        origin.answers[f"/{name}"] = Answer(rss((name, f"http://n.example/{name}", f"Story of {name}", "<p>Words</p>")))
        declare(home, name, origin.url(f"/{name}"), every="15s")
    home.start()
    # A poll that is answered but not yet written down would rightly be due 15 s after the service wakes.
    home.wait(lambda: all(one["last_success"] for one in home.json("source", "list") if one["key"] in names), 30)
    assert home.process is not None
    parts = psutil.Process(home.process.pid).children(recursive=True)
    for part in parts:
        os.kill(part.pid, signal.SIGSTOP)
    time.sleep(70)
    before = {name: len(origin.statuses(f"/{name}")) for name in names}
    for part in parts:
        os.kill(part.pid, signal.SIGCONT)
    time.sleep(8)
    after = {name: len(origin.statuses(f"/{name}")) - before[name] for name in names}
    assert all(count == 1 for count in after.values()), after
    assert home.stop() == 0
