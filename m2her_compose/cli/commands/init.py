"""`m2her init`: a small library that is right as it is."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen
from ..console import Console
from ..guard import Misuse
from ..status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...starting import Made

EPILOG: Final = """\b
Examples:
  m2her init
  m2her init my-library
  m2her init my-library --owner your-team
"""


# Files that other programs' settings stand in as well.
_SHARED: Final = (".pre-commit-config.yaml", ".vscode/settings.json")
_MOST_BYTES: Final = 1_000_000


@frozen
class Arguments:
    """Start a library: a scene to read and change, settings, and checks in editors and CI."""

    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where to make it; this folder by default.")
    ] = "."
    owner: Annotated[
        str,
        typer.Option(
            "--owner",
            metavar="NAME",
            help="Who keeps the copy of m2her on GitHub that CI is to use.",
        ),
    ] = "OWNER"


def run(arguments: Arguments) -> Status:
    """Make the files that are not there, and say which, and what to do next."""
    from ...emit.terminal import visible
    from ...errors import UsageError
    from ...starting import create, library_files

    if not arguments.folder:
        raise Misuse("an empty path is no folder")
    console = Console()
    console.prepare()
    folder = Path(arguments.folder)
    above = _repository_above(folder)
    try:
        texts = library_files(owner=arguments.owner, is_repository=above is None)
        made = create(folder, texts)
    except UsageError as error:
        raise Misuse(str(error)) from error
    lines = [f"made  {folder / name}" for name in made.made]
    lines += [f"kept  {folder / name}" for name in made.kept]
    console.result("".join(f"{visible(line)}\n" for line in lines))
    console.say(visible(_to_add(folder, made, texts), keep_newlines=True))
    console.say(visible(_advice(arguments, made, above), keep_newlines=True))
    return Status.DONE


def _repository_above(folder: Path) -> Path | None:
    """Return the root of the repository that a folder is in, unless it is that root itself."""
    real = Path(os.path.realpath(folder))
    if (real / ".git").exists():
        return None
    return next((each for each in real.parents if (each / ".git").exists()), None)


def _to_add(folder: Path, made: Made, texts: Mapping[str, str]) -> str:
    """Return what belongs into files that are shared with others, and that were there already."""
    parts = [
        f"{name} was there already; this belongs into it:\n{indent(texts[name], '  ')}"
        for name in made.kept
        if name in _SHARED and not _knows_us(folder / name)
    ]
    return "".join(f"{part.rstrip()}\n" for part in parts)


def _knows_us(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"m2her" in file.read(_MOST_BYTES)
    except OSError:
        return False


def _advice(arguments: Arguments, made: Made, above: Path | None) -> str:
    """Say what is left to do, and the commands to go on with."""
    from ...starting import NOT_SET, of_repository

    said: list[str] = []
    named = [name for name in of_repository() if name in made.made]
    if named and arguments.owner == NOT_SET:
        said.append(f"Put the owner of your copy of m2her for {NOT_SET} in {' and '.join(named)}.")
    if above is not None:
        missing = " and ".join(of_repository())
        said.append(f"Left out: {missing}, which belong to the repository's root, {above}.")
    commands = ["m2her check", "m2her compile scenarios/lost_property.yaml --format text"]
    commands.append('m2her new scenario "The last tram"')
    if Path(arguments.folder) != Path():
        end = "-- " if arguments.folder.startswith("-") else ""
        commands.insert(0, f"cd {end}{shlex.quote(arguments.folder)}")
    return "".join(f"{line}\n" for line in [*said, "Next:", *(f"  {each}" for each in commands)])
