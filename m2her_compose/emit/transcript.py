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
    lines = [conversation_heading(conversation), ""]
    for message in conversation.messages:
        lines.append(message_label(message))
        lines.extend(f"  {line}".rstrip() for line in _content(message))
        lines.append("")
    return "\n".join(lines)


def boxed_transcript(conversation: Conversation, *, width: int, color: bool) -> str:
    """Return the messages in boxes of at most `width` cells, in colours when wanted."""
    palette = Palette(color)
    width = max(_MIN_WIDTH, min(width, _MAX_WIDTH))
    heading = wrap(conversation_heading(conversation), width)
    lines = [palette.paint(Style.STRONG, line) for line in heading]
    for message in conversation.messages:
        lines.extend(_box(message, width, palette))
    return "\n".join(lines) + "\n"


def conversation_heading(conversation: Conversation) -> str:
    """Return a line that says which variant it is, and what it is sent with."""
    return visible(" · ".join((conversation.id, *settings_of(conversation))))


def settings_of(conversation: Conversation) -> list[str]:
    """Return the model, and the parameters if there are any."""
    parameters = (f"{key} {_shown(value)}" for key, value in conversation.parameters.items())
    return [conversation.model, *filter(None, (", ".join(parameters),))]


def _shown(value: float) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def role_style(message: Message) -> Style:
    """Return the style of a message's role."""
    return _STYLES[message.role]


def message_label(message: Message) -> str:
    """Return a message's role and, if it has one, its name."""
    name = message.name
    return visible(message.role.value if name is None else f"{message.role.value} · {name}")


def _content(message: Message) -> list[str]:
    return visible(message.content, keep_newlines=True).split("\n")


def _box(message: Message, width: int, palette: Palette) -> Iterator[str]:
    room = width - 4
    style = role_style(message)
    label = clip(message_label(message), room - 2)
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
