"""`m2her fmt`: one style for files, which changes nothing of what they say."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console
from ..guard import Misuse
from ..status import Status

EPILOG: Final = """\b
Examples:
  m2her fmt scenarios
  m2her fmt scenarios --check
  m2her fmt scenes/tea.yaml --diff
"""


@frozen
class Arguments:
    """Write scenarios, characters and personas in one style, with the same messages as before."""

    paths: Annotated[
        tuple[str, ...],
        typer.Argument(metavar="PATH...", help="Files, folders, or - for standard input."),
    ]
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing: list the files that would be changed."),
    ] = False
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing: show how files would be changed.")
    ] = False
    root: options.Root = None
    stdin_filename: options.StdinFilename = None
    color: options.Color = "auto"


def run(arguments: Arguments) -> Status:
    """Format files one by one, and say how many."""
    options.check_color(arguments.color)
    if options.STDIN in arguments.paths and len(arguments.paths) > 1:
        raise Misuse("standard input is formatted alone: leave the other paths out")
    from ...emit.terminal import visible
    from ..formatting import Work
    from ..inputs import open_inputs

    console = Console(color=arguments.color)
    console.prepare()
    inputs = open_inputs(
        arguments.paths, root=arguments.root, stdin_filename=arguments.stdin_filename
    )
    if not inputs.items:
        console.say(f"nothing to format in {visible(', '.join(arguments.paths))}\n")
        return Status.DONE
    work = Work(
        inputs=inputs,
        console=console,
        check=arguments.check,
        diff=arguments.diff,
        is_piped=options.STDIN in arguments.paths,
    )
    work.format_all()
    return work.status()
