"""`m2her new`: a scenario, character or persona more in a library."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console
from ..guard import Misuse
from ..status import Status

if TYPE_CHECKING:
    from ...schema import Kind

EPILOG: Final = """\b
Examples:
  m2her new scenario "The last tram"
  m2her new character "Viktor Haas"
  m2her new persona night_nurse --title "The night nurse" --language en
"""


@frozen
class Arguments:
    """Write a new scenario, character or persona into the library of this folder."""

    kind: Annotated[
        str, typer.Argument(metavar="scenario|character|persona", help="What to write.")
    ]
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="What it is called; the file's name is made of it."),
    ]
    title: Annotated[
        str | None,
        typer.Option(
            "--title", metavar="TEXT", help="The scenario's title, or the name; NAME by default."
        ),
    ] = None
    language: Annotated[
        str | None,
        typer.Option(
            "--language", metavar="TAG", help="Which language to write it in: en, zh, zh-CN, ..."
        ),
    ] = None
    color: options.Color = "auto"


def run(arguments: Arguments) -> Status:
    """Write one file, and report what a check says of it."""
    from ...checker import Checker
    from ...compiler import Compiler, Input
    from ...config import FILE_NAME, environment, find_root
    from ...diagnostics import Severity, Sink
    from ...emit.terminal import visible
    from ...errors import UsageError
    from ...schema import Kind
    from ...source import Disk, shown_path
    from ...starting import create, folder_of, folders_in, named, new_file, outlines_in

    options.check_color(arguments.color)
    options.one_of("the kind", arguments.kind, tuple(kind.value for kind in Kind))
    console = Console(color=arguments.color)
    console.prepare()
    here = Path(os.path.realpath("."))
    root = find_root(here / FILE_NAME, here, Disk())
    if FILE_NAME not in Disk().names(root):
        raise Misuse("there is no library here: `m2her init` starts one")
    compiler = Compiler(environment=environment())
    sink = Sink()
    settings = compiler.settings(root, sink)
    if sink.has_errors:
        console.report(sink.sorted())
        return Status.ERRORS
    kind = Kind(arguments.kind)
    folders = folders_in(root, settings, compiler.files)
    present = tuple(outlines_in(folders, compiler.files))
    try:
        made = new_file(
            kind,
            named(arguments.name, kind, arguments.title),
            language=arguments.language,
            root=root,
            folders=folders,
            present=present,
        )
        name = made.path.relative_to(root).as_posix()
        if not create(root, {name: made.text}).made:
            raise Misuse(f"{shown_path(made.path, here)} is there already")
    except UsageError as error:
        raise Misuse(str(error)) from error
    shown = Path(os.path.relpath(made.path, here)).as_posix()
    console.result(f"{visible(shown)}\n")
    report = Checker(compiler=compiler).check([Input(path=made.path)])
    console.report(report.diagnostics)
    scenarios = folder_of(Kind.SCENARIO, root, folders, present)
    console.say(visible(_advice(made.path, kind, shown, scenarios), keep_newlines=True))
    return Status.ERRORS if report.counts[Severity.ERROR] else Status.DONE


def _advice(path: Path, kind: Kind, shown: str, scenarios: Path) -> str:
    """Say what to do with a new file: compile it, or refer to it in a scenario."""
    from ...source.writing import written

    reference = Path(os.path.relpath(path, scenarios)).as_posix()
    use = f"use: {written(reference, indent=0, flow=True)}"
    match kind.value:
        case "scenario":
            return f"Next:\n  m2her compile {shlex.quote(shown)} --format text\n"
        case "character":
            key = path.stem if path.stem.isidentifier() else f"_{path.stem}"
            return f"In a scenario:\n  characters:\n    {key}: {{{use}}}\n"
    return f"In a scenario:\n  persona: {{{use}}}\n"
