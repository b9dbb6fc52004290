"""Commands in processes of their own, forked from one that has loaded everything: a start costs 20 ms, not 1 s.

As a program it listens on a socket of its folder: a line of JSON a command (cwd, env, argv, the files of its three
streams), answered with the exit code. `python -m feedhub` itself is what every service is started with.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

_SECONDS = 60
_SOCKET = "socket"
# `feedhub` for a shell: it lends its own streams, and needs nothing of the library but this.
_SHIM = """#!{python} -IS
import json, os, socket, sys
streams = [f"/proc/{{os.getpid()}}/fd/{{number}}" for number in range(3)]
order = {{"cwd": os.getcwd(), "env": dict(os.environ), "argv": sys.argv[1:], "streams": streams}}
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({socket!r})
    asked.sendall(json.dumps(order).encode() + b"\\n")
    os._exit(int(asked.makefile().readline()) % 256)
"""


class Forked:
    """The process that forks, started at the first command; one a test run, so that commands come one by one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._parent: subprocess.Popen[str] | None = None

    def run(self, words: list[str], *, cwd: Path, environ: dict[str, str], stdin: str) -> tuple[int, str, str]:
        """The exit code, what was written and what was said of one command; after 60 s it is ended by SIGALRM."""
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as asked:
            streams = [Path(folder, name) for name in ("stdin", "stdout", "stderr")]
            for stream, text in zip(streams, (stdin, "", ""), strict=True):
                stream.write_text(text, "utf-8")
            order = {"cwd": str(cwd), "env": environ, "argv": words, "streams": [str(stream) for stream in streams]}
            asked.connect(str(self._ready() / _SOCKET))
            asked.sendall(json.dumps(order).encode() + b"\n")
            with asked.makefile() as answer:
                code = int(answer.readline())
            return code, streams[1].read_text("utf-8"), streams[2].read_text("utf-8")

    def program(self) -> Path:
        """A program for shells that does what `feedhub` does."""
        folder = self._ready()
        path = folder / "feedhub"
        path.write_text(_SHIM.format(python=sys.executable, socket=str(folder / _SOCKET)))
        path.chmod(0o700)
        return path

    def close(self) -> None:
        """End the process that forks; it goes when its input ends."""
        if self._parent is not None and self._folder is not None:
            self._parent.communicate()
            self._folder.cleanup()

    def _ready(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "tests.flows.forked", self._folder.name],
                cwd=self._root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert self._parent.stdout is not None
            assert self._parent.stdout.readline() == "ready\n"
        return Path(self._folder.name)


def _serve(folder: str) -> None:
    """Load every command, then fork one child for each that asks, until our input ends."""
    commands = import_module("feedhub.cli.main")
    for where in commands._COMMANDS.values():
        import_module("feedhub.cli." + where.partition(":")[0])
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/{_SOCKET}")
        listener.listen()
        gc.freeze()  # or every child would copy what the collector looks at
        print("ready", flush=True)
        order = _next_child(listener)
    if order is not None:
        _become(order)
        try:
            commands.main()
        except SystemExit as end:
            # What Python does at its end, but for taking apart all that was loaded: that outlasts the command.
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
            sys.stdout.flush()
            os._exit(int(end.code or 0))


def _next_child(listener: socket.socket) -> dict[str, Any] | None:
    """What a forked child is to do; None, at the end, in the process that forks."""
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        asked, _ = listener.accept()
        with asked, asked.makefile() as lines:
            order: dict[str, Any] = json.loads(lines.readline())
            child = os.fork()
            if not child:
                return order
            _, status = os.waitpid(child, 0)
            asked.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    return None


def _become(order: dict[str, Any]) -> None:
    """Take on the streams, the folder, the environment and the words of the command."""
    for number, name in enumerate(order["streams"]):
        opened = os.open(name, os.O_WRONLY if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    sys.argv = ["feedhub", *order["argv"]]
    signal.alarm(_SECONDS)


if __name__ == "__main__":
    _serve(sys.argv[1])
