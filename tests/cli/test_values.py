"""Values from outside: --set, --vars, --message, --speaker, --names, --variant."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program

TYPED = """\
m2her: scenario/v1
id: typed
variables:
  n: {type: integer, default: 3}
  f: {type: number, default: 1.5}
  b: {type: boolean, default: true}
  e: {type: string, default: calm, enum: [calm, storm]}
  s: hi
system: "{{ vars.n + 1 }}|{{ vars.f }}|{{ not vars.b }}|{{ vars.e }}|{{ vars.s }}"
message: Hello
"""
MATRIX = """\
m2her: scenario/v1
id: tea
variables: {mood: calm, era: now}
matrix: {mood: [calm, storm], era: {now: today, tang: the Tang dynasty}}
system: "{{ vars.mood }}|{{ vars.era }}"
message: Hello
"""
CAST = """\
m2her: scenario/v1
id: cast
characters: {ann: {name: Ann, prompt: I am Ann.}, bob: {prompt: I am Bob.}}
message: In the file.
"""


def systems(jsonl: str) -> list[str]:
    return [json.loads(line)["messages"][0]["content"] for line in jsonl.splitlines()]


def test_set_reads_values_as_their_types_want_them(m2her: Program) -> None:
    """A text is exactly what was typed: never a template, and `=` is a character like others."""
    m2her.write("a.yaml", TYPED)
    values = ["n=41", "f=2.50", "b=false", "e=storm", "s={{ 7 * 7 }} = x", "n=6"]
    flags = [flag for value in values for flag in ("--set", value)]
    done = m2her("compile", "a.yaml", *flags, "-f", "jsonl")
    assert (0, ["7|2.5|true|storm|{{ 7 * 7 }} = x"], "") == (
        done.status,
        systems(done.out),
        done.err,
    )


def test_all_bad_values_are_reported_where_they_were_typed(m2her: Program) -> None:
    m2her.write("a.yaml", TYPED)
    values = ["n=3.0", "f=nan", "b=yes", "e=strom", "nn=1"]
    flags = [flag for value in values for flag in ("-s", value)]
    done = m2her("compile", "a.yaml", *flags)
    assert (1, "") == (done.status, done.out)
    for expected in (
        "`n` wants a whole number, and this is `3.0`\n  --> --set:1:3",
        "= help: it is declared as integer at a.yaml:4:3",
        "`f` wants a number, and this is `nan`",
        "`b` wants `true` or `false`, and this is `yes`",
        "`e` cannot be `strom`\n  --> --set:1:3",
        "= help: did you mean `storm`?",
        "error[M2H310]: no variable is called `nn`\n  --> --set:1:1",
        "= help: did you mean `n`?",
    ):
        assert expected in done.err
    assert done.err.endswith("\n5 errors\n")


def test_a_huge_bad_value_is_not_printed_whole(m2her: Program) -> None:
    m2her.write("a.yaml", TYPED)
    done = m2her("compile", "a.yaml", "--set", "n=" + "x" * 120_000)
    assert (1, "") == (done.status, done.out)
    assert len(done.err) < 2000


def test_a_value_file_is_yaml_or_json(m2her: Program) -> None:
    """In a file, quotes make a text; of several files the last one holds, and --set over all."""
    m2her.write("a.yaml", TYPED)
    m2her.write("v.yaml", "n: 9\ns: No\n")
    m2her.write("v.json", '{"n": 8, "f": 2.50, "b": false, "s": "\\u732b"}')
    done = m2her("compile", "a.yaml", "--vars", "v.json", "--vars", "v.yaml", "-f", "jsonl")
    assert (0, ["10|2.5|true|calm|No"]) == (done.status, systems(done.out))
    done = m2her(
        "compile", "a.yaml", "-s", "n=1", "--vars", "v.yaml", "--vars", "v.json", "-f", "jsonl"
    )
    assert (0, ["2|2.5|true|calm|猫"]) == (done.status, systems(done.out))


def test_mistakes_in_a_value_file_are_findings_there(m2her: Program) -> None:
    m2her.write("a.yaml", TYPED)
    m2her.write("v.yaml", 'n: "4"\nb: [1]\nmod: x\n')
    done = m2her("compile", "a.yaml", "--vars", "v.yaml")
    assert (1, "") == (done.status, done.out)
    assert "--> v.yaml:1:4" in done.err
    assert "`b` wants `true` or `false`, and this is a list\n  --> v.yaml:2:4" in done.err
    assert "no variable is called `mod`\n  --> v.yaml:3:1" in done.err


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        pytest.param("nope.yaml", 2, "--vars nope.yaml", id="missing"),
        pytest.param(".", 2, "--vars .", id="folder"),
        pytest.param("pipe", 2, "--vars pipe: not a regular file", id="pipe"),
        pytest.param("sparse.yaml", 1, "larger than 4,000,000 bytes", id="5-gb"),
        pytest.param("binary.yaml", 1, "the byte 0xFF is not UTF-8", id="binary"),
        pytest.param("list.yaml", 1, "a map from variables to values", id="list"),
        pytest.param("broken.yaml", 1, "broken.yaml:2:", id="not-yaml"),
    ],
)
def test_a_value_file_that_is_none(m2her: Program, name: str, status: int, message: str) -> None:
    m2her.write("a.yaml", TYPED)
    m2her.write("binary.yaml", b"\xff\x00" * 99)
    m2her.write("list.yaml", "[1]")
    m2her.write("broken.yaml", "n: 1\nf: ]")
    os.mkfifo(m2her.folder / "pipe")
    with (m2her.folder / "sparse.yaml").open("wb") as file:
        file.truncate(5_000_000_000)
    done = m2her("compile", "a.yaml", "--vars", name)
    assert (status, "") == (done.status, done.out)
    assert message in done.err


def test_set_replaces_an_axis(m2her: Program) -> None:
    """Under the value's own label, where it has one."""
    m2her.write("a.yaml", MATRIX)
    done = m2her("compile", "a.yaml", "-s", "era=the Tang dynasty", "-f", "text")
    assert ["tea[mood=calm,era=tang]", "tea[mood=storm,era=tang]"] == [
        line.split(" · ")[0] for line in done.out.splitlines() if " · M2-her" in line
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(["tea[mood=storm,era=now]"], ["storm|today"], id="whole-id"),
        pytest.param(["mood=calm,era=tang"], ["calm|the Tang dynasty"], id="in-brackets"),
        pytest.param(
            ["mood=storm,era=now", "tea[mood=calm,era=now]", "mood=storm,era=now"],
            ["storm|today", "calm|today"],
            id="several",
        ),
    ],
)
def test_variant_chooses(m2her: Program, wanted: list[str], expected: list[str]) -> None:
    m2her.write("a.yaml", MATRIX)
    flags = [flag for each in wanted for flag in ("--variant", each)]
    done = m2her("compile", "a.yaml", *flags, "-f", "jsonl")
    assert (0, sorted(expected)) == (done.status, sorted(systems(done.out)))


def test_an_unknown_variant_has_a_suggestion(m2her: Program) -> None:
    m2her.write("a.yaml", MATRIX)
    done = m2her("compile", "a.yaml", "--variant", "tea[mood=storm,era=nwo]")
    assert (1, "") == (done.status, done.out)
    assert "error[M2H316]" in done.err
    assert "did you mean `tea[mood=storm,era=now]`?" in done.err


def test_a_message_is_sent_as_typed(m2her: Program) -> None:
    """It stands in for the file's, and is never rendered."""
    m2her.write("a.yaml", CAST)
    said = "{{ nope }} {% raw %} {{char}} \n "
    done = m2her("compile", "a.yaml", "--speaker", "ann", "--message", said, "-f", "messages")
    assert 0 == done.status
    assert {"role": "user", "name": "User", "content": said} == json.loads(done.out)[-1]


@pytest.mark.parametrize("said", ["", " \n"], ids=["empty", "blank"])
def test_a_message_that_says_nothing_is_not_passed_over(m2her: Program, said: str) -> None:
    """It would silently take the file's own message away."""
    m2her.write("a.yaml", CAST)
    done = m2her("compile", "a.yaml", "--speaker", "ann", "--message", said)
    assert 0 != done.status
    assert "--message" in done.err


def test_speaker_chooses_who_answers(m2her: Program) -> None:
    m2her.write("a.yaml", CAST)
    nobody = m2her("compile", "a.yaml")
    assert 1 == nobody.status
    assert "error[M2H320]" in nobody.err
    bob = m2her("compile", "a.yaml", "--speaker", "bob", "-f", "jsonl")
    assert (0, True) == (bob.status, systems(bob.out)[0].startswith("I am Bob."))
    wrong = m2her("compile", "a.yaml", "--speaker", "bop")
    assert (1, "") == (wrong.status, wrong.out)
    assert "--> --speaker:1:1" in wrong.err
    assert "did you mean `bob`?" in wrong.err


def test_names_over_the_files(m2her: Program) -> None:
    m2her.write("a.yaml", CAST + "names: never\n")
    found = {}
    for mode in ("always", "given", "never", None):
        flags = [] if mode is None else ["--names", mode]
        done = m2her("compile", "a.yaml", "--speaker", "bob", *flags, "-f", "messages")
        found[mode] = [message.get("name") for message in json.loads(done.out)]
    assert found == {
        "always": ["AI", "User"],
        "given": [None, None],
        "never": [None, None],
        None: [None, None],
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["--message", b"\xff"],
        ["--set", b"s=\xff"],
        ["--variant", b"\xff"],
        ["--speaker", b"\xff"],
    ],
    ids=lambda each: str(each[0]),
)
def test_an_argument_that_is_not_text_is_wrong_usage(
    m2her: Program, arguments: list[str | bytes]
) -> None:
    m2her.write("a.yaml", TYPED)
    done = m2her("compile", "a.yaml", *arguments)
    assert (2, "", "m2her: an argument is not valid UTF-8\n") == (
        done.status,
        done.out,
        done.err,
    )
