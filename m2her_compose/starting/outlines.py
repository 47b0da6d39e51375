"""What a library's files are, told from their first lines: many of them, in little time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from ..schema import Kind
from ..source.walk import yaml_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ..config import Settings
    from ..source import Files

# The keys that are looked for stand at the beginning of a file: FORMAT's order has them first.
_MOST_BYTES: Final = 65_536
_KEY: Final = re.compile(
    r"""^["']?(?P<key>m2her|id|title|name|abstract)["']?[ \t]*:[ \t]+"""
    r"""(?P<value>(?:"[^"\n]*"|'[^'\n]*')(?=[ \t]*(?:$|[ \t]#))|[^\n]*)""",
    re.MULTILINE,
)
_SCHEMA: Final = re.compile(r"^#[ \t]*yaml-language-server:[ \t]*\$schema=(\S+)", re.MULTILINE)
_VERSION: Final = "/v1"


@frozen
class Outline:
    """What a file says of itself: `title` is a scenario's title, or else the name."""

    path: Path
    kind: Kind
    id: str
    title: str
    abstract: bool
    schema: str | None


def outlines_in(folders: Iterable[Path], files: Files) -> Iterator[Outline]:
    """Yield the outlines of all files of ours in folders; what cannot be read is passed over."""
    for path in dict.fromkeys(path for folder in folders for path in _paths(folder, files)):
        found = outline(path, files)
        if found is not None:
            yield found


def _paths(folder: Path, files: Files) -> list[Path]:
    try:
        return yaml_files(folder, files)
    except OSError:
        return []


def folders_in(root: Path, settings: Settings, files: Files) -> tuple[Path, ...]:
    """Return the folders of a library that its settings name, as far as they lie within it."""
    named = settings["library.scenarios"]
    names = [named] if isinstance(named, str) else named
    found = (files.resolve(root / name) for name in names if "\0" not in name)
    return tuple(dict.fromkeys(folder for folder in found if folder.is_relative_to(root)))


def outline(path: Path, files: Files) -> Outline | None:
    """Return a file's outline; None when it cannot be read, or does not say that it is ours."""
    try:
        text = files.read(path)[:_MOST_BYTES].decode("utf-8-sig", "replace")
    except OSError:
        return None
    values: dict[str, str] = {}
    for found in _KEY.finditer(text.replace("\r\n", "\n")):
        values.setdefault(found["key"], _value(found["value"]))
    kind = _KINDS.get(values.get("m2her", ""))
    if kind is None:
        return None
    schema = _SCHEMA.search(text)
    title = values.get("title" if kind is Kind.SCENARIO else "name")
    return Outline(
        path=path,
        kind=kind,
        id=(values.get("id") if kind is Kind.SCENARIO else None) or path.stem,
        title=title or path.stem,
        abstract=values.get("abstract") == "true",
        schema=schema[1] if schema is not None else None,
    )


def _value(written: str) -> str:
    """Return a value without its quotes, or without the comment and the blanks behind it."""
    if written[:1] in ("'", '"') and written[-1:] == written[:1] and len(written) > 1:
        return written[1:-1]
    comment = min((at for at in (written.find(" #"), written.find("\t#")) if at >= 0), default=None)
    return written[:comment].rstrip(" \t")


_KINDS: Final = {kind.value + _VERSION: kind for kind in Kind}
