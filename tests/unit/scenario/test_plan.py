"""Plans: who answers, what opens the history, and which units are sent in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose.api import given_message, given_node
from m2her_compose.scenario import Names, Overrides

if TYPE_CHECKING:
    from tests.unit.scenario.conftest import Decode, Decoded

CAST = "characters: {ann: {prompt: x, greetings: [Hi, Ho]}, bob: {prompt: y}}\nmessage: x\n"


def turns(found: Decoded, overrides: Overrides | None = None) -> list[list[tuple[str, str]]]:
    """Return who says what, in each variant, without examples."""
    return [
        [
            (turn.speaker, turn.text.value)
            for unit in plan.units
            if unit.kind.value in ("turn", "opening")
            for turn in unit.turns
        ]
        for plan in found.plans(overrides)
    ]


def test_units_in_the_order_in_which_they_are_sent(decoded: Decode) -> None:
    found = decoded(
        """\
        characters:
          ann: {prompt: x, examples: [{user: a, ai: b}]}
          bob: {prompt: y, examples: [ai: c]}
        speaker: ann
        examples: [{user: d}, [{ann: e}, {user: f}]]
        history: [{user: g}, {bob: h}]
        greeting: Welcome.
        message: i
        """
    )
    (plan,) = found.plans()
    units = [(unit.id, " ".join(turn.text.value for turn in unit.turns)) for unit in plan.units]
    assert units == [
        ("system", ""),
        ("persona", ""),
        ("group", ""),
        ("example/0", "a b"),
        ("example/1", "d"),
        ("example/2", "e f"),
        ("turn/0", "Welcome."),
        ("turn/1", "g"),
        ("turn/2", "h"),
        ("opening", "i"),
    ]
    assert [] == found.findings


# --- the speaker


def test_the_only_character_answers(decoded: Decode) -> None:
    (plan,) = decoded("characters: {ann: x}\nmessage: x\n").plans()
    assert "ann" == plan.speaker
    (plan,) = decoded("system: x\nmessage: x\n").plans()
    assert plan.speaker is None


def test_one_of_several_must_be_named(decoded: Decode) -> None:
    found = decoded(CAST)
    found.plans()
    assert ["M2H320 2:1 nobody says which of 2 characters is to answer"] == found.findings
    found = decoded(CAST + "speaker: bob\n")
    given = Overrides(speaker=given_node("--speaker", "ann"))
    assert ["bob", "ann"] == [found.plans()[0].speaker, found.plans(given)[0].speaker]
    assert [] == found.findings


def test_an_unknown_speaker_has_a_suggestion(decoded: Decode) -> None:
    found = decoded(CAST + "speaker: bop\n")
    found.plans()
    assert ["M2H320 4:10 no character is called `bop`"] == found.findings
    assert ["did you mean `bob`?"] == [each.help for each in found.sink.sorted()]


# --- greetings


@pytest.mark.parametrize(
    ("greeting", "opened"),
    [
        ("", [[("ann", "Hi"), ("user", "x")]]),
        ("greeting: 0\n", [[("ann", "Hi"), ("user", "x")]]),
        ("greeting: 1\n", [[("ann", "Ho"), ("user", "x")]]),
        ("greeting: none\n", [[("user", "x")]]),
        ("greeting: Come in.\n", [[("ann", "Come in."), ("user", "x")]]),
        ("greeting: '1'\n", [[("ann", "1"), ("user", "x")]]),
        ("greeting: all\n", [[("ann", "Hi"), ("user", "x")], [("ann", "Ho"), ("user", "x")]]),
        ("history: [user: a]\n", [[("user", "a"), ("user", "x")]]),
        ("history: [user: a]\ngreeting: 0\n", [[("ann", "Hi"), ("user", "a"), ("user", "x")]]),
    ],
    ids=[
        "default",
        "first",
        "second",
        "none",
        "text",
        "quoted-number-is-a-text",
        "all",
        "default-with-history",
        "first-with-history",
    ],
)
def test_what_opens_the_history(
    decoded: Decode, greeting: str, opened: list[list[tuple[str, str]]]
) -> None:
    found = decoded(f"{CAST}speaker: ann\n{greeting}")
    assert opened == turns(found)
    assert [] == found.findings


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "speaker: ann\ngreeting: 2\n",
            "there is no greeting `2`: `ann` has the greetings 0 to 1",
        ),
        ("speaker: bob\ngreeting: all\n", "there is no greeting `all`: `bob` has no greetings"),
        ("speaker: bob\ngreeting: 0\n", "there is no greeting `0`: `bob` has no greetings"),
    ],
    ids=["past-the-last", "all-of-none", "first-of-none"],
)
def test_a_greeting_that_does_not_exist(decoded: Decode, lines: str, message: str) -> None:
    found = decoded(CAST + lines)
    found.plans()
    assert [f"M2H322 5:11 {message}"] == found.findings


def test_greetings_are_the_speakers(decoded: Decode) -> None:
    """With another speaker, another greeting: none of the first one's."""
    found = decoded(CAST + "speaker: ann\n")
    given = Overrides(speaker=given_node("--speaker", "bob"))
    assert [[("user", "x")]] == turns(found, given)


# --- the message, names


def test_an_open_scenario_has_a_note_and_compiles(decoded: Decode) -> None:
    found = decoded("system: x\nhistory: [user: a]\n")
    assert [[("user", "a")]] == turns(found)
    assert [("M2H325", "note")] == [
        (each.code.id, each.severity.value) for each in found.sink.sorted()
    ]
    given = Overrides(message=given_message("--message", "{{ b }}"))
    found = decoded("system: x\nhistory: [user: a]\n")
    assert [[("user", "a"), ("user", "{{ b }}")]] == turns(found, given)
    assert [] == found.findings


def test_nobody_to_speak_is_an_error(decoded: Decode) -> None:
    found = decoded("message: x\n")
    found.plans()
    assert [
        "M2H323 1:1 nobody speaks: the scenario has neither a `system` text nor a character"
    ] == found.findings


@pytest.mark.parametrize(
    ("written", "overrides", "expected"),
    [
        ("", Overrides(), Names.ALWAYS),
        ("", Overrides(default_names=Names.NEVER), Names.NEVER),
        ("names: given\n", Overrides(default_names=Names.NEVER), Names.GIVEN),
        ("names: given\n", Overrides(names=Names.NEVER), Names.NEVER),
    ],
    ids=["built-in", "library", "file", "caller"],
)
def test_whose_word_on_names_holds(
    decoded: Decode, written: str, overrides: Overrides, expected: Names
) -> None:
    (plan,) = decoded(f"system: x\nmessage: x\n{written}").plans(overrides)
    assert expected is plan.names


def test_the_id_is_the_files_stem_unless_written(decoded: Decode) -> None:
    assert "tea_house-2" == decoded("system: x\n", "tea_house-2.yaml").scenario.id
    assert "茶馆" == decoded("id: 茶馆\nsystem: x\n").scenario.id
    assert ["M2H204 1:1 the file's name `a b` cannot serve as the scenario's id"] == decoded(
        "system: x\n", "a b.yaml"
    ).findings
    assert ["M2H204"] == [
        each.code.id for each in decoded("id: a b\nsystem: x\n").sink.sorted() if each.is_error
    ]
