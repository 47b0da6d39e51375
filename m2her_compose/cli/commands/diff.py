"""`m2her diff`: what the model gets otherwise than before."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console, is_terminal
from ..counting import chosen_budget, chosen_counter
from ..outputs import write_output
from ..status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from ...comparison import Comparison

EPILOG: Final = """\b
Examples:
  m2her diff --git HEAD
  m2her diff --git origin/main scenarios --format markdown
  m2her diff old/tea.yaml new/tea.yaml --set mood=storm
"""
_FORMATS: Final = ("text", "markdown")


@frozen
class Arguments:
    """Show what the model gets otherwise than before; nothing when it gets the same."""

    paths: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="[OLD NEW | PATH...]",
            help="Two files or two folders; with --git files and folders, this one when none is "
            "given.",
        ),
    ] = ()
    git: Annotated[
        str | None,
        typer.Option("--git", metavar="REV", help="Compare a git revision with what is on disk."),
    ] = None
    output_format: Annotated[
        str, typer.Option("--format", "-f", metavar="text|markdown", help="How to print it.")
    ] = "text"
    assignments: options.Assignments = ()
    value_files: options.ValueFiles = ()
    speaker: options.Speaker = None
    names: options.Names = None
    variants: options.Variants = ()
    target: options.Target = None
    budget: options.Budget = None
    tokenizer: options.Tokenizer = None
    output: options.OutputFile = None
    root: options.Root = None
    color: options.Color = "auto"

    # What `Given` has and this command line has not.
    message = None
    stdin_filename = None


def run(arguments: Arguments) -> Status:
    """Compile both sides, compare, and print what differs."""
    options.one_of("--format", arguments.output_format, _FORMATS)
    options.check_color(arguments.color)
    from ...build import Wishes
    from ...diagnostics import Sink
    from ...source import Disk
    from ..comparing import check_sides, compare
    from ..compiling import check_given, read_overrides

    check_given(arguments)
    check_sides(arguments)
    wishes = Wishes(
        target=arguments.target,
        counter=chosen_counter(arguments.tokenizer),
        budget_tokens=chosen_budget("--budget", arguments.budget),
    )
    console = Console(color=arguments.color)
    console.prepare()
    read: set[Path] = set()
    files = Disk(log=read)
    sink = Sink()
    overrides = read_overrides(arguments, files, sink)
    if sink.has_errors:
        console.report(sink.sorted())
        return Status.ERRORS
    compared = compare(arguments, overrides, files, wishes, console)
    _deliver(_rendered(compared.comparison, arguments, console), arguments, console, read)
    return Status.ERRORS if compared.failed or not compared.comparison.is_empty else Status.DONE


# --- outputs


def _rendered(comparison: Comparison, arguments: Arguments, console: Console) -> str:
    about = "" if arguments.tokenizer is not None else "about "
    if arguments.output_format == "markdown":
        from ...emit.difference_markdown import difference_markdown

        return difference_markdown(comparison, about)
    from ...emit.difference import Page, difference_text

    to_terminal = arguments.output is None and is_terminal(sys.stdout)
    to_file = arguments.output is not None and arguments.color == "auto"
    page = Page(
        width=console.width(sys.stdout) if to_terminal else None,
        color=console.colored(sys.stdout) and not to_file,
        about=about,
    )
    return difference_text(comparison, page)


def _deliver(text: str, arguments: Arguments, console: Console, read: set[Path]) -> None:
    if arguments.output is None:
        console.result(text)
        return
    write_output(arguments.output, text, read)
