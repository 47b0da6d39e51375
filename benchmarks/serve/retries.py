"""Many requests through the client, of which a fifth of all attempts meets a fault.

    python benchmarks/serve/retries.py [requests]

Each request carries its number, and the reply must carry the same: exactly once, from its
beginning to its end. Both endpoints, three of four streamed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from server import reply_to, request_of, serving

from m2her_compose.client import Client, RetryPolicy
from m2her_compose.errors import ServiceError
from m2her_compose.wire.endpoints import Endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUESTS = 10_000
AT_ONCE = 64
# A fifth of all attempts: before any text came, and in the middle of it.
FAULTS = (
    "retryable@14%",
    "drop-within@2%",
    "drop-after@1%",
    "malformed@1%",
    "garbage@1%",
    "code-within=1033@1%",
    "seed=5",
)
LEAST_SHARE = 0.999
# Waits are a tenth of the default's: it is the outcomes that are looked at.
RETRY = RetryPolicy(retries=5, base_s=0.05, retry_after_output=True)


async def outcome(clients: Sequence[Client], number: int) -> tuple[str, int]:
    """Send one request; return how it ended, and after how many attempts."""
    client = clients[number % len(clients)]
    try:
        if number % 4 == 0:
            reply = await client.send(request_of(number))
            text = reply.text
        else:
            pieces: list[str] = []
            stream = client.stream(request_of(number), on_restart=pieces.clear)
            async for piece in stream:
                pieces.append(piece)  # noqa: PERF401 - a restart clears what there is by then
            text, reply = "".join(pieces), stream.reply
    except ServiceError as error:
        return f"failed: {type(error).__name__}, {error}", error.attempts
    right = reply_to(number)
    return ("right" if text == reply.text == right else f"wrong: {text}"), reply.attempts


async def all_outcomes(url: str, requests: int) -> list[tuple[str, int]]:
    """Send all requests, so many at once; return how each ended, by its number."""
    numbers = iter(range(requests))
    ends: list[tuple[str, int]] = [("never ended", 0)] * requests
    async with (
        Client(base_url=url, key="local", retry=RETRY) as openai,
        Client(base_url=url, key="local", retry=RETRY, endpoint=Endpoint.NATIVE) as native,
    ):

        async def work() -> None:
            for number in numbers:
                ends[number] = await outcome((openai, native, native), number)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    return ends


def main(requests: int) -> int:
    """Run, print how it went, and return 0 where it went well."""
    start = time.perf_counter()
    with serving(*FAULTS) as url:
        ends = asyncio.run(all_outcomes(url, requests))
    seconds = time.perf_counter() - start
    counts = Counter(end.partition(":")[0] for end, _ in ends)
    attempts = Counter(count for _, count in ends)
    right = counts["right"] / requests
    print(f"{requests:,} requests, {AT_ONCE} at once, in {seconds:.1f} s; faults: {FAULTS}")
    print(f"right {counts['right']:,} ({right:.3%}); others: {dict(counts - Counter(right=10**9))}")
    print(
        f"attempts: {dict(sorted(attempts.items()))}, {sum(k * v for k, v in attempts.items()):,}"
    )
    for end, count in ends:
        if end != "right":
            print(f"  after {count} attempts: {end}")
    return 0 if right >= LEAST_SHARE and not counts["wrong"] and not counts["never ended"] else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS))
