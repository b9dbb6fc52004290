"""`make bench-hub`: one publication to 1,000 and to 10,000 callbacks on loopback, 61 KB each, signed, beside its peers.

    FeedHub: its own jobs, claims and cursors in SQLite, address checks, deadlines, a secret each, an address each
    ab (C):  the same body posted as often, unsigned, to one address        httpx: the same body, signed, asynchronous

All post to the same server. Then four workers claim what is behind, on SQLite and where `--postgres URL` names an
empty database there too. What is printed was measured in this run; a peer that is missing says so.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.hub_claims import rounds as claim_rounds
from bench.hub_receivers import Receivers
from bench.peers import ROOT, NotRun, Side, environment

GOAL_AB, GOAL_HTTPX, GOAL_CLAIMS = 0.6, 10, 30_000
ROUNDS = 4


def main() -> None:
    """Run what is asked for and print it."""
    asked = argparse.ArgumentParser(prog="bench-hub", description="FeedHub's fan-out against ab and httpx.")
    asked.add_argument("--callbacks", type=int, nargs="+", default=[1000, 10_000])
    asked.add_argument("--only", choices=("ours",), help="FeedHub alone, without its peers")
    asked.add_argument("--postgres", default="", help="postgresql+psycopg://… of an empty database")
    asked.add_argument("--claims", type=int, default=20_000, help="cursors that four workers claim")
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="feedhub-bench-") as folder:
        receivers = Receivers(Path(folder) / "receivers")
        print(f"receivers: {receivers.name}\n")
        try:
            for number, callbacks in enumerate(wanted.callbacks):
                _compare(Path(folder) / str(number), callbacks, receivers.port, alone=wanted.only is not None)
        finally:
            receivers.close()
        for name, url in (("SQLite", f"sqlite:///{folder}/claims.db"), ("PostgreSQL", wanted.postgres)):
            _claims(name, url, wanted.claims)


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
            theirs, cpu = peer(body, callbacks, port)
        except NotRun as error:
            print(f"  {name:23} not run: {error}")
            continue
        said = "" if goal is None else f"; goal {goal}"
        print(f"  {name:23} {theirs:9,.0f}   FeedHub is {rate / theirs:.2f} of it{said}   ({cpu * 1e6:.0f} µs each)")
    print()


def _claims(name: str, url: str, many: int) -> None:
    if not url:
        print(f"claims on {name}: not run; --postgres URL names an empty database")
        return
    rounds = list(claim_rounds(url, many))
    rates = sorted(one["rate"] for one in rounds)
    best, median, memory = rates[-1], rates[len(rates) // 2], [one["rss"] for one in rounds]
    cpu, twice = min(one["cpu"] for one in rounds) * 1e6, sum(one["twice"] for one in rounds)
    print(f"{many:,} claims by four workers on {name}, {len(rounds)} rounds, each written back:")
    print(f"  claims a second         {best:9,.0f} at best, {median:,.0f} at the median; goal {GOAL_CLAIMS:,}")
    print(f"  processor for each      {cpu:9.1f} µs; claimed twice: {twice}")
    print(f"  memory of the largest   {memory[0]:9.0f} MB after the first round, {memory[-1]:.0f} MB after the last")


def _ab(body: Path, callbacks: int, port: int, *more: str) -> tuple[float, float]:
    """Deliveries a second, and seconds of processor for each."""
    program = shutil.which("ab")
    if program is None:
        raise NotRun("there is no ab (apache2-utils)")
    command = [program, "-q", *more, "-n", str(callbacks), "-c", "64", "-p", str(body), "-T", "application/xml"]
    before = _children()
    said = subprocess.run([*command, f"http://127.0.0.1:{port}/"], capture_output=True, text=True).stdout
    found = re.search(r"Requests per second:\s+([\d.]+)", said)
    if not found or "Non-2xx" in said:
        raise NotRun("ab did not come to an end")
    return float(found[1]), (_children() - before) / callbacks


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _ab_kept(body: Path, callbacks: int, port: int) -> tuple[float, float]:
    return _ab(body, callbacks, port, "-k")


def _httpx(body: Path, callbacks: int, port: int) -> tuple[float, float]:
    command = [str(environment()), "-m", "bench.hub_httpx", str(body), str(min(callbacks, 2000)), str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise NotRun((done.stderr.strip().splitlines() or ["it failed"])[-1])
    found = json.loads(done.stdout)
    return float(found["rate"]), float(found["cpu"])


if __name__ == "__main__":
    main()
