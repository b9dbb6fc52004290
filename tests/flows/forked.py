"""Commands in processes of their own, forked from one that has loaded everything: a start costs 20 ms, not 1 s.

As a program it reads one JSON line per command (cwd, env, argv, the files of its three streams) and answers
with the exit code. `python -m feedhub` itself is started by the walk through the README and by every service.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

_SECONDS = 60


class Forked:
    """The process that forks, started at the first command; one a test run, so that commands come one by one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parent: subprocess.Popen[str] | None = None

    def run(self, words: list[str], *, cwd: Path, environ: dict[str, str], stdin: str) -> tuple[int, str, str]:
        """The exit code, what was written and what was said of one command; after 60 s it is ended by SIGALRM."""
        if self._parent is None or self._parent.poll() is not None:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "tests.flows.forked"],
                cwd=self._root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        with tempfile.TemporaryDirectory() as folder:
            streams = [Path(folder, name) for name in ("stdin", "stdout", "stderr")]
            streams[0].write_text(stdin, "utf-8")
            order = {"cwd": str(cwd), "env": environ, "argv": words, "streams": [str(stream) for stream in streams]}
            assert self._parent.stdin is not None and self._parent.stdout is not None
            self._parent.stdin.write(json.dumps(order) + "\n")
            self._parent.stdin.flush()
            code = int(self._parent.stdout.readline())
            return code, streams[1].read_text("utf-8"), streams[2].read_text("utf-8")

    def close(self) -> None:
        """End the process that forks; it goes when its input ends."""
        if self._parent is not None:
            self._parent.communicate()


def _serve() -> None:
    """Load every command, then fork one child for each line of input until there is none."""
    commands = import_module("feedhub.cli.main")
    for where in commands._COMMANDS.values():
        import_module("feedhub.cli." + where.partition(":")[0])
    while line := sys.stdin.readline():
        order = json.loads(line)
        child = os.fork()
        if not child:
            _become(order)
            commands.main()
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(order: dict[str, object]) -> None:
    """Take on the streams, the folder, the environment and the words of the command."""
    streams = [str(name) for name in order["streams"]]  # type: ignore[attr-defined]
    for number, name in enumerate(streams):
        opened = os.open(name, os.O_RDONLY if not number else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    os.chdir(str(order["cwd"]))
    os.environ.clear()
    os.environ.update(order["env"])  # type: ignore[call-overload]
    sys.argv = ["feedhub", *order["argv"]]  # type: ignore[misc]
    signal.alarm(_SECONDS)


if __name__ == "__main__":
    _serve()
