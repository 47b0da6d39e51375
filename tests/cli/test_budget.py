"""Budgets on the command line: what is left out, what is said of it, what survives where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from .conftest import Program

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
CHAT = """\
m2her: scenario/v1
characters: {{mara: {{name: {name}, description: She keeps the inn at the ford.}}}}
instructions: [Be brief., {{text: Stay dry., keep: 5}}]
examples:
  - {{user: Fine day., mara: It was.}}
history:
{history}
message: Is there a room left?
"""


def chat(turns: int, name: str = "Mara") -> str:
    pairs = (
        f"  - user: Question {i} about the ford and the mill above it.\n"
        f"  - mara: Answer {i}, and dry your coat before you ask again.\n"
        for i in range(turns)
    )
    return CHAT.format(name=name, history="".join(pairs))


def valid(text: str, schema: str) -> Any:
    found = json.loads(text)
    rules = json.loads((SCHEMAS / schema).read_text(encoding="utf-8"))
    Draft202012Validator(rules).validate(found)
    return found


def test_what_is_left_out_is_told_on_standard_error(m2her: Program) -> None:
    m2her.write("inn.yaml", chat(20))
    done = m2her("compile", "inn.yaml", "--budget", "500")
    assert done.status == 0
    assert done.err.startswith("inn: left out to keep to a budget of 500 prompt tokens\n")
    assert "  inn.yaml:7:11 to " in done.err
    assert " turns of the history, about " in done.err
    assert json.loads(done.out)["messages"][-1]["content"] == "Is there a room left?"


def test_the_report_holds_it_for_programs(m2her: Program) -> None:
    m2her.write("inn.yaml", chat(20))
    m2her("compile", "inn.yaml", "--budget", "400", "--report", "out/costs.json")
    found = valid((m2her.folder / "out/costs.json").read_text(), "costs.v1.schema.json")
    [variant] = found["variants"]
    assert (variant["id"], variant["budget"]) == ("inn", 400)
    assert {drop["kind"] for drop in variant["dropped"]} >= {"turn"}
    assert variant["dropped"][-1]["places"][0]["line"] == 7


def test_without_a_need_nothing_is_said(m2her: Program) -> None:
    m2her.write("inn.yaml", chat(2))
    assert m2her("compile", "inn.yaml", "--budget", "4000").err == ""


def test_the_same_budget_gives_the_same_bytes(m2her: Program) -> None:
    m2her.write("inn.yaml", chat(40))
    runs = {
        m2her("compile", "inn.yaml", "--budget", "700", env={"PYTHONHASHSEED": seed}).raw
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_settings_and_environment_set_it(m2her: Program) -> None:
    m2her.write("m2her.toml", "[compile]\nbudget = 500\n")
    m2her.write("inn.yaml", chat(20))
    assert "budget of 500" in m2her("compile", "inn.yaml").err
    assert "budget of 450" in m2her("compile", "inn.yaml", env={"M2HER_COMPILE_BUDGET": "450"}).err
    assert "budget of 400" in m2her("compile", "inn.yaml", "--budget", "400").err


def test_a_sweep_shows_budgets_side_by_side(m2her: Program) -> None:
    m2her.write("inn.yaml", chat(20))
    lines = m2her("tokens", "inn.yaml", "--sweep", "100,500,5000").out.splitlines()
    assert lines[2].split() == ["budget", "100", "500", "5,000"]
    assert lines[3].split()[:4] == ["prompt", "tokens", "too", "large"]
    assert lines[-1].endswith("all 40")


def test_a_sweep_fits_a_narrow_terminal(m2her: Program) -> None:
    m2her.write("客栈.yaml", chat(20, name="马拉"))
    shown = m2her.on_terminal(
        "tokens",
        "客栈.yaml",
        "--sweep",
        "300,400,500,600,700,800",
        columns=40,
        env={"NO_COLOR": "1"},
    )
    assert max(len(line) for line in shown.splitlines()) <= 40
    assert shown.count("budget ") == 3


def test_a_sweep_as_json_keeps_to_its_schema(m2her: Program) -> None:
    m2her.write("inn.yaml", chat(20))
    done = m2her("tokens", "inn.yaml", "--sweep", "100,500,5000", "--format", "json")
    [variant] = valid(done.out, "sweep.v1.schema.json")["variants"]
    assert variant["whole"] == {"instruction": 2, "example": 1, "turn": 40}
    assert [each["fits"] for each in variant["budgets"]] == [False, True, True]
    assert all(
        each["total_tokens"] <= each["budget"] for each in variant["budgets"] if each["fits"]
    )


@pytest.mark.parametrize("target", ["m2-her", "basic", "openai", "openrouter"])
def test_a_sweep_counts_what_the_author_wrote(m2her: Program, target: str) -> None:
    m2her.write("inn.yaml", chat(3))
    done = m2her("tokens", "inn.yaml", "--sweep", "5000", "--target", target, "--format", "json")
    [variant] = json.loads(done.out)["variants"]
    assert variant["whole"] == {"instruction": 2, "example": 1, "turn": 6}


def test_variants_that_lose_the_same_are_told_of_once(m2her: Program) -> None:
    axis = "variables: {n: a}\nmatrix: {n: [a, b, c]}\n"
    m2her.write("inn.yaml", chat(20).replace("instructions", axis + "instructions", 1))
    err = m2her("compile", "inn.yaml", "--budget", "400").err
    assert err.count("left out") == 1
    assert "inn[n=a] and 2 more variants" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compile", "--budget", "0"), "`--budget 0` is no number of tokens"),
        (("compile", "--budget", "many"), "`--budget many` is no number of tokens"),
        (("compile", "--budget", "9" * 5000), "is no number of tokens"),
        (("tokens", "--sweep", ""), "--sweep wants 1 to 20 numbers"),
        (("tokens", "--sweep", "10,x"), "`--sweep x` is no number of tokens"),
        (("compile", "--target", "gpt"), "there is no target `gpt`"),
        (("compile", "--report", "inn.yaml"), "would overwrite inn.yaml"),
    ],
)
def test_wrong_usage_is_told_in_a_line(
    m2her: Program, arguments: tuple[str, ...], words: str
) -> None:
    m2her.write("inn.yaml", chat(1))
    done = m2her(*arguments, "inn.yaml")
    assert done.status == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 1
