"""A new scenario, character or persona of a library: its text, and where it belongs."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import UsageError
from ..frozen import frozen
from ..languages import is_language
from ..schema import Kind
from ..source.writing import written
from .library import packaged
from .schemas import SCHEMA_FOLDER, schema_file_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .names import Named
    from .outlines import Outline

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_ENGLISH: Final = "en"
_CHINESE: Final = "zh"
_MARK: Final = re.compile(r"@(schemas|title|name|language)@")


@frozen
class NewFile:
    """A file to be made: its path, and its text."""

    path: Path
    text: str


def new_file(
    kind: Kind,
    named: Named,
    *,
    language: str | None,
    root: Path,
    folders: Sequence[Path],
    present: Sequence[Outline],
) -> NewFile:
    """Return the file to be made for a new scenario, character or persona.

    `present` is what the library holds already. Without a `language` the title's script says in
    which one the texts are written. Raises `UsageError` when the library has one of this name, or
    `language` is none.
    """
    _refuse_taken(kind, named, root, present)
    folder = folder_of(kind, root, folders, present)
    path = folder / f"{named.stem}.yaml"
    tag = _language(language, named)
    text = packaged(f"new/{_text_language(tag)}/{kind.value}.yaml")
    values = {
        "title": f"title: {written(named.title, indent=2, column=7)}",
        "name": f"name: {written(named.title, indent=2, column=6)}",
        "language": f"language: {tag}" if tag is not None else "",
    }
    head, _, body = text.partition("\n")
    address = _schema_address(kind, folder, root, present)
    lines = _MARK.sub(lambda found: values[found[1]], body)
    if not values["language"]:
        lines = lines.replace("\n\n\n", "\n\n", 1)
    if address is not None:
        modeline, _, _ = head.partition("=")
        lines = f"{modeline}={address}\n{lines}"
    return NewFile(path=path, text=lines)


def _language(language: str | None, named: Named) -> str | None:
    """Return the language to write down; None for the one that holds without being named."""
    if language is None:
        return _CHINESE if _HAN.search(named.title) else None
    if not is_language(language):
        raise UsageError(f"`{language}` is no language: give a tag such as `en` or `zh-CN`")
    return language


def _text_language(tag: str | None) -> str:
    return _CHINESE if (tag or "").lower().split("-")[0] == _CHINESE else _ENGLISH


def _refuse_taken(kind: Kind, named: Named, root: Path, present: Sequence[Outline]) -> None:
    for each in present:
        if each.kind is not kind:
            continue
        if named.stem.casefold() in (each.id.casefold(), each.path.stem.casefold()):
            shown = each.path.relative_to(root).as_posix()
            raise UsageError(f"the library has a {kind.value} `{each.id}` already: {shown}")


def folder_of(kind: Kind, root: Path, folders: Sequence[Path], present: Sequence[Outline]) -> Path:
    """Return where a library's files of a kind are, or where they belong if there are none yet.

    Most of those that there are say where; without any it is a folder called `scenarios`,
    `characters` or `personas`, within what the library's settings name.
    """
    held = Counter(each.path.parent for each in present if each.kind is kind and not each.abstract)
    if held:
        return min(held, key=lambda folder: (-held[folder], len(folder.parts), folder.parts))
    plural = f"{kind.value}s"
    named = [folder for folder in folders if folder.name == plural]
    first = folders[0] if folders else root
    if named:
        return named[0]
    return first if kind is Kind.SCENARIO and first != root else first / plural


def _schema_address(kind: Kind, folder: Path, root: Path, present: Sequence[Outline]) -> str | None:
    """Return where an editor finds the schema, from the new file; None when that is nowhere.

    It is the library's own copy, else what another file of the kind names.
    """
    own = root / SCHEMA_FOLDER / schema_file_name(kind.value)
    if own.is_file():
        return _from(folder, own)
    for each in present:
        if each.kind is kind and each.schema is not None:
            if each.schema.startswith("https://"):
                return each.schema
            path = Path(os.path.normpath(each.path.parent / each.schema))
            if path.is_file():
                return _from(folder, path)
    return None


def _from(folder: Path, path: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
