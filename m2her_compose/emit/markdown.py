"""Conversations as Markdown, for reviews and pull requests.

Texts stand in fences and code spans that they cannot leave: there they are no markup and no HTML,
mention nobody and link to nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .terminal import clip, visible, wrap
from .transcript import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..ir import Conversation, Message

# Fences do not wrap: what is wider has to be scrolled.
_WIDTH: Final = 100
_LONGEST_SPAN: Final = 200
_SHORTEST_FENCE: Final = 3
_BACKTICKS: Final = re.compile("`+")
# What would end a code span, or a table's cell, and what is shown in its place.
_IN_SPANS: Final = str.maketrans("`|", "ˋ¦")


def markdown_transcript(conversation: Conversation) -> str:
    """Return the messages under headings; lines of more than 100 cells are wrapped."""
    return "\n\n".join(_parts(conversation)) + "\n"


def _parts(conversation: Conversation) -> Iterator[str]:
    yield f"## {code_span(conversation.id)}"
    yield " · ".join(filter(None, map(code_span, settings_of(conversation))))
    for number, message in enumerate(conversation.messages, 1):
        yield _label(number, message)
        yield fenced(message.content)


def _label(number: int, message: Message) -> str:
    name = code_span(message.name or "")
    return f"**{number} · {message.role.value}**" + (f" · {name}" if name else "")


def code_span(text: str) -> str:
    """Return text as a code span, which no text can leave, nor the table's cell around it."""
    harmless = " ".join(visible(text).translate(_IN_SPANS).split())
    return f"`{clip(harmless, _LONGEST_SPAN)}`" if harmless else ""


def fenced(text: str, width: int = _WIDTH) -> str:
    """Return text as a block whose fence is longer than any run of backticks in it."""
    lines = [
        row for line in visible(text, keep_newlines=True).split("\n") for row in wrap(line, width)
    ]
    longest = max((len(run) for line in lines for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    return "\n".join([f"{fence}text", *(line.rstrip() for line in lines), fence])
