"""Findings as JUnit's XML, which nearly every CI shows as test results.

A file is a test case. It fails when it has errors or warnings, and then has one `failure` that
holds them all, since Jenkins and GitLab look at the first one only. Notes never fail: they go to
`system-out`. Places that were not asked for (a file that is used, a setting) are cases too, after
the files.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from ..diagnostics import Severity
from ..emit.terminal import visible
from .place import is_file, place_of
from .wording import advice, other_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..diagnostics import Diagnostic
    from .model import Report

_FAILING: Final = (Severity.ERROR, Severity.WARNING)
# What XML 1.0 cannot hold, not even escaped; most of it has been made visible before.
_NOT_XML: Final = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
# A link to a file of the machine, for GitLab and for a plugin of Jenkins.
_ATTACHMENT: Final = re.compile(r"\[\[(?=ATTACHMENT)", re.IGNORECASE)


def junit(report: Report) -> str:
    """Return one suite with a test case for each file, in the order of the report."""
    by_file: dict[str, list[Diagnostic]] = {path: [] for path in report.paths}
    for diagnostic in report.diagnostics:
        by_file.setdefault(diagnostic.span.path, []).append(diagnostic)
    failed = sum(any(d.severity in _FAILING for d in found) for found in by_file.values())
    counts = f'tests="{len(by_file)}" failures="{failed}" errors="0" skipped="0" time="0"'
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<testsuites>",
        f'  <testsuite name="m2her check" {counts}>',
        *(line for path, found in by_file.items() for line in _case(path, found)),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(path: str, found: Sequence[Diagnostic]) -> Iterator[str]:
    name = _attribute(path)
    file = f" file={name}" if is_file(path) else ""
    opened = f'    <testcase classname="m2her.check" name={name}{file} time="0"'
    failing = [d for d in found if d.severity in _FAILING]
    notes = [d for d in found if d.severity not in _FAILING]
    if not found:
        yield f"{opened}/>"
        return
    yield f"{opened}>"
    if failing:
        worst = next(s for s in _FAILING if any(d.severity is s for d in failing))
        told = _attribute(_counted(failing))
        yield f'      <failure type="{worst.value}" message={told}>{_texts(failing)}</failure>'
    if notes:
        yield f"      <system-out>{_texts(notes)}</system-out>"
    yield "    </testcase>"


def _counted(found: Sequence[Diagnostic]) -> str:
    counts = Counter(d.severity for d in found)
    return ", ".join(
        f"{counts[severity]} {severity.value}{'s' * (counts[severity] != 1)}"
        for severity in _FAILING
        if counts[severity]
    )


def _texts(found: Sequence[Diagnostic]) -> str:
    text = "\n".join(line for diagnostic in found for line in _lines(diagnostic))
    return escape(_holdable(_ATTACHMENT.sub("[ [", text)))


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    place = place_of(diagnostic.span)
    kind = f"{diagnostic.severity.value}[{diagnostic.code.id}]"
    yield visible(f"{place.file}:{place.line}:{place.column}: {kind}: {diagnostic.message}")
    for line in (*advice(diagnostic), *other_places(diagnostic)):
        yield f"  {line}"


def _attribute(text: str) -> str:
    """Return text as an attribute's value, with its quotes."""
    return quoteattr(_holdable(visible(text)))


def _holdable(text: str) -> str:
    return _NOT_XML.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text)
