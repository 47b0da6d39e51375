"""Make files that are not there yet: each whole or absent, and none that exists is touched."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ..emit.files import write_file
from ..errors import UsageError
from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@frozen
class Made:
    """The files that were made, and those that were there before: paths within the folder."""

    made: tuple[str, ...]
    kept: tuple[str, ...]


def create(folder: Path, texts: Mapping[str, str]) -> Made:
    """Write texts, in their order, into the files of these names, and leave those that exist.

    Names are paths within the folder, with `/`. Everything that can be known to be in the way is
    looked for before anything is written. Raises `UsageError` for what is in the way, and when a
    file cannot be written; those before it stay.
    """
    if "\0" in str(folder):
        raise UsageError("a path with a NUL character")
    try:
        root = _usable(folder)
        for name in texts:
            _refuse_place(root, name)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror or error}") from error
    made: list[str] = []
    kept: list[str] = []
    for name, text in texts.items():
        try:
            (made if _create_one(root / name, text) else kept).append(name)
        except OSError as error:
            so_far = "; the files before it are there" if made else ""
            reason = error.strerror or str(error)
            raise UsageError(f"cannot write {folder / name}: {reason}{so_far}") from error
    return Made(made=tuple(made), kept=tuple(kept))


def _usable(folder: Path) -> Path:
    """Return a folder, links followed, which may be yet to be made."""
    if folder.is_symlink() and not folder.exists():
        raise UsageError(f"{folder} is a link to nothing")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    for above in folder.parents:
        if above.exists():
            if not above.is_dir():
                raise UsageError(f"{above} is no folder")
            break
    return _real(folder)


def _real(path: Path) -> Path:
    return type(path)(os.path.realpath(path))


def _refuse_place(root: Path, name: str) -> None:
    """Refuse a file for which there is a folder, or whose own folder leads elsewhere."""
    path = root / name
    if path.is_dir():
        raise UsageError(f"{path} is a folder, and a file is to stand there")
    for above in path.parents:
        if above == root:
            return
        if above.is_symlink() and not _real(above).is_relative_to(root):
            raise UsageError(f"{above} is a link that leads out of {root}")
        if os.path.lexists(above) and not above.is_dir():
            raise UsageError(f"{above} is no folder")


def _create_one(path: Path, text: str) -> bool:
    """Write a file if there is none; tell whether there was none."""
    if os.path.lexists(path):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name[:40]}.{os.urandom(4).hex()}.part")
    try:
        write_file(part, text)
        return _take_place(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _take_place(part: Path, path: Path) -> bool:
    """Give a whole file its name, unless somebody else took it meanwhile."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            return False
        part.replace(path)
    return True
