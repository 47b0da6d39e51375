"""Derive the schemas of character and persona files from the scenario schema.

The scenario schema is written by hand and already says what a character and a persona may hold. A
file of either kind takes the same keys and a header, so its schema is computed and never edited.

    python scripts/derive_schemas.py           write the derived schemas
    python scripts/derive_schemas.py --check   exit with 1 if one of them is out of step
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCHEMAS: Final = Path(__file__).resolve().parent.parent / "schemas"
CANONICAL: Final = "scenario.v1.schema.json"
_REF_PREFIX: Final = "#/$defs/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file whose schema is derived."""

    name: str
    description: str

    @property
    def file_name(self) -> str:
        """Return the name of the schema's file."""
        return f"{self.name}.v1.schema.json"


KINDS: Final = (
    Kind(
        name="character",
        description=(
            "One character who can be used in any number of scenarios. "
            "Keys that start with x- belong to the author."
        ),
    ),
    Kind(
        name="persona",
        description=(
            "One persona of the user that can be used in any number of scenarios. "
            "Keys that start with x- belong to the author."
        ),
    ),
)


def derive(scenario: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """Return the schema of a kind's files.

    The root takes the properties of the definition of the same name, after the header. Of the other
    definitions it keeps those that can be reached, in the order of the scenario schema.
    """
    header = f"{kind.name}/v1"
    base = scenario["$defs"][kind.name]
    root: dict[str, Any] = {
        "$schema": scenario["$schema"],
        "$id": f"urn:m2her:schema:{kind.name}:v1",
        "title": f"m2her {kind.name}, version 1",
        "description": kind.description,
        "type": "object",
        "properties": {
            "m2her": {
                **scenario["properties"]["m2her"],
                "const": header,
                "examples": [header],
            },
            **base["properties"],
        },
        "patternProperties": base["patternProperties"],
        "additionalProperties": base["additionalProperties"],
        "required": ["m2her"],
        "examples": [
            {"m2her": header, **example}
            for example in base["examples"]
            if isinstance(example, dict)
        ],
    }
    reached = _reach(root, scenario["$defs"])
    root["$defs"] = {
        name: definition for name, definition in scenario["$defs"].items() if name in reached
    }
    return root


def dump(schema: dict[str, Any]) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def check(folder: Path = SCHEMAS) -> tuple[str, ...]:
    """Return a message for each derived schema that is absent or out of step."""
    messages = []
    for name, text in _derived_texts(folder):
        path = folder / name
        if not path.is_file():
            messages.append(f"`{name}` does not exist")
        elif path.read_bytes() != text.encode():
            messages.append(f"`{name}` differs from what `{CANONICAL}` gives")
    return tuple(messages)


def write(folder: Path = SCHEMAS) -> None:
    """Write the derived schemas beside the canonical one."""
    for name, text in _derived_texts(folder):
        (folder / name).write_bytes(text.encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description="Derive the character and persona schemas.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if out of step"
    )
    options = parser.parse_args(arguments)
    if not options.check:
        write()
        return 0
    messages = check()
    for message in messages:
        print(message, file=sys.stderr)
    if messages:
        print("run `python scripts/derive_schemas.py`", file=sys.stderr)
    return 1 if messages else 0


def _derived_texts(folder: Path) -> Iterator[tuple[str, str]]:
    scenario = json.loads((folder / CANONICAL).read_text(encoding="utf-8"))
    for kind in KINDS:
        yield kind.file_name, dump(derive(scenario, kind))


def _reach(root: dict[str, Any], definitions: dict[str, Any]) -> frozenset[str]:
    """Return the names of the definitions that a schema refers to, directly or not."""
    reached: set[str] = set()
    waiting = list(_references(root))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(_references(definitions[name]))
    return frozenset(reached)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_REF_PREFIX)
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


if __name__ == "__main__":
    sys.exit(main())
