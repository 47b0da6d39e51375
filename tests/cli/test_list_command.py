"""`m2her list`: which scenarios a library holds."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from m2her_compose.emit.terminal import cells

if TYPE_CHECKING:
    from tests.cli.conftest import Program

REPOSITORY = Path(__file__).resolve().parents[2]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
FERRY = """\
m2her: scenario/v1
id: ferry
title: The last ferry
tags: [river]
characters:
  ilse: {name: Ilse, description: A ferrywoman.}
  tam: {name: Tam, description: A boy.}
speaker: ilse
message: Hello?
"""
CROSSING = """\
m2her: scenario/v1
id: 渡口
title: 起雾的渡口
language: zh-CN
tags: [river, 雾]
system: 你守着渡口。
message: 老人家？
"""
BASE = "m2her: scenario/v1\nid: base\nabstract: true\n"


@pytest.fixture
def library(m2her: Program) -> Program:
    m2her.write("m2her.toml", "")
    m2her.write("ferry.yaml", FERRY)
    m2her.write("scenes/crossing.yaml", CROSSING)
    m2her.write("bases/base.yaml", BASE)
    m2her.write("characters/odd.yaml", "m2her: character/v1\nname: Odd\ndescription: Odd.\n")
    m2her.write("compose.yaml", "services: []\n")
    return m2her


def test_piped_it_is_a_table_with_a_line_each(library: Program) -> None:
    done = library("list")
    assert (0, "") == (done.status, done.err)
    assert done.out == (
        "id     title           speaker  with  language  variants  tags       file\n"
        "base                                  en        abstract             bases/base.yaml\n"
        "ferry  The last ferry  ilse     tam   en               1  river      ferry.yaml\n"
        "渡口   起雾的渡口                     zh-CN            1  river, 雾"
        "  scenes/crossing.yaml\n"
    )


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--tag", "river"], ["ferry", "渡口"]),
        (["--tag", "river", "--tag", "雾"], ["渡口"]),
        (["--language", "zh"], ["渡口"]),
        (["--character", "tam"], ["ferry"]),
        (["--speaker", "Ilse"], ["ferry"]),
        (["--search", "LAST"], ["ferry"]),
        (["scenes"], ["渡口"]),
        (["ferry.yaml", "bases"], ["base", "ferry"]),
    ],
    ids=str,
)
def test_which_are_listed(library: Program, arguments: list[str], ids: list[str]) -> None:
    done = library("list", *arguments)
    assert (0, "") == (done.status, done.err)
    assert sorted(ids) == sorted(line.split(" ")[0] for line in done.out.splitlines()[1:])


def test_when_there_is_nothing_to_list(library: Program) -> None:
    none = library("list", "--tag", "sea")
    assert (0, "", "m2her: no scenario is such\n") == (none.status, none.out, none.err)
    empty = library("list", "characters")
    assert (0, "", "m2her: no scenarios here\n") == (empty.status, empty.out, empty.err)


def test_broken_files_are_listed_and_summed_up_in_one_line(library: Program) -> None:
    library.write("torn.yaml", "m2her: scenario/v1\nid: torn\nsistem: Hi\nmessage: Hi\n")
    library.write("a b/odd.yaml", "m2her: character/v1\nname: [\n")
    done = library("list", ".", "a b")
    assert 1 == done.status
    assert re.search(r"^torn .* [12] errors? .*torn\.yaml$", done.out, re.MULTILINE)
    assert re.search(r"^a b/odd\.yaml .* 1 error .*a b/odd\.yaml$", done.out, re.MULTILINE)
    assert re.fullmatch(
        r"m2her: 2 files have errors \(\d in all\): `m2her check \. 'a b'` tells of them\n",
        done.err,
    )


def test_broken_files_are_told_of_also_when_they_are_not_listed(library: Program) -> None:
    library.write("torn.yaml", "m2her: scenario/v1\nid: torn\nsistem: Hi\nmessage: Hi\n")
    done = library("list", "--tag", "雾")
    assert 1 == done.status
    assert "torn" not in done.out
    assert "m2her: 1 file has errors" in done.err


def test_json(library: Program) -> None:
    schema = json.loads((REPOSITORY / "schemas" / "list.v1.schema.json").read_text("utf-8"))
    found = json.loads(library("list", "--json").out)
    jsonschema_rs.validate(schema, found)
    assert ["base", "ferry", "渡口"] == [each["id"] for each in found["scenarios"]]
    empty = json.loads(library("list", "--json", "--tag", "none").out)
    assert {"version": 1, "scenarios": []} == empty


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_on_a_terminal_it_fits_and_is_coloured(m2her: Program, columns: int) -> None:
    shutil.copytree(REPOSITORY / "scenarios", m2her.folder / "scenarios")
    sent = m2her.on_terminal("list", columns=columns)
    lines = ESCAPE.sub("", sent).splitlines()
    assert "\x1b[" in sent
    assert all(cells(line) <= columns for line in lines)
    assert any(line.startswith("tea_house") and "听雨茶馆" in line for line in lines)
    assert lines[0].startswith("id ") is (columns == 120)


def test_texts_of_authors_act_on_nothing(m2her: Program) -> None:
    m2her.write(
        "a.yaml",
        'm2her: scenario/v1\ntitle: "\\e[2J\\u202eowned\\a\\nnext"\ntags: ["\\e]0;x\\a"]\n'
        "system: Hi\nmessage: Hi\n",
    )
    for shown in (m2her("list").out, m2her("list", "--json").out, m2her.on_terminal("list")):
        assert not set("\x07\u202e") & set(shown)
        assert "\x1b[2J" not in shown
    assert 2 == len(m2her("list").out.splitlines())


def test_wrong_usage(m2her: Program) -> None:
    missing = m2her("list", "nowhere")
    assert (2, "m2her: nowhere does not exist") == (missing.status, missing.err[:29])
    assert 2 == m2her("list", "--color", "pink").status
