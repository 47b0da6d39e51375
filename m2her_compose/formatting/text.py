"""A file's text in the one style."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..source import DEFAULT_LIMITS
from .layout import Shape, layout
from .order import root_of
from .printing import printed

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from ..schema import Kind
    from .layout import Layout

# YAML ends lines at these, and editors do not: such a file is no good to work on.
_ODD_BREAKS: Final = ("\u2028", "\u2029")


def formatted(text: str, kind: Kind, speakers: AbstractSet[str]) -> str:
    """Return the text of a file without errors in the one style.

    `speakers` are those who may speak in its scripts. A text stays as it is where its shape leaves
    no safe way (values in the line of a `---`, line ends that only YAML sees), or it would grow
    beyond what a file may have.
    """
    found = _layout(text)
    if found is None or found.root.shape is not Shape.MAP or found.root.properties:
        return text
    made = printed(found, root_of(kind), speakers)
    # Deep collections in brackets grow when each value gets a line.
    return made if len(made.encode("utf-8")) <= DEFAULT_LIMITS.bytes else text


def comments_of(text: str) -> tuple[str, ...]:
    """Return a file's comments, sorted; none where `formatted` leaves it as it is."""
    found = _layout(text)
    return tuple(sorted(each.text for each in found.comments)) if found is not None else ()


def _layout(text: str) -> Layout | None:
    if any(each in text for each in _ODD_BREAKS):
        return None
    return layout(text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))
