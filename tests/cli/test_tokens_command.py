"""`m2her tokens`: tables and JSON of what each message and each value costs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from m2her_compose.emit.terminal import cells
from tests.cli.conftest import NO_UTF8

if TYPE_CHECKING:
    from tests.cli.conftest import Program

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "schemas" / "tokens.v1.schema.json").read_text("utf-8")
)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
BLOCKS = set("▏▎▍▌▋▊▉█")
SCENE = """\
m2her: scenario/v1
id: 渡口
language: zh
characters:
  yuan: {name: 老袁, description: 渡口的船夫，数桨不数钱。, goals: [起雾之前回家, 把漏水的船补好]}
persona: {name: 小谭, description: 急着过河的账房先生，怀里揣着别人的账本。}
history:
- yuan: 坐稳了。
message: 老人家，水深不深？
"""
MATRIX = """\
m2her: scenario/v1
id: hours
variables: {hour: dawn}
matrix: {hour: [dawn, noon, dusk, night, rain, fog]}
system: You keep the ferry at {{ vars.hour }}.
message: Hello
"""
WORDS: dict[str, object] = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "WhitespaceSplit"},
    "post_processor": None,
    "decoder": None,
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"},
}


def figures(m2her: Program, *arguments: str) -> list[dict[str, Any]]:
    """Return what `--format json` prints, held to its schema by two validators."""
    done = m2her("tokens", *arguments, "--format", "json")
    assert (0, "") == (done.status, done.err)
    document = json.loads(done.out)
    Draft202012Validator(SCHEMA).validate(document)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(document)
    scenarios: list[dict[str, Any]] = document["scenarios"]
    return scenarios


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    jsonschema_rs.meta.validate(SCHEMA)


def test_json_says_what_each_message_and_each_value_costs(m2her: Program) -> None:
    m2her.write("a.yaml", SCENE)
    [scenario] = figures(m2her, "a.yaml")

    assert scenario["counter"] == {"kind": "estimate", "name": "estimate"}
    assert scenario["budget"] == {"tokens": 65344, "source": "compile.context-window"}
    assert (scenario["id"], scenario["file"], scenario["target"]) == ("渡口", "a.yaml", "m2-her")
    messages, parts = scenario["messages"], [*scenario["fields"], *scenario["templates"]]
    assert [(m["role"], m["name"]) for m in messages] == [
        ("system", "老袁"),
        ("user_system", "小谭"),
        ("assistant", "老袁"),
        ("user", "小谭"),
    ]
    tokens = sum(m["tokens"] for m in messages)
    assert tokens == sum(part["tokens"] for part in parts)
    service = scenario["prefix_tokens"] + scenario["header_tokens"]
    assert scenario["total_tokens"] == tokens + service
    assert service == 170 + 4 * 4
    assert ("/characters/yuan/goals/1", 5, 63) in {
        (f["pointer"], f["line"], f["column"]) for f in scenario["fields"]
    }


def test_a_piped_table_is_plain(m2her: Program) -> None:
    """It depends on neither the encoding nor the width of where it was made."""
    m2her.write("a.yaml", SCENE)
    done = m2her("tokens", "a.yaml")

    assert (0, "") == (done.status, done.err)
    assert done.out.startswith("渡口 (a.yaml)\nabout ")
    assert re.search(r"^ *\d+ +\d\.\d\d%  █{10}  .*prefix$", done.out, re.MULTILINE)
    assert re.search(r"characters\.yuan\.description +a\.yaml:5$", done.out, re.MULTILINE)
    assert "\x1b" not in done.out
    odd = {
        "COLUMNS": "30",
        "PYTHONIOENCODING": "ascii:strict",
        "LC_ALL": "C",
        "PYTHONUTF8": NO_UTF8,
    }
    assert done == m2her("tokens", "a.yaml", env=odd)


@pytest.mark.parametrize("columns", [40, 64, 100])
def test_on_a_terminal_every_line_fits(m2her: Program, columns: int) -> None:
    name = "深/远的/文件夹/" + "很" * 30 + "长.yaml"
    m2her.write(name, SCENE.replace("老袁", "老袁" * 30))
    shown = m2her.on_terminal("tokens", name, columns=columns)
    plain = ESCAPE.sub("", shown)

    assert shown != plain
    assert max(cells(line) for line in plain.splitlines()) <= columns
    assert "characters.yuan.name" in plain


def test_colours_can_be_had_and_refused(m2her: Program) -> None:
    m2her.write("a.yaml", SCENE)

    assert "\x1b" not in m2her.on_terminal("tokens", "a.yaml", env={"NO_COLOR": "1"})
    assert "\x1b" not in m2her.on_terminal("tokens", "a.yaml", "--color", "never")
    assert "\x1b" in m2her("tokens", "a.yaml", "--color", "always").out


def test_bars_are_plain_on_a_terminal_without_blocks(m2her: Program) -> None:
    m2her.write("a.yaml", SCENE)
    shown = m2her.on_terminal("tokens", "a.yaml", env={"PYTHONIOENCODING": "latin-1"})

    assert not BLOCKS & set(shown)
    assert "##########" in shown


def test_an_exact_count_names_its_file(m2her: Program) -> None:
    m2her.write("models/words.json", json.dumps(WORDS))
    m2her.write("a.yaml", "m2her: scenario/v1\nsystem: one two three\nmessage: four five\n")
    done = m2her("tokens", "a.yaml", "--tokenizer", "models/words.json")
    [scenario] = figures(m2her, "a.yaml", "--tokenizer", "models/words.json")

    assert "185 tokens for m2-her, 7 counted with words.json and about 178 that" in done.out
    assert [m["content_tokens"] for m in scenario["messages"]] == [3, 2]
    assert scenario["counter"] == {"kind": "exact", "name": "models/words.json"}
    assert [(f["pointer"], f["tokens"]) for f in scenario["fields"]] == [
        ("/system", 3),
        ("/message", 2),
    ]
    # `AI` and `User`.
    assert [(t["file"], t["tokens"]) for t in scenario["templates"]] == [("<built-in>", 2)]


NO_UNKNOWN = {**WORDS, "model": {"type": "WordLevel", "vocab": {"x": 0}, "unk_token": "[UNK]"}}


@pytest.mark.parametrize("command", ["tokens", "check"])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("none.json", None, "`none.json` does not exist", id="missing"),
        pytest.param("", None, "--tokenizer wants a path", id="no name"),
        pytest.param("t.json", "{", "`t.json` is not a tokenizer", id="malformed"),
        pytest.param(
            "t.json", json.dumps(NO_UNKNOWN), "`t.json` cannot count every text", id="no token"
        ),
    ],
)
def test_a_tokenizer_that_cannot_be_used_is_wrong_usage(
    m2her: Program, command: str, name: str, content: str | None, said: str
) -> None:
    m2her.write("a.yaml", SCENE)
    if content is not None:
        m2her.write(name, content)
    done = m2her(command, "a.yaml", "--tokenizer", name)

    assert (2, "") == (done.status, done.out)
    assert said in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope.yaml",), "nope.yaml does not exist"),
        (("a.yaml", "--format", "csv"), "`--format csv` is none of text, json"),
        (("a.yaml", "--target", "moon"), "there is no target `moon`"),
        (("a.yaml", "--color", "mauve"), "`--color mauve` is none of"),
        (("a.yaml", "--names", "some"), "`--names some` is none of"),
        (("a.yaml", "--set", "mood"), "`--set mood` is not NAME=VALUE"),
        (("a.yaml", "--vars", "none.json"), "--vars none.json: No such file"),
        (("someone.yaml",), "nothing to compile in someone.yaml"),
    ],
)
def test_wrong_usage(m2her: Program, arguments: tuple[str, ...], said: str) -> None:
    m2her.write("a.yaml", SCENE)
    m2her.write("someone.yaml", "m2her: character/v1\nname: Ilse\n")
    done = m2her("tokens", *arguments)

    assert (2, "") == (done.status, done.out)
    assert said in done.err


def test_errors_are_reported_and_the_others_counted(m2her: Program) -> None:
    m2her.write("lib/good.yaml", SCENE)
    m2her.write("lib/bad.yaml", "m2her: scenario/v1\nsytem: Hi\n")
    done = m2her("tokens", "lib")
    alone = m2her("tokens", "lib/bad.yaml")
    as_json = m2her("tokens", "lib/bad.yaml", "--format", "json")

    assert (1, 1, 1) == (done.status, alone.status, as_json.status)
    assert "error[M2H201]" in done.err
    assert done.out.startswith("渡口 (lib/good.yaml)\n")
    assert alone.out == ""
    assert json.loads(as_json.out) == {"version": 1, "scenarios": []}


def test_a_wrong_value_is_a_finding(m2her: Program) -> None:
    m2her.write("a.yaml", SCENE)
    done = m2her("tokens", "a.yaml", "--set", "mood=calm")

    assert (1, "") == (done.status, done.out)
    assert "error[M2H310]" in done.err


def test_what_the_caller_gives_is_counted_and_charged(m2her: Program) -> None:
    m2her.write("a.yaml", MATRIX)
    m2her.write("hours.yaml", "hour: midnight\n")
    given = ("--set", "hour=a very late hour", "--message", "Is anybody there?")
    [scenario] = figures(m2her, "a.yaml", *given)
    [from_file] = figures(m2her, "a.yaml", "--vars", "hours.yaml", "--names", "never")

    assert {("/variables/hour", "--set"), ("/message", "--message")} <= {
        (field["pointer"], field["file"]) for field in scenario["fields"]
    }
    assert ("/variables/hour", "hours.yaml") in {
        (field["pointer"], field["file"]) for field in from_file["fields"]
    }
    assert [message["name"] for message in from_file["messages"]] == [None, None]


def test_standard_input_is_counted(m2her: Program) -> None:
    done = m2her("tokens", "-", "--stdin-filename", "lib/a.yaml", stdin=SCENE.encode())

    assert (0, "") == (done.status, done.err)
    assert done.out.startswith("渡口 (lib/a.yaml)\n")


def test_the_budget_and_the_target_are_settings(m2her: Program) -> None:
    m2her.write("m2her.toml", '[compile]\nbudget = 100\ntarget = "basic"\n')
    m2her.write("a.yaml", SCENE)
    [scenario] = figures(m2her, "a.yaml")
    [other] = figures(m2her, "a.yaml", "--target", "openrouter")
    done = m2her("tokens", "a.yaml", env={"M2HER_COMPILE_BUDGET": "40"})

    assert scenario["budget"] == {"tokens": 100, "source": "compile.budget"}
    assert (scenario["target"], scenario["prefix_tokens"]) == ("basic", 0)
    assert (other["target"], other["prefix_tokens"]) == ("openrouter", 170)
    assert scenario["share"] == scenario["total_tokens"] / 100
    assert "of the budget of 40 (compile.budget), " in done.out
    assert "too many" in done.out


def test_many_variants_get_a_line_each(m2her: Program) -> None:
    m2her.write("a.yaml", MATRIX)
    done = m2her("tokens", "a.yaml")
    picked = m2her("tokens", "a.yaml", "--variant", "hour=fog")

    assert done.out.startswith("about so many tokens for m2-her; the budget is 65,344")
    assert re.findall(r"hours\S+(?= +a\.yaml$)", done.out, re.MULTILINE) == [
        f"hours[hour={hour}]" for hour in ("dawn", "noon", "dusk", "night", "rain", "fog")
    ]
    assert done.err == "m2her: 6 variants, a line each; `--variant ID` shows the tables of one\n"
    assert picked.out.startswith("hours[hour=fog] (a.yaml)\n")
    assert picked.err == ""
    assert len(figures(m2her, "a.yaml")) == 6


def test_what_authors_write_does_not_act_on_the_terminal(m2her: Program) -> None:
    name = "a\x1b[31m\u202e.yaml"
    text = 'm2her: scenario/v1\nid: a\nsystem: Hi\npersona: {name: "T\\e[2Jam"}\nmessage: Hello\n'
    m2her.write(name, text)

    for output_format in ("text", "json"):
        done = m2her("tokens", name, "-f", output_format)
        assert (0, "") == (done.status, done.err)
        assert not set("\x1b\u202e") & set(done.out)


def test_a_file_name_that_is_no_text_is_shown(m2her: Program) -> None:
    m2her.write(b"\xff.yaml", "m2her: scenario/v1\nid: a\nsystem: Hi\nmessage: Hello\n")

    assert m2her("tokens", b"\xff.yaml").status == 0
    [scenario] = json.loads(m2her("tokens", b"\xff.yaml", "-f", "json").out)["scenarios"]
    assert scenario["file"] == "\udcff.yaml"
