"""Places in source text: a file's text, and a stretch of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

# What editors call a line break. YAML 1.1 also breaks lines at U+0085, U+2028 and
# U+2029; counting those would put every later line one off in the author's editor.
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text that was read, and the name its user knows it by.

    `path` is for people (`scenarios/tea.yaml`, `<stdin>`, `--message`); it always uses `/`.
    """

    path: str
    text: str = field(repr=False)
    _starts: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Hash the path alone: sources are equal by their texts too, and seldom differ in those."""
        return hash(self.path)

    def line_starts(self) -> list[int]:
        """Return the offset of the first character of each line, found at the first call."""
        if not self._starts:
            self._starts.append(0)
            self._starts.extend([m.end() for m in _LINE_BREAK.finditer(self.text)])
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column (both from 1, in code points) of an offset."""
        starts = self.line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a line (from 1), without its line break."""
        starts = self.line_starts()
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source: code points from `start` up to, not including, `end`."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def line(self) -> int:
        """Line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """Column of the first character, from 1, in code points."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """Line of the place just after the last character, from 1."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """Column of the place just after the last character, from 1, in code points."""
        return self.source.position(self.end)[1]

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.path}:{line}:{column}"
