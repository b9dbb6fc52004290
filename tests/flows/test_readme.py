"""Every task of the README, done as it stands there: each command is run, and says what is printed below it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.flows.conftest import FORKED, ROOT, Home, free_port

# Whether the worker or the command polls first is a race that the README leaves open.
UNSTEADY = ("source fetch hill-walkers", "source history hill-walkers", "source list", "source show hengyang-news")
POSTGRES = "postgresql+psycopg://feedhub:secret@127.0.0.1/feedhub"


@dataclass(frozen=True)
class Step:
    """A command as the README prints it, and what it prints below."""

    command: str
    output: tuple[str, ...]


def steps(text: str) -> Iterator[Step]:
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        command: list[str] = []
        output: list[str] = []
        until = ""
        for line in block.splitlines():
            if until:
                command.append(line)
                until = "" if line == until else until
            elif line.startswith("$ "):
                if command:
                    yield Step("\n".join(command), tuple(output))
                command, output = [line[2:]], []
                until = found[1] if (found := re.search(r"<<'(\w+)'", line)) else ""
            else:
                output.append(line)
        yield Step("\n".join(command), tuple(output))


def folded(line: str) -> str:
    """A line without what differs from run to run: instants, derived ids, sizes, seconds, who, column widths."""
    line = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:Z|\+08:00)?", "<instant>", line)
    line = re.sub(r"\b[0-9a-f]{16}\b", "<id>", line)
    line = re.sub(r"\(\d+ bytes in [\d.]+ s\)", "<size>", line)
    line = re.sub(r"cli:\w+", "cli:<who>", line)
    line = re.sub(r"\((?:environment|config\.yaml|default)\)$", "(<origin>)", line)
    line = re.sub(r"\S*/config\.yaml", "config.yaml", line)
    line = re.sub(r"postgresql\+psycopg://\S*?(?=:? |$|:$)", "<database>", line)
    return " ".join(line.split())


def agrees(printed: tuple[str, ...], said: list[str]) -> bool:
    """Whether the output is what is printed; `…` stands for any lines, and so does what `| head` would cut."""
    wanted = [folded(line) for line in printed]
    found = [folded(line) for line in said]
    if "…" not in wanted:
        return wanted == found
    pattern = "".join("(?:.*\n)*?" if line == "…" else re.escape(line) + "\n" for line in wanted)
    return re.fullmatch(pattern, "".join(line + "\n" for line in found)) is not None


def test_both_readmes_walk_the_same_way() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    assert list(steps(english)) == list(steps(chinese))


def test_every_command_of_the_readme_does_what_it_says(home: Home, fresh_postgres: str) -> None:
    walk = list(steps((ROOT / "README.md").read_text("utf-8")))
    assert len(walk) > 30
    trial_port = free_port()
    has_curl = shutil.which("curl") is not None
    if os.environ.get("FEEDHUB_REQUIRE") == "all":
        assert has_curl, "there is no curl on this machine"
    (home.folder / "var" / "try").mkdir(parents=True)
    home.start()
    home.wait(lambda: home.json("source", "show", "samples-inbox")["last_success"])
    home.wait(lambda: home.json("source", "show", "hengyang-news")["last_error"])

    environ, program = dict(home.environ), FORKED.program()
    servers: list[subprocess.Popen[bytes]] = []
    wrong: list[str] = []
    try:
        for step in walk:
            if step.command.startswith("curl") and not has_curl:
                continue
            command = step.command.replace("127.0.0.1:8080", f"127.0.0.1:{home.port}").replace(POSTGRES, fresh_postgres)
            command = re.sub(r"\b8000\b", str(trial_port), command)
            command = command.replace(".venv/bin/feedhub", str(program))
            if command.rstrip().endswith("&"):
                words = ["bash", "-c", "exec " + command.rstrip().rstrip("&")]
                servers.append(subprocess.Popen(words, cwd=home.folder, env=environ))
                time.sleep(1)
                continue
            deadline = time.monotonic() + (5 if command.startswith("curl") else 0)
            while True:
                done = run(command, home, environ)
                said = [
                    line.replace(f"127.0.0.1:{home.port}", "127.0.0.1:8080")
                    .replace(str(trial_port), "8000")
                    .replace(str(home.port), "8080")
                    for line in done.splitlines()
                ]
                if any(part in command for part in UNSTEADY) or agrees(step.output, said):
                    break
                if time.monotonic() > deadline:
                    wrong.append(
                        f"$ {step.command}\n--- printed\n" + "\n".join(step.output) + "\n--- said\n" + "\n".join(said)
                    )
                    break
                time.sleep(0.3)
    finally:
        for server in servers:
            server.terminate()
            server.wait()
    assert not wrong, "\n\n".join(wrong)


def run(command: str, home: Home, environ: dict[str, str]) -> str:
    """Run one command in a shell; what it exports or unsets holds for those that follow."""
    done = subprocess.run(
        ["bash", "-c", f"{command}\necho; echo ::ENV; env -0"],
        cwd=home.folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    output, _, dump = done.stdout.decode("utf-8").rpartition("\n::ENV\n")
    after = dict(pair.split("=", 1) for pair in dump.split("\0") if "=" in pair)
    for name in set(environ) | set(after):
        if name.startswith("FEEDHUB"):
            if name in after:
                environ[name] = after[name]
            else:
                environ.pop(name, None)
    return output.removesuffix("\n") if output.strip() else ""


def test_the_environment_is_left_alone() -> None:
    assert "FEEDHUB__STORE__URL_FILE" not in os.environ


def test_the_reader_of_this_test_sees_a_planted_lie() -> None:
    assert agrees(("a 2026-01-01 00:00:00", "…"), ["a 2026-11-24 03:00:00", "b"])
    assert not agrees(("a", "…"), ["b", "c"])
    assert not agrees(("1 new",), ["2 new"])
