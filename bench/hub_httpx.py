"""httpx as a peer of `bench-hub`: the same body, signed, 64 at once, each to an address of its own."""

from __future__ import annotations

import asyncio
import hmac
import json
import sys
import time
from pathlib import Path

from bench.hub_ours import address

AT_ONCE = 64


async def post_all(body: bytes, callbacks: int, port: int) -> float:
    """Post to every callback; deliveries a second."""
    import httpx

    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=0)
    hands = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:

        async def post(number: int) -> None:
            async with hands:
                signed = hmac.digest(b"key%d" % number, body, "sha256").hex()
                fields = {"Content-Type": "application/xml", "X-Hub-Signature": f"sha256={signed}"}
                url = f"http://{address(number)}:{port}/cb/{number}"
                (await client.post(url, content=body, headers=fields)).raise_for_status()

        begun = time.perf_counter()
        await asyncio.gather(*(post(number) for number in range(callbacks)))
        return callbacks / (time.perf_counter() - begun)


if __name__ == "__main__":
    try:
        import httpx  # noqa: F401
    except ModuleNotFoundError:
        sys.exit("httpx is not installed: .venv/bin/pip install httpx")
    print(
        json.dumps({"rate": asyncio.run(post_all(Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3])))})
    )
