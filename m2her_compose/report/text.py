"""Findings for people: what is wrong, where, and what to do, in the form rustc gives them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from ..diagnostics import Severity
from ..emit.terminal import (
    ELLIPSIS,
    Palette,
    Style,
    cells,
    clip,
    pieces,
    visible,
    wrap,
)
from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..diagnostics import Diagnostic, Related, Source, Span
    from .model import Report

MIN_WIDTH = 40
"""Cells. Narrower output is not worth reading; a smaller `width` counts as this."""

_STYLES = {
    Severity.ERROR: Style.ERROR,
    Severity.WARNING: Style.WARNING,
    Severity.NOTE: Style.NOTE,
}
_INDENT = re.compile(r"[ \t]*")
_BLANK = " \t\r\n"
# Code points looked through for the edge of blank space: nobody indents further.
_BLANK_REACH = 1024
# Characters that are pieces by themselves and shown as they are: ASCII, the quotes, dashes and
# letters of Latin text, and from U+3001 on, two cells each, what Chinese and Japanese consist of.
_FIRST_WIDE = "\u3001"
_PLAIN = re.compile(
    r"[ -~\u00c0-\u017f\u2013\u2014\u2018-\u201d\u2026"
    r"\u3001-\u3003\u3008-\u3011\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uff01-\uff60]*"
)
# Cells beside an underline that are still worth breaking its label into.
_LABEL_ROOM = 20


def render_diagnostics(diagnostics: Sequence[Diagnostic], *, color: bool, width: int) -> str:
    """Return findings as text, in the order given, with a blank line between two.

    `width` is in cells, and no line is wider. `color` adds ANSI escape sequences. The result
    ends with a line break, or is empty if there are no findings.
    """
    palette = Palette(enabled=color)
    return "\n".join(_render(d, palette, max(width, MIN_WIDTH)) for d in diagnostics)


def summary(diagnostics: Iterable[Diagnostic], *, color: bool) -> str:
    """Return how many findings there are of each severity, or nothing if there are none."""
    palette = Palette(enabled=color)
    counts = Counter(d.severity for d in diagnostics)
    return ", ".join(
        palette.paint(_STYLES[severity], f"{count} {severity.value}{'s' * (count != 1)}")
        for severity in Severity
        if (count := counts[severity])
    )


def text_report(report: Report, *, color: bool, width: int) -> str:
    """Return a check's findings as text, file by file, and their sum as its last line."""
    shown = render_diagnostics(report.diagnostics, color=color, width=width)
    end = _total(report, Palette(enabled=color))
    return f"{shown}\n{end}" if shown else end


def statistics(report: Report, *, color: bool) -> str:
    """Return how often each code was found, the most frequent first, and the sum of all."""
    palette = Palette(enabled=color)
    counted = Counter((d.severity, d.code) for d in report.diagnostics)
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0][1].id, row[0][0].value))
    digits = len(str(max(counted.values(), default=0)))
    lines = [
        f"{count:>{digits}}  {palette.paint(_STYLES[severity], f'{severity.value:<7}')}  "
        f"{code.id}  {code.slug}\n"
        for (severity, code), count in rows
    ]
    return "".join([*lines, "\n" if lines else "", _total(report, palette)])


def _total(report: Report, palette: Palette) -> str:
    found = summary(report.diagnostics, color=palette.enabled)
    files = f"{len(report.paths):,} file{'s' * (len(report.paths) != 1)}"
    fixes = f"; {report.fixable} can be mended with `--fix`" if report.fixable else ""
    return f"{found or palette.paint(Style.STRONG, 'no findings')} in {files}{fixes}\n"


@frozen
class _Place:
    """A span with its offsets forced into its text, and the lines (from 1) it begins and ends on.

    `last_end` is where it ends but for blank space; `end` is where it ends.
    """

    source: Source
    start: int
    end: int
    last_end: int
    line: int
    column: int
    last_line: int


@frozen
class _Excerpt:
    """As much of a line as fits, and which of its cells to underline."""

    shown: str
    before_cells: int
    marked_cells: int


@frozen
class _Mark:
    """How a place is underlined, and what is said there (already `visible`)."""

    char: str
    style: Style
    label: str = ""


class _Row(NamedTuple):
    """A stretch of a line, cut into the pieces that are shown one after the other.

    Beside the pieces stand the offset in the text at which each begins, and how many cells those
    before it take; both have one entry more, for the end. Ranges will do where all are alike.
    """

    shown: Sequence[str]
    starts: Sequence[int]
    cells: Sequence[int]

    def width(self, first: int, end: int) -> int:
        """Return the cells that the pieces from `first` up to `end` take."""
        return self.cells[end] - self.cells[first]

    def fitting_after(self, first: int, room: int) -> int:
        """Return where the pieces from `first` on end that fit into so many cells."""
        return bisect_right(self.cells, self.cells[first] + room) - 1

    def fitting_before(self, end: int, room: int) -> int:
        """Return where the pieces up to `end` begin that fit into so many cells."""
        return bisect_left(self.cells, self.cells[end] - room)


@frozen
class _Page:
    """The measures that the lines of one finding share. `digits` is of its line numbers."""

    palette: Palette
    width: int
    digits: int

    @property
    def room(self) -> int:
        """Cells to the right of the gutter."""
        return self.width - self.digits - 4

    def bar(self, text: str = "") -> str:
        return self._row("", text)

    def numbered(self, line: int, text: str) -> str:
        return self._row(str(line), text)

    def _row(self, number: str, text: str) -> str:
        gutter = self.palette.paint(Style.GUTTER, f" {number:>{self.digits}} |")
        return f"{gutter} {text}".rstrip(" ")

    def arrow(self, sign: str, place: _Place) -> str:
        lead = " " * (self.digits + 1) + sign
        tail = f":{place.line}:{place.column}"
        path = visible(place.source.path)
        path = clip(path, self.width - len(lead) - 1 - len(tail), keep_end=True)
        return f"{self.palette.paint(Style.GUTTER, lead)} {path}{tail}"


def _render(diagnostic: Diagnostic, palette: Palette, width: int) -> str:
    place = _locate(diagnostic.span)
    related = [(_locate(r.span), r) for r in diagnostic.related]
    last = max(p.last_line for p in (place, *(p for p, _ in related)))
    page = _Page(palette=palette, width=width, digits=len(str(last)))
    style = _STYLES[diagnostic.severity]
    lines = [
        *_header(diagnostic, page),
        page.arrow("-->", place),
        *_snippet(page, place, _Mark(char="^", style=style)),
        *_help(page, diagnostic.help),
        *_related(page, related, after_bar=not diagnostic.help),
    ]
    return "\n".join(lines) + "\n"


def _header(diagnostic: Diagnostic, page: _Page) -> Iterator[str]:
    kind = f"{diagnostic.severity.value}[{diagnostic.code.id}]"
    indent = len(kind) + 2
    lead = page.palette.paint(_STYLES[diagnostic.severity], kind)
    lead += page.palette.paint(Style.STRONG, ":") + " "
    for text in _paragraph(visible(diagnostic.message), page.width - indent):
        yield (lead + page.palette.paint(Style.STRONG, text)).rstrip(" ")
        lead = " " * indent


def _help(page: _Page, text: str | None) -> Iterator[str]:
    if not text:
        return
    yield page.bar()
    margin = " " * (page.digits + 2)
    lead = f"{margin}{page.palette.paint(Style.GUTTER, '=')} "
    lead += page.palette.paint(Style.STRONG, "help:") + " "
    indent = len(margin) + len("= help: ")
    for paragraph in visible(text, keep_newlines=True).rstrip("\n").split("\n"):
        for line in _paragraph(paragraph, page.width - indent):
            yield (lead + line).rstrip(" ")
            lead = " " * indent


@lru_cache(maxsize=256)
def _paragraph(text: str, room: int) -> tuple[str, ...]:
    """Break a line of `visible` text as `wrap` does: many findings say the same."""
    return tuple(wrap(text, room))


def _related(
    page: _Page, related: Iterable[tuple[_Place, Related]], *, after_bar: bool
) -> Iterator[str]:
    for place, item in related:
        if after_bar:
            yield page.bar()
        after_bar = True
        yield page.arrow(":::", place)
        mark = _Mark(char="-", style=Style.GUTTER, label=visible(item.message))
        yield from _snippet(page, place, mark)


def _snippet(page: _Page, place: _Place, mark: _Mark) -> Iterator[str]:
    """Show the first line of a place and, if it has more, the last one; the label comes last."""
    yield page.bar()
    lines = [(place.line, place.start, place.end)]
    if place.last_line > place.line:
        start, end = _line_bounds(place.source, place.last_line)
        indent = _INDENT.match(place.source.text, start, min(end, start + _BLANK_REACH))
        lines.append((place.last_line, indent.end() if indent else start, place.last_end))
    for line, start, end in lines:
        if line > place.line + 1:
            yield page.palette.paint(Style.GUTTER, "...")
        excerpt = _excerpt(place.source, line, start, end, page.room)
        yield page.numbered(line, excerpt.shown)
        label = mark.label if line == place.last_line else ""
        yield from (page.bar(row) for row in _underline(page, excerpt, mark, label))


def _underline(page: _Page, excerpt: _Excerpt, mark: _Mark, label: str) -> Iterator[str]:
    """Mark an excerpt's cells; a label that does not fit beside them goes below."""
    indent = excerpt.before_cells
    marks = mark.char * excerpt.marked_cells
    beside = f"{marks} {label}" if label else marks
    fits = indent + cells(beside) <= page.room
    yield " " * indent + page.palette.paint(mark.style, beside if fits else marks)
    if fits:
        return
    if page.room - indent < _LABEL_ROOM:
        indent = 0
    for text in wrap(label, page.room - indent):
        yield " " * indent + page.palette.paint(mark.style, text)


def _locate(span: Span) -> _Place:
    source, text = span.source, span.source.text
    start = min(max(span.start, 0), len(text))
    end = min(max(span.end, start), len(text))
    tail = text[max(start, end - _BLANK_REACH) : end]
    last_end = end - len(tail) + len(tail.rstrip(_BLANK))
    line, column = source.position(start)
    return _Place(
        source=source,
        start=start,
        end=end,
        last_end=last_end,
        line=line,
        column=column,
        last_line=source.position(last_end)[0],
    )


def _line_bounds(source: Source, line: int) -> tuple[int, int]:
    """Return where a line (from 1) starts and where it ends, without its line break.

    Unlike `Source.line` this copies nothing: a line can be as long as a file.
    """
    starts, text = source.line_starts(), source.text
    start = starts[line - 1]
    end = starts[line] if line < len(starts) else len(text)
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    return start, end


def _excerpt(source: Source, line: int, start: int, end: int, room: int) -> _Excerpt:
    """Return the part of a line around `start` that fits into `room` cells.

    `start` and `end` are offsets into the text; what lies outside the line counts as its end.
    """
    first, last = _line_bounds(source, line)
    start, end = min(start, last), min(end, last)
    near_first, near_last = max(first, start - 2 * room), min(last, start + 4 * room)
    row = _row(source.text[near_first:near_last], near_first)
    if start == last:
        row = _with_room_for_caret(row)
    count = len(row.shown)
    mark = bisect_right(row.starts, start) - 1
    after = min(max(mark, bisect_left(row.starts, end)), count)
    after = after if end > start else mark  # nothing is marked, which shows as one caret
    whole = near_first == first and near_last == last
    if whole and row.width(0, count) <= room:
        return _cut(row, slice(0, count), mark, after, ends=(False, False))
    kept = _window(row, mark, after, room - 2, open_end=near_last < last)
    ends = (
        kept.start > 0 or near_first > first,
        kept.stop < count or near_last < last,
    )
    return _cut(row, kept, mark, after, ends=ends)


def _row(text: str, offset: int) -> _Row:
    """Cut a stretch of a line, which begins at `offset`, into its pieces."""
    starts = range(offset, offset + len(text) + 1)
    if text.isascii() and text.isprintable():
        return _Row(text, starts, range(len(text) + 1))
    if _PLAIN.fullmatch(text):
        widths = [2 if char >= _FIRST_WIDE else 1 for char in text]
        return _Row(text, starts, list(accumulate(widths, initial=0)))
    parts = list(pieces(text))
    return _Row(
        [shown for _, shown in parts],
        list(accumulate((len(raw) for raw, _ in parts), initial=offset)),
        list(accumulate((cells(shown) for _, shown in parts), initial=0)),
    )


def _with_room_for_caret(row: _Row) -> _Row:
    """Return a row with a blank at its end: somewhere for the caret to stand."""
    return _Row(
        [*row.shown, " "],
        [*row.starts, row.starts[-1] + 1],
        [*row.cells, row.cells[-1] + 1],
    )


def _window(row: _Row, mark: int, after: int, room: int, *, open_end: bool) -> slice:
    """Choose the pieces to show: the marked ones first, then as much on both sides as fits."""
    marked_end = max(after, mark + 1)
    # What cannot be shown in full leaves room for what stands before it.
    whole = row.width(mark, marked_end) <= room
    stop = min(marked_end, row.fitting_after(mark, room if whole else room * 3 // 4))
    left = room - row.width(mark, stop)
    rest = left if open_end else min(row.width(stop, len(row.shown)), left)
    start = row.fitting_before(mark, left - min(rest, left - left // 2))
    left -= row.width(start, mark)
    return slice(start, row.fitting_after(stop, left))


def _cut(row: _Row, kept: slice, mark: int, after: int, *, ends: tuple[bool, bool]) -> _Excerpt:
    cut_left, cut_right = ends
    shown = "".join(row.shown[kept])
    stop = min(after, kept.stop)
    marked = row.width(mark, stop) if stop > mark else 0
    if cut_right and after > kept.stop:
        marked += 1
    return _Excerpt(
        shown=ELLIPSIS * cut_left + shown + ELLIPSIS * cut_right,
        before_cells=cut_left + row.width(kept.start, mark),
        marked_cells=max(marked, 1),
    )
