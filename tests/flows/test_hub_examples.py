"""The subscribers of docs/examples run as they stand, against the running hub."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing
from tests.flows.conftest import Home, free_port

EXAMPLES = ROOT / "docs" / "examples"
TOPIC, SECRET = "/rss/life/health.xml", "a secret of yours"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    home.environ["FEEDHUB__NET__CALLBACK_REACH__ALLOW"] = '["127.0.0.0/8"]'
    home.start()
    yield home
    home.stop(9)


def curl(service: Home, port: int) -> None:
    """What docs/hub.md says, with curl."""
    text = (ROOT / "docs" / "hub.md").read_text(encoding="utf-8")
    command = text.partition("```sh\n")[2].partition("```")[0]
    given = {"HUB": f"{service.base}/hub", "TOPIC": service.base + TOPIC, "SECRET": SECRET}
    given["CALLBACK"] = f"http://127.0.0.1:{port}/cb"
    done = subprocess.run(["sh", "-c", command], env=os.environ | given, capture_output=True, text=True, timeout=20)
    assert "The request is taken" in done.stdout, (command, done.stdout, done.stderr)


@pytest.mark.long
@pytest.mark.parametrize("example", ["subscriber.py", "subscriber.mjs", "subscriber.php"])
def test_an_example_is_subscribed_and_takes_what_is_pushed(service: Home, example: str, tmp_path: Path) -> None:
    port, said = free_port(), tmp_path / "said"
    arguments = [f"{service.base}/hub", service.base + TOPIC, f"http://127.0.0.1:{port}/cb", SECRET, str(port)]
    interpreter = {"py": sys.executable, "mjs": shutil.which("node"), "php": shutil.which("php")}[example.split(".")[1]]
    if interpreter is None:
        missing(f"there is no interpreter for {example}")
    file = shutil.copy(EXAMPLES / example, tmp_path / example)
    command = [str(interpreter), str(file), *arguments]
    if example.endswith("php"):
        command = [str(interpreter), "-S", f"127.0.0.1:{port}", str(file)]
        said = tmp_path / "took.log"
    given = {"HUB_TOPIC": service.base + TOPIC, "HUB_SECRET": SECRET}
    with (tmp_path / "out").open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | given, cwd=tmp_path)
        try:
            if example.endswith("php"):
                time.sleep(1.0)
                curl(service, port)
            else:
                said = tmp_path / "out"
            service.wait(lambda: service.json("hub", "list"), 20)
            add = ("article", "add", "--section", "life/health", "--text", "From Monday at every clinic.")
            service.run(*add, "--title", "Flu vaccine arrives", "--id", "flu")
            service.wait(lambda: said.exists() and "took" in said.read_text(), 15)
            (line,) = [it for it in said.read_text().splitlines() if it.startswith("took")]
            service.wait(lambda: int(line.split()[2]) == len(service.get(TOPIC).body), 5)
        finally:
            process.kill()
            process.wait()
