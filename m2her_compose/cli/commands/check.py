"""`m2her check`: what is wrong with a library."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from ...checker import Demands
from ...diagnostics import Severity
from ...diagnostics.codes import ALL
from ...diagnostics.policy import names_code, unknown_code
from ...errors import UsageError
from ...frozen import frozen
from ...report import Report, statistics, text_report
from ..checking import Work
from ..console import Console
from ..counting import chosen_counter
from ..guard import Misuse
from ..inputs import STDIN, one_of, open_inputs
from ..outputs import write_output
from ..status import Status

if TYPE_CHECKING:
    from pathlib import Path

_FORMATS: Final = ("text", "json", "sarif", "github", "gitlab", "junit")


@frozen
class Arguments:
    """The command line of `check`, as typed; None where an option was not given."""

    paths: tuple[str, ...]
    output_format: str
    output: str | None
    select: str | None
    ignore: str | None
    target: str | None
    tokenizer: str | None
    fail_on: str | None
    statistics: bool
    fix: bool
    diff: bool
    add_ignores: bool
    baseline: str | None
    write_baseline: bool
    since: str | None
    root: str | None
    stdin_filename: str | None
    color: str


def run(arguments: Arguments) -> Status:
    """Check, mend what is to be mended, and print what was found."""
    _check(arguments)
    console = Console(color=arguments.color)
    console.prepare()
    inputs = open_inputs(
        arguments.paths or (".",), root=arguments.root, stdin_filename=arguments.stdin_filename
    )
    work = Work(arguments=arguments, demands=_demands(arguments), inputs=inputs, console=console)
    try:
        report = _after_changes(work)
    except UsageError as error:
        raise Misuse(str(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Misuse(f"{error.filename}: {error.strerror or error}") from error
    if arguments.diff:
        return Status.ERRORS if work.changed else Status.DONE
    _deliver(_rendered(report, arguments, console), arguments, console, inputs.read)
    return Status.ERRORS if report.failed else Status.DONE


def _after_changes(work: Work) -> Report:
    """Return what is left to report once everything that was asked for has been done."""
    arguments = work.arguments
    found = work.checked()
    if arguments.since is not None:
        found = work.limited(found, arguments.since)
    if arguments.fix or (arguments.diff and not arguments.add_ignores):
        found = work.fixed(found)
    if arguments.baseline is not None:
        found = work.without_known(found, arguments.baseline, write=arguments.write_baseline)
    if arguments.add_ignores:
        found = work.silenced(found)
    return found.report


def _check(arguments: Arguments) -> None:
    """Refuse words that an option does not take."""
    one_of("--format", arguments.output_format, _FORMATS)
    one_of("--color", arguments.color, ("auto", "always", "never"))
    if arguments.fail_on is not None:
        one_of("--fail-on", arguments.fail_on, tuple(severity.value for severity in Severity))
    if arguments.statistics and arguments.output_format != "text":
        raise Misuse("--statistics goes with `--format text`: other formats hold every finding")
    if arguments.diff and (arguments.output is not None or arguments.output_format != "text"):
        raise Misuse("--diff prints changes and no findings: leave --format and --output out")
    baseline, output = arguments.baseline, arguments.output
    if baseline and output and os.path.realpath(baseline) == os.path.realpath(output):
        raise Misuse("--baseline and --output are the same file")
    if arguments.write_baseline and arguments.baseline is None:
        raise Misuse("--write-baseline goes with --baseline FILE")
    if STDIN in arguments.paths and (arguments.fix or arguments.add_ignores):
        raise Misuse("standard input cannot be changed: name the file")


def _demands(arguments: Arguments) -> Demands:
    return Demands(
        target=arguments.target,
        counter=chosen_counter(arguments.tokenizer),
        select=_names("--select", arguments.select),
        ignore=_names("--ignore", arguments.ignore),
        fail_on=Severity(arguments.fail_on) if arguments.fail_on is not None else None,
    )


def _names(option: str, given: str | None) -> tuple[str, ...] | None:
    """Split a list of codes, and refuse what names no finding."""
    if given is None:
        return None
    names = tuple(filter(None, (part.strip() for part in given.split(","))))
    for name in names:
        if not any(names_code((name,), code) for code in ALL):
            problem, advice = unknown_code(name)
            raise Misuse(f"{option}: {problem}; {advice}")
    return names


# --- outputs


def _rendered(report: Report, arguments: Arguments, console: Console) -> str:
    if arguments.output_format != "text":
        from ...report.formats import FORMATS

        return FORMATS[arguments.output_format](report)
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
