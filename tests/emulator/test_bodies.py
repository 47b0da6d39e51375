"""How large, how slow and how many requests may be."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from m2her_compose.emulator import app, bodies
from m2her_compose.emulator.bodies import MOST_BODY_SIZE, Bodies, BodyError, ClientLeftError
from m2her_compose.wire.endpoints import VERSION_PATH, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.conftest import Asker

OPENAI = VERSION_PATH + Endpoint.OPENAI.path
NATIVE = VERSION_PATH + Endpoint.NATIVE.path
HEADERS = [("host", "localhost"), ("authorization", "Bearer k")]


def request_of(size: int) -> bytes:
    """Return a request of so many bytes whose text is a few tokens long."""
    head = b'{"model":"M2-her","messages":[{"role":"user","content":"Hello'
    return head + b" " * (size - len(head) - 4) + b'"}]}'


@pytest.mark.parametrize("path", [OPENAI, NATIVE])
def test_four_mebibytes_are_answered(path: str, asker: Callable[..., Asker]) -> None:
    body = request_of(MOST_BODY_SIZE)
    pieces = [body[i : i + 65_536] for i in range(0, len(body), 65_536)]

    answer = asker().ask("POST", path, pieces=pieces)

    assert answer.status == 200
    assert answer.json["choices"][0]["message"]["content"]


@pytest.mark.parametrize("path", [OPENAI, NATIVE])
def test_a_byte_more_is_refused(path: str, asker: Callable[..., Asker]) -> None:
    answer = asker().ask("POST", path, body=request_of(MOST_BODY_SIZE + 1))

    assert answer.status == 413
    assert "more than 4,194,304 bytes" in answer.json["error"]["message"]
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("size", [10**12, 2**64])
def test_a_size_that_is_only_claimed_is_refused(size: int, asker: Callable[..., Asker]) -> None:
    headers = [*HEADERS, ("content-length", str(size))]

    assert asker().ask("POST", OPENAI, headers=headers, pieces=[]).status == 413


@pytest.mark.parametrize("claimed", ["-1", "x", "9" * 100, "²"])
def test_a_size_that_is_no_number_is_passed_over(claimed: str, asker: Callable[..., Asker]) -> None:
    headers = [*HEADERS, ("content-length", claimed)]

    assert asker().ask("POST", OPENAI, headers=headers, body=request_of(200)).status == 200


def test_a_body_without_end_is_not_read_for_ever(asker: Callable[..., Asker]) -> None:
    endless = [b"x" * MOST_BODY_SIZE] * 100

    assert asker().ask("POST", OPENAI, pieces=endless).status == 413


def test_only_so_much_of_too_large_a_body_is_read() -> None:
    asked = 0

    async def endless() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * MOST_BODY_SIZE, "more_body": asked < 1_000}

    async def read() -> None:
        async with Bodies().body({"headers": []}, endless):
            pass

    with pytest.raises(BodyError):
        asyncio.run(read())

    assert asked == 5


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def read() -> None:
        async with Bodies(time_s=0).body({"headers": []}, never):
            pass

    with pytest.raises(BodyError) as caught:
        asyncio.run(read())

    assert caught.value.status == 408


def test_a_client_that_leaves_gets_nothing() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def read() -> None:
        async with Bodies().body({"headers": []}, gone):
            pass

    with pytest.raises(ClientLeftError):
        asyncio.run(read())


def test_large_bodies_are_only_held_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_HELD_SIZE", 15)
    held = Bodies()

    async def ten() -> dict[str, Any]:
        return {"type": "http.request", "body": b"0123456789", "more_body": False}

    async def read() -> list[str]:
        seen = []
        async with held.body({"headers": []}, ten):
            try:
                async with held.body({"headers": []}, ten):
                    seen.append("both")
            except BodyError as error:
                seen.append(str(error.status))
        async with held.body({"headers": []}, ten) as body:
            seen.append(body.decode())
        return seen

    assert asyncio.run(read()) == ["503", "0123456789"]


@pytest.mark.parametrize(("path", "status"), [(OPENAI, 429), (NATIVE, 200)])
def test_too_many_requests_at_once_are_refused(
    path: str, status: int, asker: Callable[..., Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "MOST_REQUESTS", 0)
    answer = asker().ask("POST", path, body=request_of(200))

    assert answer.status == status
    assert "1041" in json.dumps(answer.json)


def test_requests_that_are_answered_count_no_more(
    asker: Callable[..., Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "MOST_REQUESTS", 1)
    asked = asker()

    assert [asked.chat().status for _ in range(3)] == [200, 200, 200]
