"""What an author's text says: without its templates, by paragraphs, and cut short for messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..diagnostics import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..scenario import Text

# Stands for each character of a template: no blank, no letter, and in no author's text.
COVER: Final = "\ue000"
_EXCERPT: Final = 40
_OPENER: Final = re.compile(r"\{[{%#]")
_RAW_OPENER: Final = re.compile(r"\{\{")
_CLOSERS: Final = {"{{": "}}", "{%": "%}", "{#": "#}"}
_FENCE: Final = "```"
_INLINE_CODE: Final = re.compile(r"`[^`\n]{1,200}`")
_PARAGRAPH_END: Final = re.compile(r"\n[ \t]*\n")
_BLANKS: Final = re.compile(r"\s+")
# What is the same text without quotes, wherever it stands.
_PLAIN: Final = re.compile(r"[^\W\d_](?:[^:#,\[\]{}\n\"']*[^\s:#,\[\]{}\"'])?")


def without_templates(text: Text) -> str:
    """Return a text's value with its templates covered, character for character.

    Of a raw text these are the macros in `{{…}}`, also those that are not replaced.
    """
    value = text.value
    if "{" not in value or text.literal:
        return value
    opener = _RAW_OPENER if text.raw else _OPENER
    parts: list[str] = []
    at = 0
    while found := opener.search(value, at):
        end = value.find(_CLOSERS[found[0]], found.end())
        if end < 0:
            if text.raw:
                break
            end = len(value) - 2
        end += 2
        parts += (value[at : found.start()], COVER * (end - found.start()))
        at = end
    return "".join((*parts, value[at:]))


def has_branches(text: Text) -> bool:
    """Tell whether a text's template decides what is said: then what is written is not sent."""
    return not text.raw and not text.literal and "{%" in text.value


def without_code(value: str) -> str:
    """Return a text with fenced blocks and `inline code` covered, character for character."""
    if "`" not in value:
        return value
    parts = value.split(_FENCE)
    for i, part in enumerate(parts):
        inside = i % 2 == 1
        parts[i] = COVER * len(part) if inside else _INLINE_CODE.sub(_covered, part)
    return _FENCE.join(parts)


def _covered(found: re.Match[str]) -> str:
    return COVER * len(found[0])


def paragraphs(value: str) -> Iterator[tuple[int, int]]:
    """Yield where each paragraph begins and ends; empty lines part them."""
    at = 0
    for found in _PARAGRAPH_END.finditer(value):
        if value[at : found.start()].strip():
            yield at, found.start()
        at = found.end()
    if value[at:].strip():
        yield at, len(value)


def collapsed(value: str) -> str:
    """Return a text by which two are compared: blanks and upper case do not count."""
    return " ".join(value.split()).casefold()


def excerpt(value: str) -> str:
    """Return a text for a message: in one line, and not long."""
    shown = _BLANKS.sub(" ", value[: 4 * _EXCERPT]).strip().replace("`", "'")
    return shown if len(shown) <= _EXCERPT else f"{shown[: _EXCERPT - 1]}…"


def listed(names: list[str]) -> str:
    """Return names as a message lists them: each in backticks, the last after `and`."""
    shown = [f"`{name}`" for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def first_line(text: Text) -> Span:
    """Return the place of the first line that is not empty."""
    lead = len(text.value) - len(text.value.lstrip())
    end = text.value.find("\n", lead)
    return text.span_of(lead, len(text.value) if end < 0 else end)


def removal(text: Text, start: int, end: int) -> tuple[Edit, ...]:
    """Return the edit that takes characters out of a text; none where YAML might then differ.

    Quotes that are needed no longer go too: those around speech look as if they were sent.
    """
    node, value = text.node, text.value
    left = value[:start] + value[end:]
    span = text.span_of(start, end)
    if not left.strip() or span.text != value[start:end]:
        return ()
    if node.style in ("'", '"') and text.stretches is None:
        is_verbatim = len(value) == node.end - node.start - 2
        if is_verbatim and _PLAIN.fullmatch(left):
            return (Edit(Span(node.source, node.start, node.end), left),)
    elif not node.style and not (start > 0 or left[0].isalnum()):
        return ()
    return (Edit(span, ""),)
