"""On a real terminal: boxes and colours, nothing that acts on it, and lines that fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from m2her_compose.emit.terminal import cells

if TYPE_CHECKING:
    from tests.cli.conftest import Program

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
SCENE = """\
m2her: scenario/v1
id: 茶馆
characters:
  wang:
    name: 老王
    prompt: 一个在茶馆里工作了三十年的老人，说话慢，脾气好，什么都见过，什么都不说。
persona:
  name: "Zo\\u0308e \\e]0;owned\\a"
  description: "A \\u202eguest 👩‍🚀 \\e[2J with a long story to tell"
history:
  - wang: "坐。\\r\\b\\x9b2J 喝茶。"
message: Hello
"""


def boxes(shown: str) -> list[str]:
    return [line for line in shown.split("\n") if line[:1] in ("╭", "│", "╰")]


@pytest.mark.parametrize("columns", [40, 80])
def test_boxes_are_aligned_and_fit(m2her: Program, columns: int) -> None:
    """Every line of a box takes the same cells, Chinese or not."""
    m2her.write("a.yaml", SCENE)
    sent = m2her.on_terminal("compile", "a.yaml", "-f", "text", columns=columns)
    plain = ESCAPE.sub("", sent)
    lines = boxes(plain)
    assert ESCAPE.search(sent)
    assert len(lines) > 10
    assert {columns} == {cells(line) for line in lines}
    assert all(cells(line) <= columns for line in plain.split("\n"))
    assert not set("\x1b\x07\x08\r\x9b\u202e") & set(plain)
    assert r"\u{1b}[2J" in "".join(line.strip("│ ") for line in lines)


def test_colours_can_be_had_and_refused(m2her: Program) -> None:
    m2her.write("a.yaml", SCENE)
    arguments = ("compile", "a.yaml", "-f", "text")
    assert "\x1b" not in m2her.on_terminal(*arguments, env={"NO_COLOR": "1"})
    assert "\x1b" not in m2her.on_terminal(*arguments, "--color", "never")
    assert "\x1b" not in m2her.on_terminal(*arguments, env={"TERM": "dumb"})
    assert "\x1b" in m2her.on_terminal(*arguments, "--color", "always", env={"NO_COLOR": "1"})
    assert "\x1b" not in m2her(*arguments).out


def test_findings_are_coloured_on_a_terminal_alone(m2her: Program) -> None:
    m2her.write("a.yaml", "m2her: scenario/v1\nsytem: Hi\n")
    assert "\x1b[1;31merror[M2H201]" in m2her.on_terminal("compile", "a.yaml")
    assert "\x1b" not in m2her("compile", "a.yaml").err
    assert "\x1b" in m2her("compile", "a.yaml", "--color", "always").err


def test_findings_fit_a_narrow_terminal_and_hide_nothing(m2her: Program) -> None:
    """Excerpts and file names are shown escaped, and cut to the terminal's width."""
    name = "a long name\x1b[31m \u202eof a scenario file that goes on.yaml"
    text = f"m2her: scenario/v1\nid: a\nsystem: Hi\nchar\u202ecters\u200b: {'x' * 200}\n"
    m2her.write(name, text)
    sent = m2her.on_terminal("compile", name, columns=40)
    plain = ESCAPE.sub("", sent)
    assert "error[M2H201]" in plain
    assert all(cells(line) <= 40 for line in plain.split("\n"))
    assert not set("\x1b\u202e\u200b") & set(plain)
