"""What the model gets, and where every piece of it was written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ..frozen import made_quickly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Span


class Role(Enum):
    """The seven roles of M2-her's messages, in the order in which they are sent.

    Source: the vendor's guide to M2-her.
    """

    SYSTEM = "system"
    USER_SYSTEM = "user_system"
    GROUP = "group"
    SAMPLE_USER = "sample_message_user"
    SAMPLE_AI = "sample_message_ai"
    USER = "user"
    ASSISTANT = "assistant"


@made_quickly
@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a value was written: its JSON pointer in the merged scenario, and its place.

    `via` holds the `use` and `extends` places it came through, outermost first.
    """

    pointer: str
    span: Span
    via: tuple[Span, ...] = ()


@made_quickly
@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a message, and what it was made of.

    `exact`: the text stands at its one origin, character for character (but for escapes and
    folding). Otherwise it was computed from all of its origins. `audience` names the character
    who alone may know it; None stands for everyone.
    """

    text: str
    origins: tuple[Origin, ...]
    exact: bool
    audience: str | None = None


@made_quickly
@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. `pieces` joined are its content, `name_pieces` its name.

    `template` is the template that composed it, None for a line that is sent as it was said;
    `reads` are all values that were looked at on the way, also those that only decided.
    """

    role: Role
    pieces: tuple[Piece, ...]
    name_pieces: tuple[Piece, ...]
    unit: str
    template: str | None = None
    reads: tuple[Origin, ...] = ()

    @property
    def content(self) -> str:
        pieces = self.pieces
        return pieces[0].text if len(pieces) == 1 else "".join([piece.text for piece in pieces])

    @property
    def name(self) -> str | None:
        """The name sent with the message; None when none is."""
        pieces = self.name_pieces
        return (pieces[0].text if len(pieces) == 1 else "".join([p.text for p in pieces])) or None

    def to_dict(self) -> dict[str, str]:
        """Return the message as the service takes it: `role`, `name` if there is one, `content`."""
        name = self.name
        named = {"name": name} if name is not None else {}
        return {"role": self.role.value, **named, "content": self.content}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """What was left out so that the rest fits: units that stood beside each other.

    `kind` is what they are (`turn`, `example`, `instruction`), `keep` the highest value that any
    of them has. `origins` are where they were written, one each, in order.
    """

    kind: str
    units: tuple[str, ...]
    keep: int
    tokens: int
    origins: tuple[Origin, ...]


class LossKind(Enum):
    """What became of something that a target has no place for."""

    FOLDED = "folded"
    DROPPED = "dropped"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a target did not take as it was.

    `what` is a role, `examples`, `name`, `model` or a parameter, `outcome` what was made of it, for
    people; `before` and `after` are the texts where one stands for another. `origins` are the
    places of what it is about, as far as anybody wrote it.
    """

    kind: LossKind
    what: str
    outcome: str
    origins: tuple[Origin, ...] = ()
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One variant, rendered: what a request consists of.

    `units` are what is in it, as the plan has them, whatever messages a target made of them.
    `language` is that of its templates. `target` is the id of the target that it was made for,
    `budget_tokens` the most prompt tokens that it was to have; what these cost are its `losses`
    and what was `dropped`.
    """

    id: str
    messages: tuple[Message, ...]
    model: str
    parameters: Mapping[str, int | float | bool]
    units: tuple[str, ...] = ()
    language: str = "en"
    target: str = "m2-her"
    budget_tokens: int | None = None
    dropped: tuple[Drop, ...] = ()
    losses: tuple[Loss, ...] = ()
