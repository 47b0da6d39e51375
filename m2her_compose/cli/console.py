"""The process's streams: what goes where, how wide, and in colour or not."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final, TextIO

from ..frozen import frozen
from .guard import Misuse, silence, speak

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..diagnostics import Diagnostic

_DEFAULT_WIDTH: Final = 100


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a stream is a terminal; one that was closed at the start is None."""
    return stream is not None and not stream.closed and stream.isatty()


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
        return is_terminal(stream) and os.environ.get("TERM") != "dumb"

    def width(self, stream: TextIO) -> int:
        """Return the width to write for, in cells: the terminal's, COLUMNS, else 100."""
        if is_terminal(stream) or os.environ.get("COLUMNS"):
            return shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns
        return _DEFAULT_WIDTH

    def result(self, text: str) -> None:
        """Write a result to standard output. Raises `Misuse` when that cannot be done."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except (OSError, AttributeError) as error:
            silence(sys.stdout)
            reason = getattr(error, "strerror", None) or "it is closed"
            raise Misuse(f"cannot write to standard output: {reason}") from error

    def say(self, text: str) -> None:
        """Write to standard error, if anybody listens."""
        speak(text)

    def report(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write findings and their sum to standard error; nothing when there are none."""
        if not diagnostics:
            return
        from ..report import render_diagnostics, summary

        color = self.colored(sys.stderr)
        shown = render_diagnostics(diagnostics, color=color, width=self.width(sys.stderr))
        self.say(f"{shown}\n{summary(diagnostics, color=color)}\n")
