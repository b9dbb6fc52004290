"""`make bench-poll`: a poll cycle of 1,000 loopback sources with 20 items each, FeedHub and its peers in one run.

    all new ─→ all 304 ─→ 200 with the same bytes          (each side with an empty store, one after the other)

Each source has its own address of 127/8; FeedHub polls with address checks, deadlines and caps on. What is printed was
measured in this run; a peer that is missing says so.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench import peers
from bench.ours import WARM
from bench.sample import ITEMS, host

PHASES = ("all new", "all 304", "same bytes")
GOALS = {"reader": {"all new": 12, "all 304": 12, "same bytes": 60}, "newsboat": {"all new": 5}}
TOLD = ("seconds", "core", "memory_mb")  # in tables of their own
Times = dict[str, dict[str, Any]]


class Origins:
    """The process that answers for all sources."""

    def __init__(self, sources: int) -> None:
        command = [sys.executable, "-m", "bench.origin", str(sources)]
        self._process = subprocess.Popen(
            command, cwd=peers.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self._said())

    def obey(self, order: str) -> str:
        """Change how it answers, from the next request on; what it has answered since it was last told."""
        assert self._process.stdin is not None
        print(order, file=self._process.stdin, flush=True)
        return self._said()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def main() -> None:
    """Run what is asked for and print it."""
    asked = argparse.ArgumentParser(prog="bench-poll", description="FeedHub against its peers, polling.")
    asked.add_argument("--sources", type=int, default=1000)
    asked.add_argument("--only", choices=("ours",), help="FeedHub alone, without its peers")
    wanted = asked.parse_args()
    print(f"{wanted.sources} sources with {ITEMS} items each; seconds for one cycle; the worker runs already\n")
    origins = Origins(wanted.sources + WARM)
    try:
        table = dict(_run(origins, wanted.sources, name, begin) for name, begin in _sides(origins, wanted))
    finally:
        origins.close()
    _print(table)


def _sides(origins: Origins, wanted: argparse.Namespace) -> list[tuple[str, Callable[[Path], Any]]]:
    count, port = wanted.sources, origins.port
    urls = [f"http://{host(number)}:{port}/feed.xml" for number in range(count)]
    mine = [
        ("FeedHub", lambda folder: peers.ours(folder, count, port, "review")),
        ("FeedHub, published", lambda folder: peers.ours(folder, count, port, "auto")),
    ]
    if wanted.only:
        return mine
    return [
        *mine,
        ("reader", lambda folder: peers.reader(folder, urls, workers=1)),
        (f"reader, {peers.AT_ONCE} workers", lambda folder: peers.reader(folder, urls, workers=peers.AT_ONCE)),
        ("newsboat", lambda folder: peers.newsboat(folder, urls)),
        ("sfeed", lambda folder: peers.sfeed(folder, urls)),
    ]


def _run(origins: Origins, count: int, name: str, begin: Callable[[Path], Any]) -> tuple[str, Times | str]:
    print(f"  {name} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="feedhub-bench-") as folder:
        origins.obey("fresh")
        try:
            side = begin(Path(folder))
        except peers.NotRun as error:
            return name, f"not run: {error}"
        found: Times = {}
        for phase in PHASES:
            order = "same" if phase == "same bytes" else "fresh"
            origins.obey(order)
            found[phase] = side.cycle() if hasattr(side, "cycle") else side()
            found[phase]["answers"] = origins.obey(order)
        with suppress(AttributeError):
            side.close()
    return name, found


def _print(table: dict[str, Times | str]) -> None:
    mine = table["FeedHub"]
    assert isinstance(mine, dict)
    print(f"{'':24}" + "".join(f"{phase:>16}" for phase in PHASES))
    for name, times in table.items():
        if isinstance(times, str):
            print(f"{name:24}  {times}")
            continue
        print(f"{name:24}" + "".join(f"{_seconds(times[phase]):>16}" for phase in PHASES))
    print("\nhow many times FeedHub's seconds (goal):")
    for name, times in table.items():
        if isinstance(times, dict) and not name.startswith("FeedHub"):
            goals = GOALS.get(name.partition(",")[0], {})
            cells = (_ratio(times[phase], mine[phase], goals.get(phase)) for phase in PHASES)
            print(f"{name:24}" + "".join(f"{cell:>16}" for cell in cells))
    print("\nseconds of one core that each kept busy, which other work on the machine lengthens less:")
    for name, times in table.items():
        if isinstance(times, dict) and all("core" in times[phase] for phase in PHASES):
            cells = (f"{times[phase]['core']:.2f} s" for phase in PHASES)
            print(f"{name:24}" + "".join(f"{cell:>16}" for cell in cells))
    print("\nMB that the worker held at most, without the parser children (goal: less than 300):")
    for name, times in table.items():
        if isinstance(times, dict) and all("memory_mb" in times[phase] for phase in PHASES):
            print(f"{name:24}" + "".join(f"{times[phase]['memory_mb']:>13} MB" for phase in PHASES))
    print("\nwhat they said of each cycle:")
    for name, times in table.items():
        for phase, said in times.items() if isinstance(times, dict) else ():
            facts = ", ".join(f"{key} {value}" for key, value in said.items() if key not in TOLD)
            print(f"  {name}, {phase}: {facts or 'nothing'}")


def _seconds(said: dict[str, Any]) -> str:
    return "failed" if said["seconds"] is None else f"{said['seconds']:.2f} s"


def _ratio(theirs: dict[str, Any], ours: dict[str, Any], goal: int | None) -> str:
    if theirs["seconds"] is None or ours["seconds"] is None:
        return "-"
    return f"{theirs['seconds'] / ours['seconds']:.1f}" + (f" ({goal})" if goal else "")


if __name__ == "__main__":
    main()
