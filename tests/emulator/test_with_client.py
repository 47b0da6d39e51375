"""This project's own client against the emulator: the short forms of benchmarks/serve."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from m2her_compose.client import AsgiTransport, Client, Reply, RetryPolicy
from m2her_compose.emulator import EmulatorSettings, application, read_faults, running
from m2her_compose.emulator.faults import RETRYABLE, FaultPlan
from m2her_compose.errors import ServiceError
from m2her_compose.wire.endpoints import Endpoint
from tests.processes import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNT = 200
AT_ONCE = 64
POLICY = RetryPolicy(retries=5, base_s=0.001, cap_s=0.01)
# Which request meets which fault is a matter of chance. One of ten thousand meets nothing else:
# one run of a hundred has one such, of a million runs hardly any has three.
MOST_UNLUCKY = 2


def reply_to(number: int) -> str:
    return f"Reply {number} begins, goes on for a while and ends, reply {number}."


def request_of(number: int) -> dict[str, Any]:
    question = f"This is request {number}"
    return {
        "model": "M2-her",
        "messages": [
            {"role": "sample_message_user", "name": "Tam", "content": question},
            {"role": "sample_message_ai", "name": "Ilse", "content": reply_to(number)},
            {"role": "user", "name": "Tam", "content": question},
        ],
    }


async def fetched(client: Client, number: int) -> Reply:
    if number % 4 == 0:
        return await client.send(request_of(number))
    stream = client.stream(request_of(number))
    text = "".join([piece async for piece in stream])
    assert text == stream.reply.text
    return stream.reply


async def outcomes(clients: Sequence[Client]) -> list[Reply | ServiceError]:
    numbers = iter(range(COUNT))
    ends: dict[int, Reply | ServiceError] = {}

    async def work() -> None:
        for number in numbers:
            assert number not in ends
            try:
                ends[number] = await fetched(clients[number % len(clients)], number)
            except ServiceError as error:
                ends[number] = error

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    return [ends[number] for number in range(COUNT)]


def test_a_fifth_of_faults_leaves_every_request_with_its_own_reply() -> None:
    how: Any = {"key": "local", "retry": POLICY, "timeout_s": PATIENCE_S}

    async def ask(url: str) -> list[Reply | ServiceError]:
        async with (
            Client(base_url=url, **how) as openai,
            Client(base_url=url, **how, endpoint=Endpoint.NATIVE) as native,
        ):
            return await outcomes([openai, native, native])

    with running(EmulatorSettings(faults=read_faults(["retryable@20%", "seed=5"]))) as url:
        ends = asyncio.run(ask(url))

    replies = {i: end for i, end in enumerate(ends) if isinstance(end, Reply)}
    assert {i: reply.text for i, reply in replies.items()} == {i: reply_to(i) for i in replies}
    assert len(replies) >= COUNT - MOST_UNLUCKY
    assert sum(reply.attempts > 1 for reply in replies.values()) > COUNT // 10


@pytest.mark.parametrize("endpoint", list(Endpoint), ids=lambda each: each.value)
@pytest.mark.parametrize("number", [1, 4], ids=["streamed", "whole"])
def test_every_retryable_fault_is_got_over_without_a_socket(
    endpoint: Endpoint, number: int
) -> None:
    async def ask() -> list[int]:
        attempts = []
        for fault in RETRYABLE:
            app = application(EmulatorSettings(faults=FaultPlan(script=(fault,))))
            async with Client(
                base_url="http://localhost",
                key="local",
                endpoint=endpoint,
                retry=POLICY,
                transport=AsgiTransport(app),
            ) as client:
                reply = await fetched(client, number)
                assert reply.text == reply_to(number)
                attempts.append(reply.attempts)
        return attempts

    assert asyncio.run(ask()) == [2] * len(RETRYABLE)
