"""Find the YAML files of a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .files import Disk

if TYPE_CHECKING:
    from .files import Files

_ENDINGS = (".yaml", ".yml")


def yaml_files(folder: Path, files: Files) -> list[Path]:
    """Return the YAML files in and below a folder, in order of their paths.

    Hidden files and folders are passed over, and linked folders are not entered. A folder below
    it that cannot be looked into is among them, so that whoever reads it is told why. Raises
    OSError when that is so of the folder itself.
    """
    if isinstance(files, Disk):
        names = sorted(_on_disk(folder), key=lambda name: name.split(os.sep))  # noqa: PTH206 - faster
        return [Path(name) for name in names]
    return sorted(_elsewhere(folder, files), key=lambda path: path.parts)


def _on_disk(folder: Path) -> list[str]:
    """Find them with one call a folder: the system tells folders from files in passing."""
    found: list[str] = []
    open_folders = [str(folder)]
    while open_folders:
        above = open_folders.pop()
        try:
            entries = os.scandir(above)
        except OSError:
            if above == str(folder):
                raise
            found.append(above)
            continue
        with entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    open_folders.append(entry.path)
                elif entry.name.endswith(_ENDINGS):
                    found.append(entry.path)
    return found


def _elsewhere(folder: Path, files: Files) -> list[Path]:
    found: list[Path] = []
    open_folders = [folder]
    while open_folders:
        above = open_folders.pop()
        real = files.resolve(above)
        for name in files.names(above):
            if name.startswith("."):
                continue
            path = above / name
            if not files.is_folder(path):
                found.extend([path] * name.endswith(_ENDINGS))
            elif files.resolve(path) == real / name:
                open_folders.append(path)
    return found
