"""The program and its commands. Of their modules, only that of the one asked for is loaded."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, cast

import typer
from typer.core import TyperGroup

from .._version import __version__
from .declaration import command_of
from .status import Status

if TYPE_CHECKING:
    from .declaration import Declaration


class Entry(NamedTuple):
    """A command's name, and its module in `commands` where that is called otherwise."""

    name: str
    module: str | None = None


# In the order shown.
ENTRIES: Final = (
    Entry("init"),
    Entry("new"),
    Entry("import", "importing"),
    Entry("compile"),
    Entry("run"),
    Entry("check"),
    Entry("fmt"),
    Entry("show"),
    Entry("list", "listing"),
    Entry("graph"),
    Entry("tokens"),
    Entry("diff"),
    Entry("lock"),
    Entry("serve"),
    Entry("doctor"),
    Entry("explain"),
    Entry("config"),
    Entry("schema"),
    Entry("completion"),
)


EPILOG: Final = """\b
Examples:
  m2her init my-library
  m2her check my-library
  m2her compile scenarios/tea_house.yaml --format text
  m2her run scenarios/tea_house.yaml --offline
"""


class _Commands(TyperGroup):
    """Builds a command when it is asked for: building all of them is half of the start-up time."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        # What typer guesses from when it does not know a name.
        self.commands = dict.fromkeys(name for name, _ in ENTRIES)  # type: ignore[assignment]

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        del ctx
        return list(self.commands)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        del ctx
        for name, module in ENTRIES:
            if name == cmd_name:
                declared = import_module(f"{__package__}.commands.{module or name}")
                return command_of(name, cast("Declaration", declared))
        return None


app: Final = typer.Typer(
    name="m2her",
    cls=_Commands,
    help="Scenarios as code: YAML becomes the messages that a role-play model gets.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


def entry() -> None:
    """Start the program; never returns."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(Status.INTERRUPTED)
