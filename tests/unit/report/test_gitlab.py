"""Findings as GitLab's Code Quality report, and the fingerprints it knows them by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given

from m2her_compose.diagnostics import Severity, Source, codes
from m2her_compose.report.gitlab import gitlab
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

TEXT: Final = "m2her: scenario/v1\nmesage: Hello\nmesage: Hello\n"


def entries(report: Report) -> list[dict[str, Any]]:
    value: list[dict[str, Any]] = json.loads(gitlab(report))
    return value


def names(report: Report) -> list[str]:
    return [each["fingerprint"] for each in entries(report)]


def at(text: str, *starts: int, path: str = "a.yaml", message: str = "no") -> Report:
    """Return a report with a finding at each offset."""
    source = Source(path=path, text=text)
    return report_of(*(finding(source, (start, start + 6), message) for start in starts))


def test_the_whole_form(golden: Golden) -> None:
    golden(GOLDEN / "findings.gitlab.json", gitlab(SAMPLE))


def test_nothing_found_is_an_empty_list() -> None:
    assert gitlab(report_of(paths=("a.yaml",))) == "[]\n"


@pytest.mark.parametrize(
    ("severity", "expected"),
    [(Severity.ERROR, "critical"), (Severity.WARNING, "minor"), (Severity.NOTE, "info")],
    ids=lambda each: getattr(each, "value", each),
)
def test_severities_are_those_of_code_quality(severity: Severity, expected: str) -> None:
    source = Source(path="a.yaml", text="a")
    [entry] = entries(report_of(finding(source, "a", severity=severity)))
    assert expected == entry["severity"]


# --- fingerprints


def test_a_fingerprint_stays_when_its_line_moves() -> None:
    [before] = names(at(TEXT, 19))
    moved = TEXT.replace("mesage", "# Snow.\n\nmesage", 1)
    assert [before] == names(at(moved, 28))
    assert [before] == names(at(moved.replace("\nmesage", "\n  mesage"), 30))


def test_a_fingerprint_stays_when_the_message_has_other_figures() -> None:
    assert names(at(TEXT, 19, message="2,100 tokens")) == names(at(TEXT, 19, message="2,101"))


def test_findings_that_look_the_same_have_different_fingerprints() -> None:
    first, second, again = names(at(TEXT, 19, 33, 33))
    assert len({first, second, again}) == 3
    assert [first] == names(at(TEXT, 19))


def test_a_fingerprint_belongs_to_a_code_a_file_and_a_place() -> None:
    source = Source(path="a.yaml", text=TEXT)
    [here] = names(at(TEXT, 19))
    assert here not in names(at(TEXT, 19, path="b.yaml"))
    assert here not in names(at(TEXT, 20))
    assert here not in names(report_of(finding(source, (19, 25), "no", code=codes.WRONG_TYPE)))


def test_fingerprints_of_one_endless_line_are_made_quickly() -> None:
    text = "x" * 4_000_000
    report = at(text, *range(0, 3_000_000, 10_000))
    assert len(set(names(report))) == 300


@given(REPORTS)
def test_every_entry_has_what_gitlab_wants(report: Report) -> None:
    """And no two have one fingerprint: GitLab would show one of them."""
    read = entries(report)
    assert [d.code.id for d in report.diagnostics] == [each["check_name"] for each in read]
    assert len({each["fingerprint"] for each in read}) == len(read)
    for each in read:
        assert list(each) == ["description", "check_name", "fingerprint", "severity", "location"]
        assert each["description"]
        assert "\n" not in each["description"]
        assert each["location"]["path"]
        assert each["location"]["lines"]["begin"] >= 1


def test_all_findings_of_the_corpus_have_names_of_their_own() -> None:
    found = names(corpus_report())
    assert len(found) == len(set(found))
