"""A change to one file: made as a value, shown as a diff, and written whole or not at all.

A change holds the bytes that were read and those to be written: what is no part of an edit, byte
order mark and line ends included, is the same in both. It is written only over the bytes that it
was made from, and never through a link.
"""

from __future__ import annotations

import codecs
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from ..diagnostics import Sink
from ..emit.files import RefusedError, write_file
from ..emit.terminal import visible
from ..frozen import frozen
from ..source import Disk, decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..diagnostics import Diagnostic
    from ..source import Files

_CONTEXT: Final = 3
# Lines that are looked ahead for where two texts meet again: edits are small.
_AHEAD: Final = 60
_NO_NEWLINE: Final = "\\ No newline at end of file"


@frozen
class Change:
    """What a file is to become, and the findings that it is for.

    `path` is absolute, with its symlinks resolved; `shown` is the path for people.
    """

    path: Path
    shown: str
    before: bytes
    after: bytes
    findings: tuple[Diagnostic, ...] = ()

    @property
    def old_text(self) -> str:
        return self.before.decode("utf-8-sig")

    @property
    def new_text(self) -> str:
        return self.after.decode("utf-8-sig")

    def diff(self) -> str:
        """Return the change as a unified diff, harmless to a terminal."""
        return unified_diff(self.old_text, self.new_text, self.shown)


def encoded(before: bytes, text: str) -> bytes:
    """Return a changed text as bytes, with a byte order mark where the file had one."""
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode("utf-8")


def bytes_of(files: Files, path: Path, text: str) -> bytes | None:
    """Return the bytes that a text was read from; None when the file holds another by now."""
    try:
        data = files.read(path)
    except OSError:
        return None
    source = decode(data, "", Sink())
    return data if source is not None and source.text == text else None


def write(change: Change) -> None:
    """Write a change. Raises `RefusedError` when the file is a link or has changed, or OSError."""
    if change.path.is_symlink():
        raise RefusedError(f"{change.path} is a link: nothing is written through links")
    if Disk().read(change.path) != change.before:
        raise RefusedError(f"{change.path} has changed since it was read")
    write_file(change.path, change.after.decode("utf-8"))


# --- as a diff


class _Block(NamedTuple):
    """Lines of the old text and of the new one: the same in both, or one in place of the other."""

    same: bool
    old: range
    new: range


def unified_diff(old: str, new: str, path: str) -> str:
    """Return the difference of two texts of a file; nothing when they are the same.

    Characters that act on a terminal are shown escaped. CR before a line's end is not shown.
    """
    lines = list(_hunks(_lines(old), _lines(new)))
    if not lines:
        return ""
    name = visible(path)
    return "\n".join([f"--- {name}", f"+++ {name}", *lines]) + "\n"


def _lines(text: str) -> list[str]:
    """Return a text's lines, each with its end: what git takes for one."""
    *whole, last = text.split("\n")
    return [f"{line}\n" for line in whole] + [last] * bool(last)


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    blocks = list(_blocks(old, new))
    changed = [block for block in blocks if not block.same]
    groups: list[list[_Block]] = []
    for before, block in pairwise([None, *changed]):
        if block is None:
            continue
        if before is not None and block.old.start - before.old.stop <= 2 * _CONTEXT:
            groups[-1].append(block)
        else:
            groups.append([block])
    for group in groups:
        yield from _hunk(old, new, group)


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[_Block]) -> Iterator[str]:
    lead = min(_CONTEXT, group[0].old.start)
    tail = min(_CONTEXT, len(old) - group[-1].old.stop)
    old_lines = range(group[0].old.start - lead, group[-1].old.stop + tail)
    new_lines = range(group[0].new.start - lead, group[-1].new.stop + tail)
    yield f"@@ -{_extent(old_lines)} +{_extent(new_lines)} @@"
    at = old_lines.start
    for block in group:
        yield from _marked(" ", old[at : block.old.start])
        yield from _marked("-", old[block.old.start : block.old.stop])
        yield from _marked("+", new[block.new.start : block.new.stop])
        at = block.old.stop
    yield from _marked(" ", old[at : old_lines.stop])


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield mark + visible(line.removesuffix("\n").removesuffix("\r"))
        if not line.endswith("\n"):
            yield _NO_NEWLINE


def _extent(lines: range) -> str:
    start = lines.start + 1 if lines else lines.start
    return f"{start},{len(lines)}" if len(lines) != 1 else f"{start}"


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[_Block]:
    """Align two texts from the top, in time that grows with their length."""
    i = j = 0
    while i < len(old) or j < len(new):
        start, other = i, j
        while i < len(old) and j < len(new) and old[i] == new[j]:
            i, j = i + 1, j + 1
        if i > start:
            yield _Block(same=True, old=range(start, i), new=range(other, j))
            continue
        left, right = _meeting(old[i : i + _AHEAD], new[j : j + _AHEAD])
        i, j = min(len(old), i + left), min(len(new), j + right)
        yield _Block(same=False, old=range(start, i), new=range(other, j))


def _meeting(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return after how many lines on each side two texts are the same again."""
    for steps in range(1, len(old) + len(new) - 1):
        for left in range(max(0, steps - len(new) + 1), min(steps, len(old) - 1) + 1):
            if old[left] == new[steps - left]:
                return left, steps - left
    return len(old), len(new)
