"""Scripts and turns: who says what, and where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.scenario.conftest import Decode

CAST = """\
system: x
message: x
characters: {ann: {name: Ann Li}, bob: {}}
speaker: ann
"""


def history(script: str) -> str:
    """Return a scenario with a script whose first line is line 7, and that begins in column 3."""
    body = "".join(f"  {line}\n" if line else "\n" for line in script.split("\n"))
    return f"{CAST}history: |\n{body}"


def test_a_script_is_split_at_speakers(decoded: Decode) -> None:
    found = decoded(
        history("user: Hello.\nann:   Come in:\n  sit: down.\nnarrator:Snow falls.\nbob : Hm.")
    )
    assert found.history == [
        ("user", "Hello."),
        ("ann", "Come in:\nsit: down."),
        ("narrator", "Snow falls."),
        ("bob", "Hm."),
    ]
    assert found.findings == []


def test_a_full_width_colon_opens_a_turn(decoded: Decode) -> None:
    found = decoded(history("user：你好。\nann：坐。"))
    assert found.history == [("user", "你好。"), ("ann", "坐。")]


def test_lines_keep_their_shape_but_for_common_indentation_and_blanks_around(
    decoded: Decode,
) -> None:
    script = "user:\n\n    one\n      two\n\n    three\n\nann: four\nfive"
    assert decoded(history(script)).history == [
        ("user", "one\n  two\n\nthree"),
        ("ann", "four\nfive"),
    ]


def test_every_character_of_a_turn_knows_its_place(decoded: Decode) -> None:
    """Also where indentation was taken away from between."""
    found = decoded(history("user: one\n  two\nann: x"))
    text = found.scenario.history[0].text
    places = [str(text.span_of(i, i + 1)) for i in (0, 4, 6)]
    assert "one\ntwo" == text.value
    assert places == ["tea.yaml:7:9", "tea.yaml:8:5", "tea.yaml:8:7"]


def test_start_separates_examples(decoded: Decode) -> None:
    """In any case, alone on its line; empty stretches are no examples."""
    found = decoded(
        CAST
        + "examples:\n  - |\n    <START>\n    user: a\n    ann: b\n    <start>\n    user: c\n"
        + "    <START> d\n    <START>\n    <START>\n  - user: e\n    ann: f\n"
        + "  - - ann: g\n    - user: h\n"
    )
    assert found.examples == [
        [("user", "a"), ("ann", "b")],
        [("user", "c\n<START> d")],
        [("user", "e"), ("ann", "f")],
        [("ann", "g"), ("user", "h")],
    ]


def test_start_in_a_history_is_an_error(decoded: Decode) -> None:
    found = decoded(history("user: a\n<START>\nann: b"))
    assert found.findings == [
        "M2H208 8:3 `<START>` separates examples, and a history is one conversation"
    ]


@pytest.mark.parametrize(
    ("script", "finding"),
    [
        pytest.param(
            "Hello.", "M2H208 7:3 a script begins with a line that nobody says", id="first"
        ),
        pytest.param("ann:\nuser: x", "M2H207 7:3 a line that says nothing", id="empty"),
        pytest.param(
            "user: x\nusser: y",
            "M2H209 8:3 `usser` is no speaker, so that the line belongs to the turn above",
            id="misspelt",
        ),
        pytest.param(
            "user: x\nNan: y",
            "M2H209 8:3 `Nan` is no speaker, so that the line belongs to the turn above",
            id="swapped",
        ),
        pytest.param(
            "user: x\nAnn Li: y",
            "M2H209 8:3 `Ann Li` is no speaker, so that the line belongs to the turn above",
            id="name-for-id",
        ),
        pytest.param(
            "user: x\n  ann: y",
            "M2H209 8:5 `ann:` is indented, so that the line belongs to the turn above",
            id="indented",
        ),
        pytest.param(
            "user: x\n{{char}}: y",
            "M2H209 8:3 `{{char}}` is no speaker, so that the line belongs to the turn above",
            id="macro",
        ),
        pytest.param("ai: x", "M2H321 7:3 `ai` could be any of 2 characters", id="ambiguous-ai"),
    ],
)
def test_mistakes_in_scripts_stand_at_their_line(
    decoded: Decode, script: str, finding: str
) -> None:
    assert finding in decoded(history(script)).findings


def test_talk_with_colons_is_no_mistake(decoded: Decode) -> None:
    """Times, lists and words that look like labels belong to the turn in silence."""
    script = "user: Now:\n12:30: the train.\nNote: bring tea.\nhttp://example.org/\n- a: b"
    found = decoded(history(script))
    assert [("user", script.removeprefix("user: "))] == found.history
    assert [] == found.findings


# --- turns written as maps


def test_turns_of_maps(decoded: Decode) -> None:
    """Each speaks in one line, to the character typed, even where YAML reads something else."""
    found = decoded(
        CAST + "history:\n- user: No\n- ann: 12:30\n- bob: null\n- narrator: ~\n- user: 1.50\n"
    )
    assert found.history == [
        ("user", "No"),
        ("ann", "12:30"),
        ("bob", "null"),
        ("narrator", "~"),
        ("user", "1.50"),
    ]
    assert [] == found.findings


@pytest.mark.parametrize(
    ("turn", "finding"),
    [
        ("{user: a, ann: b}", "M2H206 7:13 a turn with 2 speakers: `user`, `ann`"),
        ("{thought: b}", "M2H206 7:3 a turn without a speaker"),
        ("{anne: b}", "M2H205 7:4 `anne` is no speaker"),
        ("{ai: b}", "M2H321 7:4 `ai` could be any of 2 characters"),
        ("{user: '  '}", "M2H207 7:4 a line that says nothing"),
        ("{user: a, thought: b}", "M2H210 7:13 a thought beside a line that no character says"),
        ("{narrator: a, thought: b}", "M2H210 7:17 a thought beside a line that no character says"),
    ],
    ids=["two", "none", "unknown", "ai", "blank", "thought-of-user", "thought-of-narrator"],
)
def test_mistakes_in_turns(decoded: Decode, turn: str, finding: str) -> None:
    found = decoded(f"{CAST}history:\n- {turn}\n")
    assert [finding] == found.findings


def test_a_thought_is_its_characters_own(decoded: Decode) -> None:
    found = decoded(CAST + "history:\n- bob: a\n  thought: b\n")
    (turn,) = found.scenario.history
    assert turn.thought is not None
    assert ("b", "bob", True) == (turn.thought.value, turn.thought.owner, turn.thought.private)


@pytest.mark.parametrize(
    ("cast", "speaker"),
    [("characters: {ann: x}", "ann"), ("system: x", "ai")],
    ids=["only-character", "no-character"],
)
def test_ai_is_the_only_character_or_else_the_model(
    decoded: Decode, cast: str, speaker: str
) -> None:
    found = decoded(f"{cast}\nhistory: [ai: Hello]\n")
    assert [(speaker, "Hello")] == found.history


def test_in_a_characters_own_examples_ai_is_that_character(decoded: Decode) -> None:
    found = decoded(
        """\
        speaker: ann
        characters:
          ann: {prompt: x}
          bob:
            prompt: y
            examples:
            - {user: a, ai: b}
            - |
              ai: c
              ann: d
        """
    )
    turns = [turn for each in found.scenario.characters["bob"].examples for turn in each.turns]
    assert [] == found.findings
    assert [("user", None), ("bob", "bob"), ("bob", "bob"), ("ann", "ann")] == [
        (turn.speaker, turn.text.owner) for turn in turns
    ]
