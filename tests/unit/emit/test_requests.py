"""Requests as JSON."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.emit.requests import messages_json, requests_json, requests_jsonl

ODD = (
    "\x00\x1b\x7f\x85\x9b\xad\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\U000e0041"
)
TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(ODD + '"\\/茶'))
)
BODIES = st.lists(
    st.builds(
        lambda model, contents: {
            "model": model,
            "messages": [{"role": "user", "content": each} for each in contents],
        },
        TEXTS,
        st.lists(TEXTS, max_size=3),
    ),
    min_size=1,
    max_size=4,
)
ACTS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


@given(BODIES)
def test_json_reads_back_as_what_was_written(bodies: list[dict[str, object]]) -> None:
    """And no character in it acts on a terminal or breaks a line."""
    whole, messages, lines = requests_json(bodies), messages_json(bodies), requests_jsonl(bodies)
    arrays = [body["messages"] for body in bodies]
    several = len(bodies) > 1
    assert (bodies if several else bodies[0]) == json.loads(whole)
    assert (arrays if several else arrays[0]) == json.loads(messages)
    assert bodies == [json.loads(line) for line in lines.split("\n")[:-1]]
    for text in (whole, messages, lines):
        assert text.endswith("\n")
        assert not ACTS.search(text)


def test_text_of_any_script_stays_readable() -> None:
    body = {"model": "x", "messages": [{"role": "user", "content": "茶 é 👩‍🚀 می‌خواهم"}]}
    assert "茶 é 👩‍🚀 می‌خواهم" in requests_json([body])


def test_the_forms() -> None:
    body = {"model": "x", "messages": [{"role": "user", "content": "a"}], "stream": False}
    assert requests_jsonl([body]) == (
        '{"model":"x","messages":[{"role":"user","content":"a"}],"stream":false}\n'
    )
    assert messages_json([body]) == '[\n  {\n    "role": "user",\n    "content": "a"\n  }\n]\n'
