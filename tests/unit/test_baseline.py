"""What a baseline knows, and what it refuses to be read from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.baseline import BaselineError, Entry, baseline_of, read_baseline
from m2her_compose.diagnostics import Diagnostic, Severity, Sink, Source, Span
from m2her_compose.diagnostics import codes as c

TEXT = "m2her: scenario/v1\nmessage: TODO\ntitle: TODO\n"


def findings(text: str, *words: str, path: str = "tea.yaml") -> list[Diagnostic]:
    """Return a finding at each place of each word."""
    source = Source(path=path, text=text)
    sink = Sink()
    for word in words:
        at = text.find(word)
        while at >= 0:
            sink.add(c.PLACEHOLDER, "made up", Span(source, at, at + len(word)))
            at = text.find(word, at + 1)
    return list(sink.sorted())


def test_a_baseline_is_a_file_that_reads_well() -> None:
    baseline = baseline_of(
        [*findings("TODO\n TODO\n", "TODO"), *findings(TEXT, "title", path="茶")]
    )
    assert baseline.data().decode() == (
        '{\n  "version": 1,\n  "findings": [\n'
        '    {"file": "tea.yaml", "code": "M2H706", "text": "'
        + digest("TODO")
        + '", "count": 2},\n'
        '    {"file": "茶", "code": "M2H706", "text": "'
        + digest("title: TODO")
        + '", "count": 1}\n'
        "  ]\n}\n"
    )


def digest(line: str) -> str:
    [entry] = baseline_of(findings(line, line)).counts
    return entry.text


def test_what_is_known_is_left_out_wherever_it_moved() -> None:
    baseline = read_baseline(baseline_of(findings(TEXT, "TODO")).data())
    moved = TEXT.replace("message", "\n\n  message").replace("title: TODO", "title: Tea # TODO")
    left, gone = baseline.remove_known(findings(moved, "TODO"))
    assert [d.span.line for d in left] == [5]
    assert gone == 1


def test_more_of_the_same_is_new() -> None:
    baseline = baseline_of(findings("TODO\n", "TODO"))
    left, gone = baseline.remove_known(findings("TODO\nTODO\n", "TODO"))
    assert [d.span.line for d in left] == [2]
    assert gone == 0


def test_errors_are_never_known() -> None:
    [note] = findings("TODO\n", "TODO")
    sink = Sink()
    sink.add(c.UNKNOWN_KEY, "made up", note.span)
    sink.add(c.PLACEHOLDER, "raised", note.span, severity=Severity.ERROR)
    error, raised = sorted(sink.sorted(), key=lambda d: d.code.id)
    assert list(baseline_of([error, raised]).counts) == [
        Entry("tea.yaml", "M2H706", digest("TODO"))
    ]
    assert baseline_of([note]).remove_known([error, raised]) == ((error,), 0)


def test_paths_are_the_callers_matter() -> None:
    baseline = baseline_of(findings(TEXT, "TODO"), path_of="lib/{}".format)
    assert {entry.file for entry in baseline.counts} == {"lib/tea.yaml"}
    assert baseline.remove_known(findings(TEXT, "TODO"), path_of="lib/{}".format) == ((), 0)
    assert baseline.remove_known([], path_of="lib/{}".format, among=["other.yaml"]) == ((), 0)
    assert baseline.remove_known([], path_of="lib/{}".format, among=["tea.yaml"]) == ((), 2)


def test_a_finding_of_a_long_stretch_costs_little() -> None:
    text = "a line that is said\n" * 200_000
    source = Source(path="a", text=text)
    sink = Sink()
    for at in range(200):
        sink.add(c.PLACEHOLDER, "made up", Span(source, at, len(text)))
    assert sum(baseline_of(sink.sorted()).counts.values()) == 200


GOOD = {"file": "a", "code": "M2H706", "text": "0" * 16, "count": 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "is not a map"),
        ({"version": 1}, "is not a map"),
        ({"version": 1, "findings": {}}, "is not a map"),
        ({"findings": []}, 'no "version"'),
        ({"version": True, "findings": []}, 'no "version"'),
        ({"version": "1", "findings": []}, 'no "version"'),
        ({"version": 2, "findings": []}, "newer m2her"),
        ({"version": 1, "findings": [3]}, "finding 1"),
        ({"version": 1, "findings": [GOOD, {**GOOD, "more": 1}]}, "finding 2"),
        ({"version": 1, "findings": [{**GOOD, "file": 1}]}, '"file" of finding 1'),
        ({"version": 1, "findings": [{**GOOD, "code": "E1"}]}, '"code" of finding 1'),
        ({"version": 1, "findings": [{**GOOD, "text": "x"}]}, '"text" of finding 1'),
        ({"version": 1, "findings": [{**GOOD, "count": 0}]}, '"count" of finding 1'),
        ({"version": 1, "findings": [{**GOOD, "count": 1.5}]}, '"count" of finding 1'),
        ({"version": 1, "findings": [{**GOOD, "count": True}]}, '"count" of finding 1'),
        ({"version": 1, "findings": [{**GOOD, "count": 10**30}]}, '"count" of finding 1'),
    ],
)
def test_what_is_no_baseline_is_refused(content: Any, words: str) -> None:
    with pytest.raises(BaselineError, match=words):
        read_baseline(json.dumps(content).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"version": ' + b"1" * 5_000 + b"}",
        b" " * 16_000_001,
    ],
    ids=["empty", "cut", "bytes", "deep", "digits", "large"],
)
def test_hostile_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BaselineError):
        read_baseline(data)


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(1, 9))))
def test_a_baseline_survives_its_file(entries: list[tuple[str, int]]) -> None:
    lines = [{**GOOD, "file": file, "count": count} for file, count in entries]
    baseline = read_baseline(json.dumps({"version": 1, "findings": lines}).encode())
    assert read_baseline(baseline.data()).counts == baseline.counts
    assert read_baseline(b"\xef\xbb\xbf" + baseline.data()).counts == baseline.counts


def test_a_file_whose_name_is_no_text_can_be_written() -> None:
    baseline = baseline_of(findings(TEXT, "TODO", path="\udcff.yaml"))
    assert read_baseline(baseline.data()).counts == baseline.counts
