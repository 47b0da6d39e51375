"""The order of keys: the schema's, which is that of the format's description.

Names that authors choose keep their order: it decides in which order variants come, and who is
told of first. So do the speakers of a turn, which are said in the order written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ..schema import Kind, load_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN: Final = "x-"
_MERGE: Final = "<<"
_SPEECH: Final = frozenset({"greeting", "greetings", "greetings+", "message"})
_SAID_OF_A_TURN: Final = ("thought", "raw", "keep")


@dataclass(slots=True, frozen=True, eq=False)
class Place:
    """A place in a file by its meaning: what stands here, and what may stand in it.

    `speech`: what somebody says.
    """

    schema: Mapping[str, Any]
    definitions: Mapping[str, Any]
    speech: bool = False

    def item(self) -> Place:
        """Return the place of an item of the list that stands here."""
        items = self.schema.get("items")
        return self._at(items if isinstance(items, dict) else {}, speech=self.speech)

    def value(self, key: str) -> Place:
        """Return the place of a key's value in the map that stands here."""
        found: Any = {} if key.startswith(_OWN) else self.schema.get("properties", {}).get(key)
        if found is None:
            patterns = self.schema.get("patternProperties", {})
            of_names = [each for name, each in patterns.items() if _OWN not in name]
            found = of_names[0] if of_names else self.schema.get("additionalProperties")
        speech = key in _SPEECH or (self.speech and key == "raw")
        if self.is_turn:
            speech = key not in _SAID_OF_A_TURN
        return self._at(found if isinstance(found, dict) else {}, speech=speech)

    def rank(self, key: str) -> tuple[int, int]:
        """Return where a key belongs in the map that stands here; equal ones keep their order."""
        if key == _MERGE:
            return 0, 0
        properties = self.schema.get("properties", {})
        if self.is_turn:
            return (4, 0) if key.startswith(_OWN) else (1, _said(key))
        if key in properties:
            return 2, list(properties).index(key)
        names_first = isinstance(self.schema.get("additionalProperties"), dict)
        return (1, 0) if names_first else (3, 0)

    def is_name(self, key: str) -> bool:
        """Whether a key of the map that stands here is one that its author chose, or a speaker."""
        if self.is_turn:
            return key not in _SAID_OF_A_TURN and not key.startswith(_OWN)
        return key not in self.schema.get("properties", {})

    @property
    def has_sections(self) -> bool:
        """Whether this is a whole scenario, whose keys are those of a conversation's parts."""
        return "characters" in self.schema.get("properties", {})

    @property
    def is_turn(self) -> bool:
        """Whether the map that stands here is a turn, or an exchange."""
        return "thought" in self.schema.get("properties", {})

    @property
    def is_turns(self) -> bool:
        """Whether a list that stands here is one of turns."""
        item = self.item()
        return item.is_turn and item.schema.get("type") == "object"

    def _at(self, schema: Mapping[str, Any], *, speech: bool = False) -> Place:
        while "$ref" in schema and "properties" not in schema:
            schema = self.definitions[schema["$ref"].rpartition("/")[2]]
        return Place(schema, self.definitions, speech)


@cache
def root_of(kind: Kind) -> Place:
    """Return the place of a whole file of a kind."""
    schema = load_schema(kind.value)
    return Place(schema, schema.get("$defs", {}))


def _said(key: str) -> int:
    return 1 + _SAID_OF_A_TURN.index(key) if key in _SAID_OF_A_TURN else 0
