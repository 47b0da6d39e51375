"""The small library that `m2her init` makes: right as it is, and a model of how to write one."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from ..errors import UsageError
from .schemas import FILE_KINDS, SCHEMA_FOLDER, schema_file_name, schema_text

_FILES: Final = Path(__file__).resolve().parent / "files"
# Who keeps the copy of m2her that is used is for the author to say.
NOT_SET: Final = "OWNER"
_OWNER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?")
_OF_LIBRARY: Final = {
    "scenarios/lost_property.yaml": "lost_property.yaml",
    "characters/odile_renner.yaml": "odile_renner.yaml",
    "personas/passenger.yaml": "passenger.yaml",
    ".vscode/settings.json": "settings.json",
}
_OF_REPOSITORY: Final = {
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    ".github/workflows/m2her.yml": "workflow.yml",
}
# The last to be written: until then nothing is taken for a library that is only half there.
_SETTINGS: Final = {"m2her.toml": "m2her.toml"}


def library_files(*, owner: str = NOT_SET, is_repository: bool = True) -> dict[str, str]:
    """Return the texts of a new library by their paths in it, in the order to write them.

    `owner` keeps the copy of m2her that the workflow and the hook use; both are left out where
    the library is no repository of its own. Raises `UsageError` when nobody can be called so.
    """
    if not _OWNER.fullmatch(owner):
        raise UsageError(f"`{owner}` is no owner of a repository: give the name in its address")
    names = _OF_LIBRARY | (_OF_REPOSITORY if is_repository else {})
    texts = {path: packaged(f"library/{name}") for path, name in names.items()}
    for path in _OF_REPOSITORY.keys() & texts.keys():
        texts[path] = _owned(texts[path], owner)
    schemas = {
        f"{SCHEMA_FOLDER}/{schema_file_name(kind)}": schema_text(kind) for kind in FILE_KINDS
    }
    settings = {path: packaged(f"library/{name}") for path, name in _SETTINGS.items()}
    return texts | schemas | settings


def of_repository() -> tuple[str, ...]:
    """Return the paths that have a meaning in the root of a repository alone."""
    return tuple(_OF_REPOSITORY)


def _owned(text: str, owner: str) -> str:
    """Name the owner, and drop the line that says who that is to be."""
    if owner == NOT_SET:
        return text
    kept = (line for line in text.splitlines(keepends=True) if not line.startswith("# OWNER"))
    return "".join(kept).replace(f"{NOT_SET}/m2her", f"{owner}/m2her")


@cache
def packaged(name: str) -> str:
    """Return the text of one of the files that come with the package."""
    return (_FILES / name).read_text(encoding="utf-8")
