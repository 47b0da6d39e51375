"""What is printed: the formats, and what goes to which stream."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program

ONE = """\
m2her: scenario/v1
id: one
characters: {bo: {name: Bo, prompt: A cook.}}
message: Hello
parameters: {max_completion_tokens: 99, temperature: 0.5}
"""
TWO = """\
m2her: scenario/v1
id: two
variables: {mood: calm}
matrix: {mood: [calm, wild]}
system: You are {{ vars.mood }}.
message: Hello
"""
ONE_BODY = {
    "model": "M2-her",
    "messages": [
        {"role": "system", "name": "Bo", "content": "A cook."},
        {"role": "user", "name": "User", "content": "Hello"},
    ],
    "temperature": 0.5,
    "max_completion_tokens": 99,
}


def two_body(mood: str) -> dict[str, object]:
    return {
        "model": "M2-her",
        "messages": [
            {"role": "system", "name": "AI", "content": f"You are {mood}."},
            {"role": "user", "name": "User", "content": "Hello"},
        ],
    }


MANY_BODIES = [ONE_BODY, two_body("calm"), two_body("wild")]


@pytest.mark.parametrize("arguments", [[], ["--format", "request"], ["-f", "request"]])
def test_one_request_is_an_object(m2her: Program, arguments: list[str]) -> None:
    m2her.write("one.yaml", ONE)
    done = m2her("compile", "one.yaml", *arguments)
    assert (0, ONE_BODY, "") == (done.status, json.loads(done.out), done.err)
    assert done.out.endswith("}\n")


def test_several_requests_are_an_array(m2her: Program) -> None:
    m2her.write("one.yaml", ONE)
    m2her.write("two.yaml", TWO)
    done = m2her("compile", ".")
    assert (0, MANY_BODIES, "") == (done.status, json.loads(done.out), done.err)


def test_messages(m2her: Program) -> None:
    """The array of one, an array of arrays for several."""
    m2her.write("one.yaml", ONE)
    m2her.write("two.yaml", TWO)
    one = m2her("compile", "one.yaml", "--format", "messages")
    many = m2her("compile", ".", "--format", "messages")
    assert json.loads(one.out) == ONE_BODY["messages"]
    assert json.loads(many.out) == [body["messages"] for body in MANY_BODIES]


def test_jsonl_is_one_request_a_line(m2her: Program) -> None:
    m2her.write("one.yaml", ONE)
    m2her.write("two.yaml", TWO)
    done = m2her("compile", ".", "--format", "jsonl")
    assert [json.loads(line) for line in done.out.splitlines()] == MANY_BODIES


def test_text_is_a_transcript(m2her: Program) -> None:
    m2her.write("one.yaml", ONE)
    m2her.write("two.yaml", TWO)
    expected = """\
one · M2-her · max_completion_tokens 99, temperature 0.5

system · Bo
  A cook.

user · User
  Hello

two[mood=calm] · M2-her

system · AI
  You are calm.

user · User
  Hello

two[mood=wild] · M2-her

system · AI
  You are wild.

user · User
  Hello
"""
    done = m2her("compile", ".", "--format", "text")
    assert (0, expected, "") == (done.status, done.out, done.err)


def test_scenarios_without_errors_are_printed_when_others_have_some(m2her: Program) -> None:
    """Findings go to standard error, and the result alone to standard output."""
    m2her.write("bad.yaml", "m2her: scenario/v1\nsystem: Hi\ncharcters: {}\nmessage: x\n")
    m2her.write("one.yaml", ONE)
    m2her.write("open.yaml", "m2her: scenario/v1\nsystem: Hi\n")
    done = m2her("compile", ".", "--format", "jsonl")
    assert 1 == done.status
    assert [json.loads(line) for line in done.out.splitlines()] == [
        ONE_BODY,
        {"model": "M2-her", "messages": [{"role": "system", "name": "AI", "content": "Hi"}]},
    ]
    expected = """\
error[M2H201]: unknown key `charcters`
  --> bad.yaml:3:1
   |
 3 | charcters: {}
   | ^^^^^^^^^
   |
   = help: did you mean `characters`?
"""
    assert done.err.startswith(expected)
    assert "note[M2H325]" in done.err
    assert done.err.endswith("\n1 error, 1 note\n")


def test_characters_that_act_on_a_terminal_are_escapes_in_json(m2her: Program) -> None:
    """Every JSON reader turns them back; no terminal obeys them."""
    said = "\x1b[31m\x7f\x9b\u202e\u2028\ufeff\U000e0041茶"
    escaped = "".join(f"\\U{ord(char):08x}" for char in said)
    m2her.write("a.yaml", f'm2her: scenario/v1\nsystem: "{escaped}"\nmessage: x\n')
    for form in ("request", "messages", "jsonl"):
        done = m2her("compile", "a.yaml", "-f", form)
        assert not set(said[:-1]) & set(done.out) - set("[31m")
        found = json.loads(done.out)
        messages = found["messages"] if isinstance(found, dict) else found
        assert said == messages[0]["content"]
    plain = m2her("compile", "a.yaml", "-f", "text")
    assert r"\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{2028}\u{feff}\u{e0041}茶" in plain.out


# --- --explain


def test_explain_traces_every_piece_on_standard_error(m2her: Program) -> None:
    m2her.write(
        "tea.yaml",
        """\
m2her: scenario/v1
variables: {mood: calm}
characters:
  bo:
    name: Bo
    prompt: A {{ vars.mood }} cook.
persona: A guest.
message: Hello
""",
    )
    plain = m2her("compile", "tea.yaml")
    done = m2her("compile", "tea.yaml", "--explain", "--set", "mood=wild")
    assert (0, 0) == (plain.status, done.status)
    assert json.loads(done.out)["messages"][0]["content"] == "A wild cook."
    head, *lines = done.err.splitlines()
    name, digest = head.split(" ")
    assert ("tea", "sha256:", 64 + 7) == (name, digest[:7], len(digest))
    assert lines == [
        "  1 system",
        '      name      "Bo" <- tea.yaml:5:11 /characters/bo/name',
        "      template  <built-in>/en/system.j2",
        '      "A " <- tea.yaml:6:13 /characters/bo/prompt',
        '      "wild" <- --set:1:6 /variables/mood',
        '      " cook." <- tea.yaml:6:30 /characters/bo/prompt',
        "  2 user_system",
        '      name      "User" (built in)',
        "      template  <built-in>/en/user_system.j2",
        '      "A guest." <- tea.yaml:7:10 /persona/description',
        "  3 user",
        '      name      "User" (built in)',
        '      "Hello" <- tea.yaml:8:10 /message',
    ]


def test_explain_names_where_a_number_was_given(m2her: Program) -> None:
    """A value that is no text is computed, and still traced to where it was written."""
    m2her.write(
        "a.yaml",
        """\
m2her: scenario/v1
variables:
  cups: {type: integer, default: 3}
  paid: {type: boolean, default: true}
system: "{{ vars.cups }} {{ vars.paid }}"
message: x
""",
    )
    done = m2her("compile", "a.yaml", "--explain", "--set", "paid=false")
    cups = next(line for line in done.err.splitlines() if line.strip().startswith('"3"'))
    paid = next(line for line in done.err.splitlines() if line.strip().startswith('"false"'))
    assert "a.yaml:3:34 /variables/cups/default" in cups
    assert "--set:1:6 /variables/paid" in paid


def test_explain_changes_nothing_on_standard_output(m2her: Program) -> None:
    m2her.write("two.yaml", TWO)
    plain, explained = m2her("compile", "two.yaml"), m2her("compile", "two.yaml", "--explain")
    assert (plain.raw, "") == (explained.raw, plain.err)
    assert 2 == explained.err.count("sha256:")
