"""Results that go into a file: written whole or not at all, and never over what was read."""

from __future__ import annotations

import os
from pathlib import Path

from .guard import Misuse


def refuse_read(path: Path, read: set[Path], option: str = "--output") -> None:
    """Refuse to write over what the results were made from. Raises `Misuse`."""
    if Path(os.path.realpath(path)) in read:
        raise Misuse(f"{option} would overwrite {path}, which was read")


def write_output(name: str, text: str, read: set[Path], option: str = "--output") -> None:
    """Write a result to the file that an option names. Raises `Misuse` when that cannot be."""
    from ..emit.files import RefusedError, write_file

    if not name or "\0" in name:
        raise Misuse(f"{option} wants a path")
    target = Path(name)
    if target.is_dir():
        raise Misuse(f"{option} {name} is a folder: name a file")
    refuse_read(target, read, option)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(target, text)
    except RefusedError as error:
        raise Misuse(str(error)) from error
    except OSError as error:
        raise Misuse(f"{option} {name}: {error.strerror or error}") from error
