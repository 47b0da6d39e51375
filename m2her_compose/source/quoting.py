"""What YAML keeps for itself, and a text in quotes that YAML reads back as it was."""

from __future__ import annotations

from typing import Final

INDICATORS: Final = {
    "*": "an alias",
    "&": "an anchor",
    "!": "a tag",
    "[": "a list",
    "{": "a map",
    "|": "the start of a block",
    ">": "the start of a block",
    "%": "a directive",
    "@": "a reserved character",
    "`": "a reserved character",
    "-": "an item of a list",
    "?": "a key",
    ",": "the end of an item",
    "]": "the end of a list",
    "}": "the end of a map",
}
EXCERPT: Final = 60


def quoted(text: str) -> str:
    """Return a text as a YAML scalar that reads back as exactly that text, cut when long."""
    return f"`{as_quoted(text if len(text) <= EXCERPT else text[: EXCERPT - 1] + '…')}`"


def as_quoted(text: str) -> str:
    """Return a text of one line as a quoted YAML scalar that reads back as exactly that text."""
    if "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
