"""Standard output while a reply comes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..client import Thought
from ..emit.terminal import Palette, Style, VisibleStream, visible

if TYPE_CHECKING:
    from ..client import Reply
    from .console import Console


class Page:
    """One reply on standard output: made visible piece by piece, and ended with a newline."""

    def __init__(self, console: Console, *, is_shown: bool) -> None:
        self._console = console
        self._is_shown = is_shown
        self._visible = VisibleStream()
        self._palette = Palette(console.colored(sys.stderr))
        self._last = ""
        self._thought = ""

    def show(self, text: str) -> None:
        """Write what comes of a piece; thoughts go to standard error."""
        if isinstance(text, Thought):
            self._think(visible(text, keep_newlines=True))
        else:
            self._end_thought()
            self._write(self._visible.feed(text))

    def show_whole(self, reply: Reply, *, thinking: bool) -> None:
        """Write a reply that came in one piece."""
        if thinking and reply.thinking:
            self.show(Thought(reply.thinking))
        self.show(reply.text)

    def end(self, *, is_last: bool) -> None:
        """End the reply, and with an empty line when another one follows. Nothing stays nothing."""
        self._end_thought()
        self._write(self._visible.finish())
        if self._last:
            self._write("" if self._last == "\n" else "\n")
            self._write("" if is_last else "\n")

    def _think(self, text: str) -> None:
        self._thought = text[-1:] or self._thought
        self._console.say(self._palette.paint(Style.FAINT, text))

    def _end_thought(self) -> None:
        """Begin what is said on a line of its own."""
        if self._thought:
            self._console.say("" if self._thought == "\n" else "\n")
            self._thought = ""

    def _write(self, text: str) -> None:
        if text and self._is_shown:
            self._console.result(text)
            self._last = text[-1]
