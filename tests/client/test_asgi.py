"""Applications in this process: pieces come when they are sent, and whoever stops is heard."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from m2her_compose import Client, NoAnswerError, RetryPolicy
from m2her_compose.client import AsgiTransport
from m2her_compose.wire.http import Breakdown, HttpRequest, TransportError
from tests.client.scripted import BODY, delta, event, read, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

REQUEST = HttpRequest(
    method="POST",
    url="http://localhost:8000/v1/a%20b?x=1",
    headers=(("authorization", "Bearer local"),),
    body=b"{}",
)
START = {"type": "http.response.start", "status": 200, "headers": [(b"X-Id", b"7")]}


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def alone() -> None:
        await main()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others

    asyncio.run(alone())


async def keep(found: list[bytes], app: Any, *, turns: int = 0) -> None:
    """Keep the pieces of an answer, from some turns of the event loop after its beginning."""
    async with AsgiTransport(app).exchange(REQUEST) as response:
        for _ in range(turns):
            await asyncio.sleep(0)
        async for piece in response.pieces():
            found.append(piece)  # noqa: PERF401 - what came before it broke is kept


async def body_of(app: Any) -> bytes:
    found: list[bytes] = []
    await keep(found, app)
    return b"".join(found)


def test_an_application_gets_the_request_and_its_answer_is_read() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)
        assert {"type": "http.request", "body": b"{}", "more_body": False} == await receive()
        await send(START)
        await send(part(b"Hel"))
        await send(part(b"lo", more=False))
        assert {"type": "http.disconnect"} == await receive()

    async def main() -> None:
        transport = AsgiTransport(app)
        async with transport.exchange(REQUEST) as response:
            assert (200, {"x-id": "7"}) == (response.status, response.headers)
            assert [b"Hel", b"lo"] == [piece async for piece in response.pieces()]
        await transport.close()

    run(main)
    assert ("/v1/a b", b"/v1/a%20b", b"x=1", "POST") == (
        seen["path"],
        seen["raw_path"],
        seen["query_string"],
        seen["method"],
    )
    assert (b"authorization", b"Bearer local") in seen["headers"]
    assert (b"host", b"localhost:8000") in seen["headers"]
    assert ("localhost", 8000) == seen["server"]


def test_each_piece_comes_when_it_is_sent() -> None:
    async def main() -> None:
        was_read = asyncio.Event()

        async def app(_: Any, __: Any, send: Any) -> None:
            await send(START)
            await send(part(b"first"))
            await was_read.wait()
            await send(part(b"second", more=False))

        async with AsgiTransport(app).exchange(REQUEST) as response:
            pieces = response.pieces()
            assert b"first" == await anext(pieces)
            was_read.set()
            assert b"second" == await anext(pieces)

    run(main)


def test_an_application_waits_for_whoever_reads() -> None:
    sent = 0

    async def app(_: Any, __: Any, send: Any) -> None:
        nonlocal sent
        await send(START)
        while True:
            await send(part(b"x"))
            sent += 1

    async def main() -> None:
        async with AsgiTransport(app).exchange(REQUEST):
            for _ in range(200):
                await asyncio.sleep(0)
            assert sent < 100

    run(main)


@pytest.mark.parametrize("listens", [True, False])
def test_whoever_stops_ends_the_application(listens: bool) -> None:
    heard: list[str] = []

    async def app(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        await send(part(b"first"))
        try:
            if listens:
                heard.append((await receive())["type"])
            else:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    async def main() -> None:
        async with (
            AsgiTransport(app).exchange(REQUEST) as response,
            aclosing(response.pieces()) as pieces,
        ):
            await anext(pieces)

    run(main)
    assert ["http.disconnect" if listens else "cancelled"] == heard


@pytest.mark.parametrize("when", ["before", "within", "after"])
@pytest.mark.parametrize("how", ["drop", "raise", "return"])
def test_a_connection_that_breaks(when: str, how: str) -> None:
    async def app(scope: Any, _: Any, send: Any) -> None:
        if when != "before":
            await send(START)
        if when == "within":
            await send(part(b"first"))
        if when == "after":
            await send(part(b"all", more=False))
        if how == "raise":
            raise RuntimeError("Bearer secret")
        if how == "drop":
            scope["extensions"]["m2her.drop"]()
            await send(part(b"never"))

    async def main() -> None:
        if when == "after":
            assert b"all" == await body_of(app)
            return
        found: list[bytes] = []
        with pytest.raises(TransportError) as caught:
            await keep(found, app)
        assert Breakdown.BROKEN is caught.value.breakdown
        assert "secret" not in str(caught.value)
        assert ([b"first"] if when == "within" else []) == found

    run(main)


def test_a_drop_is_noticed_while_the_application_goes_on() -> None:
    async def app(scope: Any, _: Any, send: Any) -> None:
        await send(START)
        await send(part(b"first"))
        scope["extensions"]["m2her.drop"]()
        await asyncio.Event().wait()

    async def main() -> None:
        with pytest.raises(TransportError, match="was dropped"):
            await body_of(app)

    run(main)


def test_a_drop_with_a_full_queue_comes_after_what_was_sent() -> None:
    async def app(scope: Any, _: Any, send: Any) -> None:
        await send(START)
        for _ in range(16):
            await send(part(b"x"))
        scope["extensions"]["m2her.drop"]()

    async def main() -> None:
        found: list[bytes] = []
        with pytest.raises(TransportError, match="was dropped"):
            await keep(found, app, turns=40)
        assert 16 == len(found)

    run(main)


def test_what_an_application_does_after_its_answer_goes_on() -> None:
    async def main() -> None:
        done = asyncio.Event()
        may_go_on = asyncio.Event()

        async def app(_: Any, __: Any, send: Any) -> None:
            await send(START)
            await send(part(b"all", more=False))
            await may_go_on.wait()
            done.set()

        assert b"all" == await body_of(app)
        may_go_on.set()
        await done.wait()
        await asyncio.sleep(0)

    run(main)


def test_closing_ends_what_still_runs() -> None:
    async def main() -> None:
        async def app(_: Any, __: Any, send: Any) -> None:
            await send(START)
            await send(part(b"all", more=False))
            await asyncio.Event().wait()

        transport = AsgiTransport(app)
        async with transport.exchange(REQUEST) as response:
            assert [b"all"] == [piece async for piece in response.pieces()]
        await transport.close()

    run(main)


def test_the_client_works_with_an_application() -> None:
    calls = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal calls
        calls += 1
        request = json.loads((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if calls == 1:
            scope["extensions"]["m2her.drop"]()
            return
        if not request.get("stream"):
            await send(part(json.dumps(whole("Yes.")).encode(), more=False))
            return
        for data in (delta("Ye"), delta("s.", "stop"), "[DONE]"):
            await send(part(event(data)))
        await send(part(b"", more=False))

    async def main() -> None:
        transport = AsgiTransport(app)
        policy = RetryPolicy(base_s=0)
        client = Client(base_url="http://localhost", key="local", transport=transport, retry=policy)
        assert ["Ye", "s."] == await read(client)
        assert "Yes." == (await client.send(BODY)).text
        await transport.close()

    run(main)


def test_many_streams_at_once() -> None:
    async def app(_: Any, receive: Any, send: Any) -> None:
        number = json.loads((await receive())["body"])["number"]
        await send(START)
        for data in (delta("number "), delta(str(number), "stop"), "[DONE]"):
            await send(part(event(data)))
            await asyncio.sleep(0)
        await send(part(b"", more=False))

    async def main() -> None:
        transport = AsgiTransport(app)
        client = Client(base_url="http://localhost", key="local", transport=transport)
        found = await asyncio.gather(
            *[read(client, {**BODY, "number": number}) for number in range(300)]
        )
        assert [["number ", str(number)] for number in range(300)] == found
        await transport.close()

    run(main)


def test_a_broken_application_is_an_error_of_the_client() -> None:
    async def app(_: Any, __: Any, ___: Any) -> None:
        raise RuntimeError("Bearer secret-key")

    async def main() -> None:
        client = Client(
            base_url="http://localhost",
            key="secret-key",
            transport=AsgiTransport(app),
            retry=RetryPolicy(retries=0),
        )
        with pytest.raises(NoAnswerError, match="failed: RuntimeError") as caught:
            await client.send(BODY)
        assert caught.value.__cause__ is None  # which holds the key

    run(main)
