"""Findings as GitHub's workflow commands, which become annotations of a pull request.

A command is one line: `::error file=…,line=…::message`. In it `%`, CR and LF are escaped, in
properties `:` and `,` as well; that is all that the runner turns back. All other characters that
act or hide are made visible, so that no text of a file is anything but text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..diagnostics import Severity
from ..emit.terminal import visible
from .place import is_file, place_of
from .wording import advice, other_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..diagnostics import Diagnostic
    from .model import Report

_COMMANDS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}
# `%` comes first: the others bring their own.
_IN_TEXT: Final = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTY: Final = (*_IN_TEXT, (":", "%3A"), (",", "%2C"))


def github(report: Report) -> str:
    """Return one command a finding, in the order of the report; nothing when there is none."""
    return "".join(f"{_command(each)}\n" for each in report.diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    code = diagnostic.code
    properties = {**dict(_position(diagnostic)), "title": f"{code.id} {code.slug}"}
    given = ",".join(f"{name}={_escaped(text, _IN_PROPERTY)}" for name, text in properties.items())
    message = "\n".join((_message(diagnostic), *advice(diagnostic), *other_places(diagnostic)))
    return f"::{_COMMANDS[diagnostic.severity]} {given}::{_escaped(message, _IN_TEXT)}"


def _position(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    """Give the properties of a place in a file; the runner refuses columns of several lines."""
    if not is_file(diagnostic.span.path):
        return
    place = place_of(diagnostic.span, trimmed=True)
    one_line = place.line == place.end_line
    yield "file", visible(place.file)
    yield "line", str(place.line)
    if one_line:
        yield "col", str(place.column)
    yield "endLine", str(place.end_line)
    if one_line:
        yield "endColumn", str(place.end_column)


def _message(diagnostic: Diagnostic) -> str:
    """Return the message, with the place before it where no annotation can stand."""
    message = visible(diagnostic.message)
    if is_file(diagnostic.span.path):
        return message
    return f"{visible(str(diagnostic.span))}: {message}"


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for raw, escape in escapes:
        text = text.replace(raw, escape)
    return text
