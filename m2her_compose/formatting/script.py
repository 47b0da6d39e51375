"""A list of turns as a script: a line for each, where that says the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..source.writing import can_be_block, cells
from .layout import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from .layout import Entry, Part

# Fewer turns are as easy to read with dashes.
FEWEST_TURNS: Final = 8
INDENT: Final = 2
# A line that goes on below its turn must not look like a turn, nor part exchanges.
_LOOKS_LIKE_A_TURN: Final = re.compile(
    r"\s*(?:[^\s:：][^:：\n]{0,100}[:：]|<start>)", re.IGNORECASE
)


def script_lines(part: Part, speakers: AbstractSet[str], room: int) -> list[str] | None:
    """Return a list of turns as lines of a script, each of at most `room` cells.

    None where something would be lost or read differently: a comment, a thought, an anchor, a tag,
    a speaker that is none of `speakers`, or a text that is too wide or not fit for a line.
    """
    if part.shape is not Shape.LIST or len(part.entries) < FEWEST_TURNS or _has_more(part):
        return None
    lines: list[str] = []
    for entry in part.entries:
        turn = entry.value
        if not _is_bare(entry) or turn.shape is not Shape.MAP or len(turn.entries) != 1:
            return None
        said = turn.entries[0]
        key = said.key
        if _has_more(turn) or not _is_bare(said) or key is None or key.text not in speakers:
            return None
        if key.properties or said.value.shape is not Shape.SCALAR or not _fits(said.value):
            return None
        lines.extend(_lines(key.text, said.value.text))
    return lines if all(cells(line) <= room for line in lines) else None


def _has_more(part: Part) -> bool:
    return bool(part.tail or part.properties)


def _is_bare(entry: Entry) -> bool:
    """Tell whether an entry has no comment, and its value neither an anchor nor a tag."""
    comments = entry.above or entry.below_key or entry.beside or entry.beside_key
    return not comments and not entry.value.properties


def _fits(part: Part) -> bool:
    """Tell whether a text comes out of a script as it went in."""
    text = part.text
    if not text or text != text.strip() or not can_be_block(text):
        return False
    rest = text.split("\n")[1:]
    if any(line[:1] == "\t" or _LOOKS_LIKE_A_TURN.match(line) for line in rest):
        return False
    # The indentation that they share is not theirs to keep.
    return not any(rest) or any(line and line[0] != " " for line in rest)


def _lines(speaker: str, text: str) -> Iterator[str]:
    first, *rest = text.split("\n")
    yield f"{speaker}: {first}"
    for line in rest:
        yield " " * INDENT + line if line else ""
