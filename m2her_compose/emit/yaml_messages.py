"""Message arrays as YAML: texts as blocks where they have lines, and read back as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..source.writing import written
from ..wire.requests import request_body
from .terminal import TAB, clip, pieces, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..ir import Conversation

_INDENT: Final = 4
_LONGEST: Final = 120
_SHORT_ESCAPES: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def messages_yaml(conversations: Sequence[Conversation]) -> str:
    """Return the message array of one variant, a document for each of several."""
    arrays = [_array(request_body(each)["messages"]) for each in conversations]
    if len(arrays) == 1:
        return arrays[0]
    heads = (f"--- # {clip(visible(each.id), _LONGEST)}\n" for each in conversations)
    return "".join(head + array for head, array in zip(heads, arrays, strict=True))


def _array(messages: Sequence[Mapping[str, Any]]) -> str:
    return "".join(f"{line}\n" for message in messages for line in _message(message)) or "[]\n"


def _message(message: Mapping[str, Any]) -> Iterator[str]:
    lead = "- "
    for key, value in message.items():
        yield f"{lead}{key}: {_scalar(value, len(lead) + len(key) + 2)}"
        lead = "  "


def _scalar(text: str, column: int) -> str:
    """Return a text as a scalar; what acts on a terminal or cannot be seen is escaped."""
    if visible(text, keep_newlines=True) == text.replace("\t", TAB):
        return written(text, indent=_INDENT, column=column)
    shown = (
        raw.replace("\\", "\\\\").replace('"', '\\"') if raw == seen else "".join(map(_escape, raw))
        for raw, seen in pieces(text)
    )
    return f'"{"".join(shown)}"'


def _escape(char: str) -> str:
    known = _SHORT_ESCAPES.get(char)
    if known is not None:
        return known
    return f"\\U{ord(char):08x}" if char > "\uffff" else f"\\u{ord(char):04x}"
