"""Findings as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from m2her_compose.diagnostics import Severity, Source, Span
from m2her_compose.report.json import json_report
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
    from m2her_compose.report import Report
    from tests.conftest import Golden

SCHEMA_FILE: Final = Path(__file__).resolve().parents[3] / "schemas" / "check.v1.schema.json"
SCHEMA: Final[dict[str, Any]] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
VALIDATOR: Final = Draft202012Validator(SCHEMA)
# What a terminal obeys or hides, and what no encoder takes.
ACTS: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


def written(report: Report) -> dict[str, Any]:
    """Return a report as a reader of its JSON gets it."""
    value: dict[str, Any] = json.loads(json_report(report))
    return value


def paired(text: str) -> str:
    """Join halves that stand side by side: JSON has no way to keep them apart."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def place(span: Span) -> tuple[int, int, int, int]:
    return span.line, span.column, span.end_line, span.end_column


def test_the_whole_form(golden: Golden) -> None:
    golden(GOLDEN / "findings.json", json_report(SAMPLE))


def test_nothing_found() -> None:
    expected = {
        "version": 1,
        "diagnostics": [],
        "summary": {"files": 2, "errors": 0, "warnings": 0, "notes": 0},
    }
    assert expected == written(report_of(paths=("a.yaml", "b.yaml")))


def test_the_summary_counts_by_severity() -> None:
    source = Source(path="a.yaml", text="a")
    severities = (Severity.NOTE, Severity.WARNING, Severity.WARNING, Severity.ERROR)
    found = (finding(source, "a", severity=each) for each in severities)
    expected = {"files": 1, "errors": 1, "warnings": 2, "notes": 1}
    assert expected == written(report_of(*found, paths=("a.yaml",)))["summary"]


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("key: 👩‍🚀x", "x", (1, 9, 1, 10)),
        ("a\r\nb\rc\nd", "d", (4, 1, 4, 2)),
        ("a\nb\n", "a\nb\n", (1, 1, 3, 1)),
        ("", "", (1, 1, 1, 1)),
    ],
    ids=["code-points", "line-breaks", "end-exclusive", "empty"],
)
def test_lines_and_columns_are_counted_from_1(
    text: str, marked: str, expected: tuple[int, int, int, int]
) -> None:
    source = Source(path="a.yaml", text=text)
    [found] = written(report_of(finding(source, marked)))["diagnostics"]
    assert expected == tuple(found[key] for key in ("line", "column", "end_line", "end_column"))
    assert expected == place(span_of(source, marked))


def test_a_place_outside_of_the_text_is_its_end() -> None:
    source = Source(path="a.yaml", text="ab")
    [found] = written(report_of(finding(source, (7, 3))))["diagnostics"]
    assert (1, 3, 1, 3) == tuple(found[key] for key in ("line", "column", "end_line", "end_column"))


def test_text_of_any_script_stays_readable() -> None:
    message = "茶 é 👩‍🚀 می‌خواهم"
    assert message in json_report(report_of(finding(Source(path="a", text="a"), "a", message)))


@given(REPORTS)
def test_json_reads_back_as_what_was_found(report: Report) -> None:
    """To the character, in the order of the report; and no character acts on a terminal."""
    text = json_report(report)
    read = json.loads(text)["diagnostics"]
    assert [d.code.id for d in report.diagnostics] == [each["code"] for each in read]
    assert [paired(d.message) for d in report.diagnostics] == [each["message"] for each in read]
    assert [paired(d.span.path) for d in report.diagnostics] == [each["file"] for each in read]
    assert [len(d.related) for d in report.diagnostics] == [len(each["related"]) for each in read]
    assert [[paired(edit.text) for edit in d.edits] for d in report.diagnostics] == [
        [edit["text"] for edit in (each["fix"] or {"edits": []})["edits"]] for each in read
    ]
    assert text.endswith("}\n")
    assert not ACTS.search(text)
    text.encode()  # no half of a pair is left


# --- the schema


def test_the_schema_is_one_and_is_written_like_the_others() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    text = json.dumps(SCHEMA, ensure_ascii=False, indent=2) + "\n"
    assert text == SCHEMA_FILE.read_text(encoding="utf-8")


def test_every_property_has_a_title_and_a_description() -> None:
    """Its own, or those of the definition that it refers to."""
    definitions = SCHEMA["$defs"]
    owners = [SCHEMA, SCHEMA["properties"]["summary"], *definitions.values()]
    properties = [each for owner in owners for each in owner.get("properties", {}).values()]
    for each in (SCHEMA, *definitions.values(), *properties):
        seen = {**definitions.get(each.get("$ref", "").removeprefix("#/$defs/"), {}), **each}
        assert seen["title"], each
        assert seen["description"], each


def test_every_definition_is_used() -> None:
    text = SCHEMA_FILE.read_text(encoding="utf-8")
    assert [name for name in SCHEMA["$defs"] if f'"#/$defs/{name}"' not in text] == []


@pytest.mark.parametrize("key", ["version", "diagnostics", "summary"])
def test_the_schema_wants_every_key(key: str) -> None:
    value = written(SAMPLE)
    del value[key]
    assert not VALIDATOR.is_valid(value)


def test_the_schema_wants_every_key_of_a_finding_and_no_other() -> None:
    for key in written(SAMPLE)["diagnostics"][0]:
        value = written(SAMPLE)
        del value["diagnostics"][0][key]
        assert not VALIDATOR.is_valid(value), key
    value = written(SAMPLE)
    value["diagnostics"][0]["colour"] = "red"
    assert not VALIDATOR.is_valid(value)


@given(REPORTS)
def test_whatever_is_found_fits_the_schema(report: Report) -> None:
    VALIDATOR.validate(written(report))


def test_all_findings_of_the_corpus_fit_the_schema() -> None:
    value = written(corpus_report())
    VALIDATOR.validate(value)
    assert len(value["diagnostics"]) > 300
    assert sum(each["fix"] is not None for each in value["diagnostics"]) > 0
    assert sum(bool(each["related"]) for each in value["diagnostics"]) > 0
