"""What requests the service takes, and what it says of the others."""

from __future__ import annotations

from typing import Any

import pytest

from m2her_compose.emulator.contract import (
    MOST_REPLY_TOKENS,
    ChatRequest,
    Complaint,
    read_request,
)
from m2her_compose.targets import M2_HER
from m2her_compose.tokens import estimate
from m2her_compose.wire.endpoints import Endpoint

MESSAGES = [{"role": "user", "content": "Hello"}]


def read(*, lenient: bool = False, **changes: Any) -> ChatRequest | Complaint:
    data = {"model": "M2-her", "messages": MESSAGES, **changes}
    return read_request(data, Endpoint.OPENAI, lenient=lenient)


def taken(**changes: Any) -> ChatRequest:
    request = read(**changes)
    assert isinstance(request, ChatRequest), request
    return request


def refused(**changes: Any) -> Complaint:
    complaint = read(**changes)
    assert isinstance(complaint, Complaint)
    return complaint


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"temperature": 1},
        {"temperature": 0.01},
        {"temperature": None},
        {"top_p": 1.0},
        {"max_completion_tokens": 1},
        {"max_completion_tokens": 2048},
        {"max_tokens": 2048},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"stream": None, "stream_options": None},
        {"n": 1},
        {"tools": None},
        {"user": "somebody", "seed": 4},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "assistant", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]},
        {"messages": [{"role": role, "name": "N", "content": "c"} for role in M2_HER.roles]},
        {"messages": [{"role": role, "content": "c"} for role in ("system", "user", "assistant")]},
    ],
    ids=str,
)
def test_what_the_service_takes_is_taken(changes: dict[str, Any]) -> None:
    assert isinstance(read(**changes), ChatRequest)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": None}, "`model` is missing"),
        ({"model": "gpt-4"}, 'unknown model `"gpt-4"`'),
        ({"model": "m2-her"}, "upper and lower case matter"),
        ({"model": ["M2-her"]}, "unknown model a list"),
        ({"temperature": 0}, "`temperature` is in (0, 1]"),
        ({"temperature": 1.01}, "`temperature` is in (0, 1], not `1.01`"),
        ({"temperature": True}, "`temperature`"),
        ({"temperature": "1"}, "`temperature`"),
        ({"temperature": float("nan")}, "`temperature`"),
        ({"temperature": float("inf")}, "`temperature`"),
        ({"temperature": 10**400}, "not a number that large"),
        ({"top_p": 0}, "`top_p`"),
        ({"top_p": -0.5}, "`top_p`"),
        ({"max_completion_tokens": 0}, "`max_completion_tokens` is an integer in [1, 2048]"),
        ({"max_completion_tokens": 2049}, "`max_completion_tokens`"),
        ({"max_completion_tokens": 10**400}, "`max_completion_tokens`"),
        ({"max_completion_tokens": 1.5}, "`max_completion_tokens`"),
        ({"max_tokens": 2049}, "`max_tokens`"),
        ({"stream": "yes"}, "`stream` is true or false"),
        ({"stream": 1}, "`stream` is true or false"),
        ({"stream_options": {"include_usage": True}}, "`stream_options` needs `stream`"),
        ({"stream": True, "stream_options": []}, "`stream_options` is not an object"),
        ({"stream": True, "stream_options": {"include_usage": 1}}, "`include_usage`"),
        ({"tools": []}, "`tools` is not supported"),
        ({"response_format": {"type": "json_object"}}, "`response_format` is not supported"),
        ({"n": 2}, "`n` is not supported"),
        ({"messages": None}, "`messages` is not a list"),
        ({"messages": []}, "`messages` is not a list of at least one"),
        ({"messages": {}}, "`messages` is not a list"),
        ({"messages": ["Hello"]}, "`messages[0]` is not an object"),
        ({"messages": [*MESSAGES, {"content": "c"}]}, "`messages[1].role` is `null`"),
        ({"messages": [{"role": "tool", "content": "c"}]}, '`messages[0].role` is `"tool"`'),
        ({"messages": [{"role": [], "content": "c"}]}, "`messages[0].role` is a list"),
        ({"messages": [{"role": "user"}]}, "`messages[0].content` is not text"),
        ({"messages": [{"role": "user", "content": 5}]}, "`messages[0].content` is not text"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, "surrogate"),
        ({"messages": [{"role": "user", "name": 5, "content": "c"}]}, "`messages[0].name`"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "`messages[0].content[0]` is not a part of type `text`",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_the_service_refuses_is_refused(changes: dict[str, Any], says: str) -> None:
    complaint = refused(**changes)

    assert says in complaint.message
    assert (complaint.code, complaint.status) == (2013, 400)


@pytest.mark.parametrize("body", [None, [], "text", 5], ids=repr)
def test_a_body_is_an_object(body: Any) -> None:
    complaint = read_request(body, Endpoint.NATIVE)

    assert isinstance(complaint, Complaint)
    assert "not a JSON object" in complaint.message


@pytest.mark.parametrize("role", M2_HER.named_roles)
@pytest.mark.parametrize("name", [None, ""], ids=repr)
def test_advanced_roles_need_a_name_unless_lenient(role: str, name: str | None) -> None:
    messages = [{"role": role, "name": name, "content": "c"}]

    assert f"the role `{role}` needs one" in refused(messages=messages).message
    assert taken(messages=messages, lenient=True).messages[0].name is None


def test_what_is_quoted_is_short() -> None:
    assert len(refused(model="x" * 100_000).message) < 200
    assert len(refused(messages=[{"role": "x" * 100_000, "content": ""}]).message) < 300


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({}, MOST_REPLY_TOKENS),
        ({"max_tokens": 7}, 7),
        ({"max_completion_tokens": 9, "max_tokens": 7}, 9),
        ({"max_completion_tokens": 9.0}, 9),
    ],
    ids=str,
)
def test_both_names_limit_the_reply(changes: dict[str, Any], limit: int) -> None:
    assert taken(**changes).reply_limit == limit


def test_parts_of_a_text_are_joined() -> None:
    parts = [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]

    assert taken(messages=[{"role": "user", "content": parts}]).messages[0].content == "Hello"


def test_a_prompt_over_the_window_is_refused_and_never_cut() -> None:
    window = M2_HER.window_tokens
    assert window is not None
    words = window * 1_000 // estimate("word " * 1_000)
    within = [{"role": "user", "content": "word " * (words - 1_000)}]
    beyond = [{"role": "user", "content": "word " * (words + 1_000)}]

    assert window - 2_000 < taken(messages=within).prompt_tokens <= window
    assert "and the window 65,344" in refused(messages=beyond).message
