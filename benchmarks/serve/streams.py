"""How many streams the emulator holds at once without losing one.

    python benchmarks/serve/streams.py [streams]

No stream is read on before all have begun, and the emulator pauses before each piece. Each reply
must then be the right one, to its end.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time

from server import reply_to, request_of, serving

from m2her_compose.client import Client, RetryPolicy

STREAMS = 1_000
PAUSE = "slow=100ms"


async def read(client: Client, number: int, barrier: asyncio.Barrier) -> bool:
    """Read one stream; return whether it was whole."""
    stream = client.stream(request_of(number))
    first = await anext(stream)
    await barrier.wait()
    return first + "".join([piece async for piece in stream]) == reply_to(number)


async def read_all(url: str, count: int) -> list[bool | BaseException]:
    """Hold so many streams at once."""
    barrier = asyncio.Barrier(count)
    retry = RetryPolicy(retries=0)
    async with Client(
        base_url=url, key="local", retry=retry, timeout_s=300, silence_s=120
    ) as client:
        reads = (read(client, number, barrier) for number in range(count))
        return await asyncio.gather(*reads, return_exceptions=True)


def main(count: int) -> int:
    """Run, print how it went, and return 0 where none was lost."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
    start = time.perf_counter()
    with serving(PAUSE) as url:
        ends = asyncio.run(read_all(url, count))
    whole = sum(end is True for end in ends)
    print(f"{whole:,} of {count:,} streams whole, in {time.perf_counter() - start:.1f} s")
    for end in {str(end) for end in ends if end is not True}:
        print(f"  {end}")
    return 0 if whole == count else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else STREAMS))
