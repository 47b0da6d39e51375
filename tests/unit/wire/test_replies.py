"""What comes back, in all its shapes: parts of replies, whole ones, errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.wire.replies import (
    Chunk,
    Sensitivity,
    ShapeError,
    Usage,
    parse_json,
    read_chunk,
    read_refusal,
)

WHOLE = {
    "id": "r1",
    "choices": [
        {
            "finish_reason": "stop",
            "index": 0,
            "message": {
                "role": "assistant",
                "name": "Mara",
                "content": "Yes.",
                "audio_content": "",
            },
        }
    ],
    "created": 1_700_000_000,
    "model": "M2-her",
    "object": "chat.completion",
    "usage": {
        "prompt_tokens": 7,
        "completion_tokens": 3,
        "total_tokens": 10,
        "total_characters": 4,
    },
    "input_sensitive": False,
    "output_sensitive": False,
    "input_sensitive_type": 0,
    "output_sensitive_type": 0,
    "output_sensitive_int": 0,
    "base_resp": {"status_code": 0, "status_msg": ""},
}


def test_a_whole_reply_as_the_reference_has_it() -> None:
    chunk = read_chunk(WHOLE)

    assert ("Yes.", True, "stop", "r1", "M2-her") == (
        chunk.text,
        chunk.is_whole,
        chunk.finish_reason,
        chunk.id,
        chunk.model,
    )
    usage = Usage(prompt_tokens=7, completion_tokens=3, total_tokens=10, total_characters=4)
    assert usage == chunk.usage
    assert not chunk.sensitivity.is_flagged
    assert read_refusal(WHOLE, 200) is None


@pytest.mark.parametrize(
    ("data", "text", "finish_reason", "is_whole"),
    [
        ({"choices": [{"delta": {"content": "a"}}]}, "a", None, False),
        ({"choices": [{"delta": {"content": "a"}, "finish_reason": ""}]}, "a", None, False),
        ({"choices": [{"delta": {"content": None}}]}, "", None, False),
        ({"choices": [{"delta": {}, "finish_reason": "length"}]}, "", "length", False),
        ({"choices": [{"delta": None, "finish_reason": "stop"}]}, "", "stop", False),
        ({"choices": [{"message": {"content": None}}]}, "", None, True),
        ({"choices": [], "usage": {"prompt_tokens": 1}}, "", None, False),
        ({"choices": None, "base_resp": {"status_code": 0}}, "", None, False),
        ({"usage": {"prompt_tokens": 1}}, "", None, False),
    ],
)
def test_parts_of_replies(
    data: dict[str, Any], text: str, finish_reason: str | None, is_whole: bool
) -> None:
    chunk = read_chunk(data)

    assert (text, finish_reason, is_whole) == (chunk.text, chunk.finish_reason, chunk.is_whole)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        {"object": "ping"},
        {"choices": 3},
        {"choices": [3]},
        {"choices": {"a": 1}},
        {"choices": [{"delta": {"content": 3}}]},
        {"choices": [{"delta": {"content": [{"type": "text", "text": "a"}]}}]},
    ],
    ids=json.dumps,
)
def test_other_shapes(data: object) -> None:
    with pytest.raises(ShapeError):
        read_chunk(data)


@pytest.mark.parametrize("text", ["", "{", "nonsense", "[" * 100_000, b"\xff", "9" * 5_000])
def test_what_is_no_json(text: str | bytes) -> None:
    with pytest.raises(ShapeError, match="not valid JSON"):
        parse_json(text)


def test_flags_with_and_without_a_type() -> None:
    flagged = {**WHOLE, "input_sensitive": True, "output_sensitive": True}

    assert Sensitivity(input_type=0, output_type=0) == read_chunk(flagged).sensitivity
    assert (
        Sensitivity(output_type=3)
        == read_chunk({**WHOLE, "output_sensitive": True, "output_sensitive_type": 3}).sensitivity
    )


def test_usage_may_come_as_text_and_without_a_total() -> None:
    chunk = read_chunk({"choices": [], "usage": {"prompt_tokens": "7", "completion_tokens": 3}})

    assert Usage(prompt_tokens=7, completion_tokens=3, total_tokens=10) == chunk.usage


def test_counts_below_nothing_are_none() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": -3, "total_tokens": -1}
    chunk = read_chunk(
        {
            "choices": [],
            "usage": {**usage, "total_characters": -1},
            "output_sensitive": True,
            "output_sensitive_type": -1,
        }
    )

    assert Usage(prompt_tokens=7, completion_tokens=0, total_tokens=7) == chunk.usage
    assert Sensitivity(output_type=0) == chunk.sensitivity


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            {"id": "e1", "base_resp": {"status_code": 1002, "status_msg": "slow"}},
            (200, 1002, "slow", None, "e1"),
            id="native",
        ),
        pytest.param(
            {"base_resp": {"status_code": "1002", "status_msg": None}},
            (200, 1002, "", None, None),
            id="native, as text",
        ),
        pytest.param(
            {
                "type": "error",
                "error": {
                    "type": "server_error",
                    "message": "unknown error, 999 (1000)",
                    "http_code": "500",
                },
                "request_id": "e1",
            },
            (500, 1000, "unknown error, 999 (1000)", "server_error", "e1"),
            id="of the other endpoint",
        ),
        pytest.param({"error": "no"}, (200, None, "no", None, None), id="text"),
        pytest.param(
            {"error": {"message": "slow", "code": 429}},
            (429, None, "slow", None, None),
            id="status",
        ),
        pytest.param(
            {"error": {"message": "slow", "code": "429"}},
            (429, None, "slow", None, None),
            id="status as text",
        ),
        pytest.param(
            {"error": {"message": "no", "type": "t", "code": "name", "http_code": "99"}},
            (200, None, "no", "t name", None),
            id="names",
        ),
        pytest.param({"error": {}}, (200, None, "", None, None), id="empty"),
    ],
)
def test_errors(data: dict[str, Any], expected: tuple[object, ...]) -> None:
    found = read_refusal(data, 200)

    assert found is not None
    assert expected == (found.status, found.code, found.message, found.kind, found.request_id)


@pytest.mark.parametrize(
    "data", [None, [], {}, {"error": None}, {"error": ""}, {"base_resp": {"status_code": 0}}]
)
def test_no_errors(data: object) -> None:
    assert read_refusal(data, 200) is None


REPLY_NAMES = ["choices", "message", "delta", "content", "finish_reason", "usage", "prompt_tokens"]
ERROR_NAMES = ["error", "base_resp", "status_code", "code", "http_code", "id", "type"]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*REPLY_NAMES, *ERROR_NAMES]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:
    read_refusal(value, 200)
    try:
        chunk = read_chunk(value)
    except ShapeError:
        return
    assert isinstance(chunk, Chunk)


def test_texts_of_errors_are_cut() -> None:
    data = {"error": {"message": "x" * 10_000, "type": "y" * 10_000}, "request_id": "z" * 10_000}
    found = read_refusal(data, 400)

    assert found is not None
    assert (2_000, 200, 200) == tuple(
        len(text or "") for text in (found.message, found.kind, found.request_id)
    )
