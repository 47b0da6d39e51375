"""`m2her show`: the messages, and the line of the source that each part of them comes from."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from m2her_compose.emit.terminal import cells

if TYPE_CHECKING:
    from tests.cli.conftest import Program

REPOSITORY = Path(__file__).resolve().parents[2]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
FERRY = """\
m2her: scenario/v1
id: ferry
variables: {hour: dusk}
system: |
  It is {{ vars.hour }}.
  You are late.
message: Hello?
"""
SHOWN = """\
ferry · M2-her

system · AI
ferry.yaml:5:3:   It is dusk.
ferry.yaml:3:19:     + dusk
ferry.yaml:6:3:   You are late.

user · User
ferry.yaml:7:10:   Hello?
"""


@pytest.mark.parametrize("named", ["ferry.yaml", "ferry", "./ferry.yaml"])
def test_a_scenario_by_path_or_id(m2her: Program, named: str) -> None:
    m2her.write("ferry.yaml", FERRY)
    done = m2her("show", named)
    assert (0, SHOWN, "") == (done.status, done.out, done.err)


def test_standard_input(m2her: Program) -> None:
    done = m2her("show", "-", "--stdin-filename", "ferry.yaml", stdin=FERRY.encode())
    assert (0, SHOWN, "") == (done.status, done.out, done.err)


def test_what_is_given_stands_under_its_option(m2her: Program) -> None:
    m2her.write("ferry.yaml", FERRY)
    done = m2her("show", "ferry", "--set", "hour=dawn", "-m", "Who?", "--names", "never")
    assert done.out.splitlines()[2:] == [
        "system",
        "ferry.yaml:5:3:   It is dawn.",
        "--set hour:     + dawn",
        "ferry.yaml:6:3:   You are late.",
        "",
        "user",
        "--message:   Who?",
    ]


def test_variants_follow_each_other(m2her: Program) -> None:
    m2her.write("ferry.yaml", FERRY + "matrix: {hour: [dawn, dusk]}\n")
    done = m2her("show", "ferry")
    titles = [line for line in done.out.splitlines() if line.startswith("ferry[")]
    assert ["ferry[hour=dawn] · M2-her", "ferry[hour=dusk] · M2-her"] == titles
    assert "\n\nferry[hour=dusk]" in done.out
    one = m2her("show", "ferry", "--variant", "hour=dusk")
    assert one.out.startswith("ferry[hour=dusk]")
    assert done.out.endswith(one.out)


def test_a_target_and_a_budget_count(m2her: Program) -> None:
    history = "".join(f"- user: {'word ' * 40}{i}\n" for i in range(9))
    m2her.write("ferry.yaml", f"{FERRY}persona: A guest.\nhistory:\n{history}")
    done = m2her("show", "ferry", "--target", "basic", "--budget", "400")
    assert 0 == done.status
    assert "user_system" not in done.out
    assert "left out to keep to a budget of 400" in done.err
    assert re.search(r"^ferry\.yaml:8:10: +A guest\.$", done.out, re.MULTILINE)


def test_a_scenario_with_errors(m2her: Program) -> None:
    m2her.write("ferry.yaml", FERRY.replace("system", "sistem"))
    done = m2her("show", "ferry.yaml")
    assert (1, "") == (done.status, done.out)
    assert "did you mean `system`?" in done.err


def test_ids_that_are_of_none_or_of_several(m2her: Program) -> None:
    m2her.write("a/ferry.yaml", FERRY)
    m2her.write("b/other.yaml", FERRY)
    unknown = m2her("show", "boat")
    assert 2 == unknown.status
    assert unknown.err.startswith("m2her: `boat` is no file, and the id of no scenario")
    several = m2her("show", "ferry")
    assert 2 == several.status
    assert "name one of a/ferry.yaml, b/other.yaml" in several.err
    assert 2 == m2her("show").status


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_on_a_terminal_it_fits_and_says_the_same(m2her: Program, columns: int) -> None:
    """Every place of the piped form stands on the page, wide or narrow."""
    shutil.copytree(REPOSITORY / "scenarios", m2her.folder / "scenarios")
    path = "scenarios/dining_car.yaml"
    sent = m2her.on_terminal("show", path, columns=columns)
    plain = ESCAPE.sub("", sent)
    assert "\x1b[" in sent
    assert all(cells(line) <= columns for line in plain.splitlines())
    piped = m2her("show", path).out
    places = set(re.findall(r"^(scenarios/\S+?:\d+):\d+: ", piped, re.MULTILINE))
    assert len(places) > 30
    if columns > 80:
        assert {each for each in places if each not in plain} == set()


def test_the_librarys_scenarios_are_traced_to_their_files(m2her: Program) -> None:
    """What every line says of itself is what stands there, for real scenarios."""
    shutil.copytree(REPOSITORY / "scenarios", m2her.folder / "scenarios")
    wrong = []
    for path in sorted((m2her.folder / "scenarios").glob("*.yaml"))[:5]:
        shown = m2her("show", path.relative_to(m2her.folder)).out
        for name, line, column, text in re.findall(
            r"^(scenarios/\S+?):(\d+):(\d+):   +(?:\+ )?(.+)$", shown, re.MULTILINE
        ):
            source = (m2her.folder / name).read_text(encoding="utf-8").split("\n")
            there = source[int(line) - 1][int(column) - 1 :].lstrip("\"'")
            if there[:2] not in text:
                wrong.append((name, line, column, there[:20], text[:40]))
    assert wrong == []


def test_what_authors_write_acts_on_nothing(m2her: Program) -> None:
    m2her.write("a.yaml", 'm2her: scenario/v1\nsystem: "\\e[2J\\u202eHi\\a"\nmessage: Hi\n')
    for shown in (m2her("show", "a.yaml").out, m2her.on_terminal("show", "a.yaml")):
        assert not set("\x07\u202e") & set(shown)
        assert r"\u{1b}[2J\u{202e}Hi\u{7}" in shown
