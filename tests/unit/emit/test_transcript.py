"""Conversations for people: transcripts, boxes, and the account of where each piece came from."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.diagnostics import Source, Span
from m2her_compose.emit.explanation import explanation
from m2her_compose.emit.terminal import cells
from m2her_compose.emit.transcript import boxed_transcript, plain_transcript
from m2her_compose.ir import Conversation, Message, Origin, Piece, Role

TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("茶馆 a\n\t\x1b\u202e👩\u200d🚀é")
    )
)
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SOURCE = Source(path="tea\x1b.yaml", text="one\ntwo\nthree\n")


def origin(start: int, pointer: str = "/message", *, via: int | None = None) -> Origin:
    steps = (Span(SOURCE, via, via + 1),) if via is not None else ()
    return Origin(pointer=pointer, span=Span(SOURCE, start, start + 1), via=steps)


def piece(text: str, *origins: Origin, exact: bool = True) -> Piece:
    return Piece(text=text, origins=origins, exact=exact)


def message(
    content: str | tuple[Piece, ...], name: str | None = None, role: Role = Role.USER
) -> Message:
    pieces = (piece(content),) if isinstance(content, str) else content
    return Message(
        role=role,
        pieces=pieces,
        name_pieces=(piece(name),) if name is not None else (),
        unit="opening",
    )


def conversation(*messages: Message) -> Conversation:
    return Conversation(id="tea", messages=messages, model="M2-her", parameters={"stream": False})


def test_the_whole_transcript() -> None:
    said = conversation(message("Hi\n\n  there", "Zoe"), message("茶", role=Role.ASSISTANT))
    assert plain_transcript(said) == (
        "tea · M2-her · stream false\n\nuser · Zoe\n  Hi\n\n    there\n\nassistant\n  茶\n"
    )


def test_the_whole_box() -> None:
    said = conversation(message("Hi\n茶馆", "Zoe"))
    assert boxed_transcript(said, width=28, color=False) == (
        "tea · M2-her · stream false\n"
        "╭─ user · Zoe ─────────────╮\n"
        "│ Hi                       │\n"
        "│ 茶馆                     │\n"
        "╰──────────────────────────╯\n"
    )


@given(TEXTS, TEXTS, st.integers(1, 200))
def test_boxes_are_straight_whatever_is_said(content: str, name: str, width: int) -> None:
    """Every line of a box takes the same cells, and no character acts on the terminal."""
    shown = boxed_transcript(conversation(message(content, name)), width=width, color=False)
    assert not ACTS.search(shown)
    lines = shown.split("\n")[:-1]
    boxed = [line for line in lines if line.startswith(("╭", "│", "╰"))]
    assert {max(24, min(width, 100))} == {cells(line) for line in boxed}
    assert max(cells(line) for line in lines) <= cells(boxed[0])
    assert not ACTS.search(plain_transcript(conversation(message(content, name))))


def test_colours_change_nothing_but_colours() -> None:
    said = conversation(message("Hi\n茶馆", "Zoe"), message("x", role=Role.GROUP))
    painted = boxed_transcript(said, width=40, color=True)
    assert boxed_transcript(said, width=40, color=False) == re.sub(r"\x1b\[[\d;]*m", "", painted)
    assert "\x1b" in painted


# --- explanation


def test_the_whole_explanation() -> None:
    pieces = (
        piece('a "b"\\\n', origin(0)),
        piece("c", origin(4, via=8), exact=False),
        piece("d"),
        piece("e", *(origin(i) for i in range(5)), exact=False),
    )
    said = Message(
        role=Role.SYSTEM,
        pieces=pieces,
        name_pieces=(piece("Zoe", origin(8, "/persona/name")),),
        unit="system",
        template="en/system.j2",
    )
    place = r"tea\u{1b}.yaml"
    places = ", ".join(f"{place}:1:{column} /message" for column in (1, 2, 3))
    assert explanation(conversation(said), "sha256:00").splitlines() == [
        "tea sha256:00",
        "  1 system",
        f'      name      "Zoe" <- {place}:3:1 /persona/name',
        "      template  en/system.j2",
        rf'      "a \"b\"\\\n" <- {place}:1:1 /message',
        f'      "c" <- computed from {place}:2:1 /message via {place}:3:1',
        '      "d" (built in)',
        f'      "e" <- computed from {places} and 2 more',
    ]


@pytest.mark.parametrize("text", ["x" * 5000, "茶" * 5000, "\x1b[31m\u202e" * 50])
def test_an_explanation_is_short_and_harmless(text: str) -> None:
    shown = explanation(conversation(message(text, text)), "sha256:00")
    assert not ACTS.search(shown)
    assert len(shown) < 2000
