"""`feedhub export` as a process beside a running service: it follows within a second or two, and outlives SIGKILL."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.flows.conftest import Home

FEED = "rss/life/health.xml"


class Watch:
    """`feedhub export out --watch`, its log beside it."""

    def __init__(self, home: Home) -> None:
        self.home, self.out, self.log = home, home.folder / "out", home.folder / "export.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "feedhub", "export", "out", "--watch"],
                cwd=self.home.folder,
                env=self.home.environ,
                stdout=log,
                stderr=log,
            )

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(10)

    def shows(self, word: str, path: str = FEED, seconds: float = 30.0) -> float:
        """Wait until a file has the word; how long that took."""
        started = time.monotonic()
        self.home.wait(lambda: word in (self.out / path).read_text(), seconds)
        return time.monotonic() - started


@pytest.fixture
def watch(small: Home) -> Any:
    home = small
    made = Watch(home)
    yield made
    if made._process is not None and made._process.poll() is None:
        made.stop(signal.SIGKILL)


def add(home: Home, name: str) -> None:
    home.run("article", "add", "--section", "life/health", "--title", f"About {name}", "--text", "Text.", "--id", name)


def test_it_follows_and_outlives_sigkill(home: Home, watch: Watch) -> None:
    home.start()
    watch.start()
    watch.shows("<rss", seconds=60)
    home.wait(lambda: "as before" in watch.log.read_text(), 30)
    add(home, "kites")
    assert watch.shows("About kites") < 5
    watch.shows("About kites", "articles/kites.html")
    watch.stop(signal.SIGKILL)
    add(home, "boats")
    watch.start()
    watch.shows("About boats")
    served = home.get(f"/{FEED}").body
    assert (watch.out / FEED).read_bytes() == served
    assert watch.stop() == 0
    log = watch.log.read_text()
    assert re.search(r"feedhub\.export: \S+: \d+ written, \d+ removed, \d+ as before", log)
    done = home.run("export", "out")
    assert "0 written, 0 removed" in done.stdout


@pytest.mark.long
def test_an_export_without_a_service_and_one_that_finds_foreign_files(small: Home) -> None:
    home = small
    (home.folder / "out").mkdir()
    (home.folder / "out" / "robots.txt").write_text("mine")
    done = home.run("export", "out", check=False)
    assert done.returncode == 1
    assert "robots.txt" in done.stderr
    assert (home.folder / "out" / "robots.txt").read_text() == "mine"
    assert (home.folder / "out" / FEED).exists(), "the rest is there"
    (home.folder / "out" / "robots.txt").unlink()
    said = home.json("export", "out")
    assert 1 <= said["written"] <= 2, "the file, and what nginx is told of it"
    assert "Sitemap:" in (home.folder / "out" / "robots.txt").read_text()


def codes(home: Home) -> list[str]:
    return [alert["code"] for alert in home.json("alert", "list")]


@pytest.mark.long
def test_readers_see_whole_files_and_times_that_rise_while_it_is_killed(home: Home, watch: Watch) -> None:
    """Each file is well-formed whenever it is read, its time never goes back, no time has two bodies (PROMISES 106)."""
    home.start()
    watch.start()
    watch.shows("<rss", seconds=60)
    stop, faults, seen = threading.Event(), list[str](), dict[Path, dict[float, bytes]]()

    def read() -> None:
        last: dict[Path, float] = {}
        while not stop.is_set():
            for file in watch.out.glob("[ra][st]*/life/*.xml"):
                with file.open("rb") as stream:
                    at, body = os.fstat(stream.fileno()).st_mtime, stream.read()
                try:
                    etree.fromstring(body)
                except etree.XMLSyntaxError as error:
                    faults.append(f"{file}: {error}")
                if at < last.get(file, 0.0):
                    faults.append(f"{file}: {at} after {last[file]}")
                last[file] = at
                if seen.setdefault(file, {}).setdefault(at, body) != body:
                    faults.append(f"{file}: two bodies at {at}")

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(12):
        add(home, f"n{number}")
        time.sleep(0.1 * (number % 5))
        watch.stop(signal.SIGKILL)
        watch.start()
    watch.shows("About n11", seconds=60)
    stop.set()
    for reader in readers:
        reader.join()
    assert not faults, faults[:5]
    home.wait(lambda: (watch.out / FEED).read_bytes() == home.get(f"/{FEED}").body, 10)


@pytest.mark.long
def test_a_full_and_a_read_only_disk_heal(home: Home, watch: Watch, program: Callable[[str], str]) -> None:
    """PROMISES 109: the old files stay whole, an alert stands, and it goes on by itself."""
    watch.out.mkdir()
    mount, umount = program("mount"), program("umount")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=64m", "none", str(watch.out)], capture_output=True)
    if made.returncode:
        pytest.skip(f"no file system of its own can be had: {made.stderr.decode()}")
    try:
        home.start()
        watch.start()
        watch.shows("<rss", seconds=60)
        home.wait(lambda: "as before" in watch.log.read_text(), 60)
        old = (watch.out / FEED).read_bytes()
        with (watch.out / "filler").open("wb") as filler, pytest.raises(OSError, match="space"):
            while True:
                filler.write(b"x" * 65536)
                filler.flush()
        add(home, "kites")
        home.wait(lambda: "cannot be kept up to date" in watch.log.read_text(), 20)
        assert "export_failed" in codes(home)
        assert (watch.out / FEED).read_bytes() == old
        (watch.out / "filler").unlink()
        watch.shows("About kites", seconds=40)
        home.wait(lambda: "export_failed" not in codes(home), 20)
        subprocess.run([mount, "-o", "remount,ro", str(watch.out)], check=True)
        add(home, "boats")
        home.wait(lambda: watch.log.read_text().count("cannot be kept up to date") == 2, 20)
        assert "About boats" not in (watch.out / FEED).read_text()
        subprocess.run([mount, "-o", "remount,rw", str(watch.out)], check=True)
        watch.shows("About boats", seconds=40)
        watch.stop()
    finally:
        if watch._process is not None and watch._process.poll() is None:
            watch.stop(signal.SIGKILL)
        subprocess.run([umount, str(watch.out)], check=False)
