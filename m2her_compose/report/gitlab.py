"""Findings as GitLab's Code Quality report, for the widget of a merge request.

GitLab stops reading at the first entry that lacks a property it wants, and takes two entries of
one fingerprint for one. What is no file has its name for a path: every entry needs one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..diagnostics import Severity
from ..emit.terminal import visible
from ..wire.json_text import pretty_json
from .place import fingerprints, place_of
from .wording import advice

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic
    from .model import Report

_SEVERITIES: Final = {
    Severity.ERROR: "critical",
    Severity.WARNING: "minor",
    Severity.NOTE: "info",
}


def gitlab(report: Report) -> str:
    """Return one entry a finding, in the order of the report."""
    names = fingerprints(report.diagnostics)
    return pretty_json(
        [_entry(each, name) for each, name in zip(report.diagnostics, names, strict=True)]
    )


def _entry(diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    place = place_of(diagnostic.span)
    return {
        "description": _description(diagnostic),
        "check_name": diagnostic.code.id,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {"path": visible(place.file), "lines": {"begin": place.line}},
    }


def _description(diagnostic: Diagnostic) -> str:
    """Return the message and the help as one line, which is all that is shown."""
    message = visible(diagnostic.message)
    help_text = " ".join(advice(diagnostic))
    return f"{message} ({help_text})" if help_text else message
