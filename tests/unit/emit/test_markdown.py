"""Transcripts as Markdown, which no text can leave."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.emit.markdown import code_span, fenced, markdown_transcript
from m2her_compose.emit.terminal import cells
from m2her_compose.ir import Conversation, Message, Piece, Role

HOSTILE = "```\n</details>\n| a | b |\n~~~~\n# @everyone <script> [x](http://x) `````text\n"
TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(st.sampled_from("`|\n~ #<>@[]()\t\x1b\u202e茶"), max_size=80),
)
# A fence, and the one that ends it: in between nothing is markup (CommonMark, 4.5).
BLOCK = re.compile(r"^(`{3,})text\n(?:(?!\1).*\n)*\1$", re.MULTILINE)
LABEL = re.compile(
    r"\*\*\d+ · [a-z_]+\*\*(?: · `[^`\n]+`)?|## `[^`\n]+`|`[^`\n]+`(?: · `[^`\n]+`)*"
)


def conversation(text: str, name: str = "Zoë", model: str = "M2-her") -> Conversation:
    message = Message(role=Role.USER, pieces=(piece(text),), name_pieces=(piece(name),), unit="x")
    return Conversation(
        id="tea[mood=calm]", messages=(message, message), model=model, parameters={"top_p": 0.9}
    )


def piece(text: str) -> Piece:
    return Piece(text=text, origins=(), exact=True)


def test_the_whole_transcript() -> None:
    assert markdown_transcript(conversation("Hi\n茶")) == (
        "## `tea[mood=calm]`\n"
        "\n"
        "`M2-her` · `top_p 0.9`\n"
        "\n"
        "**1 · user** · `Zoë`\n"
        "\n"
        "```text\nHi\n茶\n```\n"
        "\n"
        "**2 · user** · `Zoë`\n"
        "\n"
        "```text\nHi\n茶\n```\n"
    )


def test_a_fence_is_longer_than_any_run_of_backticks_in_it() -> None:
    shown = fenced(HOSTILE)
    assert shown.startswith("``````text\n```\n</details>")
    assert shown.endswith("\n``````")


def test_long_lines_are_wrapped() -> None:
    shown = fenced("word " * 100)
    assert max(map(cells, shown.split("\n"))) <= 100
    assert shown.count("word") == 100


def test_code_spans_hold_no_backtick_and_no_bar() -> None:
    assert code_span("a`b``c|d\ne") == r"`aˋbˋˋc¦d\u{a}e`"
    assert code_span("") == code_span(" ") == ""


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_is_left_outside_of_fences_and_spans(text: str, name: str, model: str) -> None:
    shown = markdown_transcript(conversation(text, name, model))
    rest = BLOCK.sub("", shown)
    assert 2 == len(BLOCK.findall(shown))
    assert all(LABEL.fullmatch(line) for line in rest.split("\n") if line)
