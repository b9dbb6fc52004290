"""One command, one process group: a parent, the web server, the worker (SEMANTICS 31).

The parent starts both, starts one again that died, and ends both within ten seconds of SIGTERM. The children
die with their parent even when it is killed (PR_SET_PDEATHSIG), so no half of a service is left behind.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

log = logging.getLogger(__name__)
GRACE = 9.0
_PR_SET_PDEATHSIG = 1


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop


def die_with_parent(parent: int) -> None:
    """Ask Linux to end this process with its parent, also one dead already; elsewhere nothing happens."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def leave() -> NoReturn:
    """End this process with code 0, without Python's own tidying up: whoever served has closed all there is to close.

    A thread of granian's embedded server may still hold a connection then, and aborts in a Python that is being taken
    down (granian issue 693).
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class Part:
    """One child process, started again when it dies, ever more slowly."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._started = 0.0
        self._not_before = 0.0

    def keep_alive(self) -> None:
        """Start the process if it does not run and its pause is over."""
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._process = None
            lived = time.monotonic() - self._started
            self._failures = 0 if lived > 60 else self._failures + 1
            pause = min(0.5 * 2**self._failures, 30.0)
            self._not_before = time.monotonic() + pause
            log.error("%s ended with code %s after %.0f s; started again in %.1f s", self.name, code, lived, pause)
        if time.monotonic() >= self._not_before:
            self._started = time.monotonic()
            command = [sys.executable, "-m", "feedhub", self.name, "--child-of", str(os.getpid())]
            self._process = subprocess.Popen(command)

    def end(self) -> None:
        """Ask the process to end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill it when it takes longer."""
        if self._process is None:
            return
        try:
            self._process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            log.error("%s did not end in time and is killed", self.name)
            self._process.kill()
            self._process.wait()


def run_parts(names: Sequence[str], stop: threading.Event) -> None:
    """Keep the named commands running until `stop` is set, then end them all."""
    parts = [Part(name) for name in names]
    try:
        while not stop.is_set():
            for part in parts:
                part.keep_alive()
            stop.wait(0.25)
    finally:
        deadline = time.monotonic() + GRACE
        for part in parts:
            part.end()
        for part in parts:
            part.wait(deadline - time.monotonic())
