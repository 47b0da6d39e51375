"""The traps that YAML sets for dialogue, told apart from plain mistakes in YAML.

A line of speech is full of what YAML keeps for itself: `*smiles*` is an alias, `[OOC: …]` a
list, `"Well," he said` a text that ends too early, `Current goal: leave` a key. libyaml then
complains about something else, often on another line. Here its complaint and the line it was
about are read together, and the author is told what happened and how to write the line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ..diagnostics import Span
from ..diagnostics import codes as c

if TYPE_CHECKING:
    from ..diagnostics import Code, Source

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
QUOTE_HELP: Final = (
    "quote the whole text with the other kind of quotes, or put it into a block after `|`"
)
INDICATOR_HELP: Final = "put the text in quotes, or into a block after `|`"

# What can stand before a value on its line: list dashes, then perhaps a key.
_KEY: Final = r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s"'\[\]{}&*!|>%@`,#-][^:\n]*?)[ \t]*:[ \t]+"""
_VALUE: Final = re.compile(rf"[ \t]*(?:-[ \t]+)*(?:{_KEY}(?:[&!]\w+[ \t]+)?)?(?P<value>\S[^\n]*)")
_EXCERPT: Final = 60
_QUOTED: Final = re.compile(
    r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*')(?=[ \t]*[^\s#:,\]}])|'[^'\n]*'(?=[^\s':,\]}#])"""
)


class Trap(NamedTuple):
    """A text that YAML misread: the finding about it, and the characters to mask."""

    code: Code
    message: str
    span: Span
    help: str


def trap_at(source: Source, text: str, offset: int) -> Trap | None:
    """Tell which trap the value on the line of `offset` fell into, or None."""
    start = text.rfind("\n", 0, offset) + 1
    line = _VALUE.match(text, start)
    if line is None:
        return None
    at = line.start("value")
    value = line["value"].rstrip()
    span = Span(source, at, at + len(value))
    return _begins_badly(value, span) or _goes_on(value, span)


def colon_trap(source: Source, text: str, offset: int) -> Trap | None:
    """Explain the colon at `offset` that made a key of a text's beginning."""
    if text[offset : offset + 1] != ":":
        return None
    start = text.rfind("\n", 0, offset) + 1
    words = text[start:offset].strip()
    for lead in ("- ", "? "):
        words = words.removeprefix(lead).strip()
    words = words.rsplit(": ", 1)[-1][-40:]
    return Trap(
        c.TEXT_COLON,
        f"`{words}:` reads as a key, since a colon and a space follow",
        Span(source, offset - len(words), offset + 1),
        "put the whole text in quotes, or into a block after `|`",
    )


def indicator_message(char: str) -> str:
    """Say what YAML takes a text for that begins with `char`."""
    shown = "a backtick" if char == "`" else f"`{char}`"
    return f"a text that begins with {shown}, which YAML reads as {INDICATORS[char]}"


def _begins_badly(value: str, span: Span) -> Trap | None:
    if value.startswith(("{{", "{%", "{#")):
        return template_trap(span)
    head = value[0]
    if head not in INDICATORS or (head in "-?" and value[1:2] not in " \t"):
        return None
    return Trap(
        c.TEXT_INDICATOR, indicator_message(head), span, f"{INDICATOR_HELP}: {quoted(value)}"
    )


def template_trap(span: Span) -> Trap:
    """Explain an unquoted `{{ x }}`, which YAML reads as a map within a map."""
    text = span.text.split("\n", 1)[0]
    return Trap(
        c.TEXT_TEMPLATE,
        f"a text that begins with an unquoted `{text[:2]}`, which YAML reads as a map",
        span,
        f"{INDICATOR_HELP}: {quoted(text)}",
    )


def _goes_on(value: str, span: Span) -> Trap | None:
    if value[0] not in "\"'":
        return None
    quoted_part = _QUOTED.match(value)
    if quoted_part is not None:
        return Trap(
            c.TEXT_AFTER_QUOTE,
            f"a text that begins with `{value[0]}` ends at the next one, but more follows",
            span,
            f"{QUOTE_HELP}: {quoted(value)}",
        )
    return None


def unclosed_quote(source: Source, text: str, offset: int) -> Trap:
    """Explain a quote that opens a text and is never closed."""
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    value = text[offset:end].rstrip()
    return Trap(
        c.TEXT_AFTER_QUOTE,
        f"the `{text[offset]}` that opens here is never closed",
        Span(source, offset, offset + len(value)),
        f"close it, or quote the whole text with the other kind of quotes: {quoted(value)}",
    )


def quoted(text: str) -> str:
    """Return a text as a YAML scalar that reads back as exactly that text, cut when long."""
    shown = text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
    if "'" not in shown:
        return f"`'{shown}'`"
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'`"{escaped}"`'


def mask(text: str, start: int, end: int) -> str:
    """Replace a stretch by letters, keeping blanks, line breaks and every later offset."""
    return text[:start] + re.sub(r"\S", "x", text[start:end]) + text[end:]
