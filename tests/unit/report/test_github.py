"""Findings as GitHub's workflow commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given

from m2her_compose.diagnostics import Related, Severity, Source, Span
from m2her_compose.emit.terminal import visible
from m2her_compose.report.github import github
from tests.unit.report.reports import (
    GOLDEN,
    REPORTS,
    SAMPLE,
    corpus_report,
    finding,
    report_of,
    span_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from m2her_compose.report import Report
    from tests.conftest import Golden

TEA: Final = Source(path="tea.yaml", text="m2her: scenario/v1\ncharcters: {}\n")
_COMMAND: Final = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>.*?)::(?P<data>.*)")


@dataclass(frozen=True)
class Command:
    """A command as the runner understands it."""

    name: str
    properties: Mapping[str, str]
    data: str


def understood(line: str) -> Command:
    """Read a line as the runner does: the second `::` ends the properties, wherever it is."""
    found = _COMMAND.fullmatch(line)
    assert found is not None, line
    pairs = (each.split("=", 1) for each in found["properties"].split(","))
    properties = {
        name: text.replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%3A", ":")
        .replace("%2C", ",")
        .replace("%25", "%")
        for name, text in pairs
    }
    data = found["data"].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    return Command(found["name"], properties, data)


def commands(report: Report) -> list[Command]:
    return [understood(line) for line in github(report).splitlines()]


def test_the_whole_form(golden: Golden) -> None:
    golden(GOLDEN / "findings.github.txt", github(SAMPLE))


def test_the_command_is_to_the_letter() -> None:
    found = finding(TEA, "charcters", "unknown key `charcters`", help="did you mean `characters`?")
    assert github(report_of(found)) == (
        "::error file=tea.yaml,line=2,col=1,endLine=2,endColumn=10,title=M2H201 unknown-key"
        "::unknown key `charcters`%0Ahelp: did you mean `characters`?\n"
    )


def test_nothing_found_is_nothing_printed() -> None:
    assert github(report_of(paths=("tea.yaml",))) == ""


@pytest.mark.parametrize(
    ("severity", "expected"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.NOTE, "notice")],
    ids=lambda each: getattr(each, "value", each),
)
def test_severities_are_commands(severity: Severity, expected: str) -> None:
    [command] = commands(report_of(finding(TEA, "charcters", severity=severity)))
    assert expected == command.name


def test_several_lines_have_no_columns() -> None:
    """The runner throws columns away there, and says so in its log."""
    [command] = commands(report_of(finding(TEA, "scenario/v1\ncharcters")))
    del command.properties["title"]  # type: ignore[attr-defined]
    assert command.properties == {"file": "tea.yaml", "line": "1", "endLine": "2"}


def test_a_line_break_at_the_end_is_no_line_of_its_own() -> None:
    """The annotation stands below the last line: it is to be the one that the text is on."""
    [command] = commands(report_of(finding(TEA, "scenario/v1\n")))
    assert (command.properties["endLine"], command.properties["endColumn"]) == ("1", "19")


@pytest.mark.parametrize("path", ["<stdin>", "--set", "M2HER_CHECK_FAIL_ON"])
def test_what_is_no_file_has_its_place_in_the_message(path: str) -> None:
    found = finding(Source(path=path, text="x\ny"), "y", "this is wrong")
    [command] = commands(report_of(found))
    assert list(command.properties) == ["title"]
    assert command.data == f"{path}:2:1: this is wrong"


def test_other_places_are_told_below() -> None:
    related = (Related(span_of(TEA, "scenario"), "it is said here"),)
    [command] = commands(report_of(finding(TEA, "charcters", "two of them", related=related)))
    assert command.data == "two of them\ntea.yaml:1:8: it is said here"


def test_a_text_cannot_give_a_command() -> None:
    path = "a,line=9::error::b%0A.yaml"
    message = "x\n::error file=secret.yaml::no\r\n%0A##[error]no"
    text = github(report_of(finding(Source(path=path, text="y"), "y", message, help="a\n::b::c")))
    assert text.count("\n") == 1
    [command] = [understood(line) for line in text.splitlines()]
    assert command.properties["file"] == path
    assert command.properties["line"] == "1"
    assert command.data == f"{visible(message)}\nhelp: a\n::b::c"


@given(REPORTS)
def test_every_line_is_a_command_of_ours(report: Report) -> None:
    """One for each finding, that the runner reads back as what was to be said."""
    text = github(report)
    text.encode()  # no half of a pair is left
    read = commands(report)
    assert len(report.diagnostics) == len(read) == text.count("\n")
    for diagnostic, command in zip(report.diagnostics, read, strict=True):
        assert visible(diagnostic.message) in command.data
        assert command.properties["title"] == f"{diagnostic.code.id} {diagnostic.code.slug}"
        assert command.properties.get("file") in (None, visible(diagnostic.span.path))
    assert visible(text, keep_newlines=True) == text


def test_all_findings_of_the_corpus_are_commands() -> None:
    report = corpus_report()
    read = commands(report)
    assert [visible(d.span.path) for d in report.diagnostics] == [
        each.properties["file"] for each in read
    ]
    assert [str(d.span.line) for d in report.diagnostics] == [
        each.properties["line"] for each in read
    ]


def test_a_place_at_the_very_end_is_a_place() -> None:
    end = len(TEA.text)
    [command] = commands(report_of(finding(TEA, (end, end))))
    assert (command.properties["line"], command.properties["col"]) == ("3", "1")
    assert Span(TEA, end, end).line == 3
