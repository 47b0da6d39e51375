"""Where the JSON Schemas are found, in a checkout, an editable install and a wheel alike."""

from __future__ import annotations

import json
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import jsonschema_rs

_PACKAGE: Final = Path(__file__).resolve().parent.parent


class Kind(Enum):
    """What a file is, as its `m2her:` header says."""

    SCENARIO = "scenario"
    CHARACTER = "character"
    PERSONA = "persona"

    @property
    def header(self) -> str:
        return f"{self.value}/v1"


def load_schema_text(kind: str) -> str:
    """Return the text of the schema of `scenario`, `character` or `persona`."""
    name = f"{Kind(kind).value}.v1.schema.json"
    shipped = _PACKAGE / "_schemas" / name
    path = shipped if shipped.is_file() else _PACKAGE.parent / "schemas" / name
    return path.read_text(encoding="utf-8")


@cache
def load_schema(kind: str) -> dict[str, Any]:
    """Return the schema of `scenario`, `character` or `persona`: plain data, not to be changed."""
    schema: dict[str, Any] = json.loads(load_schema_text(kind))
    return schema


@cache
def fast_validator(kind: str) -> jsonschema_rs.Validator:
    """Return the validator that decides; it is compiled at the first call."""
    import jsonschema_rs

    return jsonschema_rs.validator_for(load_schema_text(kind), validate_formats=False)
