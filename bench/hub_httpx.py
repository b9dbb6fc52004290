"""httpx as a peer of `bench-hub`, run by the Python of the peers' environment: the same body, signed, 64 at once, each
to an address of its own."""

from __future__ import annotations

import asyncio
import hmac
import json
import sys
import time
from pathlib import Path

import httpx

from bench.hub_receivers import address

AT_ONCE = 64


async def post_all(body: bytes, callbacks: int, port: int) -> dict[str, float]:
    """Post to every callback: deliveries a second, and seconds of processor for each."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=0)
    hands = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:

        async def post(number: int) -> None:
            async with hands:
                signed = hmac.digest(b"key%d" % number, body, "sha256").hex()
                fields = {"Content-Type": "application/xml", "X-Hub-Signature": f"sha256={signed}"}
                url = f"http://{address(number)}:{port}/cb/{number}"
                (await client.post(url, content=body, headers=fields)).raise_for_status()

        begun, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(post(number) for number in range(callbacks)))
        cpu = (time.process_time() - used) / callbacks
        return {"rate": callbacks / (time.perf_counter() - begun), "cpu": cpu}


if __name__ == "__main__":
    body, callbacks, port = Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(asyncio.run(post_all(body, callbacks, port))))
