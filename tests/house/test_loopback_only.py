"""No test reaches off loopback, and the real parts the fixtures promise are real."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import psycopg
import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80, 0, 0)])
@pytest.mark.parametrize("act", ["connect", "connect_ex", "sendto"])
def test_a_socket_off_loopback_is_refused(address: tuple[Any, ...], act: str) -> None:
    kind = socket.SOCK_DGRAM if act == "sendto" else socket.SOCK_STREAM
    family = socket.AF_INET6 if len(address) == 4 else socket.AF_INET
    with socket.socket(family, kind) as outward, pytest.raises(BaseException, match="tests stay on loopback"):
        outward.settimeout(1)
        getattr(outward, act)(*([b"x"] if act == "sendto" else []), address)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8"])
def test_loopback_is_open(host: str) -> None:
    with socket.create_server((host, 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_curl_has_no_way_out_either() -> None:
    pycurl = pytest.importorskip("pycurl")
    routes = Path("/proc/net/route")
    if not routes.exists() or len(routes.read_text().splitlines()) > 1:
        pytest.skip("this system allows no network namespace of our own; only Python's sockets are held")
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, "http://192.0.2.1/")
    handle.setopt(pycurl.CONNECTTIMEOUT, 2)
    with pytest.raises(pycurl.error, match=r"(?i)could ?n[o']t connect|failed to connect|unreachable"):
        handle.perform()
    handle.close()


def test_the_store_is_a_new_database_on_each_kind(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        return
    with psycopg.connect(empty_url.replace("+psycopg", "")) as connection:
        version = connection.execute("SHOW server_version").fetchone()
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert version is not None and int(version[0].split(".")[0]) >= 15
    assert tables == (0,)


def test_the_browser_opens_what_loopback_serves(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<meta charset=utf-8><title>衡阳</title>", encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    assert page.title() == "衡阳"
    page.close()
