"""What is sent: both endpoints, streamed and not, and every fault, read as a client reads it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from m2her_compose.emulator import read_faults
from m2her_compose.emulator.delivery import Delivery
from m2her_compose.emulator.playing import Connection, play
from m2her_compose.wire.codes import SENSITIVE_TYPES, SERVICE_CODES, ServiceCode
from m2her_compose.wire.endpoints import Endpoint
from m2her_compose.wire.events import EventDecoder, EventError
from m2her_compose.wire.replies import read_chunk, read_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.conftest import Answer, Asker

ENDPOINTS = pytest.mark.parametrize("endpoint", list(Endpoint), ids=lambda each: each.value)
MESSAGES = [
    {"role": "system", "name": "Ilse", "content": "A ferrywoman."},
    {"role": "sample_message_user", "name": "Tam", "content": "How deep?"},
    {"role": "sample_message_ai", "name": "Ilse", "content": "Deeper than you, 旅人. Step in."},
    {"role": "user", "name": "Tam", "content": "How deep?"},
]
TEXT = "Deeper than you, 旅人. Step in."


@pytest.fixture
def chat(asker: Callable[..., Asker]) -> Callable[..., Answer]:
    """Return a function that asks for the example's answer, under faults."""

    def ask(endpoint: Endpoint, *faults: str, **body: Any) -> Answer:
        return asker(faults=read_faults(faults)).chat(endpoint, **{"messages": MESSAGES, **body})

    return ask


def deltas(answer: Answer) -> str:
    return "".join(
        choice["delta"].get("content", "")
        for event in answer.events
        for choice in event["choices"]
        if "delta" in choice
    )


@ENDPOINTS
def test_a_whole_reply_has_all_fields(endpoint: Endpoint, chat: Callable[..., Answer]) -> None:
    answer = chat(endpoint)

    assert answer.status == 200
    assert answer.whole
    assert answer.headers == {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        "content-length": str(len(answer.body)),
        "x-request-id": "m2her-1",
        "x-m2her-rehearsal": "true",
    }
    assert answer.json == {
        "id": "m2her-1",
        "object": "chat.completion",
        "created": 1_800_000_000,
        "model": "M2-her",
        "choices": [
            {
                "finish_reason": "stop",
                "index": 0,
                "message": {
                    "role": "assistant",
                    "name": "Ilse",
                    "content": TEXT,
                    "audio_content": "",
                },
            }
        ],
        "usage": {
            "prompt_tokens": 210,
            "completion_tokens": 11,
            "total_tokens": 221,
            "total_characters": 0,
        },
        "input_sensitive": False,
        "output_sensitive": False,
        "input_sensitive_type": 0,
        "output_sensitive_type": 0,
        "output_sensitive_int": 0,
        "base_resp": {"status_code": 0, "status_msg": ""},
    }


def test_the_compatible_stream_has_role_text_end_and_done(chat: Callable[..., Answer]) -> None:
    answer = chat(Endpoint.OPENAI, stream=True)
    first, *_, last = answer.events

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.data[-1] == "[DONE]"
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert deltas(answer) == TEXT
    assert (last["choices"][0]["delta"], last["choices"][0]["finish_reason"]) == ({}, "stop")
    assert {event["object"] for event in answer.events} == {"chat.completion.chunk"}
    assert not [event for event in answer.events if "usage" in event]


def test_the_compatible_stream_ends_with_usage_where_it_is_asked_for(
    chat: Callable[..., Answer],
) -> None:
    answer = chat(Endpoint.OPENAI, stream=True, stream_options={"include_usage": True})
    whole = chat(Endpoint.OPENAI)

    assert answer.events[-1]["choices"] == []
    assert answer.events[-1]["usage"] == whole.json["usage"]
    assert answer.data[-1] == "[DONE]"


def test_the_native_stream_ends_by_repeating_the_whole_message(
    chat: Callable[..., Answer],
) -> None:
    answer = chat(Endpoint.NATIVE, stream=True)
    *parts, last = answer.events

    assert deltas(answer) == TEXT
    assert {part["object"] for part in parts} == {"chat.completion.chunk"}
    assert parts[-1]["choices"][0]["finish_reason"] == "stop"
    assert last == chat(Endpoint.NATIVE).json
    assert "[DONE]" not in answer.data


@ENDPOINTS
def test_a_reply_is_cut_at_the_limit(endpoint: Endpoint, chat: Callable[..., Answer]) -> None:
    whole = chat(endpoint, max_completion_tokens=3)
    streamed = chat(endpoint, max_tokens=3, stream=True)
    choice = whole.json["choices"][0]

    assert choice["finish_reason"] == "length"
    assert TEXT.startswith(choice["message"]["content"])
    assert whole.json["usage"]["completion_tokens"] <= 3
    assert deltas(streamed) == choice["message"]["content"]


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("known", SERVICE_CODES, ids=lambda known: str(known.code))
def test_every_code_comes_in_the_shape_of_its_endpoint(
    endpoint: Endpoint, stream: bool, known: ServiceCode, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, f"code={known.code}", stream=stream)
    refusal = read_refusal(answer.json, answer.status or 0)

    assert answer.status == (200 if endpoint is Endpoint.NATIVE else known.http_status)
    assert answer.headers["content-type"].startswith("application/json")
    assert refusal is not None
    assert refusal.code == known.code
    assert refusal.request_id == answer.headers["x-request-id"]
    assert refusal.message


def test_errors_look_as_clients_have_met_them(chat: Callable[..., Answer]) -> None:
    answer = chat(Endpoint.OPENAI, "code=1000")

    assert answer.json == {
        "type": "error",
        "error": {
            "type": "api_error",
            "message": "unknown error, 999 (1000)",
            "http_code": "500",
        },
        "request_id": "m2her-1",
    }


@ENDPOINTS
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, 2013),
        (401, 1004),
        (402, 1008),
        (418, None),
        (429, 1002),
        (500, 1000),
        (502, 1033),
        (503, None),
        (504, 1001),
        (599, None),
    ],
)
def test_a_status_comes_as_such_on_both_endpoints(
    endpoint: Endpoint, status: int, code: int | None, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, str(status))
    refusal = read_refusal(answer.json, answer.status or 0)

    assert answer.status == status
    assert refusal is not None
    assert (refusal.status, refusal.code) == (status, code)


@ENDPOINTS
@pytest.mark.parametrize("name", ["retry-after", "retry-after-ms"])
@pytest.mark.parametrize("fault", ["429", "code=1002"])
def test_a_refusal_can_say_when_to_come_back(
    endpoint: Endpoint, name: str, fault: str, chat: Callable[..., Answer]
) -> None:
    assert chat(endpoint, f"{fault}:{name}=7").headers[name] == "7"
    assert name not in chat(endpoint, fault).headers


def test_a_gateway_sends_a_page(chat: Callable[..., Answer]) -> None:
    answer = chat(Endpoint.OPENAI, "502:html")

    assert answer.headers["content-type"].startswith("text/html")
    assert b"502 Bad Gateway" in answer.body


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
def test_a_connection_can_end_before_the_answer(
    endpoint: Endpoint, stream: bool, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, "drop-before", stream=stream)

    assert (answer.status, answer.body, answer.dropped) == (None, b"", True)


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
def test_a_connection_can_end_within_the_answer(
    endpoint: Endpoint, stream: bool, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, "drop-within", stream=stream)
    whole = chat(endpoint, stream=stream)

    assert answer.status == 200
    assert answer.dropped
    assert not answer.whole
    assert "content-length" not in answer.headers
    assert 0 < len(answer.body) < len(whole.body)
    assert whole.body.startswith(answer.body)
    if stream:
        assert 0 < len(deltas(answer)) < len(TEXT)


@ENDPOINTS
@pytest.mark.parametrize(("after", "text"), [(0, ""), (1, "Deeper"), (99, TEXT)])
def test_a_mishap_comes_after_so_many_pieces(
    endpoint: Endpoint, after: int, text: str, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, f"drop-within:after={after}", stream=True)

    assert deltas(answer) == text
    assert answer.dropped


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
def test_a_connection_can_end_after_the_answer(
    endpoint: Endpoint, stream: bool, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, "drop-after", stream=stream)

    assert answer.body == chat(endpoint, stream=stream).body
    assert (answer.dropped, answer.whole) == (True, False)
    assert "content-length" not in answer.headers


@ENDPOINTS
def test_an_error_can_come_within_the_stream(
    endpoint: Endpoint, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, "code-within=1027:after=2", stream=True)
    refusal = read_refusal(answer.events[-1], 200)

    assert answer.status == 200
    assert refusal is not None
    assert refusal.code == 1027
    assert "".join(read_chunk(event).text for event in answer.events[:-1]) == "Deeper than"
    assert "[DONE]" not in answer.data


@ENDPOINTS
def test_an_error_within_no_stream_is_one_in_its_place(
    endpoint: Endpoint, chat: Callable[..., Answer]
) -> None:
    refusal = read_refusal(chat(endpoint, "code-within=1027").json, 200)

    assert refusal is not None
    assert refusal.code == 1027


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("after", ["", ":after=0"])
def test_json_can_break_off(
    endpoint: Endpoint, stream: bool, after: str, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, f"malformed{after}", stream=stream)
    broken = answer.data[-1] if stream else answer.body.decode()

    assert broken
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken)


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
def test_garbage_is_no_text(endpoint: Endpoint, stream: bool, chat: Callable[..., Answer]) -> None:
    answer = chat(endpoint, "garbage", stream=stream)

    with pytest.raises(EventError):
        list(EventDecoder().feed(answer.body))
    assert answer.whole


def test_the_native_stream_can_end_twice(chat: Callable[..., Answer]) -> None:
    *_, before, last = chat(Endpoint.NATIVE, "duplicate", stream=True).events

    assert before == last
    assert last["object"] == "chat.completion"


def test_the_compatible_stream_can_end_with_the_whole_message(
    chat: Callable[..., Answer],
) -> None:
    answer = chat(Endpoint.OPENAI, "duplicate", stream=True)

    assert read_chunk(answer.events[-1]).is_whole
    assert answer.data[-1] == "[DONE]"
    assert deltas(answer) == TEXT


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("side", ["input", "output"])
@pytest.mark.parametrize("kind", sorted(SENSITIVE_TYPES))
def test_sensitive_flags_are_sent_and_severe_ones_leave_no_text(
    endpoint: Endpoint, stream: bool, side: str, kind: int, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, f"sensitive-{side}={kind}", stream=stream)
    chunks = [read_chunk(each) for each in (answer.events if stream else [answer.json])]
    flagged = chunks[-1].sensitivity
    text = "".join(chunk.text for chunk in chunks if not (stream and chunk.is_whole))

    assert (flagged.input_type, flagged.output_type) == (
        (kind, None) if side == "input" else (None, kind)
    )
    assert text == ("" if kind == 1 else TEXT)


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
def test_a_reply_can_be_empty(
    endpoint: Endpoint, stream: bool, chat: Callable[..., Answer]
) -> None:
    answer = chat(endpoint, "empty", stream=stream)
    chunks = [read_chunk(each) for each in (answer.events if stream else [answer.json])]

    assert "".join(chunk.text for chunk in chunks) == ""
    assert chunks[-1].finish_reason == "stop"


@ENDPOINTS
def test_a_reply_can_think_first_with_its_tags_cut_in_two(
    endpoint: Endpoint, chat: Callable[..., Answer]
) -> None:
    whole = read_chunk(chat(endpoint, "think").json).text
    streamed = chat(endpoint, "think", stream=True)

    assert whole.startswith("<think>(rehearsal) ")
    assert whole.endswith(f"</think>\n\n{TEXT}")
    assert deltas(streamed) == whole
    assert not [each for each in streamed.data if "<think>" in each and '"delta"' in each]


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
def test_slow_replies_pause_before_each_piece(
    endpoint: Endpoint, stream: bool, asker: Callable[..., Asker]
) -> None:
    asked = asker(faults=read_faults(["slow=200ms"]))
    answer = asked.chat(endpoint, stream=stream, messages=MESSAGES)

    assert asked.pauses == [0.2] * len(answer.pieces)
    assert answer.whole


def test_slowness_goes_together_with_other_faults(asker: Callable[..., Asker]) -> None:
    asked = asker(faults=read_faults(["drop-within", "slow=1s"]))
    answer = asked.chat(stream=True)

    assert answer.dropped
    assert asked.pauses == [1.0] * len(answer.pieces)


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["silent", "slow=1s"])
def test_what_waits_ends_when_the_client_leaves(
    endpoint: Endpoint, stream: bool, fault: str, asker: Callable[..., Asker]
) -> None:
    asked = asker(faults=read_faults([fault]))
    answer = asked.chat(endpoint, stream=stream, leaves=True)

    assert not answer.whole


def test_a_pause_ends_when_the_client_leaves() -> None:
    async def for_ever(_: float) -> None:
        await asyncio.Event().wait()

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    slow = Delivery(status=200, content_type="text/plain", pieces=(b"1",), pause_s=1.0)
    connection = Connection(scope={}, receive=gone, send=send, pause=for_ever)
    asyncio.run(play(slow, connection))

    assert [message["type"] for message in sent] == ["http.response.start"]


def test_faults_go_by_the_number_of_requests_that_keep_the_contract(
    asker: Callable[..., Asker],
) -> None:
    asked = asker(faults=read_faults(["script=429,ok,500"]))
    statuses = [asked.chat(model=model).status for model in ("M2-her", "no", "M2-her", "M2-her")]

    assert statuses == [429, 400, 200, 500]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5_000, b"[]"], ids=repr
)
@ENDPOINTS
def test_a_body_that_is_no_request_is_refused(
    body: bytes, endpoint: Endpoint, asker: Callable[..., Asker]
) -> None:
    answer = asker().ask("POST", f"/v1{endpoint.path}", body=body)
    refusal = read_refusal(answer.json, answer.status or 0)

    assert answer.status == (200 if endpoint is Endpoint.NATIVE else 400)
    assert refusal is not None
    assert refusal.code == 2013


@ENDPOINTS
def test_nameless_roles_are_refused_unless_lenient(
    endpoint: Endpoint, asker: Callable[..., Asker]
) -> None:
    messages = [{"role": "user_system", "content": "A traveller."}, MESSAGES[-1]]
    strict = asker().chat(endpoint, messages=messages)
    refusal = read_refusal(strict.json, strict.status or 0)

    assert strict.status == (200 if endpoint is Endpoint.NATIVE else 400)
    assert refusal is not None
    assert refusal.code == 2013
    assert asker(lenient=True).chat(endpoint, messages=messages).json["choices"]


def test_models_are_listed(asker: Callable[..., Asker]) -> None:
    asked = asker()
    model = {"id": "M2-her", "object": "model", "created": 0, "owned_by": "m2her"}

    assert asked.ask("GET", "/v1/models").json == {"object": "list", "data": [model]}
    assert asked.ask("GET", "/v1/models/M2-her").json == model
    assert asked.ask("GET", "/v1/models/gpt-4").status == 404


@pytest.mark.parametrize("path", ["/", "/v1", "/chat/completions", "/v1/chat/completions/"])
def test_other_paths_are_refused_in_the_same_shape(path: str, asker: Callable[..., Asker]) -> None:
    answer = asker().ask("POST", path)

    assert answer.status == 404
    assert answer.json["error"]["type"] == "not_found_error"
    assert "`/v1/chat/completions`" in answer.json["error"]["message"]
    assert answer.headers["x-request-id"] == answer.json["request_id"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/chat/completions", "POST"), ("POST", "/v1/models", "GET")],
)
def test_other_methods_are_refused(
    method: str, path: str, allowed: str, asker: Callable[..., Asker]
) -> None:
    answer = asker().ask(method, path)

    assert (answer.status, answer.headers["allow"]) == (405, allowed)
    assert answer.json["type"] == "error"
