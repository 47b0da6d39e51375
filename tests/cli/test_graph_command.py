"""`m2her graph`: who uses whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from m2her_compose.emit.terminal import cells

if TYPE_CHECKING:
    from tests.cli.conftest import Program

REPOSITORY = Path(__file__).resolve().parents[2]
SCENE = "m2her: scenario/v1\nextends: ../bases/base.yaml\npersona: {use: ../people/tam.yaml}\n"
BASE = "m2her: scenario/v1\nabstract: true\ncharacters: {ilse: {use: ../people/ilse.yaml}}\n"
PERSON = "m2her: character/v1\nname: Ilse\ndescription: A ferrywoman.\n"


@pytest.fixture
def library(m2her: Program) -> Program:
    m2her.write("m2her.toml", "")
    m2her.write("scenes/ferry.yaml", SCENE)
    m2her.write("bases/base.yaml", BASE)
    m2her.write("people/ilse.yaml", PERSON)
    m2her.write("people/tam.yaml", PERSON.replace("Ilse", "Tam"))
    m2her.write("people/odd.yaml", PERSON.replace("Ilse", "Odd"))
    m2her.write("compose.yaml", "services: []\n")
    return m2her


TREE = """\
scenes/ferry.yaml
├─ extends  bases/base.yaml  (abstract)
│  └─ character ilse  people/ilse.yaml  Ilse
└─ persona  people/tam.yaml  Tam
"""


def test_a_library(library: Program) -> None:
    done = library("graph")
    expected = f"{TREE}people/odd.yaml  Odd  (used by nobody)\n"
    assert (0, expected, "") == (done.status, done.out, done.err)


@pytest.mark.parametrize("path", ["scenes", "scenes/ferry.yaml"])
def test_a_part_of_a_library_with_all_that_it_uses(library: Program, path: str) -> None:
    done = library("graph", path)
    assert (0, TREE, "") == (done.status, done.out, done.err)


def test_who_uses_a_character_wherever_it_is(library: Program) -> None:
    done = library("graph", "people/ilse.yaml", "--reverse")
    expected = """\
people/ilse.yaml  Ilse
└─ character ilse of  bases/base.yaml  (abstract)
   └─ extended by  scenes/ferry.yaml
"""
    assert (0, expected, "") == (done.status, done.out, done.err)
    inside = library("graph", "ilse.yaml", "--reverse", cwd=library.folder / "people")
    assert inside.out.startswith("ilse.yaml  Ilse\n")
    assert inside.out.endswith("/scenes/ferry.yaml\n")


def test_who_uses_the_characters_of_a_folder(library: Program) -> None:
    done = library("graph", "people", "--reverse")
    assert [line for line in done.out.splitlines() if line.startswith("people/")] == [
        "people/ilse.yaml  Ilse",
        "people/odd.yaml  Odd  (used by nobody)",
        "people/tam.yaml  Tam",
    ]
    assert "└─ persona of  scenes/ferry.yaml" in done.out


def test_circles_and_missing_files_are_shown(library: Program) -> None:
    library.write("bases/base.yaml", BASE + "extends: ../scenes/ferry.yaml\n")
    (library.folder / "people" / "tam.yaml").unlink()
    done = library("graph", "scenes")
    assert 1 == done.status
    assert "(3 errors)" not in done.out
    assert "│  └─ extends  scenes/ferry.yaml  (" in done.out
    assert "in a circle)" in done.out
    assert "└─ persona  ../people/tam.yaml  (does not exist)\n" in done.out
    assert done.err.endswith("`m2her check scenes` tells of them\n")


def test_formats_for_programs(library: Program) -> None:
    schema = json.loads((REPOSITORY / "schemas" / "graph.v1.schema.json").read_text("utf-8"))
    found = json.loads(library("graph", "-f", "json").out)
    jsonschema_rs.validate(schema, found)
    assert 5 == len(found["files"])
    assert 3 == len(found["uses"])
    assert library("graph", "-f", "mermaid").out.startswith("flowchart LR\n  n0[")
    assert library("graph", "-f", "dot").out.startswith("digraph library {\n")
    users = json.loads(library("graph", "people/ilse.yaml", "--reverse", "-f", "json").out)
    assert ["bases/base.yaml", "people/ilse.yaml", "scenes/ferry.yaml"] == sorted(
        each["file"] for each in users["files"]
    )


@pytest.mark.parametrize("columns", [40, 80])
def test_on_a_terminal_lines_fit(library: Program, columns: int) -> None:
    sent = library.on_terminal("graph", columns=columns, env={"NO_COLOR": "1"})
    assert all(cells(line) <= columns for line in sent.splitlines())
    assert "\x1b[1;36mextends\x1b[0m" in library.on_terminal("graph", columns=columns)


def test_wrong_usage(library: Program) -> None:
    assert 2 == library("graph", "nowhere").status
    assert "is none of tree, mermaid, dot, json" in library("graph", "-f", "svg").err
    nothing = library("graph", "compose.yaml")
    assert (0, "", "m2her: no files of a library here\n") == (
        nothing.status,
        nothing.out,
        nothing.err,
    )
