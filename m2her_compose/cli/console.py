"""The process's streams: what goes where, how wide, and in colour or not."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final, TextIO

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..diagnostics import Diagnostic

_DEFAULT_WIDTH: Final = 100


@frozen
class Console:
    """Standard output takes the result and nothing else; all talk goes to standard error."""

    color: str = "auto"

    def prepare(self) -> None:
        """Make both streams UTF-8 with plain newlines, so that bytes are the same everywhere."""
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")

    def colored(self, stream: TextIO) -> bool:
        """Tell whether a stream gets colours.

        `--color` decides, then NO_COLOR and FORCE_COLOR, then whether it is a terminal.
        """
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR"):
            return True
        return stream.isatty() and os.environ.get("TERM") != "dumb"

    def width(self, stream: TextIO) -> int:
        """Return the width to write for, in cells: the terminal's, COLUMNS, else 100."""
        if stream.isatty() or os.environ.get("COLUMNS"):
            return shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns
        return _DEFAULT_WIDTH

    def result(self, text: str) -> None:
        """Write a result to standard output."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Write to standard error."""
        sys.stderr.write(text)
        sys.stderr.flush()

    def report(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write findings and their sum to standard error; nothing when there are none."""
        if not diagnostics:
            return
        from ..report import render_diagnostics, summary

        color = self.colored(sys.stderr)
        shown = render_diagnostics(diagnostics, color=color, width=self.width(sys.stderr))
        self.say(f"{shown}\n{summary(diagnostics, color=color)}\n")
