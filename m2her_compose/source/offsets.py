"""Where each character of a scalar's value stands in the file.

Worked out again from the source, and only for the scalars that somebody asks about: keeping
these maps for every value would cost more than parsing.
"""

from __future__ import annotations

import re
from array import array
from functools import lru_cache

# The style of what is no YAML at all: a template file, a value from the command line.
VERBATIM = "="

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n|[\s\S])")
# YAML 1.1 breaks lines at five characters; it turns the first three into a newline.
_BREAKS = "\r\n\x85\u2028\u2029"
_NEWLINES = "\r\n\x85"
_BLANK = " \t" + _BREAKS
_BLANKS = re.compile(rf"[ \t{_BREAKS}]+")
_BREAK = re.compile(rf"\r\n|[{_BREAKS}]")


def verbatim_start(source: str, start: int, end: int, style: str, value: str) -> int | None:
    """Return where a scalar's value begins when it stands there as it is, on one line.

    So do most of them, and those need no map. None for any other.
    """
    if style == VERBATIM:
        return start
    at = start + 1 if style in ("'", '"') else start
    if not value or style in ("|", ">") or not source.startswith(value, at) or _BREAK.search(value):
        return None
    return at if at + len(value) == end - (at - start) else None


@lru_cache(maxsize=8)
def scalar_offsets(source: str, start: int, end: int, style: str, value: str) -> array[int]:
    """Map each character of a scalar's value to its offset in the source.

    The result has one entry more than `value` has characters: the place just after the last.
    Where value and source cannot be aligned (they always can for what the reader built), every
    character is charged to the scalar's start rather than to a wrong place.
    """
    if style == VERBATIM:
        return array("l", range(start, start + len(value) + 1))
    if style in ('"', "'"):
        offsets = _flowed(source, start + 1, end - 1, style)
    elif style in ("|", ">"):
        offsets = _block(source, start, end, value)
    else:
        offsets = _flowed(source, start, end, style)
    if len(offsets) != len(value):
        return array("l", [start]) * (len(value) + 1)
    offsets.append(offsets[-1] + 1 if offsets else start)
    return array("l", offsets)


def _flowed(source: str, start: int, end: int, quote: str) -> list[int]:
    """Align a plain or quoted scalar, in which line breaks fold and escapes stand for others."""
    offsets: list[int] = []
    at = start
    while at < end:
        char = source[at]
        if char in _BLANK:
            blanks = _BLANKS.match(source, at, end)
            stop = blanks.end() if blanks else at + 1
            offsets.extend(_folded(source, at, stop))
            at = stop
        elif quote == '"' and char == "\\" and (escape := _ESCAPE.match(source, at, end)):
            at = escape.end()
            if escape[0][1] in _BREAKS:  # an escaped line break joins the lines
                while at < end and source[at] in " \t":
                    at += 1
            else:
                offsets.append(escape.start())
        else:
            offsets.append(at)
            at += 2 if quote == char == "'" else 1
    return offsets


def _folded(source: str, start: int, end: int) -> list[int]:
    """Align a run of blanks: one break is a space, n of them n-1 breaks, and none stays."""
    breaks = [found.start() for found in _BREAK.finditer(source, start, end)]
    if not breaks:
        return list(range(start, end))
    if source[breaks[0]] not in _NEWLINES:
        return breaks
    return breaks[1:] or breaks


def _block(source: str, start: int, end: int, value: str) -> list[int]:
    """Align a block scalar by walking value and source side by side.

    They differ in indentation (skipped in the source), in folded line breaks (a space in the
    value) and in dropped ones; every other character is the same in both.
    """
    header = _BREAK.search(source, start, end)
    if header is None:
        return []
    at = header.end()
    indent = _indentation(source, start, at, end)
    offsets: list[int] = []
    at = _skip_indent(source, at, end, indent)
    for char in value:
        if char in "\n\u2028\u2029" or (char == " " and at < end and source[at] in _BREAKS):
            offsets.append(min(at, end))
            if source[at : at + 2] == "\r\n":
                at += 1
            at = _skip_indent(source, at + 1, end, indent)
            continue
        while at < end and source[at] in _BREAKS:  # the first of several folded breaks is dropped
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
