"""Sets `.venv` up from the hash-locked requirements, and does nothing when it stands already.

    stamp fits? ── yes ──> done, in milliseconds
        │ no
    make the environment ─> fetch pip, by hash ─> pip installs the locked set, by hash ─> link the project ─> stamp

Needs the standard library only: no pip, no ensurepip, and not even the venv module. A run that was cut off leaves a
mark inside `.venv`, and the next one starts afresh. Two runs at once wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pip_wheel import Settings, SetUpError, fetch_pip

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MARK = VENV / ".being-made"
LOCKS = {"run": "run.txt", "test": "test.txt"}
SDIST_ONLY = "feedgen"  # comes without a wheel; pure Python, built by the locked setuptools
# pip says `Collecting name==1.0` for an index and `Processing /folder/name-1.0.whl` for a file
_PACKAGE = re.compile(r"Collecting (\S+)|Processing (?:\S*/)?(\S+)")
MIRRORS = """
If the package index cannot be reached from here, name a mirror or a folder of wheels:
    PIP_INDEX_URL=https://mirror.example/simple make serve
    PIP_NO_INDEX=1 PIP_FIND_LINKS=/folder/of/wheels make serve"""


def main(arguments: list[str]) -> int:
    """Set up the `run` or the `test` set; 0 it stands, 1 it did not work, 2 wrong use."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print("use: bootstrap.py run|test", file=sys.stderr)
        return 2
    wanted = arguments[0]
    if _stands(wanted):
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that pip ends with us
    try:
        with _alone():
            if not _stands(wanted):  # somebody else may have made it while we waited
                _set_up(wanted)
    except SetUpError as error:
        print(f"\nFeedHub could not be set up: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nFeedHub could not be set up: {error.filename or VENV}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _stands(wanted: str) -> bool:
    stamp = _stamp_file(wanted)
    return PYTHON.exists() and not MARK.exists() and stamp.exists() and stamp.read_text() == _stamp(wanted)


def _stamp_file(wanted: str) -> Path:
    return VENV / f".set-up-{wanted}"


def _stamp(wanted: str) -> str:
    """What the environment was made for: interpreter and place on line one, digest of the locks on line two."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "requirements/bootstrap.txt", f"requirements/{LOCKS[wanted]}"):
        digest.update((ROOT / name).read_bytes())
    return f"{_made_for()}\n{digest.hexdigest()}\n"


def _made_for() -> str:
    return f"{sys.implementation.cache_tag} {sysconfig.get_platform()} {ROOT}"


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the project's folder: a second set-up waits, and says so."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another set-up of this folder is running; waiting for it.")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _set_up(wanted: str) -> None:
    started = time.monotonic()
    reason = _why_afresh()
    if reason:
        _say(f"Removing .venv: {reason}.")
        shutil.rmtree(VENV)
    lock = ROOT / "requirements" / LOCKS[wanted]
    count = len(re.findall(r"(?m)^[A-Za-z0-9].*==", lock.read_text()))
    _say(f"Setting up .venv with {count} packages, once; this takes about a minute.")
    if not PYTHON.exists():
        _make_environment()
    MARK.touch()
    _install_pip()
    _say(f"Fetching {count} packages, each checked against requirements/{lock.name}")
    _pip(
        "--require-hashes", "--no-deps", "--no-build-isolation", "--only-binary", ":all:", "--no-binary", SDIST_ONLY,
        "-r", str(lock), total=count,
    )  # fmt: skip
    _pip("--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT))
    for name in LOCKS if wanted == "test" else [wanted]:  # the test set holds the run set
        _stamp_file(name).write_text(_stamp(name))
    MARK.unlink()
    _say(f"Set up in {time.monotonic() - started:.0f} s.")


def _why_afresh() -> str | None:
    """Why the .venv that is there cannot be built upon; None when it can, or when there is none."""
    if not VENV.exists() and not VENV.is_symlink():
        return None
    if MARK.exists():
        return "an earlier set-up did not finish"
    if not PYTHON.exists():
        return "its Python is gone"
    stamps = [_stamp_file(name).read_text().partition("\n")[0] for name in LOCKS if _stamp_file(name).exists()]
    if any(made_for != _made_for() for made_for in stamps):
        return "it was made for another Python or another folder"
    if not (VENV / "lib" / _python_name() / "site-packages").is_dir():
        return "it was made for another Python"
    return None


def _python_name() -> str:
    return f"python{sys.version_info[0]}.{sys.version_info[1]}"


def _make_environment() -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable
    if subprocess.run([base, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
        made = subprocess.run(
            [base, "-m", "venv", "--without-pip", str(VENV)], capture_output=True, text=True, check=False
        )
        if made.returncode == 0:
            return
        raise SetUpError(f"{VENV}: python -m venv says: {(made.stderr or made.stdout).strip()}")
    # What the venv module would make (PEP 405): a marker file, a link to the interpreter and a folder for packages.
    (VENV / "bin").mkdir(parents=True)
    (VENV / "lib" / _python_name() / "site-packages").mkdir(parents=True)
    (VENV / "pyvenv.cfg").write_text(
        f"home = {Path(base).parent}\ninclude-system-site-packages = false\nversion = {sys.version.split()[0]}\n"
    )
    for name in (_python_name(), "python3", "python"):
        (VENV / "bin" / name).symlink_to(base)


def _install_pip() -> None:
    lock = ROOT / "requirements" / "bootstrap.txt"
    pins = re.findall(r"(?m)^([a-z]+)==(\S+)", lock.read_text())
    packages = VENV / "lib" / _python_name() / "site-packages"
    if all((packages / f"{name}-{version}.dist-info" / "RECORD").exists() for name, version in pins):
        return
    wheel = fetch_pip(lock, VENV, Settings.read(os.environ), say=_say)
    _pip("--require-hashes", "--only-binary", ":all:", "-r", str(lock), pip=str(wheel / "pip"))
    wheel.unlink()


def _pip(*arguments: str, pip: str | None = None, total: int = 0) -> None:
    """Run `pip install`, saying each package; SetUpError with pip's own last words when it fails."""
    command = [str(PYTHON), *([pip] if pip else ["-m", "pip"]), "install", "--no-input", "--progress-bar", "off"]
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=ROOT, env=_clean_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    said: list[str] = []
    seen = 0
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if total and (found := _PACKAGE.match(line)):
                seen += 1
                _say(f"  {seen}/{total} {found[1] or found[2]}")
            elif total and line.startswith("Installing collected packages"):
                _say(f"Installing {seen} packages into .venv")
            elif line.startswith("WARNING: Retrying"):
                _say("  " + line.strip())
        code = process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    if code:
        start = next((number for number, line in enumerate(said) if line.startswith("ERROR")), -15)
        told = said[start:]
        forged = any("DO NOT MATCH THE HASHES" in line for line in told)
        raise SetUpError("\n".join([f"pip ended with {code}:", *told, *([] if forged else [MIRRORS])]))


def _clean_environment() -> dict[str, str]:
    """The caller's environment, so that mirrors count, less what would send packages elsewhere than into .venv."""
    settings = Settings.read(os.environ)
    elsewhere = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_REQUIRE_HASHES")
    environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
    environment.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")
    environment.update(settings.for_pip())
    return environment


def _say(line: str) -> None:
    print(line, flush=True)
