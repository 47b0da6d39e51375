"""What goes wrong in a template, as an exception that carries its place in the template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from ..diagnostics import codes as c

if TYPE_CHECKING:
    from ..diagnostics import Code
    from .program import Program


class Fault(Exception):
    """A mistake in a template, at characters `start` up to `end` of it."""

    def __init__(
        self, code: Code, message: str, start: int, end: int, help: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.help = help


class Unplaced(Exception):
    """A mistake in reading a field, before the place of the reading is known."""

    def __init__(self, code: Code, message: str, help: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help

    def at(self, start: int, end: int) -> Fault:
        return Fault(self.code, self.message, start, end, self.help)


class Reported(Exception):
    """A text that another one uses cannot be rendered, which has been reported."""


@dataclass(slots=True, kw_only=True)
class Meter:
    """Counts what the templates of one compilation use, and stops them at its limits.

    One meter serves all variants of a scenario, so that a matrix cannot multiply the limits.
    `steps` are evaluated expressions and emitted pieces, `characters` those of every text made;
    `programs` are the long templates parsed so far.
    The text that meets a limit is told of it; those after it merely stop.
    """

    steps: int = 1_000_000
    characters: int = 48_000_000
    programs: dict[str, Program] = field(default_factory=dict)
    spent: bool = False

    def step(self, at: int, count: int = 1) -> None:
        """Account for work before it is done. Raises `Fault`."""
        self.steps -= count
        if self.steps < 0:
            self.stop(at)

    def stop(self, at: int) -> NoReturn:
        """Say that there are no steps left; for code that runs so often that it counts itself."""
        self._stop("the templates of this scenario take too many steps", at)

    def text(self, length: int, at: int) -> None:
        """Account for a text before it is made. Raises `Fault`."""
        if length > MOST_CHARACTERS:
            raise Fault(
                c.TEMPLATE_LIMIT, f"a text of {length:,} characters", at, at + 1, _LIMIT_HELP
            )
        self.characters -= length
        if self.characters < 0:
            self._stop("the texts of this scenario, all variants taken together, are too long", at)

    def takes(self, text: str) -> bool:
        """Account for a text, unless that would meet a limit: tell whether it did."""
        length = len(text)
        if length > MOST_CHARACTERS or length > self.characters:
            return False
        self.characters -= length
        return True

    def _stop(self, message: str, at: int) -> NoReturn:
        if self.spent:
            raise Reported
        self.spent = True
        raise Fault(c.TEMPLATE_LIMIT, message, at, at + 1, _LIMIT_HELP)


MOST_CHARACTERS = 2_000_000
_LIMIT_HELP = "templates are bounded in steps and size, so that no file can exhaust the program"
