"""Find the YAML files of a folder."""

from __future__ import annotations

import os
from pathlib import Path

_ENDINGS = (".yaml", ".yml")


def yaml_files(folder: Path) -> list[Path]:
    """Return the YAML files in and below a folder, in order of their paths.

    Hidden files and folders are passed over, and linked folders are not entered.
    """
    found: list[Path] = []
    open_folders = [str(folder)]
    while open_folders:
        with os.scandir(open_folders.pop()) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    open_folders.append(entry.path)
                elif entry.name.endswith(_ENDINGS):
                    found.append(Path(entry.path))
    return sorted(found, key=lambda path: path.parts)
