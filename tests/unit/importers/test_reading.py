"""Which files hold requests, in which shapes, and what is said of those that hold none."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from m2her_compose.importers import MOST_BYTES, Refusal, import_request, read_requests

HELLO: Final = [{"role": "user", "content": "Hello?"}]
BODY: Final = {"model": "M2-her", "messages": HELLO}


def read(text: str | bytes) -> list[tuple[Any, str | None]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(found.value, found.place) for found in read_requests(data, "chat.json")]


def refusal(text: str | bytes) -> str:
    with pytest.raises(Refusal) as caught:
        import_all(text)
    return caught.value.message


def import_all(text: str | bytes) -> None:
    for value, _ in read(text):
        import_request(value)


def lines(*values: object) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(json.dumps(HELLO), [(HELLO, None)], id="messages"),
        pytest.param(json.dumps(BODY), [(BODY, None)], id="body"),
        pytest.param(
            json.dumps([{"content": "x"}, *HELLO]),
            [([{"content": "x"}, *HELLO], None)],
            id="messages-of-which-the-first-lacks-its-role",
        ),
        pytest.param(json.dumps(HELLO[0]), [(HELLO, None)], id="one-message"),
        pytest.param(
            json.dumps([HELLO, HELLO]),
            [(HELLO, "request 1"), (HELLO, "request 2")],
            id="list-of-messages-of-several",
        ),
        pytest.param(json.dumps([BODY]), [(BODY, "request 1")], id="list-of-bodies"),
        pytest.param(
            lines(BODY, HELLO), [(BODY, "line 1"), (HELLO, "line 2")], id="one-request-a-line"
        ),
        pytest.param(lines(*HELLO, *HELLO), [(HELLO * 2, None)], id="one-message-a-line"),
        pytest.param(
            f"\n{lines(BODY)}\n\n{lines(BODY)}", [(BODY, "line 2"), (BODY, "line 5")], id="blanks"
        ),
        pytest.param("\ufeff" + json.dumps(BODY), [(BODY, None)], id="byte-order-mark"),
        pytest.param(
            '{"messages": [{"role": "user", "content": "a\u2028b"}]}\n' * 2,
            [
                ({"messages": [{"role": "user", "content": "a\u2028b"}]}, f"line {n}")
                for n in (1, 2)
            ],
            id="lines-end-at-newlines-alone",
        ),
    ],
)
def test_every_shape_is_taken_apart(text: str, expected: list[Any]) -> None:
    assert expected == read(text)


def test_a_line_of_a_batch_holds_its_request_as_body() -> None:
    batch = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": BODY}
    assert import_request(batch).text == import_request(BODY).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "the file is empty", id="nothing"),
        pytest.param(" \n", "the file is empty", id="blanks"),
        pytest.param("m2her: scenario/v1", "line 1, column 1: no JSON: expecting value", id="yaml"),
        pytest.param(
            '{\n  "a" 1\n}', "line 2, column 7: no JSON: expecting `:` delimiter", id="no-colon"
        ),
        pytest.param(
            f"{lines(BODY)}{{]\n",
            "line 2, column 2: no JSON: expecting property name enclosed in double quotes",
            id="second-line",
        ),
        pytest.param(
            "{} {}", "line 1, column 4: no JSON: more follows where the JSON ends", id="more"
        ),
        pytest.param("[NaN]", "`NaN` is not a number that JSON knows", id="nan"),
        pytest.param("[1" + "0" * 5000 + "]", "a number of 5,001 digits", id="digits"),
        pytest.param('{"a": 1, "a": 2}', 'an object has the key "a" twice', id="twice"),
        pytest.param("[" * 100_000, "the JSON is nested too deeply", id="deep-lists"),
        pytest.param('{"a":' * 100_000, "the JSON is nested too deeply", id="deep-maps"),
        pytest.param(b'["\xe9"]', "line 1, column 3: the byte 0xE9 is not UTF-8", id="latin-1"),
        pytest.param("[]".encode("utf-16"), "line 1, column 1: the file is UTF-16", id="utf-16"),
        pytest.param(
            b" " * (MOST_BYTES + 1), "the file is larger than 16,777,216 bytes", id="too-large"
        ),
        pytest.param(
            "[" + "[]," * 10_000 + "[]]",
            "10,001 requests, and at most 10,000 are taken at once",
            id="too-many",
        ),
        pytest.param("[]", "there are no messages", id="empty-list"),
        pytest.param("7", "this is no request", id="number"),
        pytest.param('{"prompt": "Hello?"}', "this is no request", id="other-map"),
        pytest.param('{"messages": {}}', "`messages` is no list", id="messages-are-a-map"),
        pytest.param(
            '{"spec": "chara_card_v2", "data": {}}',
            "this is a character card, and no request",
            id="card",
        ),
        pytest.param('{"choices": []}', "this is a service's answer, and no request", id="answer"),
        pytest.param(
            '{"conversations": []}',
            "`conversations` are not messages of a request",
            id="conversations",
        ),
    ],
)
def test_what_is_no_request_is_refused_in_these_words(text: str | bytes, expected: str) -> None:
    assert expected == refusal(text)
