"""When a request is sent again, and how long is waited before."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose import LimitError, NoAnswerError, OutageError, RetryPolicy, UsageError
from m2her_compose.client.retry import MOST_RETRY_AFTER_S, retry_after_s
from m2her_compose.wire.http import Breakdown, TransportError
from tests.client.scripted import (
    BODY,
    Answer,
    Script,
    body,
    delta,
    native_error,
    read,
    streamed,
    told,
    whole,
)

BUSY = native_error(1002)
BROKEN = TransportError(Breakdown.BROKEN, "reset")
REFUSED = TransportError(Breakdown.UNREACHABLE, "refused")


def waits(*answers: Answer | TransportError, **how: Any) -> list[float]:
    """Return how long was waited between the answers, the last of which is a reply."""

    async def main() -> list[float]:
        script = Script(*answers, body(whole("Yes.")))
        reply = await script.client(**how).send(BODY)
        assert len(answers) + 1 == reply.attempts == len(script.requests)
        return script.clock.slept

    return asyncio.run(main())


def test_waits_double_up_to_a_cap_and_are_a_random_part_of_that() -> None:
    policy = RetryPolicy(retries=7, base_s=1, cap_s=10)
    failures = [body(BUSY)] * 7

    assert [0.5, 1, 2, 4, 5, 5, 5] == waits(*failures, retry=policy)
    assert [0] * 7 == waits(*failures, retry=policy, random=lambda: 0.0)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(body(native_error(1001)), id="1001"),
        pytest.param(Answer(status=500), id="500"),
        pytest.param(Answer(status=429), id="429"),
        pytest.param(REFUSED, id="refused"),
        pytest.param(BROKEN, id="broken"),
        pytest.param(Answer(steps=[b"{", BROKEN]), id="broken within"),
        pytest.param(Answer(steps=[b"{"]), id="malformed"),
    ],
)
def test_what_may_pass_is_tried_again(failure: Answer | TransportError) -> None:
    assert [0.25] == waits(failure)


def test_the_service_says_when() -> None:
    assert [2.5] == waits(body(BUSY, retry_after="2.5"))
    assert [3] == waits(body(BUSY, 429, retry_after_ms="3000", retry_after="9"))


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    async def main() -> None:
        script = Script(body(BUSY, retry_after="60"))
        with pytest.raises(LimitError) as caught:
            await script.client().send(BODY)
        assert (60, 1, []) == (
            caught.value.retry_after_s,
            caught.value.attempts,
            script.clock.slept,
        )

    asyncio.run(main())


def test_retries_end() -> None:
    async def main() -> None:
        script = Script(*[body(BUSY)] * 9)
        with pytest.raises(LimitError) as caught:
            await script.client(retry=RetryPolicy(retries=4)).send(BODY)
        assert 5 == caught.value.attempts == len(script.requests)

    asyncio.run(main())


def test_the_code_that_may_be_a_mistake_is_tried_three_times_at_most() -> None:
    async def main() -> None:
        script = Script(*[body(native_error(1000)), body(BUSY)] * 9)
        with pytest.raises(OutageError) as caught:
            await script.client(retry=RetryPolicy(retries=9)).send(BODY)
        assert (1000, 5) == (caught.value.code, caught.value.attempts)

    asyncio.run(main())


def test_what_stays_wrong_is_not_tried_again() -> None:
    async def main() -> None:
        script = Script(body(native_error(1008)))
        with pytest.raises(Exception, match="nothing left to pay"):
            await script.client().send(BODY)
        assert 1 == len(script.requests)

    asyncio.run(main())


def test_a_reply_begins_anew_after_output_only_when_asked_to() -> None:
    async def main() -> None:
        restarts: list[str] = []
        pieces: list[str] = []

        def restart() -> None:
            restarts.append("".join(pieces))
            pieces.clear()

        script = Script(streamed(delta("It is "), BROKEN), told("It was ", "so."))
        client = script.client(retry=RetryPolicy(retry_after_output=True))
        stream = client.stream(BODY, on_restart=restart)
        async for piece in stream:
            pieces.append(piece)  # noqa: PERF401 - a restart empties them
        assert (["It is "], "It was so.") == (restarts, "".join(pieces))
        assert "It was so." == stream.reply.text

        script = Script(streamed(delta("It is "), BROKEN), told("never"))
        with pytest.raises(NoAnswerError):
            await read(script.client(), on_restart=restart)

    asyncio.run(main())


def test_a_connection_is_closed_before_the_next_is_opened() -> None:
    async def main() -> None:
        first = streamed(delta(""), BROKEN)
        script = Script(first, told("Yes"))

        async def sleep(seconds: float) -> None:
            del seconds
            assert first.was_closed

        script.clock.sleep = sleep  # type: ignore[method-assign]
        assert ["Yes"] == await read(script.client())

    asyncio.run(main())


@pytest.mark.parametrize(
    "wrong",
    [{"retries": -1}, {"retries": 101}, {"base_s": -1}, {"cap_s": float("nan")}],
    ids=str,
)
def test_a_policy_makes_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        RetryPolicy(**wrong)


@given(
    st.integers(0, 100),
    st.none() | st.floats(0, MOST_RETRY_AFTER_S),
    st.floats(0, 1, exclude_max=True),
)
def test_waits_are_never_shorter_than_asked_nor_longer_than_the_cap(
    retry: int, asked: float | None, random: float
) -> None:
    policy = RetryPolicy(base_s=0.5, cap_s=20)
    found = policy.wait_s(retry, asked, random)

    assert (asked or 0) <= found <= max(20, asked or 0)


NOW = 1_000_000_000.0  # Sun, 09 Sep 2001 01:46:40 GMT


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "9" * 200}, MOST_RETRY_AFTER_S),
        ({"retry-after": "9" * 5000}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9),
        ({"retry-after": "Sun, 09 Sep 2001 01:46:50 GMT"}, 10),
        ({"retry-after": "Sun, 09 Sep 2001 01:46:50"}, 10),
        ({"retry-after": "Sun, 09 Sep 2001 01:46:30 GMT"}, 0),
        ({"retry-after": "Sun, 09 Sep 2091 01:46:30 GMT"}, MOST_RETRY_AFTER_S),
        (
            {
                "retry-after": "Mon, 10 Sep 2001 00:00:05 GMT",
                "date": "Mon, 10 Sep 2001 00:00:00 GMT",
            },
            5,
        ),
        ({"retry-after": "Sun, 99 Sep 2001 01:46:30 GMT"}, None),
        ({"retry-after": "Sun, 09 Sep 2001 01:46:30 +999999999999"}, None),
    ],
)
def test_what_retry_after_says(headers: dict[str, str], expected: float | None) -> None:
    assert expected == retry_after_s(headers, NOW)


@given(st.text(max_size=80), st.text(max_size=80))
def test_retry_after_may_hold_anything(text: str, date: str) -> None:
    found = retry_after_s({"retry-after": text, "retry-after-ms": date, "date": date}, NOW)

    assert found is None or 0 <= found <= MOST_RETRY_AFTER_S
