"""The peers: how each is found, set up and driven. One that is missing is not run, and says why.

reader and httpx come from PyPI into an environment of their own under var/bench (requirements/bench.txt, by hash);
newsboat and sfeed are run where they are installed. Each starts with an empty store.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "bench.txt"
VENV = ROOT / "var" / "bench" / "venv"
AT_ONCE = 32
Cycle = Callable[[], dict[str, Any]]


class NotRun(Exception):
    """Why a peer has no figure."""


class Side:
    """A process that does one cycle per line, and answers with one line of JSON."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._line() != "ready":
            raise NotRun(f"{Path(command[0]).name} did not start")

    def cycle(self) -> dict[str, Any]:
        """Do one cycle; what it says of it, and the seconds of a core that it took where it does not say them."""
        assert self._process.stdin is not None
        before = spent(self._process.pid)
        print("go", file=self._process.stdin, flush=True)
        said: dict[str, Any] = json.loads(self._line() or '{"seconds": null, "fault": "ended"}')
        return {"core": spent(self._process.pid) - before} | said

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def spent(pid: int) -> float:
    """Seconds that a process and its children, which live on, have kept a core busy (proc(5), stat)."""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = file.read_text().rpartition(")")[2].split()
            if pid in (int(file.parent.name), int(fields[1])):
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def ours(folder: Path, sources: int, port: int, policy: str) -> Side:
    """FeedHub itself."""
    return Side([sys.executable, "-m", "bench.ours", str(folder), str(sources), str(port), policy])


def reader(folder: Path, urls: list[str], workers: int) -> Side:
    """reader, whose update runs in one process with `workers` threads."""
    python = environment()
    file = folder / "urls"
    file.write_text("\n".join(urls))
    return Side([str(python), str(ROOT / "bench" / "reader_side.py"), str(folder / "db"), str(workers), str(file)])


def newsboat(folder: Path, urls: list[str]) -> Cycle:
    """newsboat, one reload per cycle.

    It forgets the validators of the reload that first sees a feed (it sets them on a row that is not there yet), so
    between the first cycle and the second it reloads once more, which is not timed.
    """
    program = _installed("newsboat")
    (folder / "urls").write_text("\n".join(urls) + "\n")
    (folder / "config").write_text(f"reload-threads {AT_ONCE}\nmax-items 0\n")
    names = ("-u", "urls", "-c", "cache.db", "-C", "config")
    files = [part if part.startswith("-") else str(folder / part) for part in names]
    cycles = count()

    def cycle() -> dict[str, Any]:
        if next(cycles) == 1:
            _timed([program, *files, "-x", "reload"])
        return _timed([program, *files, "-x", "reload"])

    return cycle


def sfeed(folder: Path, urls: list[str]) -> Cycle:
    """sfeed_update, which asks for everything every time."""
    program = _installed("sfeed_update")
    feeds = "\n".join(f"  feed s{number} {url}" for number, url in enumerate(urls))
    file = folder / "sfeedrc"
    file.write_text(f"sfeedpath={folder}/feeds\nmaxjobs={AT_ONCE}\nfeeds() {{\n{feeds}\n}}\n")
    return lambda: _timed([program, str(file)])


def _timed(command: list[str]) -> dict[str, Any]:
    started = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    seconds = time.perf_counter() - started
    return {"seconds": seconds} if not done.returncode else {"seconds": None, "fault": f"exit {done.returncode}"}


def _installed(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise NotRun("not installed")
    return program


def environment() -> Path:
    """The Python that has reader and httpx; made once for each state of the lock."""
    python, stamp = VENV / "bin" / "python", VENV / "lock"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return python
    shutil.rmtree(VENV, ignore_errors=True)
    _must([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    # reader's own copy of feedparser wants sgmllib3k, which comes without a wheel: setuptools, locked, builds it.
    for lock in (LOCK.with_name("bootstrap.txt"), LOCK):
        _must([*pip, "--require-hashes", "--no-deps", "--no-build-isolation", "-r", str(lock)])
    stamp.write_text(digest)
    return python


def _must(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotRun(f"it could not be installed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
