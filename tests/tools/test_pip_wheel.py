"""pip's wheel comes from where this machine gets its packages, and only with the locked digest."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pip_wheel import Settings, SetUpError, fetch_pip

NAME = "pip-1.0-py3-none-any.whl"
WHEEL = b"as good as a wheel"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "bootstrap.txt"
    file.write_text(
        f"pip==1.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{hashlib.sha256(WHEEL).hexdigest()}\n"
    )
    return file


class Index(BaseHTTPRequestHandler):
    """A simple index: HTML under /html/, JSON under /json/, both behind a password under /locked/."""

    def do_GET(self) -> None:
        kind, body, status = "text/html", b"", 200
        wanted = "Basic " + base64.b64encode(b"me:p@ss").decode()
        if self.path.startswith("/locked/") and self.headers["Authorization"] != wanted:
            status = 401
        elif self.path.endswith(NAME):
            body = WHEEL
        elif self.path == "/json/simple/pip/":
            kind = "application/vnd.pypi.simple.v1+json"
            body = json.dumps({"files": [{"url": f"../../files/{NAME}", "filename": NAME}]}).encode()
        elif self.path.endswith("/simple/pip/"):
            body = f'<a href="pip-0.9.tar.gz">old</a><a href="../../files/{NAME}#sha256=00">pip</a>'.encode()
        else:
            status = 404
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def index() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def settings(home: Path, **environment: str) -> Settings:
    return Settings.read({"HOME": str(home), "XDG_CONFIG_DIRS": str(home), **environment})


@pytest.mark.parametrize("kind", ["html", "json"])
def test_from_an_index(tmp_path: Path, lock: Path, index: str, kind: str) -> None:
    where = settings(tmp_path, PIP_INDEX_URL=f"http://{index}/{kind}/simple")
    assert fetch_pip(lock, tmp_path, where, say=print).read_bytes() == WHEEL


def test_from_an_index_behind_a_password(tmp_path: Path, lock: Path, index: str) -> None:
    said: list[str] = []
    where = settings(tmp_path, PIP_INDEX_URL=f"http://me:p%40ss@{index}/locked/simple/")
    assert fetch_pip(lock, tmp_path, where, say=said.append).read_bytes() == WHEEL
    assert "p%40ss" not in "".join(said)


def test_a_folder_before_the_index(tmp_path: Path, lock: Path) -> None:
    folder = tmp_path / "folder of wheels"
    folder.mkdir()
    (folder / NAME).write_bytes(WHEEL)
    where = settings(tmp_path, PIP_NO_INDEX="1", PIP_FIND_LINKS=folder.as_uri())
    assert fetch_pip(lock, tmp_path, where, say=print).read_bytes() == WHEEL


def test_a_mirror_on_disk(tmp_path: Path, lock: Path) -> None:
    for folder in ("simple/pip", "files"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "files" / NAME).write_bytes(WHEEL)
    (tmp_path / "simple/pip/index.html").write_text(f'<a href="../../files/{NAME}">x</a>')
    where = settings(tmp_path, PIP_INDEX_URL=(tmp_path / "simple").as_uri())
    assert fetch_pip(lock, tmp_path, where, say=print).read_bytes() == WHEEL


def test_a_forged_wheel_is_not_used(tmp_path: Path, lock: Path, index: str) -> None:
    folder = tmp_path / "forged"
    folder.mkdir()
    (folder / NAME).write_bytes(WHEEL + b"!")
    where = settings(tmp_path, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(folder))
    with pytest.raises(SetUpError, match="SHA-256 differs"):
        fetch_pip(lock, tmp_path, where, say=print)
    assert not (tmp_path / NAME).exists()


def test_nowhere_says_each_place_and_what_to_do(tmp_path: Path, lock: Path, index: str) -> None:
    where = settings(tmp_path, PIP_INDEX_URL=f"http://me:secret@{index}/nothing", PIP_FIND_LINKS=str(tmp_path))
    with pytest.raises(SetUpError) as raised:
        fetch_pip(lock, tmp_path, where, say=print)
    assert "answers 404" in str(raised.value)
    assert "does not have" in str(raised.value)
    assert "PIP_INDEX_URL=" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_the_environment_then_the_files_then_uv(tmp_path: Path) -> None:
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "pip.conf").write_text("[global]\nindex-url = http://file\n[install]\ntrusted-host = a b\n")
    assert settings(tmp_path).indexes[0] == "http://file"
    assert settings(tmp_path).trusted_hosts == ("a", "b")
    assert settings(tmp_path, PIP_INDEX_URL="http://own").indexes[0] == "http://own"
    assert settings(tmp_path, UV_INDEX_URL="http://uv").indexes[0] == "http://file"
    none = settings(tmp_path, PIP_CONFIG_FILE="/dev/null", UV_DEFAULT_INDEX="cn=http://uv")
    assert none.indexes == ("http://uv",)
    assert none.for_pip() == {"PIP_INDEX_URL": "http://uv"}
