"""Findings as SARIF 2.1.0, for code scanning and for viewers.

Paths below the current folder are relative to `%SRCROOT%`, all others absolute. A finding about
what is no file (an environment variable, standard input) has a location like the others, which
says so: code scanning refuses a whole report for one result without a file.

The standard wants braces doubled in messages. Nobody who shows messages without arguments halves
them again, and ours are full of `{{ char }}`, so they stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from .._version import __version__
from ..diagnostics import Severity
from ..emit.terminal import visible
from ..wire.json_text import pretty_json
from .place import fingerprints, is_file, place_of
from .wording import advice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..diagnostics import Code, Diagnostic, Edit, Span
    from .model import Report

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT: Final = "%SRCROOT%"
# Names a line by what stands on it; the number changes when the recipe does.
_FINGERPRINT: Final = "findingHash/v1"
_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}
# What GitHub's code scanning sorts and filters by.
_PROBLEMS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}
_SUBJECTS: Final = {
    "1": "source",
    "2": "schema",
    "3": "references",
    "4": "templates",
    "5": "contract",
    "6": "budget",
    "7": "craft",
    "8": "library",
}
_DRIVE: Final = re.compile(r"[A-Za-z]:(?=/)")


def sarif(report: Report) -> str:
    """Return one run with its results in the order of the report, and the rules they name."""
    codes = {d.code.id: d.code for d in report.diagnostics}
    rules = [codes[each] for each in sorted(codes)]
    index = {code.id: number for number, code in enumerate(rules)}
    names = fingerprints(report.diagnostics)
    return pretty_json(
        {
            "$schema": _SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "m2her",
                            "version": __version__,
                            "rules": [_rule(code) for code in rules],
                        }
                    },
                    "columnKind": "unicodeCodePoints",
                    "newlineSequences": ["\r\n", "\n", "\r"],
                    "results": [
                        _result(each, index, name)
                        for each, name in zip(report.diagnostics, names, strict=True)
                    ],
                }
            ],
        }
    )


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.id,
        "name": "".join(word.capitalize() for word in code.slug.split("-")),
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": f"{code.slug}: {code.title}"},
        "help": {"text": f"`m2her explain {code.id}` says what it means and what to do about it"},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
        "properties": {
            "tags": [_SUBJECTS[code.id[3]]],
            "problem.severity": _PROBLEMS[code.severity],
        },
    }


def _result(diagnostic: Diagnostic, index: Mapping[str, int], name: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code.id,
        "ruleIndex": index[diagnostic.code.id],
        "level": _LEVELS[diagnostic.severity],
        "message": _message("\n".join((visible(diagnostic.message), *advice(diagnostic)))),
        "locations": [{"physicalLocation": _location(diagnostic.span)}],
        "partialFingerprints": {_FINGERPRINT: name},
    }
    if diagnostic.related:
        result["relatedLocations"] = _related(diagnostic)
    if diagnostic.edits:
        result["fixes"] = [_fix(diagnostic)]
    return result


def _related(diagnostic: Diagnostic) -> list[dict[str, Any]]:
    """Return the other places, each once: the standard has a set here."""
    found: list[dict[str, Any]] = []
    for related in diagnostic.related:
        location = {
            "physicalLocation": _location(related.span),
            "message": _message(visible(related.message)),
        }
        if location not in found:
            found.append(location)
    return found


def _message(text: str) -> dict[str, Any]:
    """Return a message that holds no links: `](` would end the text of one, quoted or not."""
    return {"text": text.replace("](", "] (")}


def _location(span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(span.path), "region": _region(span)}


def _artifact(path: str) -> dict[str, Any]:
    if not is_file(path):
        return {"uri": _quoted(path), "description": {"text": f"{visible(path)} is no file"}}
    drive = _DRIVE.match(path)
    if drive is not None:
        return {"uri": f"file:///{drive[0]}{_quoted(path[drive.end() :])}"}
    if path.startswith("/"):
        return {"uri": f"file://{_quoted(path)}"}
    return {"uri": _quoted(path), "uriBaseId": _ROOT}


def _quoted(path: str) -> str:
    """Return a path as part of a URI; a name that is not UTF-8 as the bytes it has on disk."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "surrogatepass"))


def _region(span: Span) -> dict[str, int]:
    place = place_of(span)
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _fix(diagnostic: Diagnostic) -> dict[str, Any]:
    by_file: dict[str, list[Edit]] = {}
    for edit in diagnostic.edits:
        by_file.setdefault(edit.span.path, []).append(edit)
    return {
        "description": _message(visible(diagnostic.help or diagnostic.message)),
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": _replacements(edits)}
            for path, edits in by_file.items()
        ],
        "properties": {"safe": diagnostic.safe},
    }


def _replacements(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    return [
        {"deletedRegion": _region(each.span), "insertedContent": {"text": each.text}}
        for each in edits
    ]
