"""Findings as SARIF: the essentials of what code scanning and viewers want."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import pytest
from hypothesis import given

from m2her_compose import __version__
from m2her_compose.diagnostics import Edit, Related, Source, codes
from m2her_compose.report.sarif import sarif
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
    from collections.abc import Iterator

    from m2her_compose.report import Report
    from tests.conftest import Golden

TEA: Final = Source(path="tea.yaml", text="m2her: scenario/v1\ncharcters: {}\n")
URI: Final = re.compile(r"(?:file://)?/?(?:[A-Za-z]:)?(?:[\w.~/-]|%[0-9A-F]{2})+", re.ASCII)


def run(report: Report) -> dict[str, Any]:
    log = json.loads(sarif(report))
    assert log["version"] == "2.1.0"
    [found] = log["runs"]
    assert isinstance(found, dict)
    return found


def result(report: Report) -> dict[str, Any]:
    [found] = run(report)["results"]
    assert isinstance(found, dict)
    return found


def artifact(path: str) -> Any:
    found = result(report_of(finding(Source(path=path, text="x"), "x")))
    return found["locations"][0]["physicalLocation"]["artifactLocation"]


def places(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in (*found["locations"], *found.get("relatedLocations", [])):
        yield each["physicalLocation"]


def hold_to_the_essentials(report: Report) -> None:
    found = run(report)
    rules = found["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == sorted({d.code.id for d in report.diagnostics})
    assert [d.code.id for d in report.diagnostics] == [each["ruleId"] for each in found["results"]]
    prints = set()
    for each in found["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["level"] in ("error", "warning", "note")
        assert each["message"]["text"]
        assert "](" not in each["message"]["text"]
        assert len(each["locations"]) == 1
        prints.add(each["partialFingerprints"]["findingHash/v1"])
        for place in places(each):
            assert URI.fullmatch(place["artifactLocation"]["uri"])
            region = place["region"]
            assert list(region) == ["startLine", "startColumn", "endLine", "endColumn"]
            assert min(region.values()) >= 1
            assert (region["startLine"], region["startColumn"]) <= (
                region["endLine"],
                region["endColumn"],
            )
    assert len(prints) == len(found["results"])


def test_the_whole_form(golden: Golden) -> None:
    text = sarif(SAMPLE).replace(f'"version": "{__version__}"', '"version": "0.0.0"')
    golden(GOLDEN / "findings.sarif", text)


def test_nothing_found_is_a_run_without_results() -> None:
    found = run(report_of(paths=("tea.yaml",)))
    assert found["results"] == []
    assert found["tool"]["driver"] == {"name": "m2her", "version": __version__, "rules": []}


def test_a_rule_says_what_its_code_is() -> None:
    [rule] = run(report_of(finding(TEA, "charcters")))["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("M2H201", "UnknownKey")
    assert rule["shortDescription"]["text"] == codes.UNKNOWN_KEY.title
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"] == {"tags": ["schema"], "problem.severity": "error"}


def test_every_code_has_a_rule() -> None:
    report = report_of(*(finding(TEA, "charcters", code=code) for code in codes.ALL))
    rules = run(report)["tool"]["driver"]["rules"]
    assert len({rule["name"] for rule in rules}) == len(codes.ALL)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("scenes/tea.yaml", {"uri": "scenes/tea.yaml", "uriBaseId": "%SRCROOT%"}),
        ("a b:c/茶#?.yaml", {"uri": "a%20b%3Ac/%E8%8C%B6%23%3F.yaml", "uriBaseId": "%SRCROOT%"}),
        ("caf\udce9.yaml", {"uri": "caf%E9.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/a b.yaml", {"uri": "file:///srv/a%20b.yaml"}),
        ("C:/a b.yaml", {"uri": "file:///C:/a%20b.yaml"}),
        ("<stdin>", {"uri": "%3Cstdin%3E", "description": {"text": "<stdin> is no file"}}),
        ("--set", {"uri": "--set", "description": {"text": "--set is no file"}}),
    ],
    ids=["relative", "reserved", "not-utf-8", "absolute", "drive", "stdin", "option"],
)
def test_a_path_is_a_uri(path: str, expected: dict[str, Any]) -> None:
    assert expected == artifact(path)


def test_columns_are_code_points_and_lines_end_as_ours_do() -> None:
    found = run(report_of())
    assert found["columnKind"] == "unicodeCodePoints"
    assert found["newlineSequences"] == ["\r\n", "\n", "\r"]


def test_the_message_holds_the_help_and_no_links() -> None:
    found = result(report_of(finding(TEA, "charcters", "no [a](b)", help="see [c](d)")))
    assert found["message"]["text"] == "no [a] (b)\nhelp: see [c] (d)"


def test_other_places_and_fixes() -> None:
    key = span_of(TEA, "charcters")
    found = result(
        report_of(
            finding(
                TEA,
                "charcters",
                help="did you mean `characters`?",
                related=(Related(span_of(TEA, "scenario"), "it is said here"),),
                edits=(Edit(key, "characters"),),
                safe=True,
            )
        )
    )
    where = {"uri": "tea.yaml", "uriBaseId": "%SRCROOT%"}
    assert found["relatedLocations"] == [
        {
            "physicalLocation": {
                "artifactLocation": where,
                "region": {"startLine": 1, "startColumn": 8, "endLine": 1, "endColumn": 16},
            },
            "message": {"text": "it is said here"},
        }
    ]
    region = {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 10}
    assert found["fixes"] == [
        {
            "description": {"text": "did you mean `characters`?"},
            "artifactChanges": [
                {
                    "artifactLocation": where,
                    "replacements": [
                        {"deletedRegion": region, "insertedContent": {"text": "characters"}}
                    ],
                }
            ],
            "properties": {"safe": True},
        }
    ]


def test_a_place_that_is_related_twice_is_told_once() -> None:
    """The standard has a set here, and validators refuse anything else."""
    related = Related(span_of(TEA, "scenario"), "reached from here")
    found = result(report_of(finding(TEA, "charcters", related=(related, related))))
    assert len(found["relatedLocations"]) == 1


@given(REPORTS)
def test_whatever_is_found_keeps_to_the_essentials(report: Report) -> None:
    sarif(report).encode()  # no half of a pair is left
    hold_to_the_essentials(report)


@given(REPORTS)
def test_a_uri_leads_back_to_its_path(report: Report) -> None:
    results = run(report)["results"]
    for diagnostic, each in zip(report.diagnostics, results, strict=True):
        place = each["locations"][0]["physicalLocation"]["artifactLocation"]
        path = diagnostic.span.path
        if place.get("uriBaseId") and not re.search("[\ud800-\udfff]", path):
            assert path == unquote(place["uri"], errors="strict")


def test_all_findings_of_the_corpus_keep_to_the_essentials() -> None:
    hold_to_the_essentials(corpus_report())
