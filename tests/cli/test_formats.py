"""What is printed: the formats, and what goes to which stream."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

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


# --- yaml, markdown


def test_yaml_is_an_array_of_messages(m2her: Program) -> None:
    m2her.write("one.yaml", ONE)
    m2her.write("two.yaml", TWO)
    one = m2her("compile", "one.yaml", "-f", "yaml")
    many = m2her("compile", ".", "-f", "yaml")
    assert yaml.safe_load(one.out) == ONE_BODY["messages"]
    assert list(yaml.safe_load_all(many.out)) == [body["messages"] for body in MANY_BODIES]
    assert "--- # two[mood=wild]\n" in many.out


def test_markdown_is_one_transcript_after_the_other(m2her: Program) -> None:
    m2her.write("one.yaml", ONE)
    m2her.write("two.yaml", TWO)
    done = m2her("compile", ".", "-f", "markdown")
    assert ["## `one`", "## `two[mood=calm]`", "## `two[mood=wild]`"] == [
        line for line in done.out.splitlines() if line.startswith("#")
    ]
    assert "**1 · system** · `Bo`\n\n```text\nA cook.\n```\n" in done.out


# --- code that runs

HOSTILE = """\
m2her: scenario/v1
id: hostile
system: !raw |
  It's $HOME, `id`, $(id) and "\\n".
  JSON
  \"""; import os; os.exit(1)
  {{char}} é 茶 😀
persona: {name: "A'B\\\"$X"}
message: "\\e[2J'; rm -rf /; echo '\\u202e !!"
model: M2-her
parameters: {temperature: 0.5, stream: true}
"""
# Instead of curl: what it was called with, and the body that it was given.
FAKE_CURL = """\
#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word" >> calls; done
cat >> calls
printf '\\0\\0' >> calls
"""
# Instead of the SDK: what its client was made with, and each request.
FAKE_SDK = """\
import json
from types import SimpleNamespace as N

class OpenAI:
    def __init__(self, **given):
        print(json.dumps(given))
        self.chat = N(completions=N(create=self.create))

    def create(self, **body):
        print(json.dumps(body))
        if body.get("stream"):
            pieces = [N(choices=[N(delta=N(content=each))]) for each in ("Wel", "come", None)]
            return iter([*pieces, N(choices=[])])
        return N(choices=[N(message=N(content="Welcome"))])
"""


def bodies(m2her: Program, *arguments: str) -> list[dict[str, object]]:
    lines = m2her("compile", *arguments, "-f", "jsonl").out.splitlines()
    return [json.loads(line) for line in lines]


def curl_calls(m2her: Program, script: str) -> list[list[str]]:
    """Run a script, and return what curl was called with, its input last."""
    m2her.write("bin/curl", FAKE_CURL).chmod(0o755)
    m2her.write("script.sh", script)
    path = f"{m2her.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = m2her.shell(". ./script.sh", {"PATH": path, "MINIMAX_API_KEY": "k e'y", "HOME": "!"})
    assert (0, "", "") == (done.status, done.out, done.err)
    calls = (m2her.folder / "calls").read_bytes().decode().split("\0\0")
    return [call.split("\0") for call in calls[:-1]]


def test_curl_sends_exactly_the_requests(m2her: Program) -> None:
    """The shell reads nothing in them, whatever they hold."""
    m2her.write("hostile.yaml", HOSTILE)
    m2her.write("two.yaml", TWO)
    done = m2her("compile", ".", "-f", "curl")
    assert "MINIMAX_API_KEY" in done.out
    assert not set("\x1b\u202e") & set(done.out)
    calls = curl_calls(m2her, done.out)
    assert bodies(m2her, ".") == [json.loads(call[-1]) for call in calls]
    assert [
        "https://api.minimax.io/v1/chat/completions",
        "--header",
        "Authorization: Bearer k e'y",
        "--header",
        "Content-Type: application/json",
        "--data-binary",
        "@-",
    ] == calls[0][:-1]


def test_no_key_is_written(m2her: Program) -> None:
    m2her.write("one.yaml", ONE)
    for form in ("curl", "python"):
        done = m2her("compile", "one.yaml", "-f", form, env={"MINIMAX_API_KEY": "sk-secret"})
        assert "MINIMAX_API_KEY" in done.out
        assert "sk-secret" not in done.out + done.err


def test_a_target_that_is_not_the_vendors_has_its_own_variables(m2her: Program) -> None:
    m2her.write("one.yaml", ONE)
    curl = m2her("compile", "one.yaml", "-f", "curl", "--target", "openrouter")
    code = m2her("compile", "one.yaml", "-f", "python", "--target", "openrouter")
    assert 'curl "$OPENAI_BASE_URL/chat/completions"' in curl.out
    assert 'base_url=os.environ["OPENAI_BASE_URL"]' in code.out
    assert "MINIMAX" not in curl.out + code.out


def test_a_librarys_region_is_where_code_sends_to(m2her: Program) -> None:
    m2her.write("m2her.toml", '[run]\nregion = "cn"\n')
    m2her.write("one.yaml", ONE)
    assert "curl https://api.minimaxi.com/v1/" in m2her("compile", "one.yaml", "-f", "curl").out


def run_python(m2her: Program, code: str) -> list[str]:
    """Run a program with a stand-in for the SDK; return the lines that it prints."""
    m2her.write("openai.py", FAKE_SDK)
    m2her.write("program.py", code)
    environment = {"MINIMAX_API_KEY": "k", "PYTHONUTF8": "1"}
    done = m2her.shell(f"{shlex.quote(sys.executable)} -W error program.py", environment)
    assert (0, "") == (done.status, done.err)
    return done.out.splitlines()


def test_python_sends_exactly_the_requests(m2her: Program) -> None:
    m2her.write("hostile.yaml", HOSTILE)
    m2her.write("two.yaml", TWO)
    done = m2her("compile", ".", "-f", "python")
    assert not set("\x1b\u202e") & set(done.out)
    lines = run_python(m2her, done.out)
    client = {"base_url": "https://api.minimax.io/v1", "api_key": "k"}
    sent = bodies(m2her, ".")
    assert client == json.loads(lines[0])
    assert sent == [json.loads(line) for line in lines[1::2]]
    assert ["Welcome"] * 3 == lines[2::2]


def test_python_shows_lines_as_lines(m2her: Program) -> None:
    m2her.write("a.yaml", "m2her: scenario/v1\nsystem: |\n  One.\n  Two.\nmessage: Hi\n")
    done = m2her("compile", "a.yaml", "-f", "python")
    assert '            "content": """\\\nOne.\nTwo.""",\n' in done.out


@pytest.mark.parametrize(
    ("form", "ending"), [("yaml", "yaml"), ("markdown", "md"), ("curl", "sh"), ("python", "py")]
)
def test_each_variant_has_a_file_in_a_folder(m2her: Program, form: str, ending: str) -> None:
    m2her.write("two.yaml", TWO)
    done = m2her("compile", "two.yaml", "-f", form, "--output", "out")
    assert (0, "") == (done.status, done.err)
    assert [f"two[mood=calm].{ending}", f"two[mood=wild].{ending}"] == m2her.files("out")
    calm = (m2her.folder / "out" / f"two[mood=calm].{ending}").read_text(encoding="utf-8")
    assert calm == m2her("compile", "two.yaml", "-f", form, "--variant", "mood=calm").out


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
