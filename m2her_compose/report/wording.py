"""A finding in plain lines, as the interfaces of other programs show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..emit.terminal import visible
from .place import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..diagnostics import Diagnostic


def advice(diagnostic: Diagnostic) -> Iterator[str]:
    """Give the lines of a finding's help, all `visible`; nothing when it has none."""
    if diagnostic.help:
        text = visible(diagnostic.help, keep_newlines=True).strip("\n")
        yield from f"help: {text}".split("\n")


def other_places(diagnostic: Diagnostic) -> Iterator[str]:
    """Give a line for each related place and what happens there, all `visible`."""
    for related in diagnostic.related:
        place = place_of(related.span)
        yield visible(f"{place.file}:{place.line}:{place.column}: {related.message}")
