"""Findings as JUnit's XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from hypothesis import given

from m2her_compose.diagnostics import Severity, Source
from m2her_compose.emit.terminal import visible
from m2her_compose.report.junit import junit
from tests.unit.report.reports import (
    GOLDEN,
    REPORTS,
    SAMPLE,
    corpus_report,
    finding,
    report_of,
)

if TYPE_CHECKING:
    from m2her_compose.report import Report
    from tests.conftest import Golden

TEA: Final = Source(path="tea.yaml", text="a: 1\nb: 2\n")


def suite(report: Report) -> ET.Element:
    root = ET.fromstring(junit(report).encode())  # noqa: S314 - our own output
    assert root.tag == "testsuites"
    [found] = root
    assert found.tag == "testsuite"
    return found


def case(report: Report) -> ET.Element:
    [found] = suite(report)
    return found


def holdable(text: str) -> str:
    return re.sub("[\ufffe\uffff]", lambda found: f"\\u{{{ord(found[0]):x}}}", visible(text))


def test_the_whole_form(golden: Golden) -> None:
    golden(GOLDEN / "findings.junit.xml", junit(SAMPLE))


def test_a_file_without_findings_passes() -> None:
    found = case(report_of(paths=("tea.yaml",)))
    assert (found.get("name"), found.get("file"), len(found)) == ("tea.yaml", "tea.yaml", 0)


def test_errors_and_warnings_are_one_failure() -> None:
    """Jenkins and GitLab look at the first alone."""
    report = report_of(
        finding(TEA, "a", "careful", severity=Severity.WARNING),
        finding(TEA, "b", "wrong", help="mend it"),
        paths=("tea.yaml",),
    )
    [failure] = case(report)
    assert failure.attrib == {"type": "error", "message": "1 error, 1 warning"}
    assert failure.text == (
        "tea.yaml:1:1: warning[M2H201]: careful\n"
        "tea.yaml:2:1: error[M2H201]: wrong\n"
        "  help: mend it"
    )


def test_notes_do_not_fail() -> None:
    report = report_of(finding(TEA, "a", "by the way", severity=Severity.NOTE), paths=("tea.yaml",))
    [output] = case(report)
    assert (output.tag, output.text) == (
        "system-out",
        "tea.yaml:1:1: note[M2H201]: by the way",
    )
    assert suite(report).get("failures") == "0"


def test_a_place_that_was_not_asked_for_is_a_case_after_the_files() -> None:
    variable = Source(path="M2HER_CHECK_FAIL_ON", text="x")
    base = Source(path="a.yaml", text="x")
    report = report_of(finding(variable, "x"), finding(base, "x"), paths=("tea.yaml",))
    found = [(each.get("name"), each.get("file")) for each in suite(report)]
    assert found == [
        ("tea.yaml", "tea.yaml"),
        ("M2HER_CHECK_FAIL_ON", None),
        ("a.yaml", "a.yaml"),
    ]
    assert suite(report).get("tests") == "3"


def test_a_text_cannot_attach_a_file_of_the_machine() -> None:
    note = finding(TEA, "a", "[[ATTACHMENT|/etc/hosts]]", severity=Severity.NOTE)
    assert "[[ATTACHMENT" not in junit(report_of(note))


@given(REPORTS)
def test_the_output_is_xml_that_says_what_was_found(report: Report) -> None:
    """Whatever stands in texts and paths; what XML cannot hold is made visible."""
    found = suite(report)
    expected = dict.fromkeys([*report.paths, *(d.span.path for d in report.diagnostics)])
    assert [holdable(path) for path in expected] == [each.get("name") for each in found]
    assert str(len(expected)) == found.get("tests")
    assert sum(each.find("failure") is not None for each in found) == int(found.get("failures", ""))
    text = "".join(found.itertext())
    for diagnostic in report.diagnostics:
        assert holdable(diagnostic.message).replace("[[ATTACHMENT", "[ [ATTACHMENT") in text


def test_all_findings_of_the_corpus_are_in_their_files() -> None:
    report = corpus_report()
    cases = {each.get("name"): "".join(each.itertext()) for each in suite(report)}
    assert cases.keys() >= set(report.paths)
    for diagnostic in report.diagnostics:
        assert visible(diagnostic.message) in cases[visible(diagnostic.span.path)]
