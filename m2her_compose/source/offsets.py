"""Where each character of a scalar's value stands in the file.

Worked out again from the source, and only for the scalars that somebody asks about: keeping
these maps for every value would cost more than parsing.
"""

from __future__ import annotations

import re
from functools import lru_cache

# The style of what is no YAML at all: a template file, a value from the command line.
VERBATIM = "="

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n|[\s\S])")
_BREAK = re.compile(r"[ \t]*(?:\r\n|\n|\r)(?:[ \t]*(?:\r\n|\n|\r))*[ \t]*")


@lru_cache(maxsize=256)
def scalar_offsets(source: str, start: int, end: int, style: str, value: str) -> tuple[int, ...]:
    """Map each character of a scalar's value to its offset in the source.

    The result has one entry more than `value` has characters: the place just after the last.
    Where value and source cannot be aligned (they always can for what the reader built), every
    character is charged to the scalar's start rather than to a wrong place.
    """
    if style == VERBATIM:
        return tuple(range(start, start + len(value) + 1))
    if style == '"':
        offsets = _double_quoted(source, start + 1, end - 1)
    elif style == "'":
        offsets = _single_quoted(source, start + 1, end - 1)
    elif style in ("|", ">"):
        offsets = _block(source, start, end, value)
    else:
        offsets = _flowed(source, start, end, quote=False)
    if len(offsets) != len(value):
        return (start,) * (len(value) + 1)
    return (*offsets, offsets[-1] + 1 if offsets else start)


def _flowed(source: str, start: int, end: int, *, quote: bool) -> list[int]:
    """Align a plain or single-quoted scalar: a line break is a space, n of them n-1 breaks."""
    offsets: list[int] = []
    at = start
    while at < end:
        char = source[at]
        if char in " \t\r\n" and (fold := _BREAK.match(source, at, end)):
            offsets.extend(_folded(source, fold))
            at = fold.end()
        else:
            offsets.append(at)
            at += 2 if quote and char == "'" else 1
    return offsets


def _folded(source: str, fold: re.Match[str]) -> list[int]:
    breaks = [m.start() for m in re.finditer(r"\r\n|\n|\r", source[fold.start() : fold.end()])]
    kept = breaks[1:] or breaks
    return [fold.start() + b for b in kept]


def _single_quoted(source: str, start: int, end: int) -> list[int]:
    return _flowed(source, start, end, quote=True)


def _double_quoted(source: str, start: int, end: int) -> list[int]:
    offsets: list[int] = []
    at = start
    while at < end:
        char = source[at]
        if char == "\\" and (escape := _ESCAPE.match(source, at, end)):
            if escape[0][1] in "\r\n":  # an escaped line break joins the lines
                at = escape.end()
                while at < end and source[at] in " \t":
                    at += 1
            else:
                offsets.append(at)
                at = escape.end()
        elif char in " \t\r\n" and (fold := _BREAK.match(source, at, end)):
            offsets.extend(_folded(source, fold))
            at = fold.end()
        else:
            offsets.append(at)
            at += 1
    return offsets


def _block(source: str, start: int, end: int, value: str) -> list[int]:
    """Align a block scalar by walking value and source side by side.

    They differ in indentation (skipped in the source), in folded line breaks (a space in the
    value) and in dropped ones; every other character is the same in both.
    """
    at = source.find("\n", start, end) + 1
    if at == 0:
        return []
    indent = _indentation(source, start, at, end)
    offsets: list[int] = []
    at = _skip_indent(source, at, end, indent)
    for char in value:
        if char == "\n" or (char == " " and at < end and source[at] in "\r\n"):
            while at < end and char == " " and source[at] not in "\r\n":
                at += 1
            offsets.append(min(at, end))
            if at < end and source[at] == "\r":
                at += 1
            at = _skip_indent(source, at + 1, end, indent)
            continue
        while at < end and source[at] in "\r\n":  # the first of several folded breaks is dropped
            at = _skip_indent(source, at + 1, end, indent)
        if at >= end or source[at] != char:
            return []
        offsets.append(at)
        at += 1
    return offsets


def _indentation(source: str, header: int, first: int, end: int) -> int | None:
    """Return how many columns of each line are indentation, or None to skip all blanks."""
    explicit = re.match(r"[|>](?:[+-]?([1-9]))", source[header : header + 3])
    if explicit:
        return _parent_column(source, header) + int(explicit[1])
    line = re.compile(r"^( *)\S", re.MULTILINE).search(source, first, end)
    return len(line[1]) if line else None


def _parent_column(source: str, header: int) -> int:
    """Return the column that an indentation indicator counts from: the key's, or the dash's."""
    start = source.rfind("\n", 0, header) + 1
    lead = re.compile(r"[ ]*(?:-[ ]+)*").match(source, start, header)
    column = lead.end() - start if lead else 0
    if start + column == header:  # no key: an item of a list
        return max(0, source.rfind("-", start, header) - start)
    return column


def _skip_indent(source: str, at: int, end: int, indent: int | None) -> int:
    limit = end if indent is None else min(end, at + indent)
    while at < limit and source[at] == " ":
        at += 1
    return at
