"""A scenario as a value: everything decided that does not depend on a variant.

Every text knows where it was written. Templates are not rendered yet.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from ..schema import is_intact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Span
    from ..source import Node, Scalar

USER: Final = "user"
NARRATOR: Final = "narrator"
# How long something is kept when not everything fits: from 0, which goes first, to 100; ALWAYS
# is above every number.
DEFAULT_KEEP: Final = 50
ALWAYS: Final = 101
AI: Final = "ai"


@frozen
class Stretches:
    """The parts of a node's text that make up another text, and where each begins in that."""

    parts: tuple[tuple[int, int], ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, parts: tuple[tuple[int, int], ...]) -> Stretches:
        return cls(parts=parts, starts=(0, *accumulate(end - start for start, end in parts)))

    def in_node(self, offset: int) -> int:
        """Return the place in the node's text of a character of the text made of the parts."""
        i = min(bisect_right(self.starts, offset) - 1, len(self.parts) - 1)
        return min(self.parts[i][0] + offset - self.starts[i], self.parts[i][1])


@frozen
class Text:
    """A text as the author wrote it, before it is rendered.

    `stretches` are the parts of the node's text that make up `value` (a turn of a script is a
    part of it); None stands for the whole. `owner` is the character whose own text this is: he
    is `char` in it. `private` texts are for their owner's view alone. `literal` texts, given from
    outside, are sent as they are: neither templates nor placeholders are looked for.
    """

    value: str
    node: Node
    pointer: str
    stretches: Stretches | None = None
    owner: str | None = None
    private: bool = False
    literal: bool = False

    @property
    def raw(self) -> bool:
        return self.node.raw

    @property
    def via(self) -> tuple[Span, ...]:
        return self.node.via

    @property
    def span(self) -> Span:
        """Where the text stands."""
        if self.stretches is None:
            return self.node.span
        return self.span_of(0, len(self.value))

    def span_of(self, start: int, end: int) -> Span:
        """Return where characters `start` up to `end` of the value were written."""
        if self.stretches is None:
            return self.node.locate(start, end)
        first = self.stretches.in_node(start)
        last = self.stretches.in_node(max(start, end - 1)) + (1 if end > start else 0)
        return self.node.locate(first, last)


class EntityKind(Enum):
    """What has fields that templates can print."""

    CHARACTER = "character"
    PERSONA = "persona"
    GROUP = "group"


# The fields of each kind, in the order of the format; True where a field is a list.
FIELDS: Final[Mapping[EntityKind, Mapping[str, bool]]] = MappingProxyType(
    {
        EntityKind.CHARACTER: MappingProxyType(
            {
                "name": False,
                "description": False,
                "appearance": False,
                "personality": True,
                "background": False,
                "relationships": False,
                "speech": False,
                "knowledge": True,
                "goals": True,
                "secrets": True,
                "boundaries": True,
                "greetings": True,
                "prompt": False,
            }
        ),
        EntityKind.PERSONA: MappingProxyType(
            {
                "name": False,
                "description": False,
                "personality": True,
                "background": False,
                "appearance": False,
            }
        ),
        EntityKind.GROUP: MappingProxyType(
            {
                "name": False,
                "setting": False,
                "time": False,
                "place": False,
                "recap": False,
                "status": False,
            }
        ),
    }
)
PRIVATE_FIELDS: Final = frozenset({"secrets"})


@frozen
class Entity:
    """A character, the persona or the group: texts by field, those given only."""

    kind: EntityKind
    id: str
    texts: Mapping[str, tuple[Text, ...]]
    node: Node | None = None
    examples: tuple[Exchange, ...] = ()

    def one(self, name: str) -> Text | None:
        """Return a field's (first) text, or None when it is absent."""
        texts = self.texts.get(name, ())
        return texts[0] if texts else None


@frozen
class Turn:
    """One thing said. `speaker` is `user`, `narrator`, `ai` (no character) or a character's id.

    `keep`: see `ALWAYS`.
    """

    speaker: str
    text: Text
    thought: Text | None = None
    keep: int = DEFAULT_KEEP


@frozen
class Exchange:
    """One example: a short run of turns, kept or left out as one."""

    turns: tuple[Turn, ...]
    keep: int = DEFAULT_KEEP


@frozen
class Instruction:
    """One rule for the model, kept or left out by itself."""

    text: Text
    keep: int = DEFAULT_KEEP


class GreetingChoice(Enum):
    """What opens the history."""

    DEFAULT = "default"
    INDEX = "index"
    TEXT = "text"
    NONE = "none"
    ALL = "all"


@frozen
class Greeting:
    """What the scenario says of its greeting; `node` is None when it says nothing."""

    choice: GreetingChoice = GreetingChoice.DEFAULT
    index: int = 0
    text: Text | None = None
    node: Node | None = None


class VariableType(Enum):
    """Which values a variable takes."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


@frozen
class Variable:
    """A typed input. `default` is None where a value must be given; `enum` is an ordered set."""

    name: str
    type: VariableType
    node: Node
    default: Bound | None = None
    enum: Mapping[Scalar, None] | None = None


@frozen
class Bound:
    """A variable's value, and where it was given."""

    value: str | int | float | bool
    node: Node
    pointer: str


@frozen
class Choice:
    """One value of an axis, with the label that a variant's id shows."""

    label: str
    bound: Bound


@frozen
class Matrix:
    """The axes in the order declared, and the combinations taken out and added."""

    axes: Mapping[str, tuple[Choice, ...]] = MappingProxyType({})
    exclude: tuple[Mapping[str, Bound], ...] = ()
    include: tuple[Mapping[str, Bound], ...] = ()
    node: Node | None = None


class Names(Enum):
    """Which names are sent: one on every message, those the author wrote, or none."""

    ALWAYS = "always"
    GIVEN = "given"
    NEVER = "never"


@frozen
class Scenario:
    """One scenario, merged and decoded. `damage`: see `schema.Checked`."""

    id: str
    title: Text | None
    language: Text | None
    tags: tuple[str, ...]
    abstract: bool
    variables: Mapping[str, Variable]
    matrix: Matrix
    characters: Mapping[str, Entity]
    speaker: Node | None
    persona: Entity | None
    group: Entity | None
    system: Text | None
    instructions: tuple[Instruction, ...]
    style: Text | None
    reply_format: Text | None
    examples: tuple[Exchange, ...]
    greeting: Greeting
    history: tuple[Turn, ...]
    message: Text | None
    names: Names | None
    model: str | None
    parameters: Mapping[str, int | float | bool]
    node: Node
    damage: frozenset[str]

    def is_intact(self, *keys: str) -> bool:
        """Tell whether what is missing under these keys is really missing."""
        return is_intact(self.damage, *keys)
