"""`m2her tokens`: what each message and each value costs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console, is_terminal
from ..counting import chosen_budgets, chosen_counter
from ..status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...charges import Bill
    from ...emit.sweep import Sweep

EPILOG: Final = """\b
Examples:
  m2her tokens scenarios/tea_house.yaml
  m2her tokens scenarios --format json --target openrouter
  m2her tokens scenes/tea.yaml --set mood=storm --tokenizer tokenizer.json
"""
_FORMATS: Final = ("text", "json")
# More variants than this get a line each, and no tables of their own.
_MOST_TABLES: Final = 5


@frozen
class Arguments:
    """Show what each message and each value costs, in tokens."""

    paths: options.ScenarioPaths
    output_format: Annotated[
        str, typer.Option("--format", "-f", metavar="text|json", help="What to print.")
    ] = "text"
    target: Annotated[
        str | None,
        typer.Option(
            "--target", metavar="ID", help="The service that the messages are counted for."
        ),
    ] = None
    tokenizer: options.Tokenizer = None
    sweep: Annotated[
        str | None,
        typer.Option(
            "--sweep", metavar="TOKENS,...", help="Show what is left at each of these budgets."
        ),
    ] = None
    assignments: options.Assignments = ()
    value_files: options.ValueFiles = ()
    message: options.Message = None
    speaker: options.Speaker = None
    names: options.Names = None
    variants: options.Variants = ()
    root: options.Root = None
    stdin_filename: options.StdinFilename = None
    color: options.Color = "auto"


def run(arguments: Arguments) -> Status:
    """Compile, count, and print what came out."""
    options.one_of("--format", arguments.output_format, _FORMATS)
    options.check_color(arguments.color)
    from ...build import Wishes
    from ...tokens import EstimateCounter
    from ..billing import Accountant, sweeps
    from ..compiling import check_given, compile_given

    check_given(arguments)
    counter = chosen_counter(arguments.tokenizer) or EstimateCounter()
    budgets = chosen_budgets(arguments.sweep)
    wishes = Wishes(target=arguments.target, counter=counter, everything=True)
    console = Console(color=arguments.color)
    blocks = _terminal_draws_blocks()
    console.prepare()
    compiled = compile_given(arguments, console, wishes)
    if compiled is None:
        return Status.ERRORS
    accountant = Accountant(compiled.inputs.compiler, arguments.target, counter)
    if budgets:
        swept = sweeps(compiled, accountant, wishes, budgets)
        console.result(_swept(swept, arguments, console))
        return Status.ERRORS if compiled.failed else Status.DONE
    bills = [bill for scenario in compiled.scenarios for bill in accountant.bills(scenario)]
    if arguments.output_format == "json":
        from ...emit.token_json import token_json

        console.result(token_json(bills))
    elif bills:
        console.result(_text(bills, arguments, console, blocks=blocks))
    return Status.ERRORS if compiled.failed else Status.DONE


# --- outputs


def _swept(sweeps: Sequence[Sweep], arguments: Arguments, console: Console) -> str:
    from ...emit.sweep import sweep_json, sweep_text

    if arguments.output_format == "json":
        return sweep_json(sweeps)
    width = console.width(sys.stdout) if is_terminal(sys.stdout) else None
    return sweep_text(sweeps, width=width, color=console.colored(sys.stdout))


def _terminal_draws_blocks() -> bool:
    """Tell whether bars can be drawn, before the stream is made UTF-8: elsewhere they always are.

    What is no terminal gets the same bytes on every machine.
    """
    from ...emit.token_table import BLOCKS

    if not is_terminal(sys.stdout):
        return True
    try:
        BLOCKS.encode(sys.stdout.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _text(bills: list[Bill], arguments: Arguments, console: Console, *, blocks: bool) -> str:
    from ...emit.token_table import Page, token_summary, token_tables

    page = Page(
        width=console.width(sys.stdout) if is_terminal(sys.stdout) else None,
        color=console.colored(sys.stdout),
        blocks=blocks,
    )
    if len(bills) <= _MOST_TABLES or arguments.variants:
        return token_tables(bills, page)
    console.say(
        f"m2her: {len(bills)} variants, a line each; `--variant ID` shows the tables of one\n"
    )
    return token_summary(bills, page)
