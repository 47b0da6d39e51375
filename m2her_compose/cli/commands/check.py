"""`m2her check`: what is wrong with a library."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...errors import UsageError
from ...frozen import frozen
from .. import options
from ..console import Console
from ..guard import Misuse
from ..outputs import write_output
from ..status import Status
from ..surveying import chosen_jobs

if TYPE_CHECKING:
    from pathlib import Path

    from ...report import Report

EPILOG: Final = """\b
Examples:
  m2her check
  m2her check scenarios --fail-on warning
  m2her check scenarios --format sarif --output findings.sarif
  m2her check scenes/tea.yaml --select M2H5,M2H6 --target basic
"""
_FORMATS: Final = ("text", "json", "sarif", "github", "gitlab", "junit")


@frozen
class Arguments:
    """Say what is wrong with scenarios, characters and personas."""

    paths: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="[PATH...]",
            help="Files, folders, or - for standard input; this folder when none is given.",
        ),
    ] = ()
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="text|json|sarif|github|gitlab|junit",
            help="How to print what was found.",
        ),
    ] = "text"
    output: options.OutputFile = None
    select: Annotated[
        str | None,
        typer.Option(
            "--select", metavar="CODES", help="The findings to report, separated by commas."
        ),
    ] = None
    ignore: Annotated[
        str | None,
        typer.Option(
            "--ignore", metavar="CODES", help="The findings not to report, separated by commas."
        ),
    ] = None
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="ID", help="The service whose rules hold."),
    ] = None
    tokenizer: options.Tokenizer = None
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="error|warning|note",
            help="The least severity that ends with status 1.",
        ),
    ] = None
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count the findings by code.")
    ] = False
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend in place what has only one right form.")
    ] = False
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show what --fix or --add-ignores would change, and do not."),
    ] = False
    add_ignores: Annotated[
        bool, typer.Option("--add-ignores", help="Write a comment at each warning and note.")
    ] = False
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="FILE", help="Leave out the findings that FILE holds."),
    ] = None
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write all findings into the baseline.")
    ] = False
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="REV",
            help="Report only files that changed since a git revision, and what uses them.",
        ),
    ] = None
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Check again whenever a file changes.")
    ] = False
    jobs: Annotated[
        str,
        typer.Option("--jobs", "-j", metavar="N|auto", help="How many processes check files."),
    ] = "auto"
    cache_dir: Annotated[
        str | None,
        typer.Option("--cache-dir", metavar="DIR", help="Where results are kept for next time."),
    ] = None
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Check every file anew, and keep nothing.")
    ] = False
    root: options.Root = None
    stdin_filename: options.StdinFilename = None
    color: options.Color = "auto"


def run(arguments: Arguments) -> Status:
    """Check, mend what is to be mended, and print what was found."""
    _check(arguments)
    from ..checking import open_work

    console = Console(color=arguments.color)
    console.prepare()
    work = open_work(arguments, console)
    if arguments.watch:
        from ..watching import Watch

        Watch(work).run()
    try:
        report = work.report()
    except UsageError as error:
        raise Misuse(str(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Misuse(f"{error.filename}: {error.strerror or error}") from error
    if arguments.diff:
        return Status.ERRORS if work.changed else Status.DONE
    _deliver(_rendered(report, arguments, console), arguments, console, work.inputs.read)
    return Status.ERRORS if report.failed else Status.DONE


def _check(arguments: Arguments) -> None:
    """Refuse words that an option does not take, and options that do not go together."""
    from ...diagnostics import Severity

    options.one_of("--format", arguments.output_format, _FORMATS)
    options.check_color(arguments.color)
    if arguments.fail_on is not None:
        options.one_of("--fail-on", arguments.fail_on, tuple(each.value for each in Severity))
    if arguments.statistics and arguments.output_format != "text":
        raise Misuse("--statistics goes with `--format text`: other formats hold every finding")
    if arguments.diff and (arguments.output is not None or arguments.output_format != "text"):
        raise Misuse("--diff prints changes and no findings: leave --format and --output out")
    if arguments.watch:
        _check_watched(arguments)
    chosen_jobs(arguments.jobs)
    if arguments.no_cache and arguments.cache_dir is not None:
        raise Misuse("--no-cache and --cache-dir do not go together")
    if arguments.cache_dir is not None and (not arguments.cache_dir or "\0" in arguments.cache_dir):
        raise Misuse("--cache-dir wants a path")
    baseline, output = arguments.baseline, arguments.output
    if baseline and output and os.path.realpath(baseline) == os.path.realpath(output):
        raise Misuse("--baseline and --output are the same file")
    if arguments.write_baseline and arguments.baseline is None:
        raise Misuse("--write-baseline goes with --baseline FILE")
    if options.STDIN in arguments.paths and (arguments.fix or arguments.add_ignores):
        raise Misuse("standard input cannot be changed: name the file")


def _check_watched(arguments: Arguments) -> None:
    """Refuse what makes no sense for a check that goes on."""
    once = {
        "--fix": arguments.fix,
        "--diff": arguments.diff,
        "--add-ignores": arguments.add_ignores,
        "--baseline": arguments.baseline,
        "--since": arguments.since,
        "--output": arguments.output,
        "--statistics": arguments.statistics,
        "standard input": options.STDIN in arguments.paths,
    }
    for name, is_given in once.items():
        if is_given:
            raise Misuse(f"--watch and {name} do not go together")
    if arguments.output_format != "text":
        raise Misuse("--watch prints text: leave --format out")


# --- outputs


def _rendered(report: Report, arguments: Arguments, console: Console) -> str:
    if arguments.output_format != "text":
        from ...report.formats import FORMATS

        return FORMATS[arguments.output_format](report)
    from ...report import statistics, text_report

    to_file = arguments.output is not None
    color = console.colored(sys.stdout) and not (to_file and arguments.color == "auto")
    if arguments.statistics:
        return statistics(report, color=color)
    return text_report(report, color=color, width=console.width(sys.stdout))


def _deliver(text: str, arguments: Arguments, console: Console, read: set[Path]) -> None:
    if arguments.output is None:
        console.result(text)
        return
    write_output(arguments.output, text, read)
