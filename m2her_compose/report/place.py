"""Places as machines are told them: lines and columns that exist, and names that last."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..diagnostics import Diagnostic, Source, Span

_BLANK: Final = " \t\r\n"
# Code points on each side of a place that make its fingerprint, and that are looked through for
# the end of its text: a line can be as long as a file.
_REACH: Final = 80
# What stands in place of a path where a value came from elsewhere: options of the command line,
# environment variables, standard input without a name.
_NO_FILE: Final = re.compile(r"--[a-z][a-z-]*|M2HER_[A-Z0-9_]+|(?:.*/)?<stdin>", re.DOTALL)


@frozen
class Place:
    """Where something is: lines and columns from 1, in code points, the end exclusive.

    A byte order mark has no column. `file` may name what is no file: see `is_file`.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


def place_of(span: Span, *, trimmed: bool = False) -> Place:
    """Return the place of a span, as much of it as lies in its text.

    `trimmed` leaves out the blank space at its end: a block of text includes its line break,
    and would seem to reach into the line below.
    """
    source = span.source
    start, end = _bounds(span)
    if trimmed:
        tail = source.text[max(start, end - _REACH) : end]
        end -= len(tail) - len(tail.rstrip(_BLANK))
    line, column = source.position(start)
    end_line, end_column = source.position(end)
    return Place(file=span.path, line=line, column=column, end_line=end_line, end_column=end_column)


def is_file(path: str) -> bool:
    """Tell whether a source's path is that of a file: not `<stdin>`, `--set` or `M2HER_…`."""
    return _NO_FILE.fullmatch(path) is None


def fingerprints(diagnostics: Iterable[Diagnostic]) -> tuple[str, ...]:
    """Return a name for each finding that stays when its line moves; no two have the same.

    It is made of the code, the path and the text around the place on its line. The message has
    no part in it: many messages hold figures that change with every edit. Findings that agree in
    all of this are numbered.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    names = []
    for diagnostic in diagnostics:
        key = (diagnostic.code.id, diagnostic.span.path, _surroundings(diagnostic.span))
        seen[key] += 1
        code, path, around = key
        whole = "\0".join((code, path, str(seen[key]), around))
        names.append(hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest())
    return tuple(names)


def _bounds(span: Span) -> tuple[int, int]:
    size = len(span.source.text)
    start = min(max(span.start, 0), size)
    return start, min(max(span.end, start), size)


def _surroundings(span: Span) -> str:
    """Return the text before and after a place on its line, without indentation."""
    source, (start, _) = span.source, _bounds(span)
    first, last = _line_bounds(source, start)
    before = source.text[max(first, start - _REACH) : start]
    after = source.text[start : min(last, start + _REACH)]
    return f"{before.lstrip(_BLANK)}\0{after.rstrip(_BLANK)}"


def _line_bounds(source: Source, offset: int) -> tuple[int, int]:
    starts = source.line_starts()
    line, _ = source.position(offset)
    return starts[line - 1], starts[line] if line < len(starts) else len(source.text)
