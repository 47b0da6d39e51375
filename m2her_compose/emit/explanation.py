"""Say where each message comes from: its pieces with their places, its template, its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..ir import Conversation, Message, Origin, Piece

_EXCERPT: Final = 48
_ORIGINS: Final = 3


def explanation(conversation: Conversation, content_hash: str) -> str:
    """Return an account of a conversation, message by message."""
    lines = [visible(f"{conversation.id} {content_hash}")]
    for number, message in enumerate(conversation.messages, 1):
        lines.extend(_message(number, message))
    return "\n".join(lines) + "\n"


def _message(number: int, message: Message) -> Iterator[str]:
    yield f"{number:>3} {message.role.value}"
    name = message.name
    if name is not None:
        yield f"      name      {_quoted(name)} {_sources(message.name_pieces)}"
    if message.template is not None:
        yield f"      template  {visible(message.template)}"
    for piece in message.pieces:
        yield f"      {_quoted(piece.text)} {_sources((piece,))}"


def _sources(pieces: tuple[Piece, ...]) -> str:
    origins = list(dict.fromkeys(origin for piece in pieces for origin in piece.origins))
    if not origins:
        return "(built in)"
    computed = "" if all(piece.exact for piece in pieces) else "computed from "
    shown = ", ".join(_place(origin) for origin in origins[:_ORIGINS])
    more = f" and {len(origins) - _ORIGINS} more" if len(origins) > _ORIGINS else ""
    return f"<- {computed}{shown}{more}"


def _place(origin: Origin) -> str:
    via = "".join(f" via {step}" for step in origin.via)
    pointer = f" {origin.pointer}" if origin.pointer else ""
    return visible(f"{origin.span}{pointer}{via}")


def _quoted(text: str) -> str:
    shown = text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
    return '"' + visible(shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) + '"'
