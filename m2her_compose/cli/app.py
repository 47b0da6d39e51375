"""The command line's commands and options. Parses only: each command is a function elsewhere."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command_from_info

from .._version import __version__
from . import options  # noqa: TC001 - typer reads the annotations at run time
from .guard import guarded
from .status import Status


class _Commands(TyperGroup):
    """Builds a command when it is asked for: building all of them is half of the start-up time."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        # What typer guesses from when it does not know a name.
        self.commands = dict.fromkeys(_INFOS)  # type: ignore[assignment]

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        del ctx
        return list(_INFOS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        del ctx
        info = _INFOS.get(cmd_name)
        if info is None:
            return None
        return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)


app: Final = typer.Typer(
    name="m2her",
    cls=_Commands,
    help="Scenarios as code: YAML becomes the messages that a role-play model gets.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_COMPILE_EPILOG: Final = """\b
Examples:
  m2her compile scenarios/longzhong_dialogue.yaml
  m2her compile scenarios --format jsonl --output requests.jsonl
  m2her compile scenarios/tea_house.yaml --format text --explain
  cat scene.yaml | m2her compile - --set mood=storm --message "Good evening."
"""

_CHECK_EPILOG: Final = """\b
Examples:
  m2her check
  m2her check scenarios --fail-on warning
  m2her check scenarios --format sarif --output findings.sarif
  m2her check scenes/tea.yaml --select M2H5,M2H6 --target basic
"""

_EXPLAIN_EPILOG: Final = """\b
Examples:
  m2her explain M2H108
  m2her explain unused-variable
"""


_TOKENS_EPILOG: Final = """\b
Examples:
  m2her tokens scenarios/tea_house.yaml
  m2her tokens scenarios --format json --target openrouter
  m2her tokens scenes/tea.yaml --set mood=storm --tokenizer tokenizer.json
"""


_DIFF_EPILOG: Final = """\b
Examples:
  m2her diff --git HEAD
  m2her diff --git origin/main scenarios --format markdown
  m2her diff old/tea.yaml new/tea.yaml --set mood=storm
"""

_LOCK_EPILOG: Final = """\b
Examples:
  m2her lock
  m2her lock scenarios --check
"""


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"m2her {__version__}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Scenarios as code: YAML becomes the messages that a role-play model gets."""
    del version


@app.command("compile", epilog=_COMPILE_EPILOG)
def compile_command(
    paths: options.ScenarioPaths,
    *,
    output_format: Annotated[
        str,
        typer.Option(
            "--format", "-f", metavar="request|messages|jsonl|text", help="What to print."
        ),
    ] = "request",
    assignments: options.Assignments = None,
    value_files: options.ValueFiles = None,
    message: options.Message = None,
    speaker: options.Speaker = None,
    names: options.Names = None,
    variants: options.Variants = None,
    target: options.Target = None,
    budget: options.Budget = None,
    tokenizer: options.Tokenizer = None,
    report: Annotated[
        str | None,
        typer.Option(
            "--report", metavar="FILE", help="Where to write what was left out or lost, as JSON."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A file, or a folder when there are several results.",
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Say on standard error where every piece of each message comes from."
        ),
    ] = False,
    root: options.Root = None,
    stdin_filename: options.StdinFilename = None,
    color: options.Color = "auto",
) -> None:
    """Compile scenarios into the messages that the model gets."""

    def command() -> Status:
        from .commands import compile as module

        return module.run(
            module.Arguments(
                paths=tuple(paths),
                output_format=output_format,
                assignments=tuple(assignments or ()),
                value_files=tuple(value_files or ()),
                message=message,
                speaker=speaker,
                names=names,
                variants=tuple(variants or ()),
                target=target,
                budget=budget,
                tokenizer=tokenizer,
                report=report,
                output=output,
                explain=explain,
                root=root,
                stdin_filename=stdin_filename,
                color=color,
            )
        )

    raise typer.Exit(guarded(command))


@app.command("check", epilog=_CHECK_EPILOG)
def check_command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Files, folders, or - for standard input; this folder when none is given.",
        ),
    ] = None,
    *,
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="text|json|sarif|github|gitlab|junit",
            help="How to print what was found.",
        ),
    ] = "text",
    output: options.OutputFile = None,
    select: Annotated[
        str | None,
        typer.Option(
            "--select", metavar="CODES", help="The findings to report, separated by commas."
        ),
    ] = None,
    ignore: Annotated[
        str | None,
        typer.Option(
            "--ignore", metavar="CODES", help="The findings not to report, separated by commas."
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="ID",
            help="The service whose rules hold.",
        ),
    ] = None,
    tokenizer: options.Tokenizer = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="error|warning|note",
            help="The least severity that ends with status 1.",
        ),
    ] = None,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count the findings by code.")
    ] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend in place what has only one right form.")
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show what --fix or --add-ignores would change, and do not."),
    ] = False,
    add_ignores: Annotated[
        bool,
        typer.Option("--add-ignores", help="Write a comment at each warning and note."),
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="FILE", help="Leave out the findings that FILE holds."),
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write all findings into the baseline.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="REV",
            help="Report only files that changed since a git revision, and what uses them.",
        ),
    ] = None,
    root: options.Root = None,
    stdin_filename: options.StdinFilename = None,
    color: options.Color = "auto",
) -> None:
    """Say what is wrong with scenarios, characters and personas."""

    def command() -> Status:
        from .commands import check as module

        return module.run(
            module.Arguments(
                paths=tuple(paths or ()),
                output_format=output_format,
                output=output,
                select=select,
                ignore=ignore,
                target=target,
                tokenizer=tokenizer,
                fail_on=fail_on,
                statistics=statistics,
                fix=fix,
                diff=diff,
                add_ignores=add_ignores,
                baseline=baseline,
                write_baseline=write_baseline,
                since=since,
                root=root,
                stdin_filename=stdin_filename,
                color=color,
            )
        )

    raise typer.Exit(guarded(command))


@app.command("tokens", epilog=_TOKENS_EPILOG)
def tokens_command(
    paths: options.ScenarioPaths,
    *,
    output_format: Annotated[
        str, typer.Option("--format", "-f", metavar="text|json", help="What to print.")
    ] = "text",
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="ID",
            help="The service that the messages are counted for.",
        ),
    ] = None,
    tokenizer: options.Tokenizer = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            "--sweep", metavar="TOKENS,...", help="Show what is left at each of these budgets."
        ),
    ] = None,
    assignments: options.Assignments = None,
    value_files: options.ValueFiles = None,
    message: options.Message = None,
    speaker: options.Speaker = None,
    names: options.Names = None,
    variants: options.Variants = None,
    root: options.Root = None,
    stdin_filename: options.StdinFilename = None,
    color: options.Color = "auto",
) -> None:
    """Show what each message and each value costs, in tokens."""

    def command() -> Status:
        from .commands import tokens as module

        return module.run(
            module.Arguments(
                paths=tuple(paths),
                output_format=output_format,
                target=target,
                tokenizer=tokenizer,
                sweep=sweep,
                assignments=tuple(assignments or ()),
                value_files=tuple(value_files or ()),
                message=message,
                speaker=speaker,
                names=names,
                variants=tuple(variants or ()),
                root=root,
                stdin_filename=stdin_filename,
                color=color,
            )
        )

    raise typer.Exit(guarded(command))


@app.command("diff", epilog=_DIFF_EPILOG)
def diff_command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OLD NEW | PATH...]",
            help="Two files or two folders; with --git files and folders, this one when none is "
            "given.",
        ),
    ] = None,
    *,
    git: Annotated[
        str | None,
        typer.Option("--git", metavar="REV", help="Compare a git revision with what is on disk."),
    ] = None,
    output_format: Annotated[
        str, typer.Option("--format", "-f", metavar="text|markdown", help="How to print it.")
    ] = "text",
    assignments: options.Assignments = None,
    value_files: options.ValueFiles = None,
    speaker: options.Speaker = None,
    names: options.Names = None,
    variants: options.Variants = None,
    target: options.Target = None,
    budget: options.Budget = None,
    tokenizer: options.Tokenizer = None,
    output: options.OutputFile = None,
    root: options.Root = None,
    color: options.Color = "auto",
) -> None:
    """Show what the model gets otherwise than before; nothing when it gets the same."""

    def command() -> Status:
        from .commands import diff as module

        return module.run(
            module.Arguments(
                paths=tuple(paths or ()),
                git=git,
                output_format=output_format,
                output=output,
                assignments=tuple(assignments or ()),
                value_files=tuple(value_files or ()),
                speaker=speaker,
                names=names,
                variants=tuple(variants or ()),
                target=target,
                budget=budget,
                tokenizer=tokenizer,
                root=root,
                color=color,
            )
        )

    raise typer.Exit(guarded(command))


@app.command("lock", epilog=_LOCK_EPILOG)
def lock_command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Files or folders of the libraries; this folder when none is given.",
        ),
    ] = None,
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing: say what has changed since it was locked."),
    ] = False,
    assignments: options.Assignments = None,
    value_files: options.ValueFiles = None,
    target: options.Target = None,
    root: options.Root = None,
    color: options.Color = "auto",
) -> None:
    """Write down what the model gets, so that no change of it goes unnoticed."""

    def command() -> Status:
        from .commands import lock as module

        return module.run(
            module.Arguments(
                paths=tuple(paths or ()),
                check=check,
                assignments=tuple(assignments or ()),
                value_files=tuple(value_files or ()),
                target=target,
                root=root,
                color=color,
            )
        )

    raise typer.Exit(guarded(command))


@app.command("explain", epilog=_EXPLAIN_EPILOG)
def explain_command(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help="A finding's code or readable name."),
    ] = None,
) -> None:
    """Print what a finding means and how to mend it; without a code, list all findings."""

    def command() -> Status:
        from .commands import explain as module

        return module.run(code)

    raise typer.Exit(guarded(command))


@app.command("config")
def config_command(
    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="A file or folder of the library.")
    ] = ".",
) -> None:
    """Show every setting of a library, its value, and where that came from."""

    def command() -> Status:
        from .commands import config as module

        return module.run(path)

    raise typer.Exit(guarded(command))


# Taken from typer, which would build all of them before it knows which one is wanted.
_INFOS: Final = {info.name or "": info for info in app.registered_commands}
app.registered_commands.clear()


def entry() -> None:
    """Start the program; never returns."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(Status.INTERRUPTED)
