"""`make bench-serve`: a feed of 61 KB from one core, as a 200, as gzip and as a 304; FeedHub and its peers in one run.

Every server is bound to the first core and wrk to the second. All of them are up before anything is measured; in each
round each is asked for the same time, one after the other. Counted are requests for each second that the server's
processes were on their core, as the kernel counts it: what else the machine does takes cores away and not this. Printed
is the median over the rounds of the ratio to nginx within the round. A peer that is missing says so.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench import peers
from bench.ours import a_home
from bench.served import fill
from feedhub.config.load import load_config
from feedhub.publish.file_tree import FileTree
from feedhub.publish.render import render_due
from feedhub.store.documents import get_document
from feedhub.web.exporting import Exporter
from feedhub.wiring.house import open_house
from feedhub.wiring.site import site_of

CASES = ("200", "gzip", "304")
CONNECTIONS = 32
# Of nginx's rate (PERFORMANCE goals of the project): FeedHub alone.
GOALS = {"200": 0.75, "gzip": 0.6, "304": 0.5}
FEED = "/rss/bench.xml"


@dataclass(frozen=True)
class Target:
    """A server that is up: where it listens, and the feed's path there."""

    name: str
    port: int
    path: str
    process: int


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser(prog="make bench-serve")
    asked.add_argument("--rounds", type=int, default=5, help="how often each is measured (5)")
    asked.add_argument("--seconds", type=float, default=2.0, help="how long each time (2)")
    asked.add_argument("--only", choices=("ours",), help="FeedHub and nginx alone")
    wanted = asked.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("make bench-serve needs wrk (Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory(prefix="feedhub-bench-") as name, _servers(Path(name), wanted.only) as up:
        targets, absent = up
        size = len(_get(targets[0], {})[1])
        print(f"{size} bytes; {wanted.rounds} rounds of {wanted.seconds:g} s; requests in a second of the core\n")
        rates = _measure(targets, wanted.rounds, wanted.seconds)
    _print(targets, absent, rates)


@contextmanager
def _servers(folder: Path, only: str | None) -> Iterator[tuple[list[Target], dict[str, str]]]:
    """Everything that can be had, each on its own port and on the first core."""
    processes: list[subprocess.Popen[bytes]] = []
    folder.chmod(0o755)
    body, packed = _site(folder)
    targets, absent = [], dict[str, str]()
    sides: list[tuple[str, Callable[[], tuple[list[str], int, str]]]] = [
        ("nginx", lambda: _nginx(folder, body, packed)),
        ("FeedHub", lambda: _feedhub(folder)),
        ("FeedHub's export by nginx", lambda: _nginx_export(folder)),
    ]
    if only is None:
        sides += [
            ("Caddy", lambda: _caddy(folder)),
            ("Flask route", lambda: _flask(folder, "/plain")),
            ("Flask + feedgen", lambda: _flask(folder, "/feedgen")),
        ]
    try:
        for name, begin in sides:
            try:
                command, port, path = begin()
            except peers.NotRun as error:
                absent[name] = str(error)
                continue
            environ = os.environ | {"FEED": str(folder / "static" / "feed.xml"), "GOMAXPROCS": "1", "HOME": str(folder)}
            log = (folder / "log").open("ab")
            processes.append(
                subprocess.Popen(command, cwd=peers.ROOT, env=environ, stdout=log, stderr=log, preexec_fn=_first_core)
            )
            target = Target(name, port, path, processes[-1].pid)
            _until_up(target, processes[-1], folder / "log")
            targets.append(target)
        yield targets, absent
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(15)


def _first_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _site(folder: Path) -> tuple[bytes, bytes]:
    """A store with one section, exported too; the feed's bytes, plain and packed."""
    config = load_config(a_home(folder / "home"), {})
    with open_house(config, upgrade=True) as house:
        house.prepare()
        fill(house.store, 120, house.clock.now() - timedelta(days=30))
        style = house.style()
        render_due(house.store, style, house.clock)
        tree = FileTree(folder / "export")
        Exporter(site_of(house), style.digest, tree).everything(lambda _done, _whole: None)
        tree.close()
        with house.store.read() as tx:
            document = get_document(tx, FEED)
    assert document is not None
    (folder / "static").mkdir()
    (folder / "static" / "feed.xml").write_bytes(document.body)
    (folder / "static" / "feed.xml.gz").write_bytes(document.gzip)
    return document.body, document.gzip


def _feedhub(folder: Path) -> tuple[list[str], int, str]:
    port = _free_port()
    return [sys.executable, "-m", "bench.serve_ours", str(folder / "home"), str(port)], port, FEED


def _nginx(folder: Path, _body: bytes, _packed: bytes) -> tuple[list[str], int, str]:
    port = _free_port()
    server = f"""server {{ listen 127.0.0.1:{port}; root {folder}/static; gzip_static on;
        types {{ application/xml xml; }} add_header Cache-Control "public, max-age=60"; }}"""
    return _nginx_command(folder / "nginx", server), port, "/feed.xml"


def _nginx_export(folder: Path) -> tuple[list[str], int, str]:
    port = _free_port()
    text = (peers.ROOT / "deploy" / "nginx.conf").read_text("utf-8").replace("/srv/feedhub", str(folder / "export"))
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("    listen [::]:80;\n", "")
    return _nginx_command(folder / "nginx-export", text), port, FEED


def _nginx_command(folder: Path, servers: str) -> list[str]:
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        raise peers.NotRun("not installed (Debian: nginx-light)")
    folder.mkdir()
    temporary = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; "
        f"client_body_temp_path {folder}/body; {temporary}\n{servers}\n}}\n"
    )
    return [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def _caddy(folder: Path) -> tuple[list[str], int, str]:
    program = shutil.which("caddy")
    if program is None:
        raise peers.NotRun("not installed (Debian: caddy)")
    port = _free_port()
    (folder / "Caddyfile").write_text(
        "{\n admin off\n auto_https off\n}\n"
        f"http://127.0.0.1:{port} {{\n root * {folder}/static\n file_server {{\n  precompressed gzip\n }}\n}}\n"
    )
    return [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], port, "/feed.xml"


def _flask(folder: Path, path: str) -> tuple[list[str], int, str]:
    port = _free_port()
    granian = str(Path(sys.executable).with_name("granian"))
    options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "1", "--no-ws", "--http", "1"]
    return [granian, *options, "--host", "127.0.0.1", "--port", str(port), "bench.flask_side:app"], port, path


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _until_up(target: Target, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            _get(target, {})
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    sys.exit(f"{target.name} did not come up:\n{log.read_text()[-2000:]}")


def _get(target: Target, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    line = http.client.HTTPConnection("127.0.0.1", target.port, timeout=10)
    try:
        line.request("GET", target.path, headers={"Accept-Encoding": "identity"} | headers)
        found = line.getresponse()
        return found.status, found.read(), {name.lower(): value for name, value in found.getheaders()}
    finally:
        line.close()


def _measure(targets: list[Target], rounds: int, seconds: float) -> dict[tuple[str, str], list[float]]:
    """Requests a second by (server, case), one for each round; what each answers is looked at first."""
    asked: dict[tuple[str, str], dict[str, str]] = {}
    for target in targets:
        tag = _get(target, {"Accept-Encoding": "gzip"})[2]["etag"]
        for case in CASES:
            headers = {"200": {"Accept-Encoding": "identity"}, "gzip": {"Accept-Encoding": "gzip"}}.get(case, {})
            headers = headers or {"Accept-Encoding": "gzip", "If-None-Match": tag}
            status, body, fields = _get(target, headers)
            right = status == int(case if case != "gzip" else 200) and bool(body) == (case != "304")
            if not right or (fields.get("content-encoding") == "gzip") != (case == "gzip"):
                print(f"  {target.name} does not answer {case}: {status}, {fields.get('content-encoding')}")
                continue
            asked[target.name, case] = headers
    rates: dict[tuple[str, str], list[float]] = {key: [] for key in asked}
    for number in range(rounds + 1):
        for case in CASES:
            for target in targets:
                if (target.name, case) in asked:
                    rate = _wrk(target, asked[target.name, case], seconds if number else 0.5)
                    if number:  # the first round warms up
                        rates[target.name, case].append(rate)
    return rates


def _wrk(target: Target, headers: dict[str, str], seconds: float) -> float:
    """Requests in a second of the server's core."""
    fields = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), "wrk", "-t1", f"-c{CONNECTIONS}"]
    before = _busy(target.process)
    said = subprocess.run(
        [*command, f"-d{max(1, round(seconds))}s", *fields, f"http://127.0.0.1:{target.port}{target.path}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in said or "Socket errors" in said:
        print(f"  {target.name}: {' '.join(said.split())[-200:]}")
    found = re.search(r"(\d+) requests in", said)
    assert found is not None, said
    return int(found[1]) / (_busy(target.process) - before)


def _busy(process: int) -> float:
    """Seconds that a process and those below it have been on a core; the parent of nginx's worker counts too."""
    seconds = 0.0
    for task in Path(f"/proc/{process}/task").iterdir():
        seconds += int((task / "schedstat").read_text().split()[0]) / 1e9
        seconds += sum(_busy(int(child)) for child in (task / "children").read_text().split())
    return seconds


def _print(targets: list[Target], absent: dict[str, str], rates: dict[tuple[str, str], list[float]]) -> None:
    print(f"{'':28}" + "".join(f"{case:>22}" for case in CASES))
    for target in targets:
        print(f"{target.name:28}" + "".join(f"{_cell(rates, target.name, case):>22}" for case in CASES))
    print("\nof nginx, within each round: median (least to most), [goal]")
    for target in targets:
        if target.name != "nginx":
            cells = (_ratio(rates, target.name, "nginx", case) for case in CASES)
            print(f"{target.name:28}" + "".join(f"{cell:>22}" for cell in cells))
    if any(target.name == "Caddy" for target in targets):
        cells = (_ratio(rates, "FeedHub", "Caddy", case) for case in CASES)
        print(f"{'FeedHub of Caddy [2]':28}" + "".join(f"{cell:>22}" for cell in cells))
    for name, why in absent.items():
        print(f"{name:28}  not run: {why}")


def _cell(rates: dict[tuple[str, str], list[float]], name: str, case: str) -> str:
    found = rates.get((name, case))
    return f"{statistics.median(found):,.0f}" if found else "-"


def _ratio(rates: dict[tuple[str, str], list[float]], name: str, other: str, case: str) -> str:
    ours, theirs = rates.get((name, case)), rates.get((other, case))
    if not ours or not theirs:
        return "-"
    each = [mine / his for mine, his in zip(ours, theirs, strict=True)]
    goal = f" [{GOALS[case]}]" if name == "FeedHub" and other == "nginx" else ""
    return f"{statistics.median(each):.2f} ({min(each):.2f}-{max(each):.2f}){goal}"


if __name__ == "__main__":
    main()
