"""A Python that is too old gets one clear sentence; an environment that stands costs nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT

TOOLS = ROOT / "tools"


def test_one_sentence_for_an_old_python() -> None:
    as_if = f"import sys; sys.version_info = (3, 9, 2); exec(open({str(TOOLS / 'bootstrap.py')!r}).read())"
    told = subprocess.run([sys.executable, "-c", as_if], capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert told.stderr.startswith("FeedHub needs Python 3.11 or newer, and ")
    assert told.stderr.count("\n") == 1


def test_wrong_use_exits_2() -> None:
    told = subprocess.run([sys.executable, TOOLS / "bootstrap.py", "all"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (2, "use: bootstrap.py run|test\n")


def test_every_locked_package_has_a_digest_and_no_place() -> None:
    for name in ("bootstrap.txt", "run.txt", "test.txt"):
        lock = (ROOT / "requirements" / name).read_text()
        packages = [line for line in lock.splitlines() if line[:1].isalnum()]
        assert packages
        assert all("==" in line and line.endswith("\\") for line in packages)
        assert "://" not in lock
        assert "--index" not in lock


def test_both_locks_agree() -> None:
    run, test = (
        {line for line in (ROOT / "requirements" / name).read_text().splitlines() if line[:1].isalnum()}
        for name in ("run.txt", "test.txt")
    )
    assert run <= test


def test_a_stamp_holds_for_one_python_one_folder_and_one_lock(tmp_path: Path) -> None:
    """What `make serve` asks each time, without starting a process."""
    for part in ("tools", "requirements"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)

    def ask(question: str) -> str:
        code = f"import set_up as s; print({question})"
        return subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path / "tools", capture_output=True, text=True, check=True
        ).stdout.strip()

    (venv / ".set-up-run").write_text(ask("s._stamp('run')") + "\n")
    assert ask("s._stands('run'), s._stands('test')") == "True False"
    (venv / ".being-made").touch()
    assert ask("s._stands('run'), s._why_afresh()") == "False an earlier set-up did not finish"
    (venv / ".being-made").unlink()
    with (tmp_path / "requirements" / "run.txt").open("a") as lock:
        lock.write("\n")
    assert ask("s._stands('run')") == "False"
    (venv / ".set-up-run").write_text("cpython-310 linux elsewhere\n0\n")
    assert ask("s._why_afresh()") == "it was made for another Python or another folder"
