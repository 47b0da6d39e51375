"""Streamed replies: both endpoints, and everything that they do beside sending text."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose import (
    BadAnswerError,
    DeadlineError,
    Endpoint,
    LimitError,
    NoAnswerError,
    Reply,
    SensitiveError,
    Thought,
    UsageError,
)
from m2her_compose.wire.http import Breakdown, TransportError
from tests.client.scripted import (
    BODY,
    EVENTS,
    JSON,
    URL,
    USAGE,
    Answer,
    Pause,
    Script,
    body,
    delta,
    event,
    native_error,
    openai_error,
    read,
    streamed,
    told,
    whole,
)

BROKEN = TransportError(Breakdown.BROKEN, "reset by peer")


def reply_to(answer: Answer, **how: Any) -> tuple[list[str], Reply]:
    """Return the pieces and the reply of one answer, which must do."""

    async def main() -> tuple[list[str], Reply]:
        script = Script(answer)
        async with script.client(**how) as client:
            stream = client.stream(BODY)
            pieces = [piece async for piece in stream]
            return pieces, stream.reply

    return asyncio.run(main())


def test_pieces_come_as_they_are_sent_and_make_up_the_reply() -> None:
    pieces, reply = reply_to(told("Good ", "evening", "."))

    assert ["Good ", "evening", "."] == pieces
    assert "Good evening." == reply.text == reply.raw
    assert ("stop", "r1", 1) == (reply.finish_reason, reply.id, reply.attempts)
    assert reply.usage is not None
    assert 10 == reply.usage.total_tokens


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        pytest.param([whole("Good evening.")], "Good evening.", id="repeats"),
        pytest.param([whole("Good evening.")] * 2, "Good evening.", id="repeats twice"),
        pytest.param([whole("Good evening. Sit.")], "Good evening. Sit.", id="has more"),
        pytest.param([whole("Bad evening to you all.")], "Good evening.", id="differs"),
        pytest.param([whole("Good")], "Good evening.", id="is shorter"),
        pytest.param([whole(None)], "Good evening.", id="is empty"),
    ],
)
def test_last_event_of_the_native_stream_repeats_the_message(
    last: list[dict[str, Any]], expected: str
) -> None:
    answer = streamed(delta("Good "), delta("evening."), *last)
    pieces, reply = reply_to(answer, endpoint=Endpoint.NATIVE)

    assert expected == "".join(pieces) == reply.text


def test_a_native_stream_of_the_last_event_alone_is_the_reply() -> None:
    pieces, reply = reply_to(streamed(whole("Hello.", usage=USAGE)), endpoint=Endpoint.NATIVE)

    assert ["Hello."] == pieces
    assert "M2-her" == reply.model
    assert reply.usage is not None


@given(
    st.text(max_size=30)
    .filter(bool)
    .flatmap(
        lambda text: st.tuples(st.just(text), st.lists(st.integers(0, len(text)), max_size=5))
    ),
    st.integers(0, 2),
)
def test_merging_the_whole_gives_the_same_text_however_it_was_cut(
    cut: tuple[str, list[int]], repeats: int
) -> None:
    text, places = cut
    text = f"<{text}"  # never all white space, which would be another matter
    edges = [0, *sorted(places), len(text)]
    parts = [text[a:b] for a, b in pairwise(edges)]
    answer = streamed(*map(delta, parts), delta("", "stop"), *[whole(text)] * repeats)
    _, reply = reply_to(answer, endpoint=Endpoint.NATIVE)

    assert text == reply.raw


def test_comments_line_ends_and_split_characters_do_not_matter() -> None:
    data = (
        b": keep-alive\r\n\r\n"
        + event(delta("\u4f60\u597d")).replace(b"\n", b"\r\n")
        + b":\r\r"
        + event(delta("", "stop"))
        + event("[DONE]")
    )
    answer = Answer(steps=[data[i : i + 1] for i in range(len(data))], headers=EVENTS)

    pieces, _ = reply_to(answer)

    assert ["\u4f60\u597d"] == pieces


@pytest.mark.parametrize(
    "end",
    [
        pytest.param([delta("", "stop")], id="finish reason, no DONE"),
        pytest.param(["[DONE]"], id="DONE, no finish reason"),
        pytest.param([delta("", "stop"), BROKEN], id="broken after the finish reason"),
        pytest.param([delta("", "stop"), Pause(40), "[DONE]"], id="silent after the finish reason"),
        pytest.param(["[DONE]", BROKEN], id="broken after DONE"),
        pytest.param(["[DONE]", Pause(500)], id="kept open after DONE"),
        pytest.param([delta("", "stop"), "{garbage"], id="garbage after the finish reason"),
        pytest.param([b'data: {"choices":[{"finish_reason":"stop"}]}'], id="no empty line"),
    ],
)
def test_a_reply_is_whole_when_the_service_has_said_so(end: list[object]) -> None:
    pieces, reply = reply_to(streamed(delta("Yes."), *end))

    assert ["Yes."] == pieces
    assert "Yes." == reply.text


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        pytest.param([], NoAnswerError, id="ends"),
        pytest.param([BROKEN], NoAnswerError, id="breaks"),
        pytest.param([b'data: {"choices":[{"de'], NoAnswerError, id="ends within an event"),
        pytest.param([b"data: \xe4\xbd"], NoAnswerError, id="ends within a character"),
        pytest.param(["{garbage"], BadAnswerError, id="garbage"),
        pytest.param([b"data: \xff\xff\n\n"], BadAnswerError, id="not UTF-8"),
        pytest.param([{"type": "ping"}], BadAnswerError, id="another shape"),
        pytest.param([Pause(31)], NoAnswerError, id="silence"),
        pytest.param([native_error(1002, "slow down")], LimitError, id="native error"),
        pytest.param([openai_error(429, 1002)], LimitError, id="error of the other shape"),
    ],
)
def test_what_ends_a_reply_too_early_is_retried_only_before_text(
    end: list[object], kind: type[Exception]
) -> None:
    async def main() -> None:
        script = Script(streamed(delta("Yes"), *end), told("never"))
        with pytest.raises(kind) as caught:
            await read(script.client())
        assert isinstance(caught.value, NoAnswerError | BadAnswerError | LimitError)
        assert ("Yes", 1, 1) == (caught.value.partial, caught.value.attempts, len(script.requests))

        script = Script(streamed(delta(""), *end), told("Yes"))
        client = script.client()
        stream = client.stream(BODY)
        assert ["Yes"] == [piece async for piece in stream]
        assert 2 == stream.reply.attempts

    asyncio.run(main())


def test_comments_for_ever_end_at_the_deadline() -> None:
    async def main() -> None:
        drips = [step for _ in range(100) for step in (Pause(1), b": keep-alive\n\n")]
        script = Script(streamed(delta("Yes"), *drips))
        with pytest.raises(DeadlineError, match="longer than 60 s") as caught:
            await read(script.client())
        assert "Yes" == caught.value.partial
        assert 1060 == script.clock.time

    asyncio.run(main())


def test_the_deadline_may_come_before_silence_is_too_long() -> None:
    async def main() -> None:
        script = Script(streamed(delta("Yes"), Pause(20)))
        with pytest.raises(DeadlineError):
            await read(script.client(timeout_s=10, silence_s=30))
        assert 1010 == script.clock.time

    asyncio.run(main())


def test_who_has_ended_a_reply_is_not_waited_for_long() -> None:
    async def main() -> None:
        for end, seconds in ((delta("", "stop"), 5), ("[DONE]", 0.25)):
            script = Script(streamed(delta("Yes"), end, Pause(40)))
            assert ["Yes"] == await read(script.client())
            assert 1000 + seconds == script.clock.time

    asyncio.run(main())


def test_deadline_holds_where_each_read_is_ready_at_once() -> None:
    async def main() -> None:
        script = Script()

        class Slow(Answer):
            async def pieces(self):  # type: ignore[no-untyped-def]
                while True:
                    script.clock.time += 1
                    yield b": comment\n\n"

        script.answers.append(Slow(headers=EVENTS))
        with pytest.raises(DeadlineError):
            await read(script.client())

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", "text/plain", ""])
def test_a_json_body_is_taken_where_events_were_asked_for(kind: str) -> None:
    data = json.dumps(whole("Hello.", usage=USAGE)).encode()
    pieces, reply = reply_to(Answer(steps=[b" \n", data], headers={"content-type": kind}))

    assert ["Hello."] == pieces
    assert reply.first_token_s is not None


@pytest.mark.parametrize("kind", ["text/event-stream", "text/plain", "application/json", ""])
def test_events_are_taken_where_a_body_was_asked_for(kind: str) -> None:
    async def main() -> Reply:
        answer = streamed(delta("Hel"), delta("lo.", "stop"), "[DONE]")
        answer.headers = {"content-type": kind}
        return await Script(answer).client().send(BODY)

    assert "Hello." == asyncio.run(main()).text


def test_content_may_be_null_and_the_end_says_that_it_was_cut() -> None:
    pieces, reply = reply_to(streamed(delta(None), delta("Once"), delta(None, "length"), "[DONE]"))

    assert ["Once"] == pieces
    assert reply.is_cut


def test_an_empty_reply_is_a_reply() -> None:
    pieces, reply = reply_to(streamed(delta(None, "stop"), "[DONE]"))

    assert ([], "") == (pieces, reply.text)


def test_a_flagged_empty_reply_is_an_error_that_says_of_what_kind() -> None:
    flags: dict[str, Any] = {"output_sensitive": True, "output_sensitive_type": 1}
    with pytest.raises(SensitiveError, match=r"reply \(severe violation, type 1\)"):
        reply_to(streamed(whole("", **flags)))


def test_a_flagged_text_is_a_reply_that_says_so() -> None:
    flags: dict[str, Any] = {"input_sensitive": True, "input_sensitive_type": 5}
    _, reply = reply_to(streamed(delta("Well."), whole("Well.", **flags)))

    assert 5 == reply.sensitivity.input_type


def test_thoughts_are_hidden_kept_apart_and_shown_when_asked_for() -> None:
    def answer() -> Answer:
        return told("<th", "ink>Hm", "m</thi", "nk>\n\nYe", "s.")

    pieces, reply = reply_to(answer())
    assert ["Ye", "s."] == pieces
    assert ("Yes.", "Hmm", "<think>Hmm</think>\n\nYes.") == (reply.text, reply.thinking, reply.raw)

    async def main() -> list[str]:
        return await read(Script(answer()).client(), show_thinking=True)

    shown = asyncio.run(main())
    assert ["Hm", "m"] == [piece for piece in shown if isinstance(piece, Thought)]


def test_thoughts_beside_the_content_are_thoughts() -> None:
    beside = {"choices": [{"delta": {"reasoning_content": "Hm", "content": ""}}]}
    _, reply = reply_to(streamed(beside, delta("Yes.", "stop")))

    assert ("Yes.", "Hm") == (reply.text, reply.thinking)


def test_models_that_begin_within_a_thought() -> None:
    pieces, reply = reply_to(told("Hmm</think>\nYes."), starts_thinking=True)

    assert (["Yes."], "Hmm") == (pieces, reply.thinking)


def test_hidden_thoughts_are_no_output_and_can_be_thought_again() -> None:
    async def main() -> None:
        script = Script(streamed(delta("<think>Hmm"), BROKEN), told("Yes"))
        assert ["Yes"] == await read(script.client())
        script = Script(streamed(delta("<think>Hmm"), BROKEN), told("Yes"))
        with pytest.raises(NoAnswerError):
            await read(script.client(), show_thinking=True)

    asyncio.run(main())


def test_times_are_those_of_the_attempt_that_succeeded() -> None:
    async def main() -> None:
        slow = streamed(Pause(1), delta("a"), Pause(2), delta("b", "stop"))
        script = Script(streamed(Pause(5), BROKEN), slow)
        stream = script.client().stream(BODY)
        assert ["a", "b"] == [piece async for piece in stream]
        assert (1, 3, 2) == (
            stream.reply.first_token_s,
            stream.reply.latency_s,
            stream.reply.attempts,
        )

    asyncio.run(main())


def test_a_body_may_be_silent_until_the_deadline() -> None:
    async def main() -> Reply:
        answer = Answer(steps=[Pause(50), json.dumps(whole("Yes.")).encode()], headers=JSON)
        return await Script(answer).client().send(BODY)

    reply = asyncio.run(main())
    assert ("Yes.", None, 50) == (reply.text, reply.first_token_s, reply.latency_s)


def test_no_reply_before_the_end() -> None:
    async def main() -> None:
        stream = Script(told("Yes", ".")).client().stream(BODY)
        assert "Yes" == await anext(stream)
        with pytest.raises(UsageError, match="has not ended"):
            _ = stream.reply
        await stream.aclose()

    asyncio.run(main())


def test_whoever_stops_gives_up_the_connection() -> None:
    async def closed() -> None:
        answer = told("Yes", ".")
        async with Script(answer).client().stream(BODY) as stream:
            assert "Yes" == await anext(stream)
            assert not answer.was_closed
        assert answer.was_closed

    async def let_go() -> None:
        answer = told("Yes", ".")
        client = Script(answer).client()
        async for _ in client.stream(BODY):
            break
        for _ in range(3):
            await asyncio.sleep(0)
        assert answer.was_closed

    async def kept_open() -> None:
        answer = told("Yes", ".")
        script = Script(answer)
        async with script.client() as client:
            stream = client.stream(BODY)
            await anext(stream)
        assert answer.was_closed
        assert not script.was_closed  # which is for whoever made it

    async def cancelled() -> None:
        answer = Answer(headers=EVENTS)
        is_reading = asyncio.Event()

        async def pieces():  # type: ignore[no-untyped-def]
            yield event(delta("Yes"))
            is_reading.set()
            await asyncio.Event().wait()

        answer.pieces = pieces  # type: ignore[method-assign]
        script = Script(answer)
        task = asyncio.create_task(read(script.client()))
        await is_reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert answer.was_closed
        assert 1 == len(script.requests)

    for case in (closed, let_go, kept_open, cancelled):
        asyncio.run(case())


def test_the_request_is_exactly_what_is_sent() -> None:
    async def main() -> None:
        script = Script(told("Yes"), body(whole("Yes")))
        client = script.client()
        await read(client)
        await client.send(BODY)
        expected = [client.request(BODY, stream=True), client.request(BODY, stream=False)]
        assert expected == script.requests

    asyncio.run(main())


@pytest.mark.parametrize(
    ("endpoint", "stream", "url", "added"),
    [
        (Endpoint.OPENAI, False, f"{URL}/v1/chat/completions", {}),
        (
            Endpoint.OPENAI,
            True,
            f"{URL}/v1/chat/completions",
            {"stream": True, "stream_options": {"include_usage": True}},
        ),
        (Endpoint.NATIVE, False, f"{URL}/v1/text/chatcompletion_v2", {}),
        (Endpoint.NATIVE, True, f"{URL}/v1/text/chatcompletion_v2", {"stream": True}),
    ],
)
def test_requests_of_both_endpoints(
    endpoint: Endpoint, stream: bool, url: str, added: dict[str, Any]
) -> None:
    written = {**BODY, "stream": not stream, "temperature": 0.5}
    request = Script().client(endpoint=endpoint).request(written, stream=stream)

    assert ("POST", url) == (request.method, request.url)
    assert {**BODY, "temperature": 0.5, **added} == json.loads(request.body)


def test_bodies_are_compact_and_hide_nothing_in_a_terminal() -> None:
    sent = {"messages": [{"role": "user", "content": "\u4f60\u202e\ud800"}]}
    request = Script().client().request(sent, stream=False)

    assert (
        '{"messages":[{"role":"user","content":"\u4f60\\u202e\\ud800"}]}'.encode() == request.body
    )


@pytest.mark.parametrize("value", [object(), float("nan"), float("-inf"), {1j: 1}])
def test_a_body_that_is_no_json_is_a_mistake_of_the_caller(value: object) -> None:
    with pytest.raises(UsageError, match="must be JSON"):
        Script().client().request({"messages": value}, stream=False)


@pytest.mark.parametrize("name", ["timeout_s", "silence_s"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_times_must_be_times(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=name):
        Script().client(**{name: value})
