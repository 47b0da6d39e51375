"""`m2her lock`: write down what the model gets, and say when it gets something else."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console
from ..status import Status

EPILOG: Final = """\b
Examples:
  m2her lock
  m2her lock scenarios --check
"""


@frozen
class Arguments:
    """Write down what the model gets, so that no change of it goes unnoticed."""

    paths: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="[PATH...]",
            help="Files or folders of the libraries; this folder when none is given.",
        ),
    ] = ()
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing: say what has changed since it was locked."),
    ] = False
    assignments: options.Assignments = ()
    value_files: options.ValueFiles = ()
    target: options.Target = None
    root: options.Root = None
    color: options.Color = "auto"

    # What `Given` has and this command line has not: a lock holds all that a library has.
    message = None
    speaker = None
    names = None
    variants = ()
    stdin_filename = None


def run(arguments: Arguments) -> Status:
    """Compile whole libraries, and write their locks or compare with them."""
    options.check_color(arguments.color)
    from ...build import Wishes
    from ...diagnostics import Sink
    from ...lockfile import FILE_NAME
    from ...source import Disk
    from ..compiling import check_given, read_overrides
    from ..locking import check_locks, find_libraries, open_compiler, report_errors, write_locks

    check_given(arguments)
    console = Console(color=arguments.color)
    console.prepare()
    files = Disk(log=set())
    sink = Sink()
    overrides = read_overrides(arguments, files, sink)
    if sink.has_errors:
        console.report(sink.sorted())
        return Status.ERRORS
    compiler = open_compiler(arguments.root, files, Wishes(target=arguments.target))
    libraries = find_libraries(arguments.paths or (".",), compiler, overrides)
    failed = report_errors(libraries, console)
    if arguments.check:
        same = check_locks(libraries, compiler, console)
        return Status.DONE if same and not failed else Status.ERRORS
    if failed:
        console.say(f"m2her: nothing is written to {FILE_NAME} while there are errors\n")
        return Status.ERRORS
    write_locks(libraries, compiler, console)
    return Status.DONE
