"""What differs between two versions of a library, in what the model gets."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ..frozen import frozen

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic, Span
    from ..ir import Conversation, Loss, Message, Origin
    from .words import Edit


class Part(Enum):
    """The parts of a conversation, in the order in which they are sent."""

    SYSTEM = "system"
    PERSONA = "persona"
    GROUP = "group"
    EXAMPLES = "examples"
    HISTORY = "history"
    MESSAGE = "message"


_PARTS: Final = {
    "persona": Part.PERSONA,
    "group": Part.GROUP,
    "example": Part.EXAMPLES,
    "turn": Part.HISTORY,
    "opening": Part.MESSAGE,
}


def part_of(unit: str) -> Part:
    """Return the part that a message of this unit belongs to."""
    return _PARTS.get(unit.partition("/")[0], Part.SYSTEM)


@frozen
class Version:
    """One scenario as one side has it; no conversations and some errors when it has mistakes.

    `id` is "" where a mistake hides it. `path` is for people, `place` the path from the folder
    that is compared.
    """

    id: str
    path: str
    place: str
    conversations: tuple[Conversation, ...] = ()
    errors: tuple[Diagnostic, ...] = ()


class Change(Enum):
    """What became of something."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Fate(Enum):
    """What became of a scenario. `BROKEN` and `MENDED`: it does not compile any more, or now."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    BROKEN = "broken"
    MENDED = "mended"


@frozen
class MessageChange:
    """One message. Numbers count from 1; `edits` lead from the old content to the new one.

    The places are where the texts that differ were written.
    """

    change: Change
    old: Message | None = None
    new: Message | None = None
    old_number: int = 0
    new_number: int = 0
    old_place: Span | None = None
    new_place: Span | None = None
    edits: tuple[Edit, ...] = ()


@frozen
class SettingChange:
    """The model, the target or a parameter; None where it is not set."""

    name: str
    old: str | float | bool | None
    new: str | float | bool | None


@frozen
class TokenChange:
    """The tokens of one part of the prompt, or of all of it."""

    old: int
    new: int

    @property
    def difference(self) -> int:
        return self.new - self.old


@frozen
class Omission:
    """One thing that the budget leaves out: what it is, and where it was written."""

    kind: str
    unit: str
    origin: Origin


@frozen
class Omissions:
    """What the budget leaves out now and did not before, the other way round, and all of it."""

    now: tuple[Omission, ...]
    again: tuple[Omission, ...]
    tokens: TokenChange


@frozen
class VariantChange:
    """What became of a variant, and of the others that changed in the same way.

    `ids` are theirs, at least one; `tokens` by part and `total` are those of the first.
    """

    change: Change
    ids: tuple[str, ...]
    total: TokenChange
    tokens: tuple[tuple[Part, TokenChange], ...] = ()
    messages: tuple[MessageChange, ...] = ()
    settings: tuple[SettingChange, ...] = ()
    omissions: Omissions | None = None
    losses: tuple[Loss, ...] = ()
    old_losses: tuple[Loss, ...] = ()


@frozen
class ScenarioChange:
    """What became of a scenario; `old_id` and `old_path` are given where they are others."""

    fate: Fate
    id: str
    path: str
    old_id: str | None = None
    old_path: str | None = None
    variants: tuple[VariantChange, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
