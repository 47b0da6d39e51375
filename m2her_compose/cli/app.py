"""The command line's commands and options. Parses only: each command is a function elsewhere."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from .._version import __version__
from .guard import guarded
from .status import Status

app: Final = typer.Typer(
    name="m2her",
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
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Scenario files, folders, or - for standard input."),
    ],
    *,
    output_format: Annotated[
        str,
        typer.Option(
            "--format", "-f", metavar="request|messages|jsonl|text", help="What to print."
        ),
    ] = "request",
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", metavar="NAME=VALUE", help="A value for a declared variable."),
    ] = None,
    value_files: Annotated[
        list[str] | None,
        typer.Option(
            "--vars", metavar="FILE", help="Values for declared variables, as YAML or JSON."
        ),
    ] = None,
    message: Annotated[
        str | None,
        typer.Option("--message", "-m", metavar="TEXT", help="The opening message, sent as it is."),
    ] = None,
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="ID", help="The character who answers.")
    ] = None,
    names: Annotated[
        str | None,
        typer.Option("--names", metavar="always|given|never", help="Which names are sent."),
    ] = None,
    variants: Annotated[
        list[str] | None,
        typer.Option(
            "--variant", metavar="ID", help="One of the variants; may be given several times."
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
    root: Annotated[
        str | None,
        typer.Option("--root", metavar="DIR", help="The library's root, which no path may leave."),
    ] = None,
    stdin_filename: Annotated[
        str | None,
        typer.Option(
            "--stdin-filename", metavar="PATH", help="Where the text of standard input belongs."
        ),
    ] = None,
    color: Annotated[
        str, typer.Option("--color", metavar="auto|always|never", help="Whether to use colours.")
    ] = "auto",
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
                output=output,
                explain=explain,
                root=root,
                stdin_filename=stdin_filename,
                color=color,
            )
        )

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


def entry() -> None:
    """Start the program; never returns."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(Status.INTERRUPTED)
