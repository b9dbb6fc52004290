"""One process that is all origins: a listening socket on each source's own address, answers made before it starts.

`python -m bench.origin SOURCES` prints its port, then does as the lines on stdin say: `fresh` answers 304 to the
validators that it gave out, `same` answers 200 with the same bytes whatever is asked, `edition N` has other items.
To each line it prints how many answers of either kind it has given since the last. It ends with stdin.
"""

from __future__ import annotations

import asyncio
import sys

from bench.sample import document, host

_TYPE = b"Content-Type: application/rss+xml\r\n"


class _Origins:
    """The answers of every source, whole, by its address."""

    def __init__(self, sources: int) -> None:
        self._sources = sources
        self.conditional = True
        self.given = {200: 0, 304: 0}
        self.edition(0)

    def edition(self, edition: int) -> None:
        self.etag = b'"%d"' % edition
        self.not_modified = b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % self.etag
        self.answers: dict[str, bytes] = {}
        for number in range(self._sources):
            body = document(number, edition=edition)
            head = b"HTTP/1.1 200 OK\r\n%sETag: %s\r\nContent-Length: %d\r\n\r\n" % (_TYPE, self.etag, len(body))
            self.answers[host(number)] = head + body

    def obey(self, line: str) -> str:
        given, self.given = self.given, {200: 0, 304: 0}
        word, _, value = line.partition(" ")
        if word == "edition":
            self.edition(int(value))
        else:
            self.conditional = word == "fresh"
        return " + ".join(f"{count} x {status}" for status, count in given.items() if count)


class _Talk(asyncio.Protocol):
    """One connection; requests have no body, so each ends with an empty line."""

    def __init__(self, origins: _Origins) -> None:
        self._origins, self._waiting = origins, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host = transport.get_extra_info("sockname")[0]

    def data_received(self, data: bytes) -> None:
        *requests, self._waiting = (self._waiting + data).split(b"\r\n\r\n")
        for request in requests:
            origins = self._origins
            fresh = origins.conditional and b"if-none-match: " + origins.etag in request.lower()
            origins.given[304 if fresh else 200] += 1
            self._transport.write(origins.not_modified if fresh else origins.answers[self._host])
            if b"connection: close" in request.lower():
                self._transport.close()


async def _serve(sources: int) -> None:
    origins = _Origins(sources)
    loop = asyncio.get_running_loop()
    first = await loop.create_server(lambda: _Talk(origins), host(0), 0, backlog=64)
    port = first.sockets[0].getsockname()[1]
    others = [host(number) for number in range(1, sources)]
    if others:
        await loop.create_server(lambda: _Talk(origins), others, port, backlog=64)
    print(port, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(origins.obey(line.strip()), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
