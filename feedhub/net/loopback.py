"""A listener on loopback for what this process sends itself: POSTs to 127.0.0.1, by path, answered 204.

It is reached by nothing but the outbound client, under a rule for its address alone (`Reach.exact`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping

_LINE, _FIELDS, _BODY = 8192, 100, 64 * 1024 * 1024
_SILENCE = 60.0
Arrived = Callable[[str, Mapping[str, str]], None]


class Loopback:
    """Listens from the start on; `arrived` is called with path and fields (names in lower case) of each POST."""

    def __init__(self, arrived: Arrived) -> None:
        self._arrived = arrived
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self.port = 0
        self._thread = threading.Thread(target=self._run, name="loopback", daemon=True)
        self._thread.start()
        self._up.wait(10)

    def close(self) -> None:
        """Listen no more."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LINE))
        self.port = server.sockets[0].getsockname()[1]
        self._up.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await asyncio.wait_for(self._one(reader, writer), _SILENCE):
                pass
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when the line is over."""
        method, _, rest = (await reader.readline()).decode("latin-1").partition(" ")
        if not rest:
            return False
        fields: dict[str, str] = {}
        while (line := (await reader.readline()).decode("latin-1").strip()) and len(fields) < _FIELDS:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        left = min(int(fields.get("content-length", "0")), _BODY)
        while left > 0:
            piece = await reader.read(min(left, 65536))
            if not piece:
                return False
            left -= len(piece)
        if method == "POST":
            self._arrived(rest.split(" ")[0], fields)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n" if method == "POST" else b"HTTP/1.1 405 No\r\n\r\n")
        await writer.drain()
        return True
