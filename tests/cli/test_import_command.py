"""`m2her import`: what is printed and written, what is told, and with which status it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program

CHAT: Final = [
    {"role": "system", "content": "You keep a tea house."},
    {"role": "user", "content": "Good evening."},
]
SCENARIO: Final = """\
m2her: scenario/v1
system: You keep a tea house.
message: Good evening.
names: given
"""
TOLD: Final = [{"role": "system", "content": "You keep a tea house.\n"}, CHAT[1]]
TOOL: Final = [{"role": "tool", "content": "42"}]


def lines(*values: Any) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


def test_the_scenario_is_printed(m2her: Program) -> None:
    m2her.write("chat.json", json.dumps(CHAT))
    done = m2her("import", "chat.json")
    assert (0, SCENARIO, "") == (done.status, done.out, done.err)


def test_standard_input_is_read(m2her: Program) -> None:
    done = m2her("import", "-", stdin=json.dumps(CHAT).encode())
    assert (0, SCENARIO, "") == (done.status, done.out, done.err)


def test_what_was_compiled_is_imported_and_compiled_to_the_same(m2her: Program) -> None:
    m2her.write("tea.yaml")
    compiled = m2her("compile", "tea.yaml")
    m2her("import", "-", "--output", "again.yaml", stdin=compiled.raw)
    assert compiled.out == m2her("compile", "again.yaml").out


@pytest.mark.parametrize("output_format", ["request", "messages", "jsonl"])
def test_every_form_of_several_requests_is_imported(m2her: Program, output_format: str) -> None:
    for name in ("one", "two"):
        m2her.write(f"in/{name}.yaml", SCENARIO)
    compiled = m2her("compile", "in", "--format", output_format, "--output", "all.json")
    path = "all.json" if output_format == "jsonl" else "-"
    text = m2her("compile", "in", "--format", output_format).raw
    assert 0 == compiled.status
    done = m2her("import", path, "--id", "tea", "--output", "out/", stdin=text)
    assert (0, "", "m2her: 2 written to out/, 0 refused\n") == (done.status, done.out, done.err)
    assert ["tea_1.yaml", "tea_2.yaml"] == m2her.files("out")
    assert SCENARIO == (m2her.folder / "out" / "tea_2.yaml").read_text(encoding="utf-8")


def test_a_file_is_written_and_the_folders_above_it(m2her: Program) -> None:
    m2her.write("chat.json", json.dumps(CHAT))
    done = m2her("import", "chat.json", "-o", "new/tea.yaml", "--title", "Tea", "--id", "first")
    assert (0, "", "") == (done.status, done.out, done.err)
    written = (m2her.folder / "new" / "tea.yaml").read_text(encoding="utf-8")
    assert written == SCENARIO.replace("v1\n", "v1\nid: first\ntitle: Tea\n")


def test_a_folder_gets_a_file_named_after_the_input(m2her: Program) -> None:
    m2her.write("My first chat!.json", json.dumps(CHAT))
    done = m2her("import", "My first chat!.json", "--output", "out/")
    assert (0, ["My_first_chat.yaml"]) == (done.status, m2her.files("out"))
    assert 0 == m2her("compile", "out").status


def test_a_file_whose_name_is_no_id_gets_one_within(m2her: Program) -> None:
    m2her.write("chat.json", json.dumps(CHAT))
    m2her("import", "chat.json", "--output", "my chat.yaml")
    assert "id: chat\n" in (m2her.folder / "my chat.yaml").read_text(encoding="utf-8")
    assert 0 == m2her("compile", "my chat.yaml").status


# --- what is told


def test_what_no_scenario_says_exactly_is_refused(m2her: Program) -> None:
    m2her.write("chat.json", json.dumps(TOLD))
    done = m2her("import", "chat.json", "--output", "tea.yaml")
    assert (1, "") == (done.status, done.out)
    assert done.err == (
        "m2her: chat.json: no scenario says exactly this:\n"
        "  - message 1: line breaks at the end are dropped\n"
        "  help: `--lossy` imports it with these changes\n"
    )
    assert ["chat.json"] == m2her.files()


def test_it_is_imported_all_the_same_on_demand(m2her: Program) -> None:
    done = m2her("import", "-", "--lossy", stdin=json.dumps(TOLD).encode())
    assert 0 == done.status
    assert done.out.endswith(SCENARIO)
    assert done.err == (
        "m2her: standard input: imported with changes:\n"
        "  - message 1: line breaks at the end are dropped\n"
    )


def test_what_is_not_part_of_a_scenario_is_told(m2her: Program) -> None:
    done = m2her("import", "-", stdin=json.dumps({"messages": CHAT, "seed": 7}).encode())
    assert (0, f"# Not kept as it was:\n# - `seed: 7`\n{SCENARIO}") == (done.status, done.out)
    assert "m2her: standard input: not part of the scenario:\n  - `seed: 7`\n" == done.err


def test_the_target_that_gives_the_same_is_named(m2her: Program) -> None:
    example = {"role": "system", "name": "example_user", "content": "Hi."}
    data = json.dumps([CHAT[0], example, CHAT[1]])
    done = m2her("import", "-", "--output", "tea.yaml", stdin=data.encode())
    said = "m2her: standard input: `--target openai` compiles it to messages like these\n"
    assert (0, said) == (done.status, done.err)
    compiled = m2her("compile", "tea.yaml", "--target", "openai", "--format", "messages")
    assert json.loads(data) == json.loads(compiled.out)


def test_requests_that_can_be_imported_are_whatever_the_others_are(m2her: Program) -> None:
    m2her.write("all.jsonl", lines(CHAT, TOOL, {"messages": CHAT}))
    done = m2her("import", "all.jsonl", "--output", "out")
    assert (1, "") == (done.status, done.out)
    assert done.err == (
        "m2her: all.jsonl, line 2: message 1 belongs to a tool call, which scenarios do not have\n"
        "m2her: 2 written to out, 1 refused\n"
    )
    assert ["all_1.yaml", "all_3.yaml"] == m2her.files("out")


def test_what_is_said_of_an_input_does_not_act_on_the_terminal(m2her: Program) -> None:
    data = json.dumps([{"role": "\x1b[2J\u202e", "content": "x"}])
    done = m2her("import", "-", stdin=data.encode())
    assert 1 == done.status
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err


def test_no_json_is_told_with_its_place(m2her: Program) -> None:
    m2her.write("chat.json", '[\n  {"role" "user"}\n]')
    done = m2her("import", "chat.json")
    place = "line 2, column 11: no JSON: expecting `:` delimiter"
    assert (1, "", f"m2her: chat.json: {place}\n") == (done.status, done.out, done.err)


# --- wrong usage


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["nothing.json"], "nothing.json: No such file or directory", id="no-file"),
        pytest.param(["."], ".: Is a directory", id="folder"),
        pytest.param([""], "FILE wants a path", id="empty-path"),
        pytest.param(
            ["two.jsonl"], "two.jsonl holds 2 requests: name a folder with --output", id="several"
        ),
        pytest.param(
            ["list.json"],
            "list.json holds a list of one request: name a folder with --output",
            id="list-of-one",
        ),
        pytest.param(
            ["two.jsonl", "-o", "chat.json"],
            "--output chat.json is a file, and there are several scenarios: name a folder",
            id="several-into-a-file",
        ),
        pytest.param(
            ["two.jsonl", "-o", "link"],
            "--output link is a link: nothing is written through links",
            id="linked-folder",
        ),
        pytest.param(
            ["chat.json", "-o", "tea.yaml"],
            "tea.yaml exists: name another place, or write over it with --force",
            id="existing-file",
        ),
        pytest.param(
            ["chat.json", "-o", "chat.json", "--force"],
            "--output would overwrite chat.json, which was read",
            id="over-the-input",
        ),
        pytest.param(["chat.json", "-o", ""], "--output wants a path", id="empty-output"),
        pytest.param(
            ["chat.json", "--id", "a b"],
            "`--id a b` is not made of letters, digits, `_` and `-`",
            id="no-id",
        ),
        pytest.param(["chat.json", "--title", " "], "--title wants a text", id="no-title"),
        pytest.param(
            ["chat.json", "--language", "klingon please"],
            "`klingon please` is no language: give a tag such as `en` or `zh-CN`",
            id="no-language",
        ),
        pytest.param(
            [b"chat.json", b"--title", b"\xff"], "an argument is not valid UTF-8", id="no-text"
        ),
    ],
)
def test_wrong_usage_is_told_and_writes_nothing(
    m2her: Program, arguments: list[str | bytes], expected: str
) -> None:
    m2her.write("chat.json", json.dumps(CHAT))
    m2her.write("two.jsonl", lines(CHAT, CHAT))
    m2her.write("list.json", json.dumps([{"messages": CHAT}]))
    m2her.write("tea.yaml")
    (m2her.folder / "real").mkdir()
    (m2her.folder / "link").symlink_to("real")
    before = {name: (m2her.folder / name).read_bytes() for name in m2her.files()}
    done = m2her("import", *arguments)
    assert (2, "", f"m2her: {expected}\n") == (done.status, done.out, done.err)
    assert before == {name: (m2her.folder / name).read_bytes() for name in m2her.files()}


def test_an_existing_file_is_written_over_on_demand(m2her: Program) -> None:
    m2her.write("tea.yaml", "mine\n")
    done = m2her("import", "-", "-o", "tea.yaml", "--force", stdin=json.dumps(CHAT).encode())
    assert (0, SCENARIO) == (done.status, (m2her.folder / "tea.yaml").read_text(encoding="utf-8"))
