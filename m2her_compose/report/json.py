"""Findings as JSON, for programs: `schemas/check.v1.schema.json` says what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..diagnostics import Severity
from ..wire.json_text import pretty_json
from .place import place_of

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic, Edit, Related, Span
    from .model import Report

_VERSION: Final = 1


def json_report(report: Report) -> str:
    """Return findings as one JSON object, in the order of the report."""
    counts = report.counts
    return pretty_json(
        {
            "version": _VERSION,
            "diagnostics": [_diagnostic(each) for each in report.diagnostics],
            "summary": {
                "files": len(report.paths),
                "errors": counts[Severity.ERROR],
                "warnings": counts[Severity.WARNING],
                "notes": counts[Severity.NOTE],
            },
        }
    )


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code.id,
        "slug": diagnostic.code.slug,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "help": diagnostic.help,
        "related": [_related(each) for each in diagnostic.related],
        "fix": _fix(diagnostic),
    }


def _place(span: Span) -> dict[str, Any]:
    place = place_of(span)
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _related(related: Related) -> dict[str, Any]:
    return {"message": related.message, **_place(related.span)}


def _fix(diagnostic: Diagnostic) -> dict[str, Any] | None:
    if not diagnostic.edits:
        return None
    return {"safe": diagnostic.safe, "edits": [_edit(each) for each in diagnostic.edits]}


def _edit(edit: Edit) -> dict[str, Any]:
    return {**_place(edit.span), "text": edit.text}
