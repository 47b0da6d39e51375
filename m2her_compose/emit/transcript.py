"""A conversation for reading: boxes and colours on a terminal, plain text elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..ir import Conversation, Message, Role
from .terminal import Palette, Style, cells, clip, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

_STYLES: Final = {
    Role.SYSTEM: Style.NOTE,
    Role.USER_SYSTEM: Style.NOTE,
    Role.GROUP: Style.NOTE,
    Role.SAMPLE_USER: Style.USER,
    Role.SAMPLE_AI: Style.MODEL,
    Role.USER: Style.USER,
    Role.ASSISTANT: Style.MODEL,
}
_MIN_WIDTH: Final = 24
_MAX_WIDTH: Final = 100


def plain_transcript(conversation: Conversation) -> str:
    """Return the messages as plain text: a line with role and name, then the indented content."""
    lines = [_heading(conversation), ""]
    for message in conversation.messages:
        lines.append(_label(message))
        lines.extend(f"  {line}".rstrip() for line in _content(message))
        lines.append("")
    return "\n".join(lines)


def boxed_transcript(conversation: Conversation, *, width: int, color: bool) -> str:
    """Return the messages in boxes of at most `width` cells, in colours when wanted."""
    palette = Palette(color)
    width = max(_MIN_WIDTH, min(width, _MAX_WIDTH))
    heading = wrap(_heading(conversation), width)
    lines = [palette.paint(Style.STRONG, line) for line in heading]
    for message in conversation.messages:
        lines.extend(_box(message, width, palette))
    return "\n".join(lines) + "\n"


def _heading(conversation: Conversation) -> str:
    parameters = ", ".join(
        f"{key} {_shown(value)}" for key, value in conversation.parameters.items()
    )
    parts = [conversation.id, conversation.model, *([parameters] if parameters else [])]
    return visible(" · ".join(parts))


def _shown(value: float) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _label(message: Message) -> str:
    name = message.name
    return visible(message.role.value if name is None else f"{message.role.value} · {name}")


def _content(message: Message) -> list[str]:
    return visible(message.content, keep_newlines=True).split("\n")


def _box(message: Message, width: int, palette: Palette) -> Iterator[str]:
    room = width - 4
    style = _STYLES[message.role]
    label = clip(_label(message), room - 2)
    edge = palette.paint(Style.FAINT, "│")
    rule = "─" * (width - cells(label) - 5)
    yield (
        palette.paint(Style.FAINT, "╭─ ")
        + palette.paint(style, label)
        + palette.paint(Style.FAINT, f" {rule}╮")
    )
    for line in _content(message):
        for part in wrap(line, room):
            yield f"{edge} {part}{' ' * (room - cells(part))} {edge}"
    yield palette.paint(Style.FAINT, f"╰{'─' * (width - 2)}╯")
