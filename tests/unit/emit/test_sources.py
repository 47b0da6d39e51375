"""Conversations with their places: which line of the source each line of a message comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose import compile_scenario
from m2her_compose.diagnostics import Source, Span
from m2her_compose.emit.sources import plain_sources, sources
from m2her_compose.emit.terminal import cells
from m2her_compose.ir import Conversation, Message, Origin, Piece, Role

if TYPE_CHECKING:
    from pathlib import Path

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SCENE = """\
m2her: scenario/v1
id: ferry
variables: {hour: dusk}
characters:
  ilse: {use: ilse.yaml, secrets: [She cannot swim.]}
persona: {name: Tam, description: You are late.}
group:
  setting: |
    It is {{ vars.hour }} on the river.
    {{ char }} waits for {{ user }}.

    The fog is nearly here.
history: |
  user: Hello?
  ilse: Here.
    "Over here."
message: >-
  Can you take
  me across?

  I can pay.
"""
ILSE = """\
m2her: character/v1
name: Ilse
description: A ferrywoman.
"""


def compiled(folder: Path, **given_: Any) -> Conversation:
    (folder / "ferry.yaml").write_text(SCENE, encoding="utf-8")
    (folder / "ilse.yaml").write_text(ILSE, encoding="utf-8")
    result = compile_scenario(folder / "ferry.yaml", **given_)
    assert result.ok
    return result.variants[0].conversation


@pytest.fixture
def ferry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    monkeypatch.chdir(tmp_path)
    return compiled(tmp_path)


def without_templates(text: str) -> list[str]:
    """Return the lines but for those that the built-in templates say by themselves."""
    return [line for line in text.splitlines() if not line.startswith("<built-in>")]


def test_piped_every_line_begins_with_its_place(ferry: Conversation) -> None:
    shown = without_templates(plain_sources(ferry))
    assert shown[:2] == ["ferry · M2-her", ""]
    assert "ilse.yaml:2:7: system · Ilse" in shown
    assert "ilse.yaml:3:14:   A ferrywoman." in shown
    assert any(
        line.startswith("ferry.yaml:5:") and line.endswith("She cannot swim.") for line in shown
    )
    at = shown.index("ferry.yaml:9:5:   It is dusk on the river.")
    assert shown[at : at + 6] == [
        "ferry.yaml:9:5:   It is dusk on the river.",
        "ferry.yaml:3:19:     + dusk",
        "ferry.yaml:10:15:   Ilse waits for Tam.",
        "ilse.yaml:2:7:     + Ilse",
        "ferry.yaml:6:17:     + Tam",
        "",
    ]
    assert shown[at + 6] == "ferry.yaml:12:5:   The fog is nearly here."


def test_lines_of_scripts_blocks_and_folded_texts_are_told_apart(ferry: Conversation) -> None:
    shown = plain_sources(ferry).splitlines()
    assert shown[-11:] == [
        "",
        "ferry.yaml:6:17: user · Tam",
        "ferry.yaml:14:9:   Hello?",
        "",
        "ilse.yaml:2:7: assistant · Ilse",
        "ferry.yaml:15:9:   Here.",
        'ferry.yaml:16:5:   "Over here."',
        "",
        "ferry.yaml:6:17: user · Tam",
        "ferry.yaml:18:3:   Can you take me across?",
        "ferry.yaml:21:3:   I can pay.",
    ]


def test_every_place_is_where_the_text_stands(ferry: Conversation) -> None:
    """What a line says after its place is what the file says there, as far as that line goes."""
    files = {"ferry.yaml": SCENE.split("\n"), "ilse.yaml": ILSE.split("\n")}
    found = re.findall(
        r"^(ferry|ilse)(\.yaml):(\d+):(\d+): +(?:\+ )?(.+)$", plain_sources(ferry), re.MULTILINE
    )
    assert len(found) > 15
    for name, ending, line, column, text in found:
        there = files[name + ending][int(line) - 1][int(column) - 1 :]
        assert there[:3] in text or "system" in text or "group" in text or "user" in text


def test_on_a_wide_terminal_places_stand_in_a_gutter(ferry: Conversation) -> None:
    title, _, messages = sources(ferry, width=76, color=False).partition("\n\n")
    assert title == "ferry · M2-her"
    assert (
        f"\n\nferry.yaml:6  ╭─ user · Tam {'─' * 48}\n"
        "ferry.yaml:14 │ Hello?\n"
        "\n"
        f"ilse.yaml:2   ╭─ assistant · Ilse {'─' * 42}\n"
        "ferry.yaml:15 │ Here.\n"
        'ferry.yaml:16 │ "Over here."\n\n'
    ) in messages
    assert (
        "ferry.yaml:9  │ It is dusk on the river.\n"
        "ferry.yaml:3  │   └ dusk\n"
        "ferry.yaml:10 │ Ilse waits for Tam.\n"
        "ilse.yaml:2   │   └ Ilse\n"
        "ferry.yaml:6  │   └ Tam\n"
        "              │\n"
        "ferry.yaml:12 │ The fog is nearly here.\n"
    ) in messages


def test_on_a_narrow_terminal_places_stand_below(ferry: Conversation) -> None:
    shown = sources(ferry, width=50, color=False)
    assert (
        "  It is dusk on the river.\n"
        "    ↳ ferry.yaml:9\n"
        "    ↳ ferry.yaml:3  dusk\n"
        "  Ilse waits for Tam.\n"
        "    ↳ ferry.yaml:10\n"
        "    ↳ ilse.yaml:2  Ilse\n"
        "    ↳ ferry.yaml:6  Tam\n"
        "\n"
        "  The fog is nearly here.\n"
        "    ↳ ferry.yaml:12\n"
    ) in shown
    assert '  Here.\n  "Over here."\n    ↳ ferry.yaml:15-16\n' in shown


@pytest.mark.parametrize("width", [24, 50, 98, 140])
def test_colours_change_no_text(ferry: Conversation, width: int) -> None:
    colored = sources(ferry, width=width, color=True)
    assert "\x1b[1;36mdusk\x1b[0m" in colored
    assert ESCAPE.sub("", colored) == sources(ferry, width=width, color=False)


def test_of_what_was_given_on_the_command_line_the_option_is_told() -> None:
    assigned = Source(path="--set", text="hour=night")
    other = Source(path="--set", text="end=!")
    said = Source(path="--message", text="Hello?\nAnybody?")
    text = Source(path="a.yaml", text="It is {{ vars.hour }}.")
    conversation = said_by(
        piece("It is ", text, 0, 6, "/group/setting"),
        piece("night", assigned, 5, 10, "/variables/hour"),
        piece("!", other, 4, 5, "/variables/end"),
        piece("\nHello?\nAnybody?", said, 0, 15, "/message"),
    )
    assert plain_sources(conversation) == (
        "tea · M2-her\n\nuser\na.yaml:1:1:   It is night!\n--set hour:     + night\n"
        "--set end:     + !\n"
        "--message:   Hello?\n--message:   Anybody?\n"
    )


def piece(text: str, source: Source, start: int, end: int, pointer: str) -> Piece:
    origin = Origin(pointer=pointer, span=Span(source, start, end))
    return Piece(text=text, origins=(origin,), exact=True)


def said_by(*pieces: Piece, name: tuple[Piece, ...] = ()) -> Conversation:
    message = Message(role=Role.USER, pieces=pieces, name_pieces=name, unit="opening")
    return Conversation(id="tea", messages=(message,), model="M2-her", parameters={})


def test_what_nobody_wrote_has_no_place() -> None:
    plain = Piece(text="Hi", origins=(), exact=True)
    assert plain_sources(said_by(plain, name=(plain,))) == "tea · M2-her\n\nuser · Hi\n  Hi\n"
    assert sources(said_by(plain), width=80, color=False).endswith(" │ Hi\n")


def test_the_words_of_templates_yield_to_what_an_author_wrote() -> None:
    template = Source(path="<built-in>/en/group.j2", text="What happened before: {{ x }}")
    text = Source(path="a.yaml", text="recap: No.")
    conversation = said_by(
        piece("What happened before: ", template, 0, 22, ""),
        piece("No.", text, 7, 10, "/group/recap"),
        piece("\nAlso:", template, 0, 4, ""),
    )
    assert plain_sources(conversation).splitlines()[3:] == [
        "a.yaml:1:8:   What happened before: No.",
        "<built-in>/en/group.j2:1:1:   Also:",
    ]


TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("茶馆 a\n\r\t\x1b\u202e👩\u200d🚀é"),
    )
)
PIECES = st.lists(
    st.builds(
        lambda text, path, written, pointer: piece(
            text, Source(path=path, text=written), 0, len(written), pointer
        ),
        TEXTS,
        TEXTS,
        TEXTS,
        st.sampled_from(["", "/message", "/variables/x", "/persona/name"]),
    ),
    max_size=6,
)


@given(PIECES, PIECES, st.integers(20, 160))
def test_any_text_fits_and_acts_on_nothing(
    pieces: list[Piece], name: list[Piece], width: int
) -> None:
    conversation = said_by(*pieces, name=tuple(name))
    for color in (False, True):
        shown = sources(conversation, width=width, color=color)
        plain = ESCAPE.sub("", shown) if color else shown
        assert not ACTS.search(plain)
        assert all(cells(line) <= max(24, width) for line in plain.splitlines())
    assert not ACTS.search(plain_sources(conversation))
