"""The paths of a command line: which files they stand for, and what reads them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..compiler import Compiler, Input
from ..config import environment
from ..frozen import frozen
from ..source import DEFAULT_LIMITS, Disk
from .guard import Misuse
from .options import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen
class Inputs:
    """The files to work on, what compiles them, and the paths of all that was read so far."""

    items: tuple[Input, ...]
    compiler: Compiler
    files: Disk
    read: set[Path]


def open_inputs(paths: Sequence[str], *, root: str | None, stdin_filename: str | None) -> Inputs:
    """Find all files before any is looked at. Raises `Misuse` for a path that does not exist."""
    if root is not None and not (root and Path(root).is_dir()):
        raise Misuse(f"--root {root} is no folder")
    if stdin_filename is not None and STDIN not in paths:
        raise Misuse("--stdin-filename goes with `-`, standard input")
    base = Path(os.path.realpath("."))
    typed = Path(os.path.realpath(base / (stdin_filename or "<stdin>")))
    read: set[Path] = set()
    files = Disk(log=read, folders={}, texts={typed: _standard_input()} if STDIN in paths else {})
    compiler = Compiler(
        files=files,
        base=base,
        root=Path(os.path.realpath(root)) if root is not None else None,
        environment=environment(),
    )
    items = tuple(found_files(paths, compiler, typed))
    return Inputs(items=items, compiler=compiler, files=files, read=read)


def found_files(paths: Sequence[str], compiler: Compiler, typed: Path | None) -> list[Input]:
    """Return the files that paths stand for; `typed` is where standard input's text belongs."""
    inputs: dict[Path, Input] = {}
    for name in paths:
        if name == STDIN and typed is not None:
            inputs.setdefault(typed, Input(path=typed))
            continue
        path = Path(name)
        if not name or "\0" in name or not path.exists():
            raise Misuse(_missing(name))
        try:
            found = compiler.find(path)
        except OSError as error:
            raise Misuse(f"{error.filename}: {error.strerror}") from error
        for item in found:
            real = compiler.files.resolve(item.path)
            known = inputs.get(real)
            if known is None or _rank(item, compiler) < _rank(known, compiler):
                inputs[real] = item
    return list(inputs.values())


def _rank(item: Input, compiler: Compiler) -> tuple[bool, int]:
    """Return what counts when a file is found twice, the least first, in whatever order.

    Of a link and what it points to that is the latter, since links are not changed; then the
    outermost folder, which may be the root of its library.
    """
    folder = item.folder
    depth = len(compiler.files.resolve(folder).parts) if folder is not None else sys.maxsize
    return item.path.is_symlink(), depth


def _missing(name: str) -> str:
    if not name:
        return "an empty path does not exist"
    is_word = "/" not in name and "." not in name
    hint = "; if it is an id, `m2her list` shows its file" if is_word else ""
    return f"{name} does not exist{hint}"


def _standard_input() -> bytes:
    try:
        data = sys.stdin.buffer.read(DEFAULT_LIMITS.bytes + 1)
    except (OSError, AttributeError) as error:
        raise Misuse("standard input is closed") from error
    if data is None:  # a pipe that does not wait
        raise Misuse("nothing can be read from standard input yet")
    return data
