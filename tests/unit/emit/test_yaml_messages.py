"""Messages as YAML: what is read back, and how texts are written."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.emit.yaml_messages import messages_yaml
from m2her_compose.ir import Conversation, Message, Piece, Role

ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\"'\\\n\n \t\r:#-|>{}[]&*!茶\x1b\u202e\x85\u2028👩\u200d🚀"),
    )
)


def conversation(*texts: str, name: str = "") -> Conversation:
    return Conversation(
        id="tea",
        messages=tuple(
            Message(role=Role.USER, pieces=(piece(text),), name_pieces=(piece(name),), unit="x")
            for text in texts
        ),
        model="M2-her",
        parameters={},
    )


def piece(text: str) -> Piece:
    return Piece(text=text, origins=(), exact=True)


@given(st.lists(TEXTS, max_size=4), TEXTS)
def test_any_text_is_read_back_and_acts_on_nothing(texts: list[str], name: str) -> None:
    made = conversation(*texts, name=name)
    shown = messages_yaml([made])
    assert yaml.safe_load(shown) == [message.to_dict() for message in made.messages]
    assert not ACTS.search(shown)


def test_texts_of_several_lines_are_blocks() -> None:
    made = conversation('One.\n\nTwo: "three".', "No", "a\x1bb", name="Zoë")
    assert messages_yaml([made]) == (
        "- role: user\n"
        "  name: Zoë\n"
        "  content: |-\n"
        "    One.\n"
        "\n"
        '    Two: "three".\n'
        "- role: user\n"
        "  name: Zoë\n"
        '  content: "No"\n'
        "- role: user\n"
        "  name: Zoë\n"
        '  content: "a\\u001bb"\n'
    )


def test_several_are_documents_under_their_ids() -> None:
    shown = messages_yaml([conversation("a"), conversation("b\n\n")])
    assert shown.startswith("--- # tea\n- role: user\n  content: a\n--- # tea\n")
    assert list(yaml.safe_load_all(shown)) == [
        [{"role": "user", "content": "a"}],
        [{"role": "user", "content": "b\n\n"}],
    ]


@pytest.mark.parametrize("text", ["b\n\n", "b\n\n\n", "\n\nb"])
def test_what_follows_a_block_is_no_part_of_it(text: str) -> None:
    shown = messages_yaml([conversation(text, text)])
    assert [text, text] == [each["content"] for each in yaml.safe_load(shown)]


def test_no_messages_are_an_empty_list() -> None:
    assert yaml.safe_load(messages_yaml([conversation()])) == json.loads("[]")
