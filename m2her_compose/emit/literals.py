"""Texts as Python literals that are read back exactly, over several lines where that helps."""

from __future__ import annotations

import re
from typing import Any, Final

from .terminal import pieces, visible

_ENDS_LITERAL: Final = re.compile(r'""(?=")|"\Z')
_LAST_BLANK: Final = re.compile(r" (?=\n|\Z)")


def python_literal(value: Any) -> str:
    """Return a string, number or boolean as source text. What cannot be seen is escaped."""
    if not isinstance(value, str):
        return repr(value)
    escaped = "\n".join(map(_escaped, value.replace("\\", "\\\\").split("\n")))
    if "\n" in value.strip("\n"):
        return _tripled(escaped)
    return '"' + escaped.replace("\n", "\\n").replace('"', '\\"') + '"'


def _tripled(escaped: str) -> str:
    """Return text of several lines as such, from a line of its own on.

    Quotation marks that would end the literal are escaped, and the blank that ends a line:
    editors take it away.
    """
    inner = _ENDS_LITERAL.sub(lambda found: found[0].replace('"', '\\"'), escaped)
    lines = _LAST_BLANK.sub(r"\\x20", inner)
    return f'"""\\\n{lines}"""'


def _escaped(line: str) -> str:
    """Escape what acts on a terminal or cannot be seen."""
    if visible(line) == line and "\t" not in line:
        return line
    return "".join(raw if raw == shown else _escape(raw) for raw, shown in pieces(line))


def _escape(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")
