"""The JSON Schemas that the package has: of the files that authors write, and of its outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from ..errors import UsageError
from ..schema import Kind

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_ENDING: Final = ".v1.schema.json"
# Where a library keeps copies for editors, which work offline.
SCHEMA_FOLDER: Final = ".m2her/schemas"
FILE_KINDS: Final = tuple(kind.value for kind in Kind)


def schema_kinds() -> dict[str, str]:
    """Return the kinds that have a schema, each with its title: those of files come first."""
    names = {path.name.removesuffix(_ENDING) for path in _folder().glob(f"*{_ENDING}")}
    ordered = (*FILE_KINDS, *sorted(names.difference(FILE_KINDS)))
    return {kind: json.loads(schema_text(kind))["title"] for kind in ordered}


def schema_text(kind: str) -> str:
    """Return the schema of a kind, as it is published. Raises `UsageError` for no kind."""
    path = _folder() / schema_file_name(kind)
    if not kind.isidentifier() or not path.is_file():
        raise UsageError(
            f"there is no schema of `{kind}`; `m2her schema` lists those that there are"
        )
    return path.read_text(encoding="utf-8")


def schema_file_name(kind: str) -> str:
    """Return the name of the file that a schema is kept in."""
    return f"{kind}{_ENDING}"


def _folder() -> Path:
    """Return where the schemas are: in a wheel, else in a checkout."""
    shipped = _PACKAGE / "_schemas"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "schemas"
