"""The process's streams: what goes where, how wide, and in colour or not."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from typing import TYPE_CHECKING, Final, TextIO

from ..frozen import frozen
from .guard import Misuse, silence, speak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..diagnostics import Diagnostic

_DEFAULT_WIDTH: Final = 100
# Who waits less than this needs no line that says how far it is.
_PATIENCE_S: Final = 1.0
_BETWEEN_S: Final = 0.1
_BAR: Final = 20


def _say_nothing(done: int) -> None:
    del done


def _bar(done: int, count: int, cells: int) -> str:
    full = cells * done // max(1, count)
    return "━" * full + "╌" * (cells - full)


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
        if is_terminal(stream) and not os.environ.get("COLUMNS"):
            with contextlib.suppress(OSError, ValueError):  # the other one may be no terminal
                return os.get_terminal_size(stream.fileno()).columns or _DEFAULT_WIDTH
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

    @contextlib.contextmanager
    def progress(self, count: int) -> Iterator[Callable[[int], None]]:
        """Give what tells how many of so many files are checked, on a terminal, when it takes long.

        The line is gone at the end. In CI and in pipes there is none.
        """
        start = last = time.monotonic()
        shown = False

        def tell(done: int) -> None:
            nonlocal last, shown
            now = time.monotonic()
            if now - start < _PATIENCE_S or now - last < _BETWEEN_S:
                return
            last, shown = now, True
            text = f" {done:,} of {count:,} files"
            # Of a line that wraps only the last row would be gone at the end.
            bar = _bar(done, count, cells=min(_BAR, room - len(text)))
            self.say(f"\r{bar}{text[-room:]}")

        is_watched = is_terminal(sys.stderr) and not os.environ.get("CI")
        room = max(1, self.width(sys.stderr) - 1)
        quiet = not is_watched or os.environ.get("TERM") == "dumb"
        try:
            yield _say_nothing if quiet else tell
        finally:
            if shown:
                self.say("\r\x1b[K")

    def report(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write findings and their sum to standard error; nothing when there are none."""
        if not diagnostics:
            return
        from ..report import render_diagnostics, summary

        color = self.colored(sys.stderr)
        shown = render_diagnostics(diagnostics, color=color, width=self.width(sys.stderr))
        self.say(f"{shown}\n{summary(diagnostics, color=color)}\n")
