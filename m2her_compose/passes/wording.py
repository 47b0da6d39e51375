"""The words that lowering adds to a conversation, in the conversation's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from ..ir import Piece

if TYPE_CHECKING:
    from ..ir import Message


@frozen
class Words:
    """Headings, what sets a name apart, and who speaks where nobody is named."""

    user: str
    group: str
    example: str
    named: tuple[str, str]
    heading_end: str
    label_end: str
    user_name: str
    ai_name: str

    def heading(self, title: str, name: tuple[Piece, ...] = ()) -> tuple[Piece, ...]:
        """Return a heading with its line break; `name` stands in brackets behind the title."""
        end = f"{self.heading_end}\n"
        if not name:
            return (added(f"{title}{end}"),)
        before, after = self.named
        return added(f"{title}{before}"), *name, added(f"{after}{end}")

    def label(self, name: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return what stands before a line: who says it."""
        return *name, added(self.label_end)


_ENGLISH: Final = Words(
    user="About the user",
    group="The scene",
    example="Example exchange",
    named=(" (", ")"),
    heading_end=":",
    label_end=": ",
    user_name="User",
    ai_name="AI",
)
_CHINESE: Final = Words(
    user="关于用户",
    group="场景",
    example="对话示例",
    named=("（", "）"),
    heading_end="：",
    label_end="：",
    user_name="用户",
    ai_name="AI",
)


def words_of(language: str) -> Words:
    """Return the words of a language: Chinese or, for all others, English."""
    return _CHINESE if language.lower().partition("-")[0] == "zh" else _ENGLISH


def added(text: str) -> Piece:
    """Return a text that nobody wrote."""
    return Piece(text=text, origins=(), exact=False)


def with_label(message: Message, words: Words) -> tuple[Piece, ...]:
    """Return a line with its speaker's name before it; as it is where he has none."""
    if message.name is None:
        return message.pieces
    return (*words.label(message.name_pieces), *message.pieces)
