"""What `list`, `graph` and `show` do beside printing: find files, and say which are broken."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from ..compiler import Compiler
from ..config import environment
from ..emit.terminal import visible
from ..inventory import Graph
from ..stocktaking import Stock, scenarios_called, take_stock
from .guard import Misuse
from .inputs import open_inputs
from .options import STDIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..inventory import Item
    from .console import Console
    from .inputs import Inputs


def stock_of(paths: Sequence[str], *, root: str | None) -> Stock:
    """Take stock of files and folders, this one when none is given. Raises `Misuse`."""
    inputs = _opened(paths, root)
    return _stock(inputs, follow=False)


def stock_graph(
    paths: Sequence[str], *, root: str | None, reverse: bool
) -> tuple[Graph, list[Item]]:
    """Return what files use, with what they use at any depth, and where to begin.

    Reversed, it is all of their libraries: who uses a file may stand anywhere. Raises `Misuse`.
    """
    inputs = _opened(paths, root)
    found = _stock(inputs, follow=True)
    folders = [Path(os.path.realpath(path)) for path in paths or (".",)]
    is_complete = all(
        any(each.is_relative_to(folder) for folder in folders if folder.is_dir())
        for each in found.roots
    )
    named = [inputs.files.resolve(item.path) for item in inputs.items if item.folder is None]
    if reverse and not is_complete:
        named = [inputs.files.resolve(item.path) for item in inputs.items]
        compiler = inputs.compiler
        of_libraries = [item for each in found.roots for item in compiler.find(each)]
        found = take_stock(compiler, [*of_libraries, *inputs.items], follow=True)
        is_complete = True
    graph = Graph(found.items, is_reversed=reverse, is_complete=is_complete)
    return graph, graph.roots(named)


def path_of(scenario: str, *, root: str | None) -> str:
    """Return the path of a scenario that is named by path or id. Raises `Misuse`."""
    if scenario == STDIN or not scenario or "\0" in scenario or Path(scenario).exists():
        return scenario
    given = Path(os.path.realpath(root)) if root is not None else None
    compiler = Compiler(root=given, environment=environment())
    try:
        found = [item.path for item in scenarios_called(compiler, scenario, Path())]
    except OSError as error:
        raise Misuse(f"{error.filename}: {error.strerror}") from error
    if not found:
        raise Misuse(f"`{scenario}` is no file, and the id of no scenario in or below this folder")
    if len(found) > 1:
        listed = ", ".join(path.as_posix() for path in found)
        raise Misuse(f"`{scenario}` is the id of several scenarios: name one of {listed}")
    return str(found[0])


def report_broken(items: Iterable[Item], paths: Sequence[str], console: Console) -> bool:
    """Say in one line how many files have errors, and tell whether any has."""
    broken = [item for item in items if item.errors]
    if not broken:
        return False
    errors = sum(item.errors for item in broken)
    files = "1 file has" if len(broken) == 1 else f"{len(broken):,} files have"
    command = shlex.join(("m2her", "check", *paths))
    console.say(
        visible(f"m2her: {files} errors ({errors:,} in all): `{command}` tells of them") + "\n"
    )
    return True


def _opened(paths: Sequence[str], root: str | None) -> Inputs:
    return open_inputs(paths or (".",), root=root, stdin_filename=None)


def _stock(inputs: Inputs, *, follow: bool) -> Stock:
    try:
        return take_stock(inputs.compiler, inputs.items, follow=follow)
    except OSError as error:
        raise Misuse(f"{error.filename}: {error.strerror or error}") from error
