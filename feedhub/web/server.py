"""Serve the site in this process with granian's embedded server, until SIGTERM, SIGINT or a stop event.

The event loop runs here; sockets and HTTP/1.1 are granian's, behind the door. Stopping takes about three seconds
however many clients hold on (SEMANTICS 31).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import signal
import socket
import threading
from collections.abc import Callable

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from feedhub.errors import FeedHubError
from feedhub.ports.clock import Clock
from feedhub.web.app import create_app
from feedhub.web.door import Bounds, Door
from feedhub.web.front import Front
from feedhub.web.gate import Gate

log = logging.getLogger("feedhub.web")

# Idle connections cost granian little and must never shut anybody out: its own bound would be 1,024.
_CONNECTIONS = 16_384
_STOP_SECONDS = 3.0
_HEADER_MILLISECONDS = 10_000
_USUAL = Bounds()


def serve(
    site: Front,
    host: str,
    port: int,
    stop: threading.Event | None = None,
    ready: Callable[[], None] | None = None,
    bounds: Bounds = _USUAL,
) -> None:
    """Serve until stopped. Without `stop` SIGTERM and SIGINT end it (then call this from the main thread).

    `ready` is called once connections are taken. FeedHubError `cannot_listen` when the address is not to be had.
    """
    _check_free(host, port)
    _raise_file_limit()
    site.cache.start()
    door = Door(site, create_app(site).wsgi_app, bounds)
    try:
        asyncio.run(_serve(door, site.clock, host, port, stop, ready))
    finally:
        door.close()
        site.cache.stop()


async def _serve(
    door: Door, clock: Clock, host: str, port: int, stop: threading.Event | None, ready: Callable[[], None] | None
) -> None:
    inside = _inside()
    server = Server(
        door,
        address=inside[0],
        port=inside[1],
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=_CONNECTIONS,
        runtime_threads=1,
        runtime_blocking_threads=8,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS, max_buffer_size=64 * 1024),
        log_enabled=False,
        # Without this its set-up of logging would close the handlers of everybody else in the process.
        log_dictconfig={"incremental": True, "handlers": {}, "loggers": {}},
    )
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    if stop is None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
    serving = asyncio.create_task(server.serve())
    await _until_listening(*inside, serving)
    gate = Gate(door, clock, inside, most_lines=_CONNECTIONS)
    try:
        await gate.open(host, port)
    except OSError as error:
        raise _taken(host, port, error) from error
    shown = f"[{host}]" if ":" in host else host
    log.info("listening on http://%s:%d", shown, port)
    if ready is not None:
        ready()
    while not stopping.is_set() and not serving.done() and not (stop is not None and stop.is_set()):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), 0.1 if stop is not None else 60)
    gate.close()
    door.end()
    server.stop()  # type: ignore[no-untyped-call]
    _, late = await asyncio.wait({serving}, timeout=_STOP_SECONDS)
    if late:
        # granian still calls back for those who did not let go; what they ask for is gone.
        loop.set_exception_handler(lambda _loop, _context: None)
        serving.cancel()
    gate.abort()
    await asyncio.sleep(0)


def _inside() -> tuple[str, int]:
    """An address of this machine alone for the server behind the gate."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return "127.0.0.1", int(free.getsockname()[1])


async def _until_listening(host: str, port: int, serving: asyncio.Task[None]) -> None:
    """Wait until a connection is taken; raise what the server raised instead."""
    for _ in range(200):
        if serving.done():
            serving.result()
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return
        await asyncio.sleep(0.02)
    raise FeedHubError(f"The server did not come up on {host}:{port}.", code="cannot_listen")


def _check_free(host: str, port: int) -> None:
    """granian shares a port that is in use (SO_REUSEPORT), so that two services would take turns: refuse that."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen(1)
    except OSError as error:
        raise _taken(host, port, error) from error


def _taken(host: str, port: int, error: OSError) -> FeedHubError:
    return FeedHubError(
        f"Cannot listen on {host}:{port}: {error.strerror or error}. "
        "Is another FeedHub running? server.host and server.port choose the address.",
        code="cannot_listen",
    )


def _raise_file_limit() -> None:
    """A connection is an open file; take as many as the system grants."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 65_536
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
