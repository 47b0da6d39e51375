"""What the client adds to the time until the first piece of a reply is there.

    python benchmarks/serve/first_token.py [pairs]

The same reply is streamed by the client and by httpx alone, in turn, over connections that are
open already. Of httpx, the time is taken when the first piece of text has been received, before
anything reads it.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

import httpx
from server import request_of, serving

from m2her_compose.client import Client

PAIRS = 500
MOST_ADDED_MS = 5.0


async def through_client(client: Client) -> float:
    """Return the seconds to the first piece through the client."""
    start = time.perf_counter()
    stream = client.stream(request_of(1))
    await anext(stream)
    seconds = time.perf_counter() - start
    async for _ in stream:
        pass
    return seconds


async def bare(client: httpx.AsyncClient, url: str) -> float:
    """Return the seconds to the first piece through httpx."""
    body = {**request_of(1), "stream": True, "stream_options": {"include_usage": True}}
    seconds = 0.0
    start = time.perf_counter()
    async with client.stream("POST", f"{url}/v1/chat/completions", json=body) as answer:
        async for piece in answer.aiter_raw():
            if not seconds and b'"content":"Reply' in piece:
                seconds = time.perf_counter() - start
    return seconds


async def pairs(url: str, count: int) -> list[tuple[float, float]]:
    """Measure both in turn, so many times."""
    async with (
        Client(base_url=url, key="local") as ours,
        httpx.AsyncClient(headers={"authorization": "Bearer local"}, trust_env=False) as theirs,
    ):
        await through_client(ours), await bare(theirs, url)
        return [(await through_client(ours), await bare(theirs, url)) for _ in range(count)]


def main(count: int) -> int:
    """Measure, print, and return 0 where little enough is added."""
    with serving() as url:
        found = asyncio.run(pairs(url, count))
    ours = statistics.median(a for a, _ in found) * 1_000
    theirs = statistics.median(b for _, b in found) * 1_000
    added = statistics.median(a - b for a, b in found) * 1_000
    print(f"median of {count} pairs: client {ours:.2f} ms, httpx {theirs:.2f} ms")
    print(f"added: {ours - theirs:.2f} ms (medians), {added:.2f} ms (median of the differences)")
    return 0 if ours - theirs <= MOST_ADDED_MS else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS))
